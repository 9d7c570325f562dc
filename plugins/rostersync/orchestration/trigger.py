"""The deferrable wait for an upload: polls the SFTP folder in the triggerer, without a worker.

Airflow's own SFTP trigger does not fit: it knows one path, fires on half-written files, returns no list,
dies of the first network error and compares times in the process's zone.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from rostersync.archive import read_not_taken
from rostersync.documents import from_document, to_document
from rostersync.errors import ConfigError, RosterSyncError, SftpConnectionError
from rostersync.landing import (
    Assessment,
    Listing,
    SftpAccount,
    Snapshot,
    Strangers,
    WaitPlan,
    list_upload,
)
from rostersync.orchestration.exits import log_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

ARCHIVED = "archived"
"""Outcome of a wait that takes a landing from the archive."""

_LOOKUPS = 3
"""Tries to resolve the connection: an unreachable secrets backend looks like an unknown connection."""
_BACKOFF_CAP = 300.0
_POLLS_AT_ONCE = 8
"""Connections to one server at a time: stock sshd drops logins beyond ten unfinished ones."""
_PLACES: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Semaphore]] = (
    WeakKeyDictionary()
)


def account_of(connection: Connection, folder: str, extra: Mapping[str, Any]) -> SftpAccount:
    """An Airflow connection of type ``sftp`` as an account; extras as the SFTP provider's."""
    return SftpAccount(
        host=connection.host or "",
        port=connection.port or 22,
        username=connection.login or "",
        password=connection.password or None,
        host_key=str(extra.get("host_key") or ""),
        private_key=extra.get("private_key") or None,
        passphrase=extra.get("private_key_passphrase") or extra.get("passphrase") or None,
        folder=folder,
        conn_id=connection.conn_id,
    )


def find_account(conn_id: str, folder: str) -> SftpAccount:
    """The account of a connection, inside a task. Raises ConfigError when there is none."""
    try:
        connection = BaseHook.get_connection(conn_id)
    except AirflowNotFoundException as error:
        raise _unknown(conn_id) from error
    return account_of(connection, folder, connection.extra_dejson)


async def afind_account(conn_id: str, folder: str) -> SftpAccount:
    """As :func:`find_account`, inside the triggerer's event loop."""
    try:
        connection = await BaseHook.aget_connection(conn_id)
    except AirflowNotFoundException as error:
        raise _unknown(conn_id) from error
    return account_of(connection, folder, await connection.aextra_dejson())


async def list_politely(account: SftpAccount, names: Iterable[str]) -> Listing:
    """List an account's folder when its server has a place free. As ``list_upload``."""
    places = _PLACES.setdefault(asyncio.get_running_loop(), {})
    async with places.setdefault(account.server, asyncio.Semaphore(_POLLS_AT_ONCE)):
        return await list_upload(account, names)


def _unknown(conn_id: str) -> ConfigError:
    return ConfigError(
        "Airflow has no such connection",
        connection=conn_id,
        next_step="create it with type sftp, host, login, password and extra host_key",
    )


