"""The ledger of slots that a person took out of the fold, and of their way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rostersync.engine import render_sql
from rostersync.engine.postgres import found
from rostersync.fold import AppliedSlot, Settled
from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection


@dataclass(frozen=True, slots=True)
class RemovedSlot:
    """A slot that is taken out of the fold: by whom, why, when, and what it was applied with."""

    district: str
    domain: str
    slot: str
    landing: int
    applied: dict[str, Any]
    who: str
    why: str
    at: datetime

    @property
    def pin(self) -> str:
        """The inputs it was applied with."""
        return str(self.applied["pin"])

    @property
    def run_id(self) -> str:
        """The run that applied it."""
        return str(self.applied["run_id"])

    @property
    def settled(self) -> Settled:
        """What it was computed with, with what people had decided of it."""
        return Settled.of(self.applied["foreign"], self.applied["decided"])

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync slots list --format json`` prints it."""
        names = ("district", "domain", "slot", "landing", "who", "why")
        return {**{n: getattr(self, n) for n in names}, "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class ListedSlot:
    """A slot of the fold, and how many rows it changed. ``held``: how many wait of it."""

    slot: str
    landing: int
    run_id: str
    applied_at: datetime
    added: int
    changed: int
    removed: int
    held: int


def removed_slots(
    conn: Connection,
    *,
    district: str | None = None,
    domain: Domain | None = None,
    slot: str | None = None,
) -> list[RemovedSlot]:
    """The slots that are taken out, in order."""
    values = {"district": district, "domain": domain and str(domain), "slot": slot}
    return found(conn, RemovedSlot, "postgres/slots/removed.sql", values)


def removed_slot(conn: Connection, district: str, domain: Domain, slot: str) -> RemovedSlot | None:
    """The slot, when it is taken out."""
    return next(iter(removed_slots(conn, district=district, domain=domain, slot=slot)), None)


def listed_slots(
    conn: Connection, district: str, domain: Domain, *, newest: int
) -> list[ListedSlot]:
    """The newest slots of the fold, newest first."""
    values = {"district": district, "domain": str(domain), "newest": newest}
    return found(conn, ListedSlot, "postgres/slots/applied.sql", values)


def record_removal(
    conn: Connection, district: str, domain: Domain, here: AppliedSlot, *, who: str, why: str
) -> None:
    """Keep who took a slot out, why, and all that it takes to put it back."""
    from psycopg.types.json import Jsonb

    applied = {
        "run_id": str(here.run_id),
        "pin": here.pin,
        "foreign": dict(here.settled.foreign),
        "decided": here.settled.decided(),
    }
    about = (district, domain, here.slot, here.landing)
    _decide(conn, "remove_slot", about, applied=Jsonb(applied), who=who, why=why)


def record_way_back(
    conn: Connection, district: str, domain: Domain, removed: RemovedSlot, *, who: str, why: str
) -> None:
    """Keep who put a slot back, and why."""
    about = (district, domain, removed.slot, removed.landing)
    _decide(conn, "restore_slot", about, applied=None, who=who, why=why)


def _decide(
    conn: Connection,
    action: str,
    about: tuple[str, Domain, str, int],
    *,
    applied: Any,
    who: str,
    why: str,
) -> None:
    district, domain, slot, landing = about
    conn.execute(
        render_sql("postgres/slots/decide.sql"),
        {
            "district": district,
            "domain": str(domain),
            "slot": slot,
            "landing": landing,
            "action": action,
            "applied": applied,
            "who": who,
            "why": why,
        },
    )
