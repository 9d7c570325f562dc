"""Waivers: a rule that is accepted for a district until a date.

What it finds counts neither for alerts nor for holds. It never loads a row, and it expires by its date alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rostersync.engine.postgres import found

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection


@dataclass(frozen=True, slots=True)
class Waiver:
    """One grant. ``until``: the last day it holds, in the district's time zone. Times are aware."""

    district: str
    rule: str
    until: date
    who: str
    why: str
    granted_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_why: str | None = None

    @property
    def words(self) -> str:
        """For data-ops; a district is told the date only."""
        return f"accepted until {self.until} by {self.who}: {self.why}"

    def status(self, day: date) -> str:
        """What it is on a day: in force, ended or expired."""
        if self.ended_at is not None:
            return "ended"
        return "in force" if self.until >= day else "expired"

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync waivers list --format json`` prints it."""
        times = {
            k: v.isoformat() if (v := getattr(self, k)) else None
            for k in ("until", "granted_at", "ended_at")
        }
        return {**asdict(self), **times}


def find_waivers(
    conn: Connection, district: str | None = None, *, day: date | None = None
) -> list[Waiver]:
    """Waivers, newest first; of one district when named, those in force on ``day`` when given."""
    return found(conn, Waiver, "postgres/waivers/find.sql", {"district": district, "day": day})


def waived_rules(conn: Connection, district: str, day: date | str) -> dict[str, Waiver]:
    """The rules that are accepted for a district on a day, in its own time zone (a slot, or its date).

    By rule. Alerts and holds leave these rules' findings out.
    """
    on = day if isinstance(day, date) else date.fromisoformat(day[:10])
    return {w.rule: w for w in find_waivers(conn, district, day=on)}
