"""A school day to begin with: the night before is loaded once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rostersync.embedded.sftp_server import SftpServer
from tests.support.school_day import NOTICES, SchoolDay

Begin = Callable[..., SchoolDay]


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
