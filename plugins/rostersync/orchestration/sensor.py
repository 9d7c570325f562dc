"""The sensor of the UI: hands the wait to :class:`UploadTrigger`, turns its event into a result."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator

from rostersync import errors
from rostersync.orchestration.exits import ends_task
from rostersync.orchestration.trigger import UploadTrigger

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

Plan = Callable[["Context"], dict[str, Any]]
"""Returns :class:`UploadTrigger`'s arguments, or an answer without a wait: a dict with "outcome"."""
Listener = Callable[["Context", dict[str, Any]], None]
"""Told the event, whatever its outcome, before the task ends: writes the ledger."""

UPLOAD = "upload"
"""XCom key of an event whose task failed."""

_BACKSTOP = timedelta(hours=1)
"""The trigger ends the wait itself; Airflow's own timeout is for a triggerer that is gone."""


class UploadSensor(BaseSensorOperator):
    """Waits for a district's upload without a worker.

    Returns (XCom) the event of :class:`UploadTrigger` with outcome complete, usable or not_expected,
    or the plan's own answer. Ends with MissingUploadError when nothing usable came, else with the error the
    wait ended with, told in the log; the event is then still there as XCom ``upload``.

    ``district_id``: for errors. ``domain``: core, terms or attendance; for errors. ``plan``: says what to
    wait for. Called in the worker, where ledger and archive are at hand. ``on_event``: called with every
    event before it is returned or raised.
    """

    ui_color = "#dcebf7"

    def __init__(
        self,
        *,
        district_id: str,
        domain: str,
        plan: Plan,
        on_event: Listener | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.district_id = district_id
        self.domain = domain
        self.plan = plan
        self.on_event = on_event

    def execute(self, context: Context) -> Any:
        """Ask the plan, then defer."""
        plan = self.plan(context)
        if "outcome" in plan:
            return plan
        wanted = plan["plan"]
        wait = max(0.0, wanted["deadline"] - time.time()) + 4 * wanted["quiet"]
        self.defer(
            trigger=UploadTrigger(**plan),
            method_name="execute_complete",
            timeout=timedelta(seconds=wait) + _BACKSTOP,
        )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Return the event, or raise what it means."""
        if self.on_event is not None:
            self.on_event(context, event)
        if event["outcome"] == "failed":
            context["ti"].xcom_push(key=UPLOAD, value=event)
            error = rebuild_error(event["error"], district=self.district_id, domain=self.domain)
            raise ends_task(log, error)
        if event["outcome"] == "missing":
            context["ti"].xcom_push(key=UPLOAD, value=event)
            raise ends_task(
                log, missing_error(event, district=self.district_id, domain=self.domain)
            )
        return event


def rebuild_error(attrs: dict[str, Any], **where: str) -> errors.RosterSyncError:
    """The error that ``RosterSyncError.attrs`` described, of its own class."""
    cls = getattr(errors, attrs["error"], errors.RosterSyncError)
    error: errors.RosterSyncError = cls(
        attrs["what"],
        expected=attrs["expected"],
        found=attrs["found"],
        next_step=attrs["next_step"],
        **{**where, **attrs["where"]},
    )
    return error


def missing_error(event: dict[str, Any], **where: str) -> errors.MissingUploadError:
    """What was waited for, and what lay there instead."""
    there = [
        ("new", [f["uploaded_as"] for f in event["files"] if not f["stale"]]),
        ("as in the last landing", [f["uploaded_as"] for f in event["files"] if f["stale"]]),
        ("of another slot's time", event["outside"]),
        ("misnamed", event["near_misses"]),
        ("unfinished", event["temporary"]),
    ]
    return errors.MissingUploadError(
        "The wait ended without a complete upload",
        expected=event["waiting_for"] or None,
        found="; ".join(f"{what}: {', '.join(names)}" for what, names in there if names)
        or "an empty folder",
        next_step="ask the district to upload again, then re-run this slot",
        **where,
    )
