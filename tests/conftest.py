"""What all tests share: the order of a run, Airflow's surroundings, a Postgres, an archive."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis  # noqa: F401  # its plugin imports it after the last test: 3.11.7's parser may trip then
import psycopg
import pytest
from xdist.scheduler import LoadScopeScheduling

from rostersync.archive import Archive
from rostersync.embedded.postgres import EmbeddedPostgres
from tests.support import surroundings
from tests.support.drawn import Drawn
from tests.support.minutes import Minutes
from tests.support.postgres import STRATEGY, copy_database, temporary_postgres
from tests.support.selection import is_left_out

surroundings.isolate()
_LEFT = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ours, as CI gives it."""
    parser.addoption(
        "--budget",
        nargs="?",
        const="hold",
        choices=("hold", "write"),
        help="minutes by folder; fails where one outgrew its budget, or writes tests/budget.toml anew",
    )


def pytest_configure(config: pytest.Config) -> None:
    """What the histories drew, and the budget's measuring where it is asked for."""
    config.pluginmanager.register(Drawn(), "drawn")
    if budget := config.getoption("--budget"):
        config.pluginmanager.register(Minutes(writes=budget == "write"), "minutes")


@pytest.hookimpl(trylast=True)  # after the workers have ended
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run that leaves something in the temporary folder fails; it is removed all the same."""
    if hasattr(session.config, "workerinput"):
        return
    left = session.config.stash[_LEFT] = surroundings.remove()
    if left and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """What was left, by name."""
    if left := config.stash.get(_LEFT, []):
        terminalreporter.section("left in the temporary folder")
        terminalreporter.write_line(", ".join(left), red=True)


_LAST = ("postgres", "sftp", "airflow", "slow")  # each later than the ones before it
_RUNNING = "tests/running/"
_STACKS = (_RUNNING, "tests/demo/test_nights.py", "tests/production/test_celery_night.py")
_OTHER_SCHEDULER = f"{_RUNNING}test_on_schedule.py"


class ByFile(LoadScopeScheduling):
    """A file's tests go to one worker; those of one folder do where they share what is started once.

    xdist's own groups are marks that it writes into node ids, which pytest does not let it since 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if path == "tests/warehouse/test_any_order.py":
            return nodeid  # minutes, and nothing shared
        shared = ("tests/landing/", _RUNNING)  # an sshd; Airflow's four components
        return next((folder for folder in shared if path.startswith(folder)), path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Which worker gets which tests."""
    return ByFile(config, log)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A file of which nothing would run is not read; None lets others say."""
    if not collection_path.match("test_*.py"):
        return None
    text = collection_path.read_text(encoding="utf-8")
    return is_left_out(config.getoption("markexpr"), text) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is fast and needs nothing first, so that a plain mistake shows within seconds.

    Of what is slow, Airflow's whole stacks first: they mostly wait, and others work meanwhile. The longest
    is a worker's first where there are several, or it would end alone.
    """
    has_fellows = hasattr(config, "workerinput")

    def place(item: pytest.Item) -> tuple[int, bool, bool]:
        last = max((i for i, m in enumerate(_LAST, 1) if item.get_closest_marker(m)), default=0)
        if has_fellows and item.nodeid.startswith(_RUNNING):
            last = 0
        is_stack = item.nodeid.startswith(_STACKS)
        return last, not is_stack, item.nodeid.startswith(_OTHER_SCHEDULER)

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
            conn.execute(
                f"create database {name} template {_warehouse_template} owner {_OWNER} {STRATEGY}"
            )
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
