"""Alerts: what a person should know now. An outbox: raised with what it tells, delivered by Airflow."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from rostersync.engine.postgres import rows_by_name
from rostersync.engine.sql import render_sql

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection


class AlertKind(StrEnum):
    """What an alert is about."""

    MISSING_ATTENDANCE = "missing_attendance"
    SILENT_FLEET = "silent_fleet"
    NOTICE_HELD = "notice_held"
    EVENTS_KEPT = "events_kept"
    NOBODY_ABSENT = "nobody_absent"
    DIGEST = "digest"
    NO_RUN = "no_run"
    FEW_LOADED = "few_loaded"
    UNREADABLE_CONFIG = "unreadable_config"
    FUTURE_SLOT = "future_slot"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. ``district``: None is the fleet's; ``about``: of one kind and district it is told once.

    ``subject`` and ``body`` are plain text and hold no value of a row. ``html``: the body for a mail, or "".
    ``items``: of a digest, what needs a person, as it is told apart from what was reported before.
    """

    kind: AlertKind
    district: str | None
    about: str
    subject: str
    body: str
    html: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """An alert in the ledger. ``failure``: why the last try to deliver it failed. Times are aware.

    ``channels``: what was tried, with the reason where it failed.
    """

    alert_id: int
    alert: Alert
    raised_at: datetime
    delivered_at: datetime | None
    failure: str | None
    channels: dict[str, str | None] = field(default_factory=dict)

    @property
    def done(self) -> frozenset[str]:
        """The channels that have taken it."""
        return frozenset(name for name, failure in self.channels.items() if failure is None)

    @property
    def status(self) -> str:
        """Whether people have got it."""
        if self.delivered_at is not None:
            return "delivered"
        return "failed" if self.failure else "waiting"

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync alerts --format json`` prints it."""
        times = {k: v.isoformat() if (v := getattr(self, k)) else None for k in _TIMES}
        document = {"alert_id": self.alert_id, **asdict(self.alert), "status": self.status}
        del document["html"]  # the body says the same
        return {**document, **times, "failure": self.failure, "channels": self.channels}


_TIMES = ("raised_at", "delivered_at")


def raise_alert(conn: Connection, alert: Alert, now: datetime) -> bool:
    """Put an alert into the ledger; False when it was there already.

    Takes part in the caller's transaction. ``now``: aware.
    """
    row = conn.execute(
        render_sql("postgres/alerts/raise.sql"),
        {**asdict(alert), "items": list(alert.items), "now": now},
    ).fetchone()
    return row is not None


def raised_at(conn: Connection, alert: Alert) -> datetime | None:
    """When an alert of this kind, district and subject matter was raised; None: never."""
    row = conn.execute(render_sql("postgres/alerts/raised_at.sql"), asdict(alert)).fetchone()
    return row[0] if row else None


def claim_alert(conn: Connection, *, since: datetime, now: datetime) -> RaisedAlert | None:
    """An alert nobody has got, raised ``since`` and not tried in the last two minutes; None: there is none.

    It counts as tried ``now``, so that nobody else takes it meanwhile. Times are aware.
    """
    return next(iter(_found(conn, "claim", {"since": since, "now": now})), None)


def newest_alerts(
    conn: Connection, *, district: str | None = None, newest: int = 20
) -> list[RaisedAlert]:
    """The newest alerts, newest first; of one district when named."""
    return _found(conn, "newest", {"district": district, "newest": newest})


def mark_tried(
    conn: Connection, one: RaisedAlert, now: datetime, failure: str | None
) -> RaisedAlert:
    """Keep that an alert was delivered (``failure`` None), or why it was not; the alert as it is then."""
    values = {"alert": one.alert_id, "now": now, "failure": failure}
    conn.execute(render_sql("postgres/alerts/tried.sql"), values)
    return replace(one, failure=failure, delivered_at=now if failure is None else None)


def mark_channel(
    conn: Connection, one: RaisedAlert, channel: str, now: datetime, failure: str | None
) -> None:
    """Keep that a channel took an alert (``failure`` None), or why it did not."""
    values = {"alert": one.alert_id, "channel": channel, "now": now, "failure": failure}
    conn.execute(render_sql("postgres/alerts/tried_channel.sql"), values)


def reported_items(conn: Connection, district: str, slot: str) -> set[str]:
    """What the digests of a slot (``core 2026-09-02 ``) have reported already."""
    values = {"district": district, "slot": slot}
    return {
        row[0] for row in conn.execute(render_sql("postgres/alerts/reported_items.sql"), values)
    }


def _found(conn: Connection, name: str, values: dict[str, Any]) -> list[RaisedAlert]:
    raised = []
    for row in rows_by_name(conn, f"postgres/alerts/{name}.sql", values):
        values = {f.name: row.pop(f.name) for f in fields(Alert)}
        values |= {"kind": AlertKind(values["kind"]), "items": tuple(values["items"])}
        raised.append(RaisedAlert(alert=Alert(**values), **row))
    return raised
