"""What a step reads of object storage is fetched once, whatever is asked of it, and goes with the step."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from rostersync.archive import Archive
from rostersync.engine import open_session
from rostersync.errors import ArchiveError, ArchiveUnavailableError, TransientError
from tests.support.object_storage import BUCKET, object_storage

NAME = "aspen/staged/students.parquet"


@pytest.fixture
def archive() -> Iterator[Archive]:
    with object_storage():
        archive = Archive(f"s3://{BUCKET}/engine")
        with open_session(archive) as session:
            session.write_parquet("select range as i from range(7)", NAME)
        yield archive


def test_many_queries_are_one_fetch(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    with open_session(archive) as session:
        caplog.set_level(logging.INFO, logger="werkzeug")
        caplog.clear()
        for view in ("one", "two"):
            session.view_parquet(view, NAME)
            for _ in range(5):
                assert session.scalar(f"select count(*) from {view}") == 7
        asked = [r.getMessage() for r in caplog.records if NAME in r.getMessage()]
        assert 1 <= len(asked) <= 3, asked
        assert sum("GET" in line for line in asked) == 1
        copy = Path(session.local_path(NAME))
        assert copy.exists()
    assert not copy.exists()


def test_an_artefact_that_is_not_there_is_told(archive: Archive) -> None:
    with open_session(archive) as session, pytest.raises(ArchiveError, match="file is missing"):
        session.view_parquet("gone", "aspen/staged/parents.parquet")


def test_what_the_step_wrote_itself_is_not_fetched_again(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    with open_session(archive) as session:
        session.view_parquet("students", NAME)
        session.write_parquet("select 1 as i", NAME)  # again: what was read before is old
        caplog.set_level(logging.INFO, logger="werkzeug")
        caplog.clear()
        session.view_parquet("students", NAME)
        assert session.scalar("select count(*) from students") == 1
        assert not any(NAME in r.getMessage() for r in caplog.records)


@pytest.mark.slow
def test_storage_that_does_not_answer_is_a_transient_error(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    archive.fs.clear_instance_cache()
    away = Archive(archive.url)
    with open_session(away) as session, pytest.raises(ArchiveUnavailableError):
        session.view_parquet("students", NAME)
    assert issubclass(ArchiveUnavailableError, TransientError)
