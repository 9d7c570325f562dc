"""Airflow's four components, districts' SFTP accounts and a warehouse, once for all tests that need them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict

from rostersync.cli import main
from rostersync.embedded.airflow_api import AirflowClient
from rostersync.embedded.sftp_server import upload_as_district
from rostersync.embedded.stack import WAREHOUSE, Stack
from rostersync.warehouse import migrate
from tests.support.processes import processes_of
from tests.support.surroundings import PROJECT
from tests.support.waiting import until

DENVER = ZoneInfo("America/Denver")
DISTRICTS = ("aspen", "birch", "cedar", "elm", "maple")
"""What runs by hand."""
BY_CLOCK = ("oak", "pine")
YAML = """
id: {id}
name: {id} Test District
timezone: America/Denver
core: {{at: "{at}", wait_until: "{until}", quiet: 1s}}
first_load: {first}
"""


PROBE = """
from airflow.sdk import dag, task
import os

@dag(schedule=None, dag_id="probe")
def probe():
    @task
    def check():
        assert os.environ["ROSTERSYNC_PROBE"] == "42"
    check()

probe()
"""


@dataclass
class Desk:
    """Five districts, and everything they need, with Airflow's four components running.

    ``environment``: of all of them. ``scheduled_by``: what the scheduler is told besides.
    """

    stack: Stack
    folder: Path
    environment: dict[str, str]
    ops: AirflowClient
    scheduled_by: Mapping[str, str] = field(default_factory=dict)

    def schedule_by(self, settings: Mapping[str, str]) -> None:
        """Another scheduler in the place of this one, unless it is told the same: its start costs seconds."""
        if settings == self.scheduled_by:
            return
        airflow = self.stack.airflow
        assert airflow
        told = {**self.environment, **settings}
        program = airflow._program("scheduler", ["scheduler", "--skip-serve-logs"], told)
        with airflow._supervisor._lock:
            airflow._supervisor._running.pop("scheduler").stop()
        since = datetime.now(UTC)
        airflow._supervisor.start(program)
        assert eventually(lambda: self.ops.health(since)["scheduler"] == "healthy", 120)
        self.scheduled_by = settings

    def parse(self, *files: str) -> None:
        """Have DAG files read again at once, since the districts' have changed."""
        for name in files:
            os.utime(self.folder / "dags" / name)

    def knows(self, *dags: str) -> bool:
        return set(dags) <= set(self.ops.dag_ids())

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

    def land(self, district: str, files: Path, slot: str) -> None:
        """Put files into the archive, as a person does with a resent upload."""
        assert self.cli("land", district, files, slot, self.stack.warehouse, "archive") == 0

    def cli(
        self, command: str, district: str, files: Path, slot: str, warehouse: str, archive: str
    ) -> int:
        """The exit code of ``rostersync land`` or ``sync``."""
        config = ["--config", str(self.config(district)), "--slot", slot]
        where = ["--warehouse", warehouse, "--archive", str(self.folder / archive)]
        return CliRunner().invoke(main, [command, str(files), *config, *where]).exit_code

    def run(self, dag: str, **conf: Any) -> str:
        """Trigger a run and wait for its end; its id."""
        run = self.ops.trigger(dag, conf)
        self.ops.wait_for_run(dag, run, timeout=120)
        return run

    def states(self, dag: str = "core__aspen") -> list[str]:
        return [run["state"] for run in self.ops.runs(dag)]

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.stack.warehouse) as conn:
            return conn.execute(sql, values).fetchall()


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    """As ``until``, of what is asked of Airflow: an answer costs it a hundredth of a CPU second."""
    return until(condition, seconds, every=1.0)


@contextlib.contextmanager
def running_desk(folder: Path) -> Iterator[Desk]:
    """All of it, in an empty folder; nothing runs by the clock."""
    (folder / "districts").mkdir(exist_ok=True)
    # Cedar's night began an hour ago and is open until tomorrow. Maple is new: a person says when it begins.
    an_hour_ago = datetime.now(DENVER) - timedelta(hours=1)
    for name, at, wait_until, first in [
        ("aspen", "20:00", "05:00", "auto"),
        ("cedar", f"{an_hour_ago + timedelta(minutes=1):%H:%M}", f"{an_hour_ago:%H:%M}", "auto"),
        ("birch", "20:00", "05:00", "auto"),
        ("elm", "20:00", "05:00", "auto"),
        ("maple", "20:00", "05:00", "approve"),
    ]:
        yaml = YAML.format(id=name, at=at, until=wait_until, first=first)
        (folder / "districts" / f"{name}.yaml").write_text(yaml)
    dags = Path(shutil.copytree(PROJECT / "dags", folder / "dags"))
    (dags / "probe.py").write_text(PROBE)
    by_hand = {
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",  # nothing runs but what the tests start
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "900",  # and no file changes
        "ROSTERSYNC_PROBE": "42",
    }
    accounts = (*DISTRICTS, *BY_CLOCK)
    with running_stack(folder, accounts, by_hand, dags=dags) as desk:
        known = ("probe", "reopen", "ask", "holds", *(f"core__{d}" for d in DISTRICTS))
        assert eventually(lambda: desk.knows(*known), 120), desk.ops.import_errors()
        yield desk


@contextlib.contextmanager
def running_stack(
    folder: Path,
    districts: Sequence[str],
    environment: Mapping[str, str],
    *,
    dags: Path | None = None,
) -> Iterator[Desk]:
    """Accounts of these districts, whose files may come later, a warehouse, and Airflow; then nothing."""
    with contextlib.ExitStack() as cleanup:
        stack = Stack(folder / "state")
        cleanup.callback(_is_gone, stack, folder)
        cleanup.enter_context(stack)
        migrate(stack.warehouse)
        stack.postgres.create_login("loader", groups=["rostersync_loader"])
        sftp = stack.start_sftp(districts)
        warehouse = conninfo_to_dict(stack.postgres.dsn(WAREHOUSE, "loader"))
        connection = {
            "conn_type": "postgres",
            "host": warehouse["host"],
            "port": int(str(warehouse["port"])),
            "login": warehouse["user"],
            "password": warehouse["password"],
            "schema": warehouse["dbname"],
        }
        temporary = folder / "tmp"
        temporary.mkdir()
        extra = {
            "AIRFLOW_CONN_ROSTERSYNC_WAREHOUSE": json.dumps(connection),
            **{f"AIRFLOW_CONN_SFTP_{d.upper()}": sftp.connection(d) for d in districts},
            "ROSTERSYNC_ARCHIVE": str(folder / "archive"),
            "ROSTERSYNC_DISTRICTS": str(folder / "districts"),
            "ROSTERSYNC_RETRY_SECONDS": "1",
            "TMPDIR": str(temporary),  # a task that is killed leaves its scratch folder
            "AIRFLOW__CORE__EXECUTOR": "rostersync.orchestration.executor.WarmLocalExecutor",
            # A task whose worker is gone is tried again after seconds, not minutes.
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
            "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
            **environment,
        }
        airflow = stack.start_airflow(extra, dags=dags)
        yield Desk(stack, folder, airflow.environment(extra), airflow.client("admin"))


def _is_gone(stack: Stack, folder: Path) -> None:
    """Nothing of it runs; its data, which may lie outside the folder, goes too."""
    still = processes_of(folder)
    stack.postgres.remove()
    assert not still
