"""One look at the servers of many districts, in the triggerer: who has sent something newer?"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from rostersync.errors import RosterSyncError
from rostersync.landing import Assessment, Listing, assess, has_news
from rostersync.orchestration.trigger import afind_account, by_name, list_politely

if TYPE_CHECKING:
    from rostersync.pipeline.ground.run import Run
    from rostersync.pipeline.steps.wait import WaitPlan


class LookTrigger(BaseTrigger):
    """Lists each district's folder once and ends.

    Yields one event, ``{"news": {key: fingerprint}}``: the slots for which the server holds a complete
    upload with a file that their landing does not have. Whether it is left alone for the quiet period
    is for the night's own wait to see. A server that cannot be read is logged and passed over: the next look
    comes soon.

    Args:
        looks: of :func:`look_for`, one for each ``key``.
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
        try:
            account = await afind_account(look["conn_id"], look["folder"])
            judged = judge(look, await list_politely(account))
        except RosterSyncError as error:
            self.log.warning("%s", error)
            return None
        if not judged.complete or not has_news(judged.files, by_name(look["landed"])):
            return None
        return fingerprint(judged)


def fingerprint(judged: Assessment) -> str:
    """Names an upload by the names, sizes and times of its files."""
    seen = sorted([f.name, f.size, int(f.mtime)] for f in judged.files)
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]


def look_for(run: Run, plan: WaitPlan, key: str) -> dict[str, Any]:
    """What to look for on a slot's server, as triggers carry it; ``key`` names it."""
    return {
        "key": key,
        "conn_id": run.cfg.sftp.conn_id,
        "folder": run.cfg.sftp.folder,
        "files": plan.files,
        "others": list(plan.others),
        "last": [list(file) for file in plan.last],
        "landed": [list(file) for file in plan.landed],
        "window": list(plan.window),
    }


def judge(look: dict[str, Any], listing: Listing) -> Assessment:
    """One listing, judged without waiting for the quiet period."""
    return assess(
        listing,
        None,
        by_name(look["last"]),
        look["files"],
        quiet=0,
        now=time.time(),
        window=(look["window"][0], look["window"][1]),
        others=look["others"],
    )
