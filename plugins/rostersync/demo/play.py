"""The whole demo: the stack, three districts, what they send, and whether each run ended as it should."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rostersync import paths
from rostersync.attendance import dues_of
from rostersync.demo import uploads
from rostersync.demo.check import digests, notice_problems, problems, read_ended
from rostersync.demo.nights import Visit, dag_id, last_weekdays, run_slots, uploaded_at
from rostersync.demo.screen import Screen
from rostersync.demo.show import MESSENGER, READER, Played, show_results
from rostersync.demo.today import write_districts
from rostersync.demo.uploads import District, Upload
from rostersync.embedded.airflow_api import AirflowClient
from rostersync.embedded.stack import WAREHOUSE, Stack
from rostersync.errors import ConfigError, TerminalError
from rostersync.ledger.results import Outcome
from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.ledger.notices import NoticeDay

LOADER = "demo_loader"

ASK = "ask"
"""The DAG that asks about what waits."""

_TERMS_BEFORE = timedelta(hours=12)
_DAGS_SECONDS = 120.0
_ASK_SECONDS = 120.0


@dataclass(frozen=True)
class Turn:
    """One slot of a district: what is sent for it, and when it was last changed (None: as it arrives)."""

    district: District
    domain: Domain
    slot: str
    upload: Upload
    sent_at: datetime | None


def play(
    folder: Path,
    screen: Screen,
    *,
    students: int = uploads.STUDENTS,
    real: Path | None = None,
    then: Callable[[Played], None] = lambda _: None,
) -> bool:
    """Play the demo; whether everything ended as it should.

    ``folder``: empty, or missing; all state goes there. ``screen``: shows progress and results. ``students``:
    of the largest district. ``real``: folder of the real upload, see
    :func:`rostersync.demo.uploads.real_upload`. ``then``: called after the last run, while everything still
    runs.

    Raises RosterSyncError when something does not start or a run hangs. Whatever happens, nothing of
    it runs afterwards.
    """
    with _running(Stack(folder, progress=screen.say), screen) as stack:
        with screen.step("Warehouse: schemas, tables, logins"):
            _make_warehouse(stack)
        with screen.step("Uploads of three nights, terms, attendance") as say:
            now, configurations = datetime.now(UTC), folder / "districts"
            write_districts(paths.districts_folder(), configurations, now)
            (folder / "uploads").mkdir(mode=0o700, exist_ok=True)
            districts = uploads.prepare(
                folder / "uploads",
                configurations=configurations,
                now=now,
                students=students,
                real=real,
                say=say,
            )
        with screen.step("SFTP server, an account per district"):
            stack.start_sftp(district.id for district in districts)
        with screen.step("Airflow: scheduler, DAG processor, triggerer, API server") as say:
            airflow = stack.start_airflow(_task_environment(stack, districts, configurations))
            client = airflow.client()
            say("the districts' DAGs")
            _wait_for_dags(client, districts)
        _introduce(districts, screen)
        nights = last_weekdays([d.cfg for d in districts], now, uploads.NIGHTS)
        found: list[str] = []
        for number, night in enumerate(nights):
            if number == 1:  # terms name schools, which the first night has loaded
                found += _play_terms(stack, client, districts, night, screen)
            title = f"Night {number + 1}, {night:%A} {night}: {uploads.TITLES[number]}"
            turns = [
                Turn(d, Domain.CORE, str(night), d.uploads[number], uploaded_at(d.cfg, night))
                for d in districts
            ]
            found += _play_slots(stack, client, turns, title, screen)
        notices, wrong = _play_attendance(stack, client, districts, screen)
        found += wrong + _ask(client, districts, screen)
        client.close()
        played = Played(stack, districts, nights, notices, found)
        show_results(played, screen)
        then(played)
    return not found


def _introduce(districts: Sequence[District], screen: Screen) -> None:
    screen.print()
    for district in districts:
        zone = district.cfg.timezone
        screen.print(f"  {district.cfg.name} ({district.id}, {zone}): {district.source}")


def _play_terms(
    stack: Stack,
    client: AirflowClient,
    districts: Sequence[District],
    night: date,
    screen: Screen,
) -> list[str]:
    """Terms by hand, on the day of a night: its sections are held against them."""
    turns = [
        Turn(d, Domain.TERMS, str(night), d.terms, uploaded_at(d.cfg, night) - _TERMS_BEFORE)
        for d in districts
        if d.terms
    ]
    title = f"Terms, {night:%A} {night}: by hand, before the night whose sections name them"
    return _play_slots(stack, client, turns, title, screen)


def _play_attendance(
    stack: Stack, client: AirflowClient, districts: Sequence[District], screen: Screen
) -> tuple[list[NoticeDay], list[str]]:
    """Today's attendance by hand: the notices written from it, and what is wrong with either.

    A slot that is no notice's time serves the next notice, so the notices are there before their time.
    """
    from rostersync.pipeline.watch.notices import list_notices

    now = datetime.now(UTC)
    turns = [
        Turn(
            d, Domain.ATTENDANCE, f"{now.astimezone(d.cfg.zone):%Y-%m-%dT%H:%M}", d.attendance, None
        )
        for d in districts
        if d.attendance
    ]
    title = "Attendance, today: by hand, before the notices are due"
    found = _play_slots(stack, client, turns, title, screen)
    notices = []
    for turn in turns:
        name, day = turn.district.id, date.fromisoformat(turn.slot[:10])
        days = list_notices(stack.postgres.dsn(WAREHOUSE, READER), district=name, day=day)
        due = {one.slot for one in dues_of(turn.district.cfg, day)}
        wrong = notice_problems(turn.district.notices, days, slots=due)
        found += [f"{name} {day}: {problem}" for problem in wrong]
        notices += days
    return notices, found


def _play_slots(
    stack: Stack, client: AirflowClient, turns: Sequence[Turn], title: str, screen: Screen
) -> list[str]:
    """Run one slot of each of some districts; what is not as it should be."""
    from rostersync.engine.postgres import connect

    if not turns:
        return []
    screen.title(title)
    assert stack.sftp is not None  # noqa: S101  # for the type checker
    assert stack.airflow is not None  # noqa: S101
    found: list[str] = []
    with (
        connect(stack.postgres.dsn(WAREHOUSE, READER)) as conn,
        screen.lines([turn.district.id for turn in turns]) as lines,
    ):
        before = {turn.district.id: digests(conn, turn.district.id) for turn in turns}
        expected = {turn.district.id: turn.upload.expected for turn in turns}
        visits = [
            Visit(
                t.district.cfg,
                t.domain,
                t.slot,
                stack.sftp.account(t.district.id),
                t.upload.files,
                t.sent_at,
                line,
            )
            for t, line in zip(turns, lines, strict=True)
        ]

        def compare(visit: Visit) -> None:
            name, slot = visit.cfg.id, visit.slot
            state = str(visit.state)
            ended = read_ended(conn, name, visit.domain, slot, airflow=state, before=before[name])
            wrong = problems(expected[name], ended)
            found.extend(f"{visit.dag_id} {slot}: {problem}" for problem in wrong)
            visit.line.end(_ending(ended.runs[:1]), good=not wrong)

        run_slots(client, visits, logs=stack.airflow.folder / "logs", on_end=compare)
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
    """The tables, and logins that may do no more than they must: to load, to look, to send notices."""
    from rostersync.warehouse import migrate

    migrate(stack.warehouse)
    stack.postgres.create_login(LOADER, groups=["rostersync_loader"])
    stack.postgres.create_login(READER, groups=["rostersync_reader"])
    stack.postgres.create_login(MESSENGER, groups=["rostersync_messenger", "rostersync_reader"])


def _task_environment(
    stack: Stack, districts: Sequence[District], configurations: Path
) -> dict[str, str]:
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
        "ROSTERSYNC_DISTRICTS": str(configurations),
        "ROSTERSYNC_ARCHIVE": str(stack.folder / "archive"),
        "ROSTERSYNC_RETRY_SECONDS": "5",
        "AIRFLOW__CORE__EXECUTOR": "rostersync.orchestration.executor.WarmLocalExecutor",
        # The demo's runs are triggered. A night that begins by the clock meanwhile would wait until
        # morning, and theirs behind it; a notice's would wait for a file nobody sends.
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
    }


def _wait_for_dags(client: AirflowClient, districts: Sequence[District]) -> None:
    wanted = {ASK, *(dag_id(Domain.CORE, d.id) for d in districts)}
    wanted |= {dag_id(Domain.TERMS, d.id) for d in districts if d.terms}
    wanted |= {dag_id(Domain.ATTENDANCE, d.id) for d in districts if d.attendance}
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
