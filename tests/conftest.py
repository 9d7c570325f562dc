"""What all tests share: the order of a run, Airflow's surroundings, a Postgres, an archive."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis  # noqa: F401  # its plugin imports it after the last test: 3.11.7's parser may trip then
import psycopg
import pytest

from rostersync.archive import Archive
from rostersync.demo.postgres import EmbeddedPostgres, temporary_postgres

PROJECT = Path(__file__).resolve().parents[1]


def _isolate() -> None:
    """Nothing of this machine's Airflow or rostersync is read or written.

    Airflow reads its surroundings when it is first imported: before any test.
    """
    kept = ("ROSTERSYNC_EXAMPLES", "ROSTERSYNC_HISTORIES", "ROSTERSYNC_SEED")
    for name in list(os.environ):
        if name.startswith(("AIRFLOW_", "ROSTERSYNC_", "PG")) and name not in kept:
            del os.environ[name]
    home = tempfile.mkdtemp(prefix="rostersync-airflow-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ |= {
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "TZ": "UTC",
    }


_isolate()

_LAST = ("postgres", "sftp", "airflow", "slow")  # each later than the ones before it


def pytest_itemcollected(item: pytest.Item) -> None:
    """One worker runs all of Airflow's tests: it is imported and set up once."""
    if item.get_closest_marker("airflow"):
        item.add_marker(pytest.mark.xdist_group("airflow"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is fast and needs nothing first, so that a plain mistake shows within seconds."""

    def place(item: pytest.Item) -> int:
        return max((i for i, m in enumerate(_LAST, 1) if item.get_closest_marker(m)), default=0)

    items.sort(key=place)  # stable: files keep their own order


_OWNER = "rostersync"
_TEMPLATE = "template_warehouse"
_ROLES = ("rostersync_loader", "rostersync_reader", "rostersync_operator")
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server of this worker's own; databases in it are the tests' to make."""
    with temporary_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _warehouse_template(postgres: EmbeddedPostgres) -> str:
    """A migrated database: copying it takes a tenth of migrating."""
    from rostersync.warehouse import migrate

    postgres.create_login(_OWNER, createrole=True)
    postgres.create_database(_TEMPLATE, _OWNER)
    migrate(postgres.dsn(_TEMPLATE, _OWNER))
    postgres.create_login(_OWNER, groups=_ROLES, createrole=True)  # so that tests may `set role`
    return _TEMPLATE


@pytest.fixture(scope="session")
def fresh_warehouse(postgres: EmbeddedPostgres, _warehouse_template: str) -> Callable[[], str]:
    """Makes fresh migrated warehouses: each call's URL, as its owner."""

    def make() -> str:
        name = f"warehouse_{next(_NUMBERS)}"
        with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as conn:
            conn.execute(f"create database {name} template {_warehouse_template} owner {_OWNER}")
        return postgres.dsn(name, _OWNER)

    return make


@pytest.fixture
def warehouse(fresh_warehouse: Callable[[], str]) -> str:
    """URL of a fresh migrated warehouse, as its owner."""
    return fresh_warehouse()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty local archive."""
    return Archive(tmp_path / "archive")
