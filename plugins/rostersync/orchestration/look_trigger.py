"""One look at the servers of many districts, in the triggerer: who has sent something newer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from rostersync.documents import from_document, to_document
from rostersync.errors import RosterSyncError
from rostersync.landing import Assessment, Listing, WaitPlan
from rostersync.orchestration.trigger import afind_account, list_politely

if TYPE_CHECKING:
    from rostersync.pipeline.ground.run import Run


class LookTrigger(BaseTrigger):
    """Lists each district's folder once and ends.

    Yields one event, ``{"news": {key: fingerprint}}``: the slots for which the server holds a complete
    upload with a file that their landing does not have. Whether it is left alone for the quiet period
    is for the night's own wait to see. A server that cannot be read is logged and passed over: the next look
    comes soon.

    ``looks``: of :func:`look_for`, one for each ``key``.
    """

    def __init__(self, *, looks: Sequence[dict[str, Any]]) -> None:
        super().__init__()
        self.looks = list(looks)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments."""
        return ("rostersync.orchestration.look_trigger.LookTrigger", {"looks": self.looks})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look at all of them at once; never raises for what a server or a district does."""
        prints = await asyncio.gather(*(self._look(look) for look in self.looks))
        news = {
            look["key"]: print_
            for look, print_ in zip(self.looks, prints, strict=True)
            if print_ is not None
        }
        yield TriggerEvent({"news": news})

    async def _look(self, look: dict[str, Any]) -> str | None:
        """The fingerprint of the news, if there is any."""
        plan = plan_of(look)
        try:
            account = await afind_account(look["conn_id"], look["folder"])
            assessment = assess_look(plan, await list_politely(account, plan.files.values()))
        except RosterSyncError as error:
            self.log.warning("%s", error)
            return None
        if not assessment.complete or not plan.has_news(assessment):
            return None
        return fingerprint(assessment)


def fingerprint(assessment: Assessment) -> str:
    """Names an upload by the names, sizes and times of its files."""
    seen = sorted([f.name, f.size, int(f.mtime)] for f in assessment.files)
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]


def look_for(run: Run, plan: WaitPlan, key: str) -> dict[str, Any]:
    """What to look for on a slot's server, as triggers carry it; ``key`` names it."""
    sftp = run.cfg.sftp
    place = {"conn_id": sftp.conn_id, "folder": sftp.folder}
    return {"key": key, **place, "plan": to_document(plan)}


def assess_look(plan: WaitPlan, listing: Listing) -> Assessment:
    """One listing, without waiting for the quiet period."""
    return plan.assess(listing, None, now=time.time(), quiet=0)


def plan_of(look: dict[str, Any]) -> WaitPlan:
    """The plan a look carries."""
    return from_document(WaitPlan, look["plan"])
