"""Repairs through a running scheduler: nights backfilled, one rejected and resent; a night opened again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict

from rostersync.cli import main
from rostersync.demo.airflow_api import AirflowClient
from rostersync.demo.generate import generate
from rostersync.demo.sftp_server import upload_as_district
from rostersync.demo.stack import WAREHOUSE, Stack
from rostersync.warehouse import migrate
from tests.warehouse.fold import everything

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.postgres,
    pytest.mark.sftp,
    pytest.mark.slow,
]

DENVER = ZoneInfo("America/Denver")
NIGHTS = [f"2026-09-{day:02}" for day in range(14, 19)]  # Monday to Friday
RUNS = "select slot, outcome, landing from sync.runs where district_id = %s order by started_at"
YAML = """
id: {id}
name: {id} Test District
timezone: America/Denver
core: {{at: "{at}", wait_until: "{until}", quiet: 1s}}
first_load: auto
"""


@dataclass
class Desk:
    """Two districts, and everything they need, with Airflow's four components running."""

    stack: Stack
    folder: Path
    environment: dict[str, str]
    ops: AirflowClient

    def config(self, district: str) -> Path:
        return self.folder / "districts" / f"{district}.yaml"

    def upload(self, district: str, files: Path, at: datetime) -> None:
        assert self.stack.sftp
        names = {p.name: p for p in files.glob("*.csv")}
        upload_as_district(self.stack.sftp.account(district), names, mtime=at.timestamp())

    def airflow(self, *arguments: str) -> str:
        """Airflow's own command line."""
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def backfill(self, *more: str) -> None:
        """Create a backfill of all nights, as docs/runbooks/backfill.md says."""
        dates = ["--from-date", f"{NIGHTS[0]}T00:00:00-06:00"]
        dates += ["--to-date", f"{NIGHTS[-1]}T23:59:00-06:00"]
        dag = ["--dag-id", "core__aspen", "--max-active-runs", "1"]
        self.airflow("backfill", "create", *dag, *dates, *more)

    def backfill_ends(self, seconds: float) -> bool:
        """Airflow takes no second backfill of a DAG before; it notices an end every half minute."""
        return until(
            lambda: all(b["completed_at"] for b in self.ops.backfills("core__aspen")), seconds
        )

    def states(self, dag: str = "core__aspen") -> list[str]:
        return [run["state"] for run in self.ops.runs(dag)]

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.stack.warehouse) as conn:
            return conn.execute(sql, values).fetchall()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("backfill")
    (folder / "districts").mkdir()
    # Cedar's night began an hour ago and is open until tomorrow.
    an_hour_ago = datetime.now(DENVER) - timedelta(hours=1)
    for name, at, wait_until in [
        ("aspen", "20:00", "05:00"),
        ("cedar", f"{an_hour_ago + timedelta(minutes=1):%H:%M}", f"{an_hour_ago:%H:%M}"),
    ]:
        yaml = YAML.format(id=name, at=at, until=wait_until)
        (folder / "districts" / f"{name}.yaml").write_text(yaml)
    with Stack(folder / "state") as stack:
        migrate(stack.warehouse)
        stack.postgres.create_login("loader", groups=["rostersync_loader"])
        sftp = stack.start_sftp(["aspen", "cedar"])
        warehouse = conninfo_to_dict(stack.postgres.dsn(WAREHOUSE, "loader"))
        connection = {
            "conn_type": "postgres",
            "host": warehouse["host"],
            "port": int(str(warehouse["port"])),
            "login": warehouse["user"],
            "password": warehouse["password"],
            "schema": warehouse["dbname"],
        }
        extra = {
            "AIRFLOW_CONN_ROSTERSYNC_WAREHOUSE": json.dumps(connection),
            "AIRFLOW_CONN_SFTP_ASPEN": sftp.connection("aspen"),
            "AIRFLOW_CONN_SFTP_CEDAR": sftp.connection("cedar"),
            "ROSTERSYNC_ARCHIVE": str(folder / "archive"),
            "ROSTERSYNC_DISTRICTS": str(folder / "districts"),
            "ROSTERSYNC_RETRY_SECONDS": "1",
            "AIRFLOW__CORE__EXECUTOR": "rostersync.orchestration.executor.WarmLocalExecutor",
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",  # nothing runs but what the tests start
        }
        airflow = stack.start_airflow(extra)
        ops = airflow.client("ops")
        known = {"core__aspen", "core__cedar", "reopen"}
        assert until(lambda: known <= set(ops.dag_ids()), 60), ops.import_errors()
        yield Desk(stack, folder, airflow.environment(extra), ops)


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five nights of a district, with bad rows and comings and goings."""
    return generate(tmp_path_factory.mktemp("nights"), students=60, seed=11, nights=5, churn=8)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.5)
    return False


def without_students_names(folder: Path, upload: Path) -> Path:
    """A copy in which students.csv lacks a required column."""
    copy = folder / f"broken-{upload.name}"
    shutil.copytree(upload, copy)
    students = copy / "students.csv"
    header, _, rest = students.read_text().partition("\n")
    assert "last_name" in header
    students.write_text(f"{header.replace('last_name', 'surname')}\n{rest}")
    return copy


def tables(url: str, district: str) -> dict[str, list[Any]]:
    """All that consumers see; run ids and landing numbers tell the way, not the result."""
    with psycopg.connect(url) as conn:
        seen = everything(conn, district)
    return {
        table: sorted(
            (
                {k: v for k, v in row.items() if not k.endswith("run_id") and k != "landing"}
                for row in rows
            ),
            key=repr,
        )
        for table, rows in seen.items()
    }


def run_cli(desk: Desk, command: str, folder: Path, slot: str, warehouse: str, archive: str) -> int:
    config = ["--config", str(desk.config("aspen")), "--slot", slot]
    where = ["--warehouse", warehouse, "--archive", str(desk.folder / archive)]
    return CliRunner().invoke(main, [command, str(folder), *config, *where]).exit_code


def test_five_nights_with_one_resent_equal_five_good_nights_in_order(
    desk: Desk, uploads: list[Path], fresh_warehouse: Callable[[], str]
) -> None:
    for night, upload in zip(NIGHTS[:4], uploads, strict=False):
        sent = without_students_names(desk.folder, upload) if night == NIGHTS[2] else upload
        assert run_cli(desk, "land", sent, night, desk.stack.warehouse, "archive") == 0
    last = datetime.fromisoformat(f"{NIGHTS[4]}T20:12").replace(tzinfo=DENVER)
    desk.upload("aspen", uploads[4], last)

    desk.backfill()
    in_order = fresh_warehouse()
    for night, upload in zip(NIGHTS, uploads, strict=True):
        assert run_cli(desk, "sync", upload, night, in_order, "in-order") < 2
    assert desk.backfill_ends(180), desk.states()

    assert desk.states() == ["success", "success", "failed", "success", "success"]
    assert desk.ask(RUNS, "aspen") == [
        (night, "rejected" if night == NIGHTS[2] else "loaded", 1) for night in NIGHTS
    ]
    assert tables(desk.stack.warehouse, "aspen") != tables(in_order, "aspen")

    assert run_cli(desk, "land", uploads[2], NIGHTS[2], desk.stack.warehouse, "archive") == 0
    before = {run["dag_run_id"] for run in desk.ops.runs("core__aspen")}
    desk.backfill("--reprocess-behavior", "failed")
    assert until(lambda: desk.states() == ["success"] * 5, 90), desk.states()

    assert {run["dag_run_id"] for run in desk.ops.runs("core__aspen")} == before
    assert desk.ask(RUNS, "aspen")[5:] == [(NIGHTS[2], "loaded", 2)]
    assert tables(desk.stack.warehouse, "aspen") == tables(in_order, "aspen")


def test_a_correction_before_the_end_of_the_wait_is_served_tonight(
    desk: Desk, uploads: list[Path]
) -> None:
    now = datetime.now(UTC)
    broken = without_students_names(desk.folder, uploads[0])
    desk.upload("cedar", broken, now - timedelta(minutes=30))
    night = desk.ops.trigger("core__cedar", {"wait_minutes": 0})
    assert desk.ops.wait_for_run("core__cedar", night, timeout=60) == "failed"

    assert look_again(desk) == "skipped", "the server holds what was rejected"

    desk.upload("cedar", uploads[0], now - timedelta(minutes=5))
    assert look_again(desk) == "success"
    assert until(lambda: desk.states("core__cedar") == ["success"], 60)

    assert [run["dag_run_id"] for run in desk.ops.runs("core__cedar")] == [night]
    runs = desk.ask(RUNS, "cedar")
    assert [(outcome, landing) for _, outcome, landing in runs] == [("rejected", 1), ("loaded", 2)]
    assert len({slot for slot, *_ in runs}) == 1
    assert desk.ask("select count(*) from roster.students where district_id = 'cedar'") == [(60,)]

    desk.upload("cedar", uploads[0], now)  # the same bytes once more
    assert look_again(desk) == "success"
    assert until(lambda: len(desk.ask(RUNS, "cedar")) == 3, 60)
    assert until(lambda: desk.states("core__cedar") == ["success"], 30)
    assert desk.ask(RUNS, "cedar")[2][1:] == ("identical", 2)
    assert look_again(desk) == "skipped", "an upload opens its night once"


def look_again(desk: Desk) -> str | None:
    """One run of the DAG that looks; what became of the task that opens nights."""
    run = desk.ops.trigger("reopen")
    assert desk.ops.wait_for_run("reopen", run, timeout=60) == "success"
    return desk.ops.task_states("reopen", run)["open_again"]
