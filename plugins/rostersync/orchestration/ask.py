"""The DAG ``ask``: keeps the runs of DAG ``holds`` in line with what waits in the ledger."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import (
    DAG,
    AssetOrTimeSchedule,
    CronTriggerTimetable,
    Variable,
    get_current_context,
    task,
)

from rostersync.orchestration import policy
from rostersync.orchestration.decisions import HOLDS
from rostersync.orchestration.runs import warehouse_url
from rostersync.orchestration.tasks import WAITING, step

if TYPE_CHECKING:
    from rostersync.ledger import OpenedHold

log = logging.getLogger(__name__)

ASK = "ask"
ASKED = "rostersync_asked"
"""Airflow Variable: run of DAG ``holds`` -> what it asks about, as a mark."""
_AT_ONCE = 100
_ON_THEIR_WAY = ["queued", "running"]


def build_ask_dag() -> DAG:
    """Every ten minutes, and after a load that left something waiting."""
    with DAG(
        ASK,
        dag_display_name="Ask about what waits",
        description="Opens a required action for each hold, closes those that wait no more",
        doc_md=Path(__file__).with_name("ask.md").read_text(encoding="utf-8"),
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable("5-59/10 * * * *", timezone="UTC"), assets=[WAITING]
        ),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timedelta(minutes=30),
        is_paused_upon_creation=False,
        default_args={
            "owner": "data-ops",
            **policy.default_args(),
            "retry_delay": timedelta(seconds=10),
        },
        tags=["rostersync"],
    ) as dag:
        runs = task(task_id="compare")(compare)()
        TriggerDagRunOperator.partial(
            task_id="ask",
            trigger_dag_id=HOLDS,
            reset_dag_run=True,  # one that asks about what waits no more looks again, and ends
            logical_date=None,
            doc_md="Starts a run of DAG holds, or clears the one there is.",
        ).expand_kwargs(runs)
    return dag


@step
def compare() -> list[dict[str, Any]]:
    """Look which holds wait, discard those nobody answered, and return the runs to start or to clear."""
    from rostersync.pipeline import expire
    from rostersync.warehouse import connect, find_holds

    ti: Any = get_current_context()["ti"]
    for hold in expire(warehouse_url(), datetime.now(UTC)):
        log.info(
            "%s %s: nobody answered, hold %s is discarded", hold.district, hold.slot, hold.hold_id
        )
    with connect(warehouse_url()) as conn:
        waiting = find_holds(conn, state="open")
    asked: dict[str, str] = Variable.get(ASKED, default={}, deserialize_json=True)

    def is_active(run: str) -> bool:
        return bool(ti.get_dr_count(dag_id=HOLDS, run_ids=[run], states=_ON_THEIR_WAY))

    starts, now_asked = choose(waiting, asked, is_active)
    if now_asked != asked:
        Variable.set(ASKED, now_asked, serialize_json=True)
    for start in starts:
        log.info("Run %s of DAG holds", start["trigger_run_id"])
    return starts


def choose(
    waiting: Iterable[OpenedHold],
    asked: Mapping[str, str],
    is_active: Callable[[str], bool],
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The runs to start or clear, as arguments of the trigger; and what is asked then.

    A hold that looks other than it was asked about, or whose run ended without a decision, is asked about
    anew. A run whose hold waits no more is
    cleared once, while it is active: it finds nothing to ask and ends.
    """
    marks = {_run_of(hold): (hold, _mark(hold)) for hold in waiting}
    now_asked: dict[str, str] = {}
    starts: list[dict[str, Any]] = []
    for run, (hold, mark) in marks.items():
        if asked.get(run) != mark or not is_active(run):
            starts.append(
                {"trigger_run_id": run, "conf": {"hold": hold.hold_id, "slot": hold.slot}}
            )
        now_asked[run] = mark
    for run in asked:
        if run not in marks and is_active(run):
            starts.append({"trigger_run_id": run})
    late = {str(s["trigger_run_id"]) for s in starts[_AT_ONCE:]}
    kept = {run: mark for run, mark in now_asked.items() if run not in late}
    still = {run: asked[run] for run in late if run in asked}
    return list(islice(starts, _AT_ONCE)), {**kept, **still}


def _run_of(hold: OpenedHold) -> str:
    return f"{hold.district}__{hold.domain}__{hold.slot}"


def _mark(hold: OpenedHold) -> str:
    about = [hold.hold_id, hold.landing, hold.kind, hold.reasons, hold.slices]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]
