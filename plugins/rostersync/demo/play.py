"""The whole demo: the stack, three districts, three nights, and whether each ended as it should."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from rostersync.demo import uploads
from rostersync.demo.airflow_api import AirflowClient
from rostersync.demo.check import digests, problems, read_ended
from rostersync.demo.nights import Visit, dag_id, last_weekdays, run_night
from rostersync.demo.screen import Screen
from rostersync.demo.stack import WAREHOUSE, Stack
from rostersync.demo.uploads import District
from rostersync.errors import ConfigError, TerminalError
from rostersync.ledger import Outcome

if TYPE_CHECKING:
    from rostersync.demo.airflow import EmbeddedAirflow

LOADER = "demo_loader"
READER = "demo_reader"

ASK = "ask"
"""The DAG that asks about what waits."""

_DAGS_SECONDS = 120.0
_ASK_SECONDS = 120.0


@dataclass(frozen=True)
class Played:
    """The stack, still up after the nights, and what was not as it should be."""

    stack: Stack
    districts: Sequence[District]
    nights: Sequence[date]
    problems: Sequence[str]

    @property
    def reader(self) -> str:
        """URL of the warehouse for who may only read."""
        return self.stack.postgres.dsn(WAREHOUSE, READER)


def play(
    folder: Path,
    screen: Screen,
    *,
    students: int = uploads.STUDENTS,
    real: Path | None = None,
    then: Callable[[Played], None] = lambda _: None,
) -> bool:
    """Play the demo; whether every night ended as it should.

    Args:
        folder: empty, or missing; all state goes there.
        screen: shows progress and results.
        students: of the largest district.
        real: folder of the real upload, see :func:`rostersync.demo.uploads.real_upload`.
        then: called after the nights, while everything still runs.

    Raises RosterSyncError when something does not start or a night hangs. Whatever happens, nothing of
    it runs afterwards.
    """
    with _running(Stack(folder, progress=screen.say), screen) as stack:
        with screen.step("Warehouse: schemas, tables, logins"):
            _make_warehouse(stack)
        with screen.step("Uploads of three nights") as say:
            districts = uploads.prepare(folder / "uploads", students=students, real=real, say=say)
        with screen.step("SFTP server, an account per district"):
            stack.start_sftp(district.id for district in districts)
        with screen.step("Airflow: scheduler, DAG processor, triggerer, API server") as say:
            airflow = stack.start_airflow(_task_environment(stack, districts))
            client = airflow.client()
            say("the districts' DAGs")
            _wait_for_dags(client, districts)
        screen.print()
        for district in districts:
            zone = district.cfg.timezone
            screen.print(f"  {district.cfg.name} ({district.id}, {zone}): {district.source}")
        configurations = [district.cfg for district in districts]
        nights = last_weekdays(configurations, datetime.now(UTC), uploads.NIGHTS)
        found: list[str] = []
        for number, night in enumerate(nights):
            screen.title(f"Night {number + 1}, {night:%A} {night}: {uploads.TITLES[number]}")
            found += _play_night(stack, client, airflow, districts, number, night, screen)
        found += _ask(client, districts, screen)
        client.close()
        played = Played(stack, districts, nights, found)
        _show_results(played, screen)
        then(played)
    return not found


def _play_night(
    stack: Stack,
    client: AirflowClient,
    airflow: EmbeddedAirflow,
    districts: Sequence[District],
    number: int,
    night: date,
    screen: Screen,
) -> list[str]:
    from rostersync.warehouse import connect

    assert stack.sftp is not None  # noqa: S101  # for the type checker
    found: list[str] = []
    with (
        connect(stack.postgres.dsn(WAREHOUSE, READER)) as conn,
        screen.lines([district.id for district in districts]) as lines,
    ):
        before = {district.id: digests(conn, district.id) for district in districts}
        expected = {district.id: district.uploads[number].expected for district in districts}
        visits = [
            Visit(d.cfg, stack.sftp.account(d.id), d.uploads[number].files, line)
            for d, line in zip(districts, lines, strict=True)
        ]

        def judge(visit: Visit) -> None:
            name, slot = visit.cfg.id, night.isoformat()
            ended = read_ended(conn, name, slot, airflow=str(visit.state), before=before[name])
            wrong = problems(expected[name], ended)
            found.extend(f"{name} {slot}: {problem}" for problem in wrong)
            visit.line.end(_ending(ended.runs[:1]), good=not wrong)

        run_night(client, night, visits, logs=airflow.folder / "logs", on_end=judge)
    return found


def _ask(client: AirflowClient, districts: Sequence[District], screen: Screen) -> list[str]:
    """Wait until a person is asked about what the last night left waiting; the clock does not run here."""
    waiting = [d.id for d in districts if d.uploads[-1].expected.waits]
    with screen.step("Required actions: what waits for a person") as say:
        client.wait_for_run(ASK, client.trigger(ASK), timeout=_ASK_SECONDS)
        deadline = time.monotonic() + _ASK_SECONDS
        while len(found := client.required_actions()) < len(waiting):
            if time.monotonic() > deadline:
                return [f"nobody was asked about {', '.join(waiting)}"]
            time.sleep(1)
        say("; ".join(action["subject"] for action in found))
    return []


def _ending(runs: Sequence[Any]) -> str:
    if not runs:
        return "no row in the ledger"
    (run,) = runs
    if not Outcome(run.outcome).is_success:
        return f"{run.outcome}: nothing loaded"
    return f"{run.outcome}: {run.records:,} records, {run.quarantined:,} in quarantine"


def _make_warehouse(stack: Stack) -> None:
    """The tables, a login for Airflow's tasks that may load and nothing more, and one for people to look."""
    from rostersync.warehouse import migrate

    migrate(stack.warehouse)
    stack.postgres.create_login(LOADER, groups=["rostersync_loader"])
    stack.postgres.create_login(READER, groups=["rostersync_reader"])


