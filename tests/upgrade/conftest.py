"""The archive and the warehouse of each older release, unpacked and restored once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from rostersync.embedded.postgres import EmbeddedPostgres
from tests.upgrade.past import Past, Tables, copies_of, restore_dump, tables

B4C9AF6 = Path(__file__).parent / "b4c9af6"


@pytest.fixture(scope="session")
def dumped(postgres: EmbeddedPostgres, fresh_warehouse: Callable[[], str]) -> str:
    """URL of the warehouse of b4c9af6, not migrated; nobody writes to it."""
    owner = str(conninfo_to_dict(fresh_warehouse())["user"])
    postgres.create_database("b4c9af6", owner)
    url = postgres.dsn("b4c9af6", owner)
    restore_dump(B4C9AF6 / "warehouse.tar.xz", postgres.dsn("b4c9af6"), url)
    return url


@pytest.fixture(scope="session")
def dump(dumped: str) -> Tables:
    """What its tables hold."""
    return tables(dumped)


@pytest.fixture(scope="session")
def upgraded(
    dumped: str, postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Past]:
    """Makes copies of the archive, and of the warehouse with today's migrations."""
    from rostersync.warehouse import migrate
    from tests.support.postgres import copy_database

    folder = tmp_path_factory.mktemp("b4c9af6")
    shutil.unpack_archive(B4C9AF6 / "archive.tar.xz", folder / "archive")
    migrated = copy_database(postgres, dumped)
    migrate(migrated)
    return copies_of(folder / "archive", migrated, postgres, folder)
