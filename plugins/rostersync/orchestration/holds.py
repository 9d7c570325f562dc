"""The DAG ``holds``: one run per district and slot waits for a person's answer, then applies it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG, Param, get_current_context, task
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowSkipException

from rostersync.orchestration import policy, pools
from rostersync.orchestration.base_url import base_url
from rostersync.orchestration.districts import find_district
from rostersync.orchestration.failures import failures_as_xcom
from rostersync.orchestration.fleet_dag import fleet_dag
from rostersync.orchestration.ledger_copy import keep_ledger_now
from rostersync.orchestration.outbox import tell_district_now
from rostersync.orchestration.runs import archive_url, ledger_id, warehouse_url
from rostersync.orchestration.tasks import step
from rostersync.spec import Domain

if TYPE_CHECKING:
    from airflow.sdk import Context

    from rostersync.ledger.holds import OpenedHold

log = logging.getLogger(__name__)

HOLDS = "holds"
APPROVE, DISCARD = "Approve", "Discard"
_APPROVED, _DISCARDED = "approved", "discarded"
"""What became of a hold, as the ledger says it."""
_MANY = 10_000
_NUMBER = re.compile(r"^(\d+):.*$", re.DOTALL)
"""A bundle as the form names it: its number, then words."""


def build_holds_dag() -> DAG:
    """Runs are started by the DAG ``ask``; each waits in *Required Actions* and holds no worker."""
    with fleet_dag(
        HOLDS,
        dag_display_name="Holds: decisions that wait for a person",
        description="Each run asks a person about one hold and applies the answer",
        doc="holds.md",
        schedule=None,
        max_active_runs=_MANY,  # a waiting run is an active one
        max_active_tasks=_MANY,
    ) as dag:
        # waiting takes no slot of the pool
        ask = AskAPerson(
            task_id="ask", pool=pools.WAREHOUSE.name, execution_timeout=None, doc_md=_ASK_DOC
        )
        ask >> task(multiple_outputs=False)(tell)()
    return dag


_ASK_DOC = """Waits for an answer (*Required Actions* of this task, or *Browse > Required Actions*) and
applies it at once to exactly what was shown, in one transaction with the ledger. Who answered is what Airflow
keeps of the answer; a value or a state set by hand decides nothing.

