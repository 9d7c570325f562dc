"""A night through Celery, Redis and object storage, without containers; a worker is killed in the middle.

Runs with the environment of docker-compose.yaml: only addresses, secrets and the seconds until a dead worker
is missed are others.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from rostersync.archive import Archive
from rostersync.embedded.stack import METADATA
from rostersync.synthetic.generate import generate
from tests.production.compose import environment
from tests.support.desk import DENVER, YAML, Desk, eventually, running_stack
from tests.support.object_storage import BUCKET, object_storage
from tests.support.waiting import until
from tests.warehouse.fold import everything

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.postgres,
    pytest.mark.sftp,
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        not shutil.which("redis-server"), reason="needs redis-server (.ci/run installs it)"
    ),
]

NIGHT = "2026-09-21"
UPLOADED = datetime(2026, 9, 21, 19, tzinfo=DENVER)
DISTRICTS = ("aspen", "birch", "cedar")
FOLDERS = ("CORE__DAGS_FOLDER", "CORE__PLUGINS_FOLDER", "BACKEND")
"""Settings of the containers' own: places and the connections' folder."""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of our own; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    server = subprocess.Popen(
        [*command, "--save", "", "--requirepass", "pw"], stdout=subprocess.DEVNULL
    )
    try:
        yield f"redis://:pw@127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night of a tiny district."""
    out = tmp_path_factory.mktemp("generated")
    generate(out, students=60, seed=7, nights=1)
    return out


