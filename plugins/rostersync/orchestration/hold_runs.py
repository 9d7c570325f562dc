"""The DAG ``ask``: keeps the runs of DAG ``holds`` in line with what waits in the ledger.

The question itself is asked by ``orchestration/holds.py``, in the words of ``reporting/hold_page.py``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
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

from rostersync.orchestration.fleet_dag import SOON, fleet_dag
from rostersync.orchestration.holds import HOLDS, run_of
from rostersync.orchestration.runs import warehouse_url
from rostersync.orchestration.tasks import WAITING, step

if TYPE_CHECKING:
    from rostersync.ledger.holds import OpenedHold

log = logging.getLogger(__name__)

ASK = "ask"
ASKED = "rostersync_asked"
"""Airflow Variable: the runs of DAG ``holds`` that ask, to end them when nothing waits any more."""
_AT_ONCE = 100
_ON_THEIR_WAY = ["queued", "running"]


def build_ask_dag() -> DAG:
    """Every ten minutes, and after a load that left something waiting."""
    with fleet_dag(
        ASK,
        dag_display_name="Ask about what waits",
        description="Opens a required action for each hold, closes those that wait no more",
        doc="ask.md",
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable("5-59/10 * * * *", timezone="UTC"), assets=[WAITING]
        ),
        max_active_runs=1,
        dagrun_timeout=timedelta(minutes=30),
        default_args=SOON,
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
    from rostersync.engine.postgres import connect
    from rostersync.ledger.holds import find_holds
    from rostersync.pipeline.decisions.approve import expire

    ti: Any = get_current_context()["ti"]
    for hold in expire(warehouse_url(), datetime.now(UTC)):
        log.info(
            "%s %s: nobody answered, hold %s is discarded", hold.district, hold.slot, hold.hold_id
        )
    with connect(warehouse_url()) as conn:
        waiting = find_holds(conn, status="open")
    asked: list[str] = Variable.get(ASKED, default=[], deserialize_json=True)

    def is_active(run: str) -> bool:
        return bool(ti.get_dr_count(dag_id=HOLDS, run_ids=[run], states=_ON_THEIR_WAY))

    def is_answered(run: str) -> bool:
        states = ti.get_task_states(dag_id=HOLDS, task_ids=["ask"], run_ids=[run])
        return str(states.get(run, {}).get("ask")) == "success"

    starts, now_asked = choose(waiting, asked, is_active, is_answered)
    if now_asked != asked:
        Variable.set(ASKED, now_asked, serialize_json=True)
    for start in starts:
        log.info("Run %s of DAG holds", start["trigger_run_id"])
    return starts


def choose(
    waiting: Iterable[OpenedHold],
    asked: Iterable[str],
    is_active: Callable[[str], bool],
    is_answered: Callable[[str], bool],
) -> tuple[list[dict[str, Any]], list[str]]:
    """The runs to start or clear, as arguments of the trigger; and those that ask then.

    A hold that looks other than it was asked about gets another run: a page that Airflow shows never
    changes. A run that ended without a decision is cleared and asks again. One whose hold waits no more is
    cleared while it waits: it finds nothing to ask and ends. Once it is answered it is left alone.
    """
    holds = {run_of(hold): hold for hold in waiting}
    starts: list[dict[str, Any]] = [
        {"trigger_run_id": run, "conf": {"hold": hold.hold_id, "mark": hold.shown().mark}}
        for run, hold in holds.items()
        if not is_active(run)
    ]
    over = [r for r in asked if r not in holds and is_active(r) and not is_answered(r)]
    starts += [{"trigger_run_id": run} for run in over]
    return starts[:_AT_ONCE], [*holds, *over]
