"""The deferrable wait for an upload: polls the SFTP folder in the triggerer, without a worker.

Airflow's own SFTP trigger does not fit: it knows one path, fires on half-written files, returns no list,
dies of the first network error and compares times in the process's zone.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from rostersync.errors import ConfigError, RosterSyncError, SftpConnectionError
from rostersync.landing import (
    Assessment,
    Listing,
    SftpAccount,
    Snapshot,
    assess,
    has_news,
    list_upload,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

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


async def list_politely(account: SftpAccount) -> Listing:
    """List an account's folder when its server has a place free. Raises as ``list_upload``."""
    places = _PLACES.setdefault(asyncio.get_running_loop(), {})
    async with places.setdefault(account.server, asyncio.Semaphore(_POLLS_AT_ONCE)):
        return await list_upload(account)


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

    Args:
        conn_id: Airflow connection of the SFTP account.
        folder: folder of the upload.
        files: contract name -> uploaded name, required and optional.
        deadline: end of the wait, epoch seconds. One in the past still gets the quiet period.
        quiet: seconds without change.
        poll: seconds between two looks.
        others: uploaded names of other domains.
        last: [[contract name, size, mtime], ...] of the last accepted landing.
        window: [from, to] in epoch seconds that a file's mtime must lie in; None is open.
        expected: whether the district sends on this day.
        landing: the slot's landing that the archive has, None when the server is all there is.
        landed: [[contract name, size, mtime], ...] of the slot's newest landing from the server.
        not_before: epoch seconds before which a complete upload is not taken: a correction may come.
    """

    def __init__(
        self,
        *,
        conn_id: str,
        folder: str,
        files: dict[str, str],
        deadline: float,
        quiet: float,
        poll: float = 30.0,
        others: Sequence[str] = (),
        last: Sequence[Sequence[Any]] = (),
        window: Sequence[float | None] = (None, None),
        expected: bool = True,
        landing: int | None = None,
        landed: Sequence[Sequence[Any]] = (),
        not_before: float | None = None,
    ) -> None:
        super().__init__()
        self.conn_id = conn_id
        self.folder = folder
        self.files = files
        self.deadline = deadline
        self.quiet = quiet
        self.poll = poll
        self.others = list(others)
        self.last = [list(entry) for entry in last]
        self.window = list(window)
        self.expected = expected
        self.landing = landing
        self.landed = [list(entry) for entry in landed]
        self.not_before = not_before or 0.0

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Class path and arguments; ``last`` and ``window`` as lists, which JSON keeps."""
        return (
            "rostersync.orchestration.trigger.UploadTrigger",
            {
                "conn_id": self.conn_id,
                "folder": self.folder,
                "files": self.files,
                "deadline": self.deadline,
                "quiet": self.quiet,
                "poll": self.poll,
                "others": self.others,
                "last": self.last,
                "window": self.window,
                "expected": self.expected,
                "landing": self.landing,
                "landed": self.landed,
                "not_before": self.not_before,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Poll until the event; never raises for what a server or a district does."""
        try:
            payload = await self._wait()
        except RosterSyncError as error:
            self.log.error("%s", error)
            payload = {**_payload("failed", None), "error": error.attrs()}
            if self.landing is not None:  # never worse than without a look
                payload = _payload(ARCHIVED, None)
        if payload["outcome"] == ARCHIVED:
            self.log.info("Nothing newer on the server: landing %s of the archive", self.landing)
            payload["landing"] = self.landing
        yield TriggerEvent(payload)

    async def _wait(self) -> dict[str, Any]:
        account = await self._account()
        # A deadline in the past (backfill, a restarted triggerer) still allows one quiet period.
        soon = time.time() + self.quiet + 2 * self.poll
        end = max(self.deadline, soon)
        snapshot: Snapshot | None = None
        failures = 0
        said = ""
        await asyncio.sleep(random.uniform(0, min(self.poll, 5.0)))  # noqa: S311
        while True:
            try:
                listing = await list_politely(account)
            except SftpConnectionError as error:
                failures += 1
                if time.time() >= (end if self.landing is None else soon):
                    raise
                self.log.warning("Try %s: %s", failures, error)
                await self._pause(min(self.poll * 2**failures, _BACKOFF_CAP), end)
                continue
            failures = 0
            now = time.time()
            judged = self._judge(listing, snapshot, now)
            snapshot = judged.snapshot
            if self.landing is not None and not has_news(judged.files, by_name(self.landed)):
                return _payload(ARCHIVED, judged)
            if judged.complete and now >= self.not_before:
                return _payload("complete", judged)
            # An upload that is going on at the end of the wait gets two quiet periods to finish.
            if now >= end and (judged.settled or now >= end + 2 * self.quiet):
                return _payload(self._final(judged), judged)
            waits_for = judged.waiting_for or "a correction, until shortly before the notice"
            if waits_for != said:
                said = waits_for
                self.log.info("Waiting for %s", said)
            await self._pause(self.poll, self.not_before if judged.complete else end)

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

    def _judge(self, listing: Listing, snapshot: Snapshot | None, now: float) -> Assessment:
        return assess(
            listing,
            snapshot,
            by_name(self.last),
            self.files,
            quiet=self.quiet,
            now=now,
            window=(self.window[0], self.window[1]),
            others=self.others,
        )

    def _final(self, judged: Assessment) -> str:
        if judged.usable:
            return "usable"
        if self.landing is not None:
            return ARCHIVED
        return "missing" if self.expected or judged.has_news else "not_expected"


def by_name(files: Sequence[Sequence[Any]]) -> dict[str, tuple[int, float]]:
    """Files as triggers carry them: contract name -> (size, mtime)."""
    return {name: (size, mtime) for name, size, mtime in files}


def _payload(outcome: str, judged: Assessment | None) -> dict[str, Any]:
    """The event: names, sizes and times only."""
    strangers = asdict(judged.strangers) if judged else {}
    return {
        "outcome": outcome,
        "files": [asdict(f) for f in judged.files] if judged else [],
        "missing": list(judged.missing) if judged else [],
        "stale": list(judged.stale) if judged else [],
        "outside": list(judged.outside) if judged else [],
        "near_misses": list(strangers.get("near_misses", ())),
        "temporary": list(strangers.get("temporary", ())),
        "unexpected": list(strangers.get("unexpected", ())),
        "waiting_for": judged.waiting_for if judged else "",
        "error": None,
    }
