"""The whole stack: up, used as its users do, broken, and gone without a trace."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
import pytest
from tests.support.processes import listening, processes_of

from rostersync.embedded.airflow_api import AirflowClient
from rostersync.embedded.stack import WAREHOUSE, Stack
from rostersync.errors import SftpAuthenticationError, TerminalError, TransientError

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

DAG = """
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


def until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


# Postgres and SFTP
@pytest.mark.sftp
def test_districts_upload_to_their_own_accounts(open_folder: Path) -> None:
    from rostersync.embedded.sftp_server import upload_as_district

    with Stack(open_folder / "stack") as stack:
        sftp = stack.start_sftp(["springfield", "shelbyville"])
        upload_as_district(sftp.account("springfield"), {"schools.csv": b"school_id\n1\n"})
        assert (sftp.root / "springfield" / "schools.csv").read_bytes() == b"school_id\n1\n"
        assert not list((sftp.root / "shelbyville").iterdir())
        sftp.accounts["springfield"] = "wrong"
        with pytest.raises(SftpAuthenticationError):
            upload_as_district(sftp.account("springfield"), {})
    assert not processes_of(open_folder)


def test_the_warehouses_owner_may_make_roles_but_is_no_superuser(open_folder: Path) -> None:
    with (
        Stack(open_folder / "stack") as stack,
        psycopg.connect(stack.warehouse, autocommit=True) as owner,
    ):
        owner.execute("create schema roster")
        owner.execute("create role demo_group")
        stack.postgres.create_login("demo_task", groups=["demo_group"])
        query = "select rolsuper from pg_roles where rolname = current_user"
        assert owner.execute(query).fetchone() == (False,)
        url = stack.postgres.dsn(WAREHOUSE, "demo_task")
        with psycopg.connect(url) as task, pytest.raises(psycopg.errors.InsufficientPrivilege):
            task.execute("create schema mine")


@pytest.mark.sftp
@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (signal.SIGINT, -signal.SIGINT),
        (signal.SIGTERM, 128 + signal.SIGTERM),
        (signal.SIGHUP, 128 + signal.SIGHUP),
        (signal.SIGKILL, -signal.SIGKILL),
        ("exception", 1),
    ],
)
def test_whatever_ends_it_nothing_stays(
    open_folder: Path, ending: signal.Signals | str, code: int
) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from rostersync.embedded.stack import Stack\n"
        f"with Stack(Path({str(open_folder)!r}) / 'stack') as stack:\n"
        "    stack.start_sftp(['springfield'])\n"
        "    print(stack.postgres.port, stack.sftp.port, flush=True)\n"
        f"    if {ending == 'exception'}: raise RuntimeError\n"
        "    time.sleep(600)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert owner.stdout
    ports = {int(port) for port in owner.stdout.readline().split()}
    assert len(ports) == 2
    if not isinstance(ending, str):
        owner.send_signal(ending)
    assert owner.wait(40) == code
    # Killed, it cannot wait for its programs: they end by themselves.
    assert until(lambda: not processes_of(open_folder), 15 if ending == signal.SIGKILL else 0.5)
    assert not ports & {port for _, port in listening()}


# All of it
@pytest.fixture(scope="module")
def stack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stack")
    for name in ("dags", "plugins"):
        (folder / name).mkdir()
    (folder / "dags" / "probe.py").write_text(DAG)
    return folder


@pytest.fixture(scope="module")
def stack(stack_folder: Path) -> Iterator[Stack]:
    with Stack(stack_folder / "state") as running:
        running.start_airflow(
            {"ROSTERSYNC_PROBE": "42"},
            dags=stack_folder / "dags",
            plugins=stack_folder / "plugins",
        )
        yield running
    assert not processes_of(stack_folder)


@pytest.fixture
def ops(stack: Stack) -> AirflowClient:
    assert stack.airflow
    return stack.airflow.client("admin")


@pytest.mark.airflow
def test_all_components_are_healthy(ops: AirflowClient) -> None:
    components = ("dag_processor", "metadatabase", "scheduler", "triggerer")
    assert ops.health() == dict.fromkeys(components, "healthy")


@pytest.mark.airflow
def test_a_dag_runs_and_sees_the_environment(ops: AirflowClient) -> None:
    assert until(lambda: "probe" in ops.dag_ids(), 60), ops.import_errors()
    ops._send("PATCH", "/api/v2/dags/probe", json={"is_paused": False})
    run = ops.trigger("probe")
    seen: list[dict[str, str | None]] = []
    assert ops.wait_for_run("probe", run, timeout=60, on_poll=seen.append) == "success"
    assert seen[-1] == {"check": "success"}


@pytest.mark.airflow
def test_only_ops_may_trigger(stack: Stack, ops: AirflowClient) -> None:
    assert stack.airflow
    assert until(lambda: "probe" in ops.dag_ids(), 60)
    viewer = stack.airflow.client("viewer")
    assert "probe" in viewer.dag_ids()
    with pytest.raises(TerminalError) as refused:
        viewer.trigger("probe")
    assert refused.value.where["status"] == 403


@pytest.mark.airflow
def test_a_wrong_password_is_refused(stack: Stack) -> None:
    assert stack.airflow
    with pytest.raises(TerminalError) as refused:
        AirflowClient(stack.airflow.url, "admin", "wrong").dag_ids()
    assert refused.value.where["status"] == 401


@pytest.mark.airflow
def test_it_listens_on_loopback_only(stack: Stack, stack_folder: Path) -> None:
    ours = set()
    for process in psutil.Process().children(recursive=True):
        for connection in process.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN:
                ours.add(connection.laddr.ip)
    assert ours == {"127.0.0.1"}


@pytest.mark.airflow
def test_its_secrets_are_closed_to_others(stack: Stack) -> None:
    assert stack.airflow
    home = stack.airflow.folder
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    for name in ("users.json", "state.json"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600


@pytest.mark.airflow
def test_a_killed_scheduler_comes_back(stack: Stack, ops: AirflowClient) -> None:
    (scheduler,) = [
        process
        for guard in psutil.Process().children()
        if "scheduler" in guard.cmdline()
        for process in guard.children()
    ]
    killed_at = datetime.now(UTC)
    scheduler.kill()
    assert until(lambda: ops.health(since=killed_at)["scheduler"] != "healthy", 5)
    assert until(lambda: ops.health(since=killed_at)["scheduler"] == "healthy", 60)


@pytest.mark.airflow
def test_without_a_server_the_error_is_one_to_try_again(tmp_path: Path) -> None:
    client = AirflowClient("http://127.0.0.1:9", "admin", "x")
    with pytest.raises(TransientError, match="cannot be reached"):
        client.health()