class UploadTrigger(BaseTrigger):
    """Waits until an upload is complete, or the wait ends.

    Yields one event, ``{"outcome", "files": [{name, uploaded_as, size, mtime, stale}], "missing",
    "stale", "outside", "near_misses", "temporary", "unexpected", "waiting_for", "error"}``;
    outcome is one of

    - ``complete``: every required file is there, new and left alone for the quiet period;
    - ``usable``: the wait ended; what is there may be synced although something is missing or stale;
    - ``missing``: the wait ended without that;
    - ``not_expected``: the wait ended with nothing new on a day the district does not send;
    - ``failed``: ``error`` holds an error's data (authentication, host key, configuration at once;
      the network only when it is still down at the end of the wait);
    - ``archived``: the server holds nothing newer than ``landing``, or cannot be read: take that.

    ``conn_id``: Airflow connection of the SFTP account. ``folder``: folder of the upload. ``plan``: a
    :class:`WaitPlan` as its document. ``poll``: seconds between two looks.
    """

    def __init__(
        self, *, conn_id: str, folder: str, plan: dict[str, Any], poll: float = 30.0
    ) -> None:
        super().__init__()
        self.conn_id = conn_id
        self.folder = folder
        self.poll = poll
        self.plan = from_document(WaitPlan, plan)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments, of JSON types only."""
        arguments = {"conn_id": self.conn_id, "folder": self.folder, "poll": self.poll}
        return (
            "rostersync.orchestration.trigger.UploadTrigger",
            {**arguments, "plan": to_document(self.plan)},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Poll until the event; never raises for what a server or a district does."""
        try:
            payload = await self._wait()
        except RosterSyncError as error:
            log_error(self.log, error)
            payload = {**_payload("failed", None), "error": error.attrs()}
            if self.plan.landing is not None:  # never worse than without a look
                payload = _payload(ARCHIVED, None)
        if payload["outcome"] == ARCHIVED:
            self.log.info(
                "Nothing newer on the server: landing %s of the archive", self.plan.landing
            )
            payload["landing"] = self.plan.landing
        yield TriggerEvent(payload)

    async def _wait(self) -> dict[str, Any]:
        account = await self._account()
        # A deadline in the past (backfill, a restarted triggerer) still allows one quiet period.
        soon = time.time() + self.plan.quiet + 2 * self.poll
        end = max(self.plan.deadline, soon)
        not_before = self.plan.not_before or 0.0
        snapshot: Snapshot | None = None
        failures = 0
        said = ""
        await asyncio.sleep(random.uniform(0, min(self.poll, 5.0)))  # noqa: S311
        while True:
            try:
                listing = await list_politely(account, self.plan.files.values())
            except SftpConnectionError as error:
                failures += 1
                if time.time() >= (end if self.plan.landing is None else soon):
                    raise
                self.log.warning("Try %s: %s", failures, error)
                await self._pause(min(self.poll * 2**failures, _BACKOFF_CAP), end)
                continue
            failures = 0
            now = time.time()
            assessment = self.plan.assess(listing, snapshot, now=now, quiet=self.plan.quiet)
            snapshot = assessment.snapshot
            if self.plan.landing is not None and not self.plan.has_news(assessment):
                return _payload(ARCHIVED, assessment)
            if assessment.complete and now >= not_before:
                return _payload("complete", assessment)
            # An upload that is going on at the end of the wait gets two quiet periods to finish.
            if now >= end and (assessment.settled or now >= end + 2 * self.plan.quiet):
                return _payload(self._final(assessment), assessment)
            waits_for = assessment.waiting_for or "a correction, until shortly before the notice"
            if waits_for != said:
                said = waits_for
                self.log.info("Waiting for %s", said)
            await self._pause(self.poll, not_before if assessment.complete else end)

    async def _account(self) -> SftpAccount:
        for _ in range(_LOOKUPS - 1):
            try:
                return await afind_account(self.conn_id, self.folder)
            except ConfigError:
                await asyncio.sleep(min(self.poll, 10.0))
        return await afind_account(self.conn_id, self.folder)

    async def _pause(self, seconds: float, end: float) -> None:
        """Sleep about ``seconds``; wake for the end of the wait, but never spin."""
        jittered = seconds * random.uniform(0.8, 1.2)  # noqa: S311
        left = end - time.time()
        await asyncio.sleep(min(jittered, left) if left > 0 else min(jittered, self.poll))

    def _final(self, assessment: Assessment) -> str:
        if assessment.usable:
            return "usable"
        if self.plan.landing is not None:
            return ARCHIVED
        return "missing" if self.plan.expected or assessment.has_news else "not_expected"


def _payload(outcome: str, assessment: Assessment | None) -> dict[str, Any]:
    """The event: names of the contract's files and of near misses, sizes and times.

    Other names are the district's own, and may say who a child is: they are counted. Manifest and report name
    them.
    """
    strangers = assessment.strangers if assessment else Strangers()
    return {
        "outcome": outcome,
        "files": [asdict(f) for f in assessment.files] if assessment else [],
        "missing": list(assessment.missing) if assessment else [],
        "stale": list(assessment.stale) if assessment else [],
        "outside": list(assessment.outside) if assessment else [],
        "near_misses": list(strangers.near_misses),
        "temporary": list(strangers.temporary),
        "unexpected": [read_not_taken(line).nameless for line in strangers.unexpected],
        "waiting_for": assessment.waiting_for if assessment else "",
        "error": None,
    }
