"""The DAG ``reopen``: a district that corrects its files before the end of the wait is served tonight."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, BaseOperator, CronTriggerTimetable, Variable

from rostersync.errors import RosterSyncError
from rostersync.orchestration.districts import dag_id, districts_to_build
from rostersync.orchestration.fleet import SOON, fleet_dag
from rostersync.orchestration.look_trigger import LookTrigger
from rostersync.orchestration.runs import archive_url, warehouse_url
from rostersync.spec import Domain

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

REOPEN = "reopen"
SEEN = "rostersync_reopened"
"""Airflow Variable: DAG id -> [slot, fingerprint] of the upload a night was opened again for."""

_AT_ONCE = 100
"""Nights opened again per look; the rest at the next one."""
_LONGEST_LOOK = timedelta(minutes=8)
_BUSY = ["queued", "running"]

Seen = dict[str, list[str]]


def build_reopen_dag() -> DAG:
    """Every ten minutes: look at the servers of all nights that ended before their wait did."""
    with fleet_dag(
        REOPEN,
        dag_display_name="Corrections before the end of the wait",
        description="Opens a night again whose district has sent a newer complete upload",
        doc="reopen.md",
        schedule=CronTriggerTimetable("*/10 * * * *", timezone="UTC"),
        max_active_runs=1,
        dagrun_timeout=timedelta(minutes=30),
        default_args=SOON,
    ) as dag:
        look = LookForCorrections(
            task_id="look",
            doc_md="Lists the server of each night that has ended and may still change. Holds no worker.",
        )
        TriggerDagRunOperator.partial(
            task_id="open_again",
            reset_dag_run=True,  # clears the run that exists: same run, same slot
            logical_date=None,
            doc_md="Clears the night's run. Its wait takes the new upload once it is left alone.",
        ).expand_kwargs(look.output)
    return dag


class LookForCorrections(BaseOperator):
    """Returns (XCom) :class:`TriggerDagRunOperator`'s arguments for each night to open again."""

    ui_color = "#dcebf7"

    def execute(self, context: Context) -> Any:
        """Ask the ledger which nights have ended, then look from the triggerer."""
        looks, runs = _looks()
        if not looks:
            return []
        self.defer(
            trigger=LookTrigger(looks=looks),
            method_name="decide",
            kwargs={"runs": runs},
            timeout=_LONGEST_LOOK,
        )

    def decide(
        self, context: Context, event: dict[str, Any], runs: dict[str, list[str]]
    ) -> list[dict[str, Any]]:
        """Each newer upload opens its night once, and never while a run of the district is on its way."""
        ti: Any = context["ti"]
        seen: Seen = Variable.get(SEEN, default={}, deserialize_json=True)
        seen = {dag: mark for dag, mark in seen.items() if dag in runs and runs[dag][0] == mark[0]}
        chosen = choose(
            event["news"], runs, seen, lambda dag: ti.get_dr_count(dag_id=dag, states=_BUSY) > 0
        )
        for dag, (slot, _) in chosen.items():
            log.info("%s: a newer upload for %s", dag, slot)
        if chosen:
            Variable.set(SEEN, {**seen, **chosen}, serialize_json=True)
        return [
            {"trigger_dag_id": dag, "trigger_run_id": runs[dag][1], "conf": {"slot": slot}}
            for dag, (slot, _) in chosen.items()
        ]


def choose(
    news: Mapping[str, str],
    runs: Mapping[str, list[str]],
    seen: Seen,
    is_busy: Callable[[str], bool],
) -> Seen:
    """DAG id -> [slot, fingerprint] of the uploads that opened no night yet.

    A district with a run on its way comes later: clearing that run would begin its wait anew each time.

    Without ``seen`` the same bytes sent twice would open a night every ten minutes: they make no new landing
    that would tell them from news.
    """
    marks = {
        dag_id(Domain.CORE, district): [runs[dag_id(Domain.CORE, district)][0], print_]
        for district, print_ in sorted(news.items())
    }
    new = (dag for dag, mark in marks.items() if seen.get(dag) != mark and not is_busy(dag))
    return {dag: marks[dag] for dag in islice(new, _AT_ONCE)}


def _looks() -> tuple[list[dict[str, Any]], dict[str, list[str]]]:
    """What to look for at each district, and DAG id -> [slot, run] to open again."""
    from rostersync import paths
    from rostersync.pipeline import new_run, open_slots, plan_wait
    from rostersync.validation import load_suites

    warehouse, archive = warehouse_url(), archive_url()
    looks, runs = [], {}
    suites = load_suites(paths.expectations_folder())
    for night in open_slots(districts_to_build(Domain.CORE, None), warehouse=warehouse):
        cfg = night.cfg
        run = new_run(cfg, night.slot, archive=archive, warehouse=warehouse, suites=suites)
        try:
            plan = plan_wait(run)
        except RosterSyncError as error:  # one district's trouble is not the others'
            log.warning("%s: %s", cfg.id, error)
            continue
        if not plan.looks:  # its wait ended this moment
            continue
        looks.append(
            {
                "district": cfg.id,
                "conn_id": cfg.sftp.conn_id,
                "folder": cfg.sftp.folder,
                "files": plan.files,
                "others": list(plan.others),
                "last": [list(file) for file in plan.last],
                "landed": [list(file) for file in plan.landed],
            }
        )
        runs[dag_id(Domain.CORE, cfg.id)] = [
            night.slot,
            night.airflow_run_id or f"{REOPEN}__{night.slot}",
        ]
    return looks, runs
