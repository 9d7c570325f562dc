"""The holds of the ledger, and the decisions on them."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rostersync.engine import render_sql
from rostersync.engine.postgres import found
from rostersync.fold import IDS, AppliedSlot, Restored, Slice, bundles_of
from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHold:
    """What a page shows of a hold, and nothing else: pages are made from this.

    ``slices``: as JSON, with count, limit, reason, fingerprint and bundle. ``rekeyed``: by school, students
    who seem to have a new id.
    """

    hold_id: str
    slot: str
    landing: int
    kind: str
    label: str | None
    reasons: list[str]
    slices: list[dict[str, Any]]
    counts: dict[str, int]
    rekeyed: dict[str, int]
    first_slot: str
    opened_at: datetime

    @property
    def bundles(self) -> dict[int, list[dict[str, Any]]]:
        """The slices by the number of the bundle as which they are decided."""
        return bundles_of(self.slices)

    @property
    def mark(self) -> str:
        """Names all that is shown (12 hex digits): another mark needs another page."""
        document = json.dumps(asdict(self), default=str)
        return hashlib.sha256(document.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedHold(ShownHold):
    """One hold of the ledger."""

    district: str
    domain: str
    status: str
    closed_at: datetime | None

    def shown(self) -> ShownHold:
        """The part of it that a person is shown."""
        return ShownHold(**{f.name: getattr(self, f.name) for f in fields(ShownHold)})

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync holds list --format json`` prints it."""
        times = {k: v.isoformat() for k in ("opened_at", "closed_at") if (v := getattr(self, k))}
        slices = [one for bundle in self.bundles.values() for one in bundle]
        return {**asdict(self), "slices": slices, "closed_at": None, **times}


def find_holds(
    conn: Connection,
    *,
    district: str | None = None,
    domain: Domain | None = None,
    status: str | None = None,
    hold: str | None = None,
) -> list[OpenedHold]:
    """Holds, newest first. ``hold``: an id, or its first characters."""
    values = {
        "district": district,
        "domain": str(domain) if domain else None,
        "status": status,
        "hold": hold,
    }
    return found(conn, OpenedHold, "postgres/holds/find.sql", values)


def open_hold(
    conn: Connection,
    *,
    district: str,
    domain: Domain,
    slot: str,
    landing: int,
    kind: str,
    label: str | None,
    reasons: Sequence[str],
    slices: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
    rekeyed: Mapping[str, int],
    goes_on: str | None,
) -> str:
    """Keep what waits; the hold's id. ``goes_on``: the open hold this one is, else that one is superseded."""
    from psycopg.types.json import Jsonb

    values = {
        "slot": slot,
        "landing": landing,
        "label": label,
        "reasons": list(reasons),
        "slices": Jsonb(list(slices)),
        "rekeyed": Jsonb(dict(rekeyed)),
    }
    if goes_on is not None:
        conn.execute(render_sql("postgres/holds/go_on.sql"), {**values, "hold": goes_on})
        return goes_on
    supersede(conn, district, domain)
    hold = str(uuid.uuid4())
    conn.execute(
        render_sql("postgres/holds/open.sql"),
        {
            **values,
            "hold": hold,
            "district": district,
            "domain": str(domain),
            "kind": kind,
            "counts": Jsonb(dict(counts)),
        },
    )
    return hold


def keep_open(conn: Connection, hold: OpenedHold, slices: Sequence[Mapping[str, Any]]) -> None:
    """Of an open hold only these slices wait any more."""
    open_hold(
        conn,
        district=hold.district,
        domain=Domain(hold.domain),
        slot=hold.slot,
        landing=hold.landing,
        kind=hold.kind,
        label=hold.label,
        reasons=hold.reasons,
        slices=slices,
        counts=hold.counts,
        rekeyed=hold.rekeyed,
        goes_on=hold.hold_id,
    )


def supersede(conn: Connection, district: str, domain: Domain) -> None:
    """The newest slot speaks: what waited of an earlier one waits no more."""
    for hold in find_holds(conn, district=district, domain=domain, status="open"):
        close_hold(conn, hold.hold_id, "superseded")


def close_hold(conn: Connection, hold: str, status: str) -> None:
    """``status``: approved, discarded, superseded or expired."""
    conn.execute(render_sql("postgres/holds/close.sql"), {"hold": hold, "status": status})


def record_decision(
    conn: Connection,
    hold: OpenedHold,
    action: str,
    *,
    slices: Sequence[Mapping[str, Any]],
    who: str,
    why: str,
    until: date | None = None,
) -> None:
    """Keep who decided what, and why; never changed afterwards."""
    from psycopg.types.json import Jsonb

    conn.execute(
        render_sql("postgres/holds/decide.sql"),
        {
            "hold": hold.hold_id,
            "district": hold.district,
            "domain": hold.domain,
            "slot": hold.slot,
            "landing": hold.landing,
            "action": action,
            "slices": Jsonb(list(slices)),
            "target": None,
            "until": until,
            "who": who,
            "why": why,
        },
    )


def record_restore(
    conn: Connection,
    district: str,
    domain: Domain,
    newest: AppliedSlot,
    *,
    target: str,
    restored: Sequence[Restored],
    who: str,
    why: str,
) -> None:
    """Keep who put the state of ``newest`` back to that after slot ``target``, of what, and why."""
    from psycopg.types.json import Jsonb

    conn.execute(
        render_sql("postgres/holds/decide.sql"),
        {
            "hold": None,
            "district": district,
            "domain": str(domain),
            "slot": newest.slot,
            "landing": newest.landing,
            "action": "restore",
            "slices": Jsonb([r.to_json() for r in restored]),
            "target": target,
            "until": None,
            "who": who,
            "why": why,
        },
    )


def approved_slots(conn: Connection, district: str, domain: Domain) -> set[str]:
    """Slots of which a person has approved something."""
    return {d["slot"] for d in decisions(conn, district, domain) if d["action"] == "approve"}


def accepted_ids(conn: Connection, district: str, domain: Domain, slot: str) -> tuple[str, ...]:
    """Lists of damaged ids of which a person has said by this slot that they are meant so, in order."""
    return tuple(
        sorted(
            {
                s["fingerprint"]
                for d in decisions(conn, district, domain)
                if d["action"] == "approve" and d["slot"] <= slot
                for s in d["slices"]
                if s["kind"] == IDS
            }
        )
    )


def approved_slices(
    conn: Connection, district: str, domain: Domain, slot: str, landing: int
) -> set[tuple[Slice, str]]:
    """Slices of one landing that were approved, each with the fingerprint of what it was."""
    return {
        (Slice(s["entity"], s["kind"], s["scope"]), s["fingerprint"])
        for d in decisions(conn, district, domain)
        if d["action"] == "approve" and (d["slot"], d["landing"]) == (slot, landing)
        for s in d["slices"]
    }


def decisions(conn: Connection, district: str, domain: Domain) -> list[dict[str, Any]]:
    """A district's decisions, oldest first: who, what, why, when."""
    names = [
        "hold_id",
        "slot",
        "landing",
        "action",
        "slices",
        "target",
        "until",
        "decided_by",
        "os_user",
        "db_login",
        "reason",
        "decided_at",
    ]
    rows = conn.execute(
        render_sql("postgres/holds/decisions.sql"), {"district": district, "domain": str(domain)}
    ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]
