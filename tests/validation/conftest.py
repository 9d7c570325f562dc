from __future__ import annotations

import functools

import pytest

from rostersync import paths
from rostersync.archive import Archive
from rostersync.engine import Session, open_session
from rostersync.validation import Suites, load_suites


@functools.cache
def _suites() -> Suites:
    return load_suites(paths.expectations_folder())


@pytest.fixture
def suites() -> Suites:
    return _suites()


@pytest.fixture
def session(tmp_path):
    with open_session(Archive(tmp_path / "archive"), threads=2) as session:
        yield session


@pytest.fixture
def findings(session: Session):
    """The archived findings as (rule, _line) pairs."""

    def read(name: str) -> set[tuple[str, int]]:
        session.view_parquet("archived_findings", name)
        rows = session.con.execute("select rule, _line from archived_findings").fetchall()
        assert len(rows) == len(set(rows)), "a rule found a record twice"
        return set(rows)

    return read