Skipped when there is nothing to ask any more: the next slot took the hold's place. Failed with DecisionError:
what waits has moved since it was shown, or somebody was faster; nothing was applied, and DAG *ask* asks anew
within ten minutes. Safe to clear: it asks anew, about what waits now; nothing is approved twice.
"""


def _form(bundles: list[str]) -> dict[str, Param]:
    """What is asked beside Approve and Discard. ``bundles``: none of a hold on a whole upload."""
    reason = Param(
        "",
        type="string",
        title="Why",
        description="Kept in the ledger with your name. Say whom you asked.",
    )
    if not bundles:
        return {"reason": reason}
    return {
        "bundles": Param(
            bundles,
            type="array",
            items={"type": "string"},
            examples=bundles,
            title="Bundles to approve",
            description="What is taken out of the list keeps its old rows. Slices of a bundle are tied.",
        ),
        "reason": reason,
        "discard_until": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Discard until",
            description="Only for Discard: the same slices of later nights wait for nobody up to this date,"
            " at most 60 days away.",
        ),
    }


class AskAPerson(HITLOperator):
    """Shows one hold of the ledger and applies the answer. Skipped when the hold waits no more."""

    ui_color = "#f7ecd5"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            subject="A hold waits for a decision",
            options=[APPROVE, DISCARD],
            defaults=[DISCARD],
            params=_form([]),
            **kwargs,
        )

    def execute(self, context: Context) -> Any:
        """Ask about the hold as it is now."""
        from rostersync.pipeline.decisions.approve import EXPIRES

        with failures_as_xcom(context):
            hold = _asked_about(context)
            if (
                hold and hold.status == _APPROVED
            ):  # by a try that did not live to say so, or elsewhere
                return str(hold.status)
            if hold is None or hold.status != "open":
                raise AirflowSkipException("Nothing to ask any more: this waits no longer")
            until = hold.opened_at + EXPIRES
            self.subject, self.body = _question(hold, until)
            self.params = ParamsDict(_form(_names(hold)))
            self.response_timeout = max(until - datetime.now(UTC), policy.SHORTEST_ANSWER)
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> str:
        """Apply the answer that Airflow hands on; returns what became of it."""
        with failures_as_xcom(context):
            answer = {
                "option": event["chosen_options"][0],
                "input": event.get("params_input") or {},
                "by": event.get("responded_by_user"),
            }
            return apply_answer(context, answer)


def apply_answer(context: Context, answer: Mapping[str, Any]) -> str:
    """Apply an answer to exactly what was shown; ``approved``, ``discarded`` or ``expired``.

    Raises DecisionError when what waits is not what was shown, or the answer says too little.
    """
    from rostersync.errors import DecisionError
    from rostersync.pipeline.decisions.approve import approve, discard, expire, is_decided
    from rostersync.reporting import summary_line

    who = _who(answer["by"])
    if who is None:
        expire(warehouse_url(), datetime.now(UTC))
        log.info("Nobody answered in time: the old rows stay")
        return "expired"
    hold = _asked_about(context)
    if hold is None:
        raise DecisionError(
            "What waits is not what was shown any more",
            next_step="answer the question about what waits now; it is asked within ten minutes",
        )
    why, slices, until = read_answer(hold, answer)
    action = "discard" if answer["option"] == DISCARD else "approve"
    if is_decided(warehouse_url(), hold, action, slices=slices, who=who, why=why):
        log.info("Done before this try: %s of %s %s", action, hold.district, hold.slot)
        return _DISCARDED if action == "discard" else _APPROVED
    run = _run(context, hold)
    if action == "discard":
        discard(run, hold, who=who, why=why, until=until)
        keep_ledger_now(run)
        log.info("Discarded: %s %s keeps its old rows", hold.district, hold.slot)
        return _DISCARDED
    result = approve(run, hold, slices=slices, who=who, why=why)
    keep_ledger_now(run, result.recomputed)
    log.info("Approved: %s", summary_line(result, hold.district, hold.slot))
    return _APPROVED


@step
def tell() -> None:
    """Write the district's report anew after an approval. Never failed by the district's server.

    A task of its own: a server that does not answer must not hold up what loads. Whether something was
    approved is asked of the ledger. Failed with DecisionError: *ask* was set to success, and nobody answered.
    """
    from rostersync.errors import DecisionError
    from rostersync.pipeline.steps.load import load

    context = get_current_context()
    hold = _asked_about(context)
    if hold and hold.status == "open":
        raise DecisionError(
            "Nobody answered: the state of task ask, or its value, was set by hand",
            next_step="answer the required action; it is asked again within ten minutes",
        )
    if hold is None or hold.status != _APPROVED:
        raise AirflowSkipException("Nothing of the upload was loaded by an answer here")
    run = _run(context, hold)
    tell_district_now(run, hold.landing, load(run, hold.landing, dry=True))


def read_answer(
    hold: OpenedHold, answer: Mapping[str, Any]
) -> tuple[str, list[str] | None, date | None]:
    """Why, the bundles to approve (None: all that is shown), and until when to discard.

    The form fills its fields; a script that answers may leave some out, and may name slices: each names its
    bundle. Raises DecisionError when the answer says too little.
    """
    from rostersync.errors import DecisionError

    given = answer["input"]
    why = str(given.get("reason") or "").strip()
    if not why:
        raise DecisionError("The answer does not say why", next_step="answer again, with a reason")
    if answer["option"] == DISCARD:
        try:
            day = str(given.get("discard_until") or "")[:10]
            return why, None, date.fromisoformat(day) if day else None
        except ValueError:
            raise DecisionError(
                "The date to discard until is no date",
                expected="YYYY-MM-DD",
                next_step="answer again, with a date or without one",
            ) from None
    if hold.kind != "slices":
        return why, None, None
    chosen = given.get("bundles") or given.get("slices")
    if not isinstance(chosen, list) or not chosen:
        raise DecisionError("No bundle was chosen", next_step="choose bundles, or answer Discard")
    return why, [_NUMBER.sub(r"\1", str(one)) for one in chosen], None


def _asked_about(context: Context) -> OpenedHold | None:
    """The hold a run was started for, open or decided, while it looks as it did then.

    None, too, for a run whose id names another district's hold: who may answer goes by the id.
    """
    from rostersync.engine.postgres import connect
    from rostersync.ledger.holds import find_holds

    conf = context["dag_run"].conf or {}
    with connect(warehouse_url()) as conn:
        found = find_holds(conn, hold=str(conf.get("hold") or "?"))
    mine = (h for h in found if context["dag_run"].run_id == run_of(h))
    return next((h for h in mine if h.shown().mark == conf.get("mark")), None)


def run_of(hold: OpenedHold) -> str:
    """The id of the run that asks about a hold as it looks now."""
    return f"{hold.district}__{hold.domain}__{hold.slot}__{hold.shown().mark}"


def _question(hold: OpenedHold, until: datetime) -> tuple[str, str]:
    """Subject and body; writes the list of changes into the archive, which the page hands out."""
    from rostersync.archive import Archive
    from rostersync.engine.postgres import connect
    from rostersync.ledger.queries import school_names
    from rostersync.pipeline.holds.changes import keep_changes
    from rostersync.reporting.hold_page import hold_markdown, hold_subject

    cfg, shown = find_district(hold.district), hold.shown()
    url: str | None = None
    changes: Mapping[tuple[str, str, str], int] = {}
    if hold.kind == "slices":
        changes = keep_changes(warehouse_url(), Archive(archive_url()), hold)
        url = f"{base_url()}/rostersync/holds/{hold.district}/{hold.hold_id}/changes.csv"
    with connect(warehouse_url()) as conn:
        schools = school_names(conn, hold.district)
    body = hold_markdown(shown, schools=schools, changes=changes, changes_url=url, until=until)
    return hold_subject(shown, cfg.name), body


def _run(context: Context, hold: OpenedHold) -> Any:
    from rostersync.pipeline.ground.run import new_run

    return new_run(
        find_district(hold.district),
        hold.slot,
        archive=archive_url(),
        warehouse=warehouse_url(),
        domain=Domain(hold.domain),
        run_id=ledger_id(context),
        airflow_run_id=context["dag_run"].run_id,
    )


def _who(user: dict[str, str] | None) -> str | None:
    """The login that answered; None when time did."""
    if not user:
        return None
    login, name = str(user.get("id", "")), str(user.get("name", ""))
    return login if name in ("", login) else f"{name} ({login})"


def _names(hold: OpenedHold) -> list[str]:
    """The bundles as the form names them."""
    from rostersync.reporting.hold_page import bundle_name

    return [bundle_name(number, bundle) for number, bundle in hold.bundles.items()]
