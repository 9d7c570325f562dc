"""What the ledger knows, for people: the newest runs, and how far each district has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any

from rostersync.config import is_future
from rostersync.engine.postgres import found
from rostersync.engine.sql import render_sql

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run in numbers. Times are aware; the counts are records of all its files together.

    ``files``: how many the upload held. ``changes``: added, changed and removed rows by entity, as the
    slot's slice stands now; empty when the run wrote none (nothing loaded, or loaded before).
    """

    district: str
    domain: str
    slot: str
    landing: int | None
    run_id: str
    outcome: str
    message: str
    started_at: datetime
    finished_at: datetime
    files: int
    records: int
    accepted: int
    quarantined: int
    duplicates: int
    changes: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return (self.finished_at - self.started_at).total_seconds()

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync status --format json`` prints it."""
        times = {k: getattr(self, k).isoformat() for k in ("started_at", "finished_at")}
        return {**asdict(self), **times}


@dataclass(frozen=True, slots=True)
class Applied:
    """The fold of one district and domain: how many slots, from which to which, and the newest's rows."""

    district: str
    domain: str
    slots: int
    first_slot: str
    newest_slot: str
    landing: int
    rows: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync status --format json`` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FutureSlot:
    """A slot that lies in the future, and is in the warehouse or waits whole for a person."""

    district: str
    domain: str
    slot: str


_BEHIND, _AHEAD = timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))
"""The last and the first clock on earth."""


def newest_runs(
    conn: Connection, *, district: str | None = None, newest: int = 5
) -> list[RunSummary]:
    """The ``newest`` runs of each district and domain, newest first; of one district when named."""
    values = {"district": district, "newest": newest}
    return found(conn, RunSummary, "postgres/reports/newest_runs.sql", values)


def school_names(conn: Connection, district: str) -> dict[str, str]:
    """A district's schools as loaded: school_id -> name."""
    rows = conn.execute(
        "select school_id, coalesce(school_name, '') from roster.schools where district_id = %s",
        [district],
    ).fetchall()
    return dict(rows)


def applied(conn: Connection, *, district: str | None = None) -> list[Applied]:
    """How far each district's fold has come; of one district when named."""
    return found(conn, Applied, "postgres/reports/applied.sql", {"district": district})


def future_slots(
    conn: Connection,
    now: datetime,
    *,
    district: str | None = None,
    zones: Mapping[str, tzinfo] | None = None,
) -> list[FutureSlot]:
    """Slots of after ``now`` (aware): each keeps those before it from being current.

    ``zones``: the clocks of districts; of any other that counts on which it is latest.
    """
    where = {"district": district, "day": now.astimezone(_BEHIND).date().isoformat()}
    return [
        one
        for one in found(conn, FutureSlot, "postgres/reports/slots_after.sql", where)
        if is_future((zones or {}).get(one.district, _AHEAD), one.domain, one.slot, now)
    ]


def ended_slots(
    conn: Connection, domain: str, slots: Sequence[tuple[str, str]]
) -> list[tuple[str, str, str | None]]:
    """Of some slots, those that ended at least once.

    ``conn``: to the warehouse. ``domain``: of the slots. ``slots``: district and slot.

    Returns district, slot and Airflow's id of the newest run that Airflow ran.
    """
    return conn.execute(
        render_sql("postgres/reports/ended_slots.sql"),
        {"domain": domain, "districts": [d for d, _ in slots], "slots": [s for _, s in slots]},
    ).fetchall()
