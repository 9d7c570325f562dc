"""The last task of a sync: says how the run ended, keeps it in the ledger, and fails the run that failed."""

from __future__ import annotations

import logging
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context

from rostersync.errors import RosterSyncError, TransientError
from rostersync.ledger.results import Outcome, RunResult
from rostersync.orchestration.alerts import deliver_now, raise_digest_now
from rostersync.orchestration.exits import FinalExit, log_error
from rostersync.orchestration.failures import FAILURE, silent_failure
from rostersync.orchestration.ledger_copy import keep_ledger_now
from rostersync.orchestration.outbox import tell_district_now
from rostersync.orchestration.results import from_xcom
from rostersync.orchestration.runs import open_run
from rostersync.orchestration.sensor import UPLOAD, rebuild_error
from rostersync.orchestration.tasks import NO_SCHOOL, NOT_EXPECTED, step

if TYPE_CHECKING:
    from airflow.sdk import Context

    from rostersync.pipeline.ground.run import Run
    from rostersync.pipeline.steps.report import Waited

log = logging.getLogger(__name__)

STEPS = ("wait", "land", "stage", "validate", "diff", "load")


@dataclass(frozen=True)
class Ending:
    """How the steps ended: with a result, or with an error. ``landing`` and ``pin`` as far as they got.

    ``waited``: the event of a wait that ended without a usable upload.
    """

    result: RunResult | None = None
    error: RosterSyncError | None = None
    landing: int | None = None
    pin: str | None = None
    waited: Mapping[str, Any] | None = None


def ending_of(states: Mapping[str, str | None], xcoms: Mapping[str, Mapping[str, Any]]) -> Ending:
    """How a run ended.

    ``states``: step -> Airflow's state of its task. ``xcoms``: step -> XCom key -> value, of the XComs there
    are.
    """

    def returned(step: str) -> Any:
        return xcoms.get(step, {}).get("return_value") if states.get(step) == "success" else None

    landing, pin = returned("land"), (returned("stage") or {}).get("pin")
    failed = next((s for s in STEPS if states.get(s) in ("failed", "upstream_failed")), None)
    if failed is not None:
        attrs = xcoms.get(failed, {}).get(FAILURE)
        error = rebuild_error(attrs) if attrs else silent_failure(failed, str(states[failed]))
        waited = xcoms.get("wait", {}).get(UPLOAD)
        return Ending(error=error, landing=landing, pin=pin, waited=waited)
    if loaded := returned("load"):
        return Ending(from_xcom(loaded), landing=landing, pin=pin)
    if (returned("wait") or {}).get("outcome") == NOT_EXPECTED:
        message = "nothing new came, and the district does not send on this day"
        ignored = _not_taken(returned("wait"))
        return Ending(RunResult(Outcome.NOT_EXPECTED, message=message, ignored=ignored))
    if (returned("wait") or {}).get("outcome") == NO_SCHOOL:
        return Ending(RunResult(Outcome.NO_SCHOOL, message=returned("wait")["message"]))
    undone = next(s for s in reversed(STEPS) if returned(s) is None)
    return Ending(error=silent_failure(undone, str(states.get(undone))), landing=landing, pin=pin)


@step
def report(district: str) -> dict[str, Any]:
    """Say how the run ended, in one line to quote and a table; keep it in the ledger.

    Failed: another step failed, or there is no load; the error repeats what to do. Clear **that** step,
    this one follows by itself.
    """
    context = get_current_context()
    ending = _ending(context)
    if ending.result is not None:
        message = _tell_success(context, district, ending)
        deliver_now()
        return message
    error = _tell_failure(context, district, ending)
    deliver_now()
    raise FinalExit(error)  # the log of the step that failed has the traceback, if it is a bug


def _ending(context: Context) -> Ending:
    ti: Any = context["ti"]
    states = ti.get_task_states(dag_id=ti.dag_id, task_ids=list(STEPS), run_ids=[ti.run_id])
    xcoms = {
        step: {
            key: value
            for key in ("return_value", FAILURE, *((UPLOAD,) if step == "wait" else ()))
            if (value := ti.xcom_pull(task_ids=step, key=key)) is not None
        }
        for step in STEPS
    }
    return ending_of({k: str(v) for k, v in states.get(ti.run_id, {}).items()}, xcoms)


def _tell_success(context: Context, district: str, ending: Ending) -> dict[str, Any]:
    result = ending.result
    assert result is not None  # noqa: S101  # for the type checker
    run = open_run(context, district, pin=ending.pin)
    if result.outcome in (
        Outcome.NOT_EXPECTED,
        Outcome.NO_SCHOOL,
    ):  # any other was recorded by the load
        from rostersync.pipeline.steps.report import record_result

        record_result(run, result)
    raise_digest_now(run)
    keep_ledger_now(run, result.recomputed)
    tell_district_now(run, ending.landing, result)
    return {"outcome": str(result.outcome), "summary": _say(result, run, ending.landing)}


def _tell_failure(context: Context, district: str, ending: Ending) -> RosterSyncError:
    """Log and record the failure, and give it.

    Raises TransientError when the ledger cannot be reached, so that the task tries again.
    """
    error = ending.error
    assert error is not None  # noqa: S101  # for the type checker
    log_error(log, error)
    try:
        from rostersync.pipeline.steps.report import record_failure

        run = open_run(context, district, pin=ending.pin)
        waited = _waited(ending.waited) if ending.waited else None
        result = record_failure(run, ending.landing, error, waited=waited)
        raise_digest_now(run)
        keep_ledger_now(run)
        tell_district_now(run, ending.landing, result)
    except TransientError:
        raise
    except RosterSyncError as unrecorded:  # a broken YAML or suite: often the very failure
        log.error("The ledger has no row of this run:")
        log_error(log, unrecorded)
    else:
        _say(result, run, ending.landing)
    return error


def _waited(event: Mapping[str, Any]) -> Waited:
    from rostersync.pipeline.steps.report import Waited

    return Waited(
        new=frozenset(f["name"] for f in event["files"] if not f["stale"]),
        stale=frozenset([*(f["name"] for f in event["files"] if f["stale"]), *event["outside"]]),
        ignored=_not_taken(event),
    )


def _not_taken(event: Mapping[str, Any]) -> tuple[str, ...]:
    """Names that the wait did not take; one that a plan answered without a look has none."""
    kinds = ("near_misses", "temporary", "unexpected")
    return tuple(name for kind in kinds for name in event.get(kind, ()))


def _say(result: RunResult, run: Run, landing: int | None) -> str:
    from rostersync.pipeline.decisions.waivers import waivers_of
    from rostersync.reporting import markdown_report, summary_line

    line = summary_line(result, run.district, run.slot)
    log.info("%s", line)
    where = {"district": run.district, "slot": run.slot}
    log.info("\n%s", markdown_report(result, **where, landing=landing, waived=waivers_of(run)))
    if result.outcome.is_success:  # a failure stands above
        for part in textwrap.wrap(result.message, 88):
            log.info("%s", part)
    return line
