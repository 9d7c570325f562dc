"""The DAGs that open a slot again: a district that sends better files in time is served."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, BaseOperator, CronTriggerTimetable, Variable, task

from rostersync.errors import RosterSyncError
from rostersync.orchestration.deadlines import tell_all_silent
from rostersync.orchestration.districts import dag_id, districts_to_build, domain_of
from rostersync.orchestration.fleet_dag import SOON, fleet_dag
from rostersync.orchestration.look_trigger import LookTrigger, look_for
from rostersync.orchestration.policy import RUNS_AT_ONCE
from rostersync.orchestration.runs import archive_url, warehouse_url
from rostersync.orchestration.tasks import step
from rostersync.spec import Domain

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

REOPEN = "reopen"
REOPEN_ATTENDANCE = "reopen_attendance"
SEEN = {REOPEN: "rostersync_reopened", REOPEN_ATTENDANCE: "rostersync_reopened_attendance"}
"""Airflow Variable of each DAG: DAG and slot -> fingerprint of the upload it was opened for."""

_AT_ONCE = 100
"""Slots opened again per look; the rest at the next one."""
_LONGEST_LOOK = timedelta(minutes=8)
_BUSY = ["queued", "running"]

Seen = dict[str, str]
Runs = dict[str, list[str]]
"""Key -> DAG, slot, and Airflow's id of the run to clear."""


def build_reopen_dag() -> DAG:
    """Every ten minutes, for core and terms."""
    return _build(REOPEN, "night", "*/10 * * * *", (Domain.CORE, Domain.TERMS))


def build_reopen_attendance_dag() -> DAG:
    """Every two minutes: families are about to be told. It also sees who is silent past the deadline."""
    dag = _build(REOPEN_ATTENDANCE, "notice", "*/2 * * * *", (Domain.ATTENDANCE,))
    with dag:
        task(task_id="tell_silent")(step(tell_all_silent))()
    return dag


def _build(name: str, of: str, cron: str, domains: Sequence[Domain]) -> DAG:
    with fleet_dag(
        name,
        dag_display_name=f"Corrections before the end of a {of}'s wait",
        description=f"Opens a {of}'s run again whose district has sent a newer complete upload",
        doc="reopen.md",
        schedule=CronTriggerTimetable(cron, timezone="UTC"),
        max_active_runs=1,
        dagrun_timeout=timedelta(minutes=30),
        default_args=SOON,
    ) as dag:
        look = LookForCorrections(
            task_id="look",
            domains=domains,
            doc_md="Lists the server of each slot that has ended and may still change. Holds no worker.",
        )
        TriggerDagRunOperator.partial(
            task_id="open_again",
            reset_dag_run=True,  # clears the run that exists: same run, same slot
            logical_date=None,
            doc_md="Clears the slot's run. Its wait takes the new upload once it is left alone.",
        ).expand_kwargs(look.output)
    return dag


class LookForCorrections(BaseOperator):
    """Returns (XCom) :class:`TriggerDagRunOperator`'s arguments for each slot to open again."""

    ui_color = "#dcebf7"

    def __init__(self, *, domains: Sequence[Domain], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.domains = [str(domain) for domain in domains]

    def execute(self, context: Context) -> Any:
        """Ask the ledger which slots have ended, then look from the triggerer."""
        looks, runs = _looks([Domain(domain) for domain in self.domains])
        if not looks:
            return []
        self.defer(
            trigger=LookTrigger(looks=looks),
            method_name="decide",
            kwargs={"runs": runs},
            timeout=_LONGEST_LOOK,
        )

    def decide(self, context: Context, event: dict[str, Any], runs: Runs) -> list[dict[str, Any]]:
        """Each newer upload opens its slot once, and never while that would hold up another run."""
        ti: Any = context["ti"]
        variable = SEEN[ti.dag_id]

        def is_busy(dag: str, run: str) -> bool:
            at_once = RUNS_AT_ONCE[domain_of(dag)]
            own = ti.get_dr_count(dag_id=dag, run_ids=[run], states=_BUSY)
            return bool(own or ti.get_dr_count(dag_id=dag, states=_BUSY) >= at_once)

        seen: Seen = Variable.get(variable, default={}, deserialize_json=True)
        seen = {key: mark for key, mark in seen.items() if key in runs}
        chosen = choose(event["news"], runs, seen, is_busy)
        for key in chosen:
            log.info("%s: a newer upload", key)
        if chosen:
            Variable.set(variable, {**seen, **chosen}, serialize_json=True)
        return [
            {"trigger_dag_id": dag, "trigger_run_id": run, "conf": {"slot": slot}}
            for dag, slot, run in (runs[key] for key in chosen)
        ]


def choose(
    news: Mapping[str, str], runs: Runs, seen: Seen, is_busy: Callable[[str, str], bool]
) -> Seen:
    """The uploads that opened no slot yet: key -> fingerprint.

    A slot whose run, or as many runs of its DAG as there may be, is on its way comes later: clearing that run
    would begin its wait anew each time.

    Without ``seen`` the same bytes sent twice would open a slot at every look: they make no new landing
    that would tell them from news.
    """
    new = (key for key in sorted(news) if seen.get(key) != news[key])
    free = (key for key in new if not is_busy(runs[key][0], runs[key][2]))
    return {key: news[key] for key in islice(free, _AT_ONCE)}


def _looks(domains: Sequence[Domain]) -> tuple[list[dict[str, Any]], Runs]:
    """What to look for on each slot's server, and the runs to open again."""
    from rostersync import paths
    from rostersync.pipeline.ground.run import new_run
    from rostersync.pipeline.steps.wait import plan_wait
    from rostersync.pipeline.watch.reopen import open_slots
    from rostersync.validation import load_suites

    warehouse, archive = warehouse_url(), archive_url()
    looks: list[dict[str, Any]] = []
    runs: Runs = {}
    slots = [
        one
        for domain in domains
        for one in open_slots(districts_to_build(domain, None), warehouse=warehouse, domain=domain)
    ]
    suites = load_suites(paths.expectations_folder()) if slots else None
    for one in slots:
        cfg, dag = one.cfg, dag_id(one.domain, one.cfg.id)
        run = new_run(
            cfg, one.slot, archive=archive, warehouse=warehouse, domain=one.domain, suites=suites
        )
        try:
            plan = plan_wait(run)
        except RosterSyncError as error:  # one district's trouble is not the others'
            log.warning("%s: %s", cfg.id, error)
            continue
        if not plan.looks:  # its wait ended this moment
            continue
        key = f"{dag} {one.slot}"
        looks.append(look_for(run, plan, key))
        runs[key] = [dag, one.slot, one.airflow_run_id or f"{REOPEN}__{one.slot}"]
    return looks, runs
