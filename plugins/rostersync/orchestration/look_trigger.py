"""One look at the servers of many districts, in the triggerer: who has sent something newer?"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from rostersync.errors import RosterSyncError
from rostersync.landing import Assessment, Listing, assess, has_news
from rostersync.orchestration.trigger import afind_account, by_name, list_politely


class LookTrigger(BaseTrigger):
    """Lists each district's folder once and ends.

    Yields one event, ``{"news": {district: fingerprint}}``: the districts whose server holds a complete
    upload with a file that the slot's landing does not have. Whether it is left alone for the quiet period
    is for the night's own wait to see. A server that cannot be read is logged and passed over: the next look
    comes soon.

    Args:
        looks: one dict a district, of :class:`UploadTrigger`'s arguments ``conn_id``, ``folder``, ``files``,
            ``others``, ``last`` and ``landed``, and ``district``.
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
            look["district"]: print_
            for look, print_ in zip(self.looks, prints, strict=True)
            if print_ is not None
        }
        yield TriggerEvent({"news": news})

    async def _look(self, look: dict[str, Any]) -> str | None:
        """The fingerprint of the news, if there is any."""
        try:
            account = await afind_account(look["conn_id"], look["folder"])
            listing = await list_politely(account)
        except RosterSyncError as error:
            self.log.warning("%s", error)
            return None
        judged = _judge(look, listing)
        if not judged.complete or not has_news(judged.files, by_name(look["landed"])):
            return None
        return fingerprint(judged)


def fingerprint(judged: Assessment) -> str:
    """Names an upload by the names, sizes and times of its files."""
    seen = sorted([f.name, f.size, int(f.mtime)] for f in judged.files)
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]


def _judge(look: dict[str, Any], listing: Listing) -> Assessment:
    return assess(
        listing,
        None,
        by_name(look["last"]),
        look["files"],
        quiet=0,
        now=time.time(),
        others=look["others"],
    )
