"""What all tests share: the order of a run, Airflow's surroundings, a Postgres, an archive."""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis  # noqa: F401  # its plugin imports it after the last test: 3.11.7's parser may trip then
import psycopg
import pytest
from xdist.scheduler import LoadScopeScheduling

from rostersync.archive import Archive
from rostersync.embedded.postgres import EmbeddedPostgres
from tests.support.postgres import copy_database, temporary_postgres

PROJECT = Path(__file__).resolve().parents[1]


def _isolate() -> None:
    """Nothing of this machine's Airflow or rostersync is read or written.

    Airflow reads its surroundings when it is first imported: before any test.
    """
    kept = ("ROSTERSYNC_EXAMPLES", "ROSTERSYNC_HISTORIES", "ROSTERSYNC_HISTORY", "ROSTERSYNC_SEED")
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
        "ROSTERSYNC_DUCKDB_THREADS": "1",  # tiny districts, a worker per core: a second thread only costs
    }


_isolate()

_LAST = ("postgres", "sftp", "airflow", "slow")  # each later than the ones before it


class ByFile(LoadScopeScheduling):
    """A file's tests go to one worker, and all of Airflow's to the same one: two stacks at once are too much.

    xdist's own groups are marks that it writes into node ids, which pytest does not let it since 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path == "tests/warehouse/test_any_order.py":
            return nodeid  # minutes, and nothing shared
        if path.startswith("tests/landing/"):
            return "landing"  # one sshd
        return "airflow" if _is_airflows(path) else path


@functools.cache
def _is_airflows(path: str) -> bool:
    return "pytest.mark.airflow" in (PROJECT / path).read_text(encoding="utf-8")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Which worker gets which tests."""
    return ByFile(config, log)


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


@pytest.fixture(scope="session")
def copy_warehouse(postgres: EmbeddedPostgres) -> Callable[[str], str]:
    """Copies a warehouse to which nobody is connected; the copy's URL, as its owner."""
    return functools.partial(copy_database, postgres)


@pytest.fixture
def warehouse(fresh_warehouse: Callable[[], str]) -> str:
    """URL of a fresh migrated warehouse, as its owner."""
    return fresh_warehouse()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty local archive."""
    return Archive(tmp_path / "archive")
