"""What districts begin with, loaded once: two schools' first night, and the night before a school day."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rostersync.embedded.sftp_server import SftpServer
from rostersync.ledger.results import Outcome
from tests.support.district import Copy
from tests.support.school_day import NOTICES, SchoolDay
from tests.support.two_schools import FULL, TwoSchools

Begin = Callable[..., SchoolDay]


@pytest.fixture(scope="session")
def two_schools(
    tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]
) -> TwoSchools:
    """Their first night, loaded once for all tests."""
    district = TwoSchools(tmp_path_factory.mktemp("two-schools"), fresh_warehouse())
    assert district.sync(1, FULL).outcome is Outcome.LOADED
    return district


@pytest.fixture
def district(two_schools: TwoSchools, tmp_path: Path, copy_warehouse: Copy) -> TwoSchools:
    """The two schools after their first night, with an archive and a warehouse of the test's own."""
    return two_schools.again(tmp_path, copy_warehouse)


@pytest.fixture(scope="module")
def night(
    tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]
) -> SchoolDay:
    """The night before, loaded once."""
    night = SchoolDay(tmp_path_factory.mktemp("night"), fresh_warehouse())
    night.night()
    return night


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    """The district's account, to which the day's files are uploaded."""
    with SftpServer(tmp_path_factory.mktemp("sftp"), {"testville": "pw"}) as running:
        yield running


@pytest.fixture
def begin(
    night: SchoolDay, copy_warehouse: Callable[[str], str], server: SftpServer, tmp_path: Path
) -> Begin:
    """Begins a day after that night, with copies of its archive and warehouse."""
    numbers = itertools.count(1)

    def begin(more: str = NOTICES) -> SchoolDay:
        return night.again(tmp_path / str(next(numbers)), copy_warehouse, more, server)

    return begin
