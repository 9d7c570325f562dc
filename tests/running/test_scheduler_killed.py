"""The scheduler is killed in the middle of a night: Airflow comes back, and the night is loaded once."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from tests.support.desk import Desk
from tests.support.waiting import until

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.postgres,
    pytest.mark.sftp,
    pytest.mark.slow,
]

NIGHT = "2026-09-21"
LOADED = "select count(*) from roster_log.students where district_id = 'birch'"
RUNS = "select outcome from sync.runs where district_id = 'birch'"


def schedulers() -> list[psutil.Process]:
    """The scheduler and what it has started, its workers and their tasks."""
    mains = [p for p in psutil.Process().children(recursive=True) if is_scheduler(p)]
    return [*mains, *(child for p in mains for child in p.children(recursive=True))]


def is_scheduler(process: psutil.Process) -> bool:
    try:
        return process.cmdline()[1:4] == ["-m", "airflow", "scheduler"]
    except psutil.Error:  # it ended while we looked
        return False


def test_a_night_whose_scheduler_is_killed_is_loaded_once(desk: Desk, generated: Path) -> None:
    desk.land("birch", generated / "night-1", NIGHT)
    run = desk.ops.trigger("core__birch", {"slot": NIGHT, "source": "archive"})
    assert until(
        lambda: desk.ops.task_states("core__birch", run).get("validate") == "running", 60
    ), desk.ops.task_states("core__birch", run)

    doomed = schedulers()
    assert doomed
    killed_at = datetime.now(UTC)
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(doomed, timeout=10)

    def is_healthy() -> bool:
        return desk.ops.health(since=killed_at)["scheduler"] == "healthy"

    assert until(lambda: not is_healthy(), 5)
    assert until(is_healthy, 60), "it is started again"
    assert desk.ops.wait_for_run("core__birch", run, timeout=200) == "success"
    assert desk.ask(RUNS) == [("loaded",)]
    assert desk.ask(LOADED) == [(60,)]
    assert all(state == "success" for state in desk.ops.task_states("core__birch", run).values())
