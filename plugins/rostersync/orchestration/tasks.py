"""The tasks of a sync: each calls one step of the pipeline and hands on ids, names and counts.

Docstrings of the steps are shown in the UI as the tasks' documentation.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from airflow.sdk import Asset, AssetAlias, get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from rostersync.attendance import slot_started_at
from rostersync.documents import to_document
from rostersync.errors import TerminalError
from rostersync.landing import Source
from rostersync.orchestration.data_docs import build_docs_now
from rostersync.orchestration.districts import find_district
from rostersync.orchestration.failures import failures_as_xcom, tell_wait_failure
from rostersync.orchestration.results import to_xcom
from rostersync.orchestration.runs import open_run
from rostersync.orchestration.slots import is_by_hand
from rostersync.orchestration.trigger import ARCHIVED, find_account
from rostersync.spec import Domain

if TYPE_CHECKING:
    from airflow.sdk import Context

    from rostersync.orchestration.sensor import Listener, Plan
    from rostersync.pipeline.ground.run import Run

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

NOT_EXPECTED = "not_expected"
NO_SCHOOL = "no_school"
WAITING = Asset("rostersync_holds", uri="rostersync://holds")
"""An event of it starts DAG ``ask``, so that a person is asked at once about what a load left waiting."""
SOMETHING_WAITS = AssetAlias("rostersync_something_waits")
"""Outlet of the load: an alias takes an event only when one is added."""


def step(function: Callable[P, R]) -> Callable[P, R]:
    """Leave the step's failure where the report finds it."""

    @functools.wraps(function)
    def run_step(*args: P.args, **kwargs: P.kwargs) -> R:
        with failures_as_xcom(get_current_context()):
            return function(*args, **kwargs)

    return run_step


def wait_plan(district: str) -> Plan:
    """What the sensor of a district waits for; asked when the task starts."""

    def plan(context: Context) -> dict[str, Any]:
        from rostersync.pipeline.ground.refused import refuse_run
        from rostersync.pipeline.steps.wait import plan_wait

        with failures_as_xcom(context):
            run = open_run(context, district)
            refuse_run(run)
            log.info("Slot %s of %s", run.slot, district)
            if reason := _why_idle(context, run):
                return {"outcome": NO_SCHOOL, "message": reason}
            source = Source(context["params"].get("source") or Source.AUTO)
            found = plan_wait(
                run, source=source, wait_minutes=context["params"].get("wait_minutes")
            )
            if not found.looks:
                log.info("Source %s: landing %s of the archive", source, found.landing)
                return {"outcome": ARCHIVED, "landing": found.landing}
            return {
                "conn_id": run.cfg.sftp.conn_id,
                "folder": run.cfg.sftp.folder,
                "poll": min(30.0, max(1.0, found.quiet / 3)),
                "plan": to_document(found),
            }

    return plan


def _why_idle(context: Context, run: Run) -> str | None:
    """Why a scheduled run of attendance has nothing to do; None when it has. A run by hand always has."""
    if run.domain is not Domain.ATTENDANCE or is_by_hand(context) or context["params"].get("slot"):
        return None
    from rostersync.pipeline.watch.notices import why_no_school

    if reason := why_no_school(run.cfg, run.slot, warehouse=run.warehouse):
        return reason
    if slot_started_at(run.cfg, context["dag_run"].logical_date) is None:
        return "no notice is prepared at this time today"
    return None


def wait_listener(district: str, domain: Domain) -> Listener:
    """Keeps for the report why a wait failed."""

    def on_event(context: Context, event: dict[str, Any]) -> None:
        tell_wait_failure(context, event, district=district, domain=str(domain))

    return on_event


@step
def land(district: str, upload: dict[str, Any]) -> int:
    """Copy the upload byte for byte into the archive; from here on nothing reads the SFTP server.

    Safe to clear: the same bytes are not landed twice, changed ones become the next landing of the slot.
    Skipped: the district does not send on this day.
    """
    if upload["outcome"] == NOT_EXPECTED:
        raise AirflowSkipException("The district does not send on this day")
    if upload["outcome"] == NO_SCHOOL:
        raise AirflowSkipException(upload["message"])
    if upload["outcome"] == ARCHIVED:
        return int(upload["landing"])
    from rostersync.pipeline.steps.land import land_server

    def on_progress(name: str, done: int, total: int) -> None:
        if done == total:
            log.info("%s.csv: %s bytes", name, f"{total:,}")

    run = open_run(get_current_context(), district)
    sftp = find_district(district).sftp
    account = find_account(sftp.conn_id, sftp.folder)
    number = land_server(run, account, upload["files"], on_progress=on_progress)
    log.info("Landing %s of slot %s", number, run.slot)
    return number


@step
def stage(district: str, landing: int) -> dict[str, Any]:
    """Read the landed files into normalised tables, count their records twice, pin the inputs of this run.

    Safe to clear: takes today's suites and YAML for this step and those after it.
    """
    from rostersync.pipeline.ground.stage import stage as run_stage

    run = open_run(get_current_context(), district)
    files = run_stage(run, landing, on_file=lambda name: log.info("Reading %s.csv", name))
    for name, file in files.items():
        log.info("%s.csv: %s, %s records", name, file["state"], file["records"])
    return {"landing": landing, "pin": run.inputs.pin, "files": files}


@step
def validate(district: str, staged: dict[str, Any]) -> dict[str, Any]:
    """Evaluate every rule of the suites on the staged files.

    Failed with *rejected* or *missing*: the night cannot go on without a required file; the error says what
    the district has to change. Safe to clear. Its log links to Data Docs: what every rule found.
    """
    from rostersync.pipeline.ground.validate import validate as run_validate

    run = open_run(get_current_context(), district, pin=staged["pin"])
    landing = staged["landing"]
    try:
        found = run_validate(run, landing, on_file=lambda name: log.info("Checking %s.csv", name))
    except TerminalError:  # a rejected upload has something to show, too
        build_docs_now(run, landing)
        raise
    build_docs_now(run, landing)
    return found


@step
def diff(district: str, staged: dict[str, Any]) -> dict[str, Any]:
    """Compute what the upload would change against the state before it; writes nothing to the warehouse.

    Changes over a limit are held by the load, not failed here. Safe to clear.
    """
    from rostersync.pipeline.steps.diff import diff as run_diff

    run = open_run(get_current_context(), district, pin=staged["pin"])
    changes = run_diff(run, staged["landing"])
    for entity, counts in changes.items():
        log.info("%s: %s", entity, ", ".join(f"{n:,} {kind}" for kind, n in counts.items()))
    return changes


@step
def load(district: str, staged: dict[str, Any]) -> dict[str, Any]:
    """Apply the changes to the warehouse and write the ledger, all in one transaction.

    Safe to clear, also after a kill: the warehouse is as before or complete, and what is complete is not
    applied twice. Slots after this one are recomputed when it came late.
    """
    from rostersync.pipeline.steps.load import load as run_load
    from rostersync.pipeline.steps.retry import retry_unknown_students

    run = open_run(get_current_context(), district, pin=staged["pin"])
    result = run_load(run, staged["landing"], on_stage=lambda stage: log.info("Load: %s", stage))
    if result.holds:
        get_current_context()["outlet_events"][SOMETHING_WAITS].add(WAITING)
    if run.domain is Domain.CORE:
        for slot in retry_unknown_students(run):
            log.info("Attendance %s: students who were unknown were looked for again", slot)
    return to_xcom(result)
