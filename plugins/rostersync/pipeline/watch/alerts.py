"""Alerts that a load of attendance gives rise to, and the delivery of all that wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from rostersync.engine.postgres import Connection, connect
from rostersync.errors import RosterSyncError, TransientError
from rostersync.ledger.alerts import (
    Alert,
    RaisedAlert,
    claim_alert,
    mark_channel,
    mark_tried,
    newest_alerts,
    raise_alert,
)
from rostersync.ledger.notices import NoticeDay
from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.watch.notices import unserved, unusual_silence
from rostersync.reporting.alert_texts import events_kept, nobody_absent, notice_held

Send = Callable[[Alert, frozenset[str]], Iterable[tuple[str, RosterSyncError | None]]]
"""Brings an alert to people by every channel but those that have taken it: channel, and why it failed.

Raises RosterSyncError when there is none.
"""

MAIL = "email"
"""The channel all districts share."""

_HISTORY = timedelta(hours=24)
"""What could not be delivered for so long is in the ledger, and no message any more."""


def raise_alerts_of_load(
    conn: Connection, run: Run, result: RunResult, days: Sequence[NoticeDay], now: datetime
) -> None:
    """Raise what a person should know at once of a load of attendance, in the load's transaction.

    ``days``: the day's notices after it. ``now``: aware.
    """
    for alert in _alerts(conn, run, result, days, now):
        raise_alert(conn, alert, now)


def raise_held(conn: Connection, days: Sequence[NoticeDay], now: datetime) -> None:
    """Raise that notices of a day wait for a person, whatever it was that made them wait."""
    for day in days:
        if day.held:
            raise_alert(conn, notice_held(day), now)


def _alerts(
    conn: Connection, run: Run, result: RunResult, days: Sequence[NoticeDay], now: datetime
) -> Iterator[Alert]:
    for day in days:
        if day.held:
            yield notice_held(day)
    file = result.files.get("attendance")
    kept = sum(f.count for f in file.findings if f.rule == _VANISHING) if file else 0
    is_today = run.slot[:10] == now.astimezone(run.cfg.zone).date().isoformat()
    if kept and is_today:
        yield events_kept(run.district, run.slot[:10], kept)
    if result.outcome is Outcome.NOBODY_ABSENT:
        for due in unserved(run, days, now):
            if usual := unusual_silence(conn, run, due):
                yield nobody_absent(run.district, due.notice, due.date, usual)


_VANISHING = "attendance.date.vanishing"


def list_alerts(warehouse: str, *, district: str | None, newest: int) -> list[RaisedAlert]:
    """The newest alerts, newest first. Raises WarehouseUnavailableError."""
    with connect(warehouse) as conn:
        return newest_alerts(conn, district=district, newest=newest)


def deliver_alerts(warehouse: str, send: Send, now: datetime | None = None) -> list[RaisedAlert]:
    """Hand every alert that nobody has got to ``send``, once; what was tried, ``failure`` as it is now.

    What cannot be sent is kept with the reason, and tried again by a later call, for a day, by the channels
    that have not taken it. A TransientError of the mail ends the call: the next one would fail as well.
    Killed between sending and writing it sends again: at
    least once. Any number may deliver at the same time; no transaction is open meanwhile.

    Raises WarehouseUnavailableError.
    """
    now = now or datetime.now(UTC)
    tried: list[RaisedAlert] = []
    with connect(warehouse) as conn:
        while (one := claim_alert(conn, since=now - _HISTORY, now=now)) is not None:
            failed: dict[str, RosterSyncError] = {}
            try:
                for channel, error in send(one.alert, one.done):
                    # written before the next is tried: what has gone out does not go out again
                    mark_channel(conn, one, channel, now, error.message() if error else None)
                    if error:
                        failed[channel] = error
            except RosterSyncError as error:
                failed[""] = error
            why = "; ".join(f"{c}: {e.message()}".removeprefix(": ") for c, e in failed.items())
            tried.append(mark_tried(conn, one, now, why or None))
            if isinstance(failed.get(MAIL), TransientError):
                break
    return tried