def _task_environment(stack: Stack, districts: Sequence[District]) -> dict[str, str]:
    from psycopg.conninfo import conninfo_to_dict

    assert stack.sftp is not None  # noqa: S101  # for the type checker
    warehouse = conninfo_to_dict(stack.postgres.dsn(WAREHOUSE, LOADER))
    connection = {
        "conn_type": "postgres",
        "host": warehouse["host"],
        "port": int(str(warehouse["port"])),
        "login": warehouse["user"],
        "password": warehouse["password"],
        "schema": warehouse["dbname"],
    }
    return {
        "AIRFLOW_CONN_ROSTERSYNC_WAREHOUSE": json.dumps(connection),
        **{
            f"AIRFLOW_CONN_{d.cfg.sftp.conn_id.upper()}": stack.sftp.connection(d.id)
            for d in districts
        },
        "ROSTERSYNC_ARCHIVE": str(stack.folder / "archive"),
        "ROSTERSYNC_RETRY_SECONDS": "5",
        "AIRFLOW__CORE__EXECUTOR": "rostersync.orchestration.executor.WarmLocalExecutor",
        # The demo's nights are triggered. One that begins by the clock meanwhile would wait until
        # morning, and theirs behind it.
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
    }


def _wait_for_dags(client: AirflowClient, districts: Sequence[District]) -> None:
    wanted = {ASK, *(dag_id(district.id) for district in districts)}
    deadline = time.monotonic() + _DAGS_SECONDS
    while missing := wanted.difference(client.dag_ids()):
        if errors := client.import_errors():
            raise ConfigError(
                "Airflow cannot read a DAG file", problems=[f"{f}: {e}" for f, e in errors.items()]
            )
        if time.monotonic() > deadline:
            raise TerminalError(
                "Airflow does not show the districts' DAGs",
                found=f"without {', '.join(sorted(missing))}",
                next_step="see that `enabled` is true in their files of include/districts",
            )
        time.sleep(0.5)


def _show_results(played: Played, screen: Screen) -> None:
    from rostersync.ledger.queries import newest_runs
    from rostersync.reporting.nights import night_table
    from rostersync.warehouse import connect

    with connect(played.reader) as conn:
        runs = newest_runs(conn, newest=1000)
    order = [district.id for district in played.districts]
    runs = [run for run in runs if run.district in order]
    runs.sort(key=lambda run: (order.index(run.district), run.slot, run.finished_at))
    screen.print()
    screen.print(night_table(runs))
    screen.print()
    if not played.problems:
        screen.print(Text("Every night ended as it should.", "bold green"))
        return
    screen.print(Text("Not every night ended as it should:", "bold red"))
    for problem in played.problems:
        screen.print(f"  {problem}")


def show_places(played: Played, screen: Screen) -> None:
    """Where to look while it is up."""
    airflow = played.stack.airflow
    assert airflow is not None  # noqa: S101  # for the type checker
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    logins = [f"{user} / {password}" for user, password in airflow.users.items()]
    table.add_row("Airflow", airflow.url)
    for login, may in zip(logins, ("everything", "run, repair and decide", "look"), strict=True):
        table.add_row("", f"{login}  (may {may})")
    table.add_row("Decisions", f"{airflow.url}/required_actions")
    table.add_row("Warehouse", f"psql {played.reader}")
    table.add_row("Logs, archive", str(played.stack.folder))
    screen.print()
    screen.print(table)


@contextlib.contextmanager
def _running(stack: Stack, screen: Screen) -> Iterator[Stack]:
    with screen.step("Postgres: Airflow's database and the warehouse"):
        stack.__enter__()
    try:
        yield stack
    finally:
        screen.print()
        with _no_second_ctrl_c(), screen.step("Stopping everything"):
            stack.__exit__()


@contextlib.contextmanager
def _no_second_ctrl_c() -> Iterator[None]:
    """An impatient Ctrl-C does not cut the clean-up short; it takes seconds."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