def production(redis: str) -> dict[str, str]:
    """The compose file's settings that do not name a place in a container."""
    told = {
        name: value
        for name, value in environment().items()
        if name.startswith("AIRFLOW__")
        and not name.endswith(("_CMD", "_URL"))
        and not any(part in name for part in FOLDERS)
    }
    assert told["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER" in told
    sooner = {
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "3",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "25",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": "2",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "900",
    }
    return {**told, **sooner, "AIRFLOW__CELERY__BROKER_URL": redis}


@pytest.fixture(scope="module")
def desk(redis: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("production")
    (folder / "districts").mkdir()
    for name in DISTRICTS:
        yaml = YAML.format(id=name, at="20:00", until="05:00", first="auto")
        (folder / "districts" / f"{name}.yaml").write_text(yaml)
    with object_storage() as storage:
        where = {"ROSTERSYNC_ARCHIVE": f"s3://{BUCKET}/archive", **storage}
        with running_stack(folder, DISTRICTS, {**production(redis), **where}) as desk:
            known = {f"core__{d}" for d in DISTRICTS}
            assert desk.stack.airflow
            (folder / "admin_password").write_text(desk.stack.airflow.users["admin"] + "\n")
            give_rights(desk)
            assert eventually(lambda: desk.knows(*known), 120), desk.ops.import_errors()
            yield desk


RIGHTS = """
import runpy
runpy.run_module("rostersync.orchestration.rights", run_name="__main__")

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
with get_application_builder() as made:
    for role in ("operator_aspen", "viewer_aspen", "operator"):
        made.sm.add_user(role, role, "x", f"{role}@x.example", made.sm.find_role(role), f"pw {role}")
"""


def give_rights(desk: Desk) -> None:
    """As the service ``init`` does; and a login for some of the roles."""
    done = subprocess.run(
        [sys.executable, "-c", RIGHTS, str(desk.folder / "admin_password")],
        env=desk.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def worker(desk: Desk, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker, as its container runs it."""
    command = [sys.executable, "-m", "airflow", "celery", "worker", "--skip-serve-logs"]
    with (desk.folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--celery-hostname", f"{name}@%h"],
            env={**desk.environment, "C_FORCE_ROOT": "1"},
            cwd=desk.folder,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """As a machine that loses its power."""
    with contextlib.suppress(psutil.NoSuchProcess):
        doomed = [
            psutil.Process(process.pid),
            *psutil.Process(process.pid).children(recursive=True),
        ]
        for one in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(doomed, timeout=10)
    process.wait(10)


def works_on(desk: Desk, process: subprocess.Popen[bytes]) -> list[tuple[str, str]]:
    """(DAG, task) of the steps that run in this worker's processes now."""
    tree = {p.pid for p in psutil.Process(process.pid).children(recursive=True)}
    query = "select dag_id, task_id, pid from task_instance where state = 'running'"
    with psycopg.connect(desk.stack.postgres.dsn(METADATA, METADATA)) as conn:
        running = conn.execute(query).fetchall()
    return [(dag, task) for dag, task, pid in running if pid in tree]


def test_three_districts_are_loaded_though_a_worker_dies(
    desk: Desk, generated: Path, fresh_warehouse: Callable[[], str]
) -> None:
    for district in DISTRICTS:
        desk.upload(district, generated / "night-1", UPLOADED)
    killed: list[tuple[str, str]] = []
    with worker(desk, "one") as one, worker(desk, "two"):
        ready = "ready."
        assert until(lambda: ready in (desk.folder / "one.log").read_text(), 90)
        assert until(lambda: ready in (desk.folder / "two.log").read_text(), 90)
        loaded = {
            Path(m.path).name.partition(".")[0] for m in psutil.Process(one.pid).memory_maps()
        }
        assert "_duckdb" in loaded, "what tasks import is there before they are forked"
        conf = {"slot": NIGHT, "source": "server", "wait_minutes": 5}
        runs = {d: desk.ops.trigger(f"core__{d}", conf) for d in DISTRICTS}
        end = time.monotonic() + 150
        while time.monotonic() < end and not killed:
            steps = works_on(desk, one)
            killed = [
                (dag, task) for dag, task in steps if task in ("stage", "validate", "diff", "load")
            ]
            time.sleep(0.05)
        seen = {d: desk.ops.task_states(f"core__{d}", run) for d, run in runs.items()}
        assert killed, f"worker one never ran a step: {seen}"
        kill(one)

        for district, run in runs.items():
            state = desk.ops.wait_for_run(f"core__{district}", run, timeout=480)
            assert state == "success", desk.ops.task_states(f"core__{district}", run)

    with psycopg.connect(desk.stack.postgres.dsn(METADATA, METADATA)) as conn:
        query = "select count(*) from task_instance_history where dag_id = %s and task_id = %s"
        tries = [conn.execute(query, list(one)).fetchone() for one in killed]
    assert all(tried and tried[0] >= 1 for tried in tries), "the killed step was tried again"

    plain = fresh_warehouse()
    for district in DISTRICTS:
        assert (
            desk.cli("sync", district, generated / "night-1", NIGHT, plain, f"local-{district}")
            == 0
        )
        assert desk.ask("select outcome from sync.runs where district_id = %s", district) == [
            ("loaded",)
        ]
        accounted = "select bool_and(records = accepted + quarantined + duplicates) from sync.files"
        assert desk.ask(accounted) == [(True,)]
        with psycopg.connect(desk.stack.warehouse) as here, psycopg.connect(plain) as there:
            assert told(everything(here, district)) == told(everything(there, district))
    archive = Archive(f"s3://{BUCKET}/archive")
    assert set(DISTRICTS) <= set(archive.list_names(""))
    assert not (desk.folder / "archive").exists(), "nothing was kept on the worker's disk"


def test_a_login_with_rights_on_one_district_reaches_that_one_only(desk: Desk) -> None:
    assert desk.stack.airflow
    url = desk.stack.airflow.url
    question = "/dags/holds/dagRuns/{}__core__2026-09-21__1f/taskInstances/ask/-1/hitlDetails"
    xcom = "/dags/core__aspen/dagRuns/none/taskInstances/wait/xcomEntries"
    changes = "{}/rostersync/holds/{}/00000000-0000-0000-0000-000000000000/changes.csv"

    def tried(login: str) -> tuple[list[str], dict[str, int]]:
        """The DAGs it sees, and the answer to each request; 404 and 422: allowed, and nothing there."""
        http = httpx.Client(base_url=f"{url}/api/v2", trust_env=False, timeout=60)
        token = http.post(f"{url}/auth/token", json={"username": login, "password": f"pw {login}"})
        http.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        seen = sorted(
            dag["dag_id"] for dag in http.get("/dags", params={"limit": 100}).json()["dags"]
        )
        requests = {
            "edit own": http.patch("/dags/core__aspen", json={"is_paused": False}),
            "edit other": http.patch("/dags/core__birch", json={"is_paused": False}),
            "run other": http.post("/dags/core__birch/dagRuns", json={"logical_date": None}),
            "read other": http.get("/dags/core__birch/dagRuns"),
            "answer own": http.patch(question.format("aspen"), json={}),
            "answer other": http.patch(question.format("birch"), json={}),
            "pause holds": http.patch("/dags/holds", json={"is_paused": False}),
            "write xcom": http.post(xcom, json={"key": "return_value", "value": 1}),
            "list own": http.get(changes.format(url, "aspen")),
            "list other": http.get(changes.format(url, "birch")),
        }
        return seen, {name: answer.status_code for name, answer in requests.items()}

    other = {"edit other", "run other", "read other", "answer other", "list other"}
    seen, answers = tried("operator_aspen")
    assert seen == ["core__aspen", "holds"]
    refused = {name for name, status in answers.items() if status == 403}
    assert refused == {*other, "pause holds", "write xcom"}, answers

    seen, answers = tried("viewer_aspen")
    assert seen == ["core__aspen"]
    assert {name for name, status in answers.items() if status != 403} == set(), answers

    seen, answers = tried("operator")
    assert {"core__birch", "ask", "holds"} <= set(seen)
    assert {name for name, status in answers.items() if status == 403} == {"write xcom"}, answers


def told(tables: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    """What consumers see: without ids of runs."""
    return {
        name: sorted(
            ({k: v for k, v in row.items() if not k.endswith("run_id")} for row in rows), key=repr
        )
        for name, rows in tables.items()
    }
