"""Repairs through a running scheduler: nights backfilled, one rejected and resent; a night opened again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rostersync.synthetic.generate import generate
from tests.support.desk import DENVER, Desk, eventually
from tests.support.waiting import until
from tests.warehouse.fold import everything

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.postgres,
    pytest.mark.sftp,
    pytest.mark.slow,
]

NIGHTS = ["2026-09-14", "2026-09-15", "2026-09-16"]
RESENT = 1
RUNS = "select slot, outcome, landing from sync.runs where district_id = %s order by started_at"


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Nights of a district, with bad rows and comings and goings."""
    out = tmp_path_factory.mktemp("nights")
    return generate(out, students=60, seed=11, nights=len(NIGHTS), churn=8)


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


def backfill(desk: Desk, *more: str) -> None:
    """Create a backfill of all nights, as docs/runbooks/backfill.md says."""
    dates = ["--from-date", f"{NIGHTS[0]}T00:00:00-06:00"]
    dates += ["--to-date", f"{NIGHTS[-1]}T23:59:00-06:00"]
    dag = ["--dag-id", "core__aspen", "--max-active-runs", "1"]
    desk.airflow("backfill", "create", *dag, *dates, *more)


def backfill_ends(desk: Desk, seconds: float) -> bool:
    """Airflow takes no second backfill of a DAG before; it notices an end every half minute."""
    backfills = desk.ops.backfills
    return eventually(lambda: all(b["completed_at"] for b in backfills("core__aspen")), seconds)


def test_nights_with_one_resent_equal_good_nights_in_order(
    desk: Desk, uploads: list[Path], fresh_warehouse: Callable[[], str]
) -> None:
    for night, upload in zip(NIGHTS[:-1], uploads, strict=False):
        sent = without_students_names(desk.folder, upload) if night == NIGHTS[RESENT] else upload
        desk.land("aspen", sent, night)
    last = datetime.fromisoformat(f"{NIGHTS[-1]}T20:12").replace(tzinfo=DENVER)
    desk.upload("aspen", uploads[-1], last)

    backfill(desk)
    in_order = fresh_warehouse()
    for night, upload in zip(NIGHTS, uploads, strict=True):
        assert desk.cli("sync", "aspen", upload, night, in_order, "in-order") < 2
    assert backfill_ends(desk, 180), desk.states()

    assert desk.states() == ["success", "failed", "success"]
    assert desk.ask(RUNS, "aspen") == [
        (night, "rejected" if night == NIGHTS[RESENT] else "loaded", 1) for night in NIGHTS
    ]
    assert tables(desk.stack.warehouse, "aspen") != tables(in_order, "aspen")

    desk.land("aspen", uploads[RESENT], NIGHTS[RESENT])
    before = {run["dag_run_id"] for run in desk.ops.runs("core__aspen")}
    backfill(desk, "--reprocess-behavior", "failed")
    assert eventually(lambda: desk.states() == ["success"] * 3, 90), desk.states()

    assert {run["dag_run_id"] for run in desk.ops.runs("core__aspen")} == before
    assert desk.ask(RUNS, "aspen")[3:] == [(NIGHTS[RESENT], "loaded", 2)]
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
    assert eventually(lambda: desk.states("core__cedar") == ["success"], 60)

    assert [run["dag_run_id"] for run in desk.ops.runs("core__cedar")] == [night]
    runs = desk.ask(RUNS, "cedar")
    assert [(outcome, landing) for _, outcome, landing in runs] == [("rejected", 1), ("loaded", 2)]
    assert len({slot for slot, *_ in runs}) == 1
    assert desk.ask("select count(*) from roster.students where district_id = 'cedar'") == [(60,)]

    desk.upload("cedar", uploads[0], now)  # the same bytes once more
    assert look_again(desk) == "success"
    assert until(lambda: len(desk.ask(RUNS, "cedar")) == 3, 60)
    assert eventually(lambda: desk.states("core__cedar") == ["success"], 30)
    assert desk.ask(RUNS, "cedar")[2][1:] == ("identical", 2)
    assert look_again(desk) == "skipped", "an upload opens its night once"


def look_again(desk: Desk) -> str | None:
    """One run of the DAG that looks; what became of the task that opens nights."""
    run = desk.ops.trigger("reopen")
    assert desk.ops.wait_for_run("reopen", run, timeout=60) == "success"
    return desk.ops.task_states("reopen", run)["open_again"]
