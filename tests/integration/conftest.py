"""What districts begin with, loaded once: two schools' first night, and the night before a school day."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import pytest

from rostersync.embedded.sftp_server import SftpServer
from rostersync.ledger.results import Outcome, RunResult
from tests.support.district import Copy
from tests.support.school_day import NOTICES, SchoolDay
from tests.support.two_schools import FULL, TwoSchools

Begin = Callable[..., SchoolDay]


class Lived(Protocol):
    """A district with a past."""

    def again(self, folder: Path, copy_warehouse: Copy, /) -> Self: ...


D = TypeVar("D", bound=Lived)


class After(Protocol):
    """See :func:`after`."""

    def __call__(self, past: Callable[[D], object], begun: D) -> D: ...


@pytest.fixture(scope="module")
def _pasts() -> dict[Callable[..., object], Any]:
    return {}


@pytest.fixture
def after(
    _pasts: dict[Callable[..., object], Any],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    copy_warehouse: Copy,
) -> After:
    """Gives a district of the test's own after what tests of a file begin with; that is lived once."""
    numbers = itertools.count(1)

    def after(past: Callable[[Any], object], begun: Any) -> Any:
        if past not in _pasts:
            district = begun.again(tmp_path_factory.mktemp("past"), copy_warehouse)
            past(district)
            _pasts[past] = district
        return _pasts[past].again(tmp_path / f"after-{next(numbers)}", copy_warehouse)

    return after


@pytest.fixture(scope="session")
def _two_schools(
    tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]
) -> tuple[TwoSchools, RunResult]:
    district = TwoSchools(tmp_path_factory.mktemp("two-schools"), fresh_warehouse())
    return district, district.sync(1, FULL)


@pytest.fixture(scope="session")
def first_night(_two_schools: tuple[TwoSchools, RunResult]) -> RunResult:
    """What came of the two schools' first night."""
    _, result = _two_schools
    assert result.outcome is Outcome.LOADED
    return result


@pytest.fixture(scope="session")
def two_schools(_two_schools: tuple[TwoSchools, RunResult], first_night: RunResult) -> TwoSchools:
    """The two schools after their first night, loaded once for all tests."""
    return _two_schools[0]


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
def begin(night: SchoolDay, copy_warehouse: Copy, tmp_path: Path) -> Begin:
    """Begins a day after that night, with copies of its archive and warehouse.

    Its files come from a folder: over SFTP, where a test gives the server, each takes a third more.
    """
    numbers = itertools.count(1)

    def begin(more: str = NOTICES, server: SftpServer | None = None) -> SchoolDay:
        return night.again(tmp_path / str(next(numbers)), copy_warehouse, more, server)

    return begin
