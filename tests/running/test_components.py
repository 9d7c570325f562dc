"""Airflow's components: healthy, and used as their users do."""

from __future__ import annotations

import contextlib
import stat

import psutil
import pytest

from rostersync.embedded.airflow_api import AirflowClient
from rostersync.errors import TerminalError
from tests.support.desk import Desk
from tests.support.waiting import until

pytestmark = [pytest.mark.postgres, pytest.mark.airflow, pytest.mark.slow]


@pytest.fixture
def ops(desk: Desk) -> AirflowClient:
    return desk.ops


def test_all_components_are_healthy(ops: AirflowClient) -> None:
    components = ("dag_processor", "metadatabase", "scheduler", "triggerer")
    assert ops.health() == dict.fromkeys(components, "healthy")


def test_a_dag_runs_and_sees_the_environment(ops: AirflowClient) -> None:
    assert until(lambda: "probe" in ops.dag_ids(), 60), ops.import_errors()
    ops.send("PATCH", "/api/v2/dags/probe", json={"is_paused": False})
    run = ops.trigger("probe")
    seen: list[dict[str, str | None]] = []
    assert ops.wait_for_run("probe", run, timeout=60, on_poll=seen.append) == "success"
    assert seen[-1] == {"check": "success"}


def test_only_ops_may_trigger(desk: Desk, ops: AirflowClient) -> None:
    assert desk.stack.airflow
    assert until(lambda: "probe" in ops.dag_ids(), 60)
    viewer = desk.stack.airflow.client("viewer")
    assert "probe" in viewer.dag_ids()
    with pytest.raises(TerminalError) as refused:
        viewer.trigger("probe")
    assert refused.value.where["status"] == 403


def test_a_wrong_password_is_refused(desk: Desk) -> None:
    assert desk.stack.airflow
    with pytest.raises(TerminalError) as refused:
        AirflowClient(desk.stack.airflow.url, "admin", "wrong").dag_ids()
    assert refused.value.where["status"] == 401


def test_it_listens_on_loopback_only(desk: Desk) -> None:
    ours = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # Airflow's parsers come and go
            for connection in process.net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    ours.add(connection.laddr.ip)
    assert ours == {"127.0.0.1"}


def test_its_secrets_are_closed_to_others(desk: Desk) -> None:
    assert desk.stack.airflow
    home = desk.stack.airflow.folder
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    for name in ("users.json", "state.json"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
