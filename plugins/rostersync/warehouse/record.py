"""Ledger writes and the reads that decide what to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rostersync.archive import Manifest
from rostersync.engine import render_sql
from rostersync.ledger import EMPTY_FINGERPRINT, AppliedSlot, RunResult, Settled, SlotDiff
from rostersync.spec import ENTITIES, FILES, Domain

if TYPE_CHECKING:
    from rostersync.warehouse.connection import Connection

_COUNTS = ("rows", "added", "changed", "removed", "unchanged", "carried", "held", "reasons")


@dataclass(frozen=True, slots=True)
class RunRow:
    """Who ran what: the identity of one attempt at a slot. ``started_at`` is aware."""

    run_id: str
    district: str
    domain: Domain
    slot: str
    started_at: datetime
    airflow_run_id: str | None = None


def applied_slots(conn: Connection, district: str, domain: Domain) -> list[AppliedSlot]:
    """The fold of a district and domain, in slot order."""
    rows = conn.execute(
        render_sql("postgres/warehouse/applied_slots.sql"),
        {"district": district, "domain": str(domain)},
    ).fetchall()
    return [
        AppliedSlot(slot, landing, pin, base, run_id, states, sha256, Settled.of(foreign, decided))
        for slot, landing, pin, base, run_id, states, sha256, foreign, decided in rows
    ]


def foreign_states(
    conn: Connection,
    district: str,
    domain: Domain,
    slot: str,
    entities: Sequence[str],
    *,
    newest: bool = False,
) -> dict[str, str]:
    """Fingerprints of other domains' states that a slot looks into; entities never loaded are left out.

    A night looks into the newest terms up to its day; terms and attendance into the newest night before
    theirs (a night begins when the school day is over), else the first there is. So it does not matter when
    a slot runs, and one that is backfilled does not look for its students in a later year. ``newest``: what
    was loaded last, whatever its day.
    """
    found: dict[str, str] = {}
    for entity in entities:
        fold = applied_slots(conn, district, FILES[ENTITIES[entity].file].domain)
        day = slot[:10]
        is_night = domain is Domain.CORE
        until = [
            s for s in fold if newest or s.slot[:10] < day or (is_night and s.slot[:10] == day)
        ]
        if fold:
            speaks = until[-1] if until else fold[0]
            found[entity] = speaks.fingerprints.get(entity, EMPTY_FINGERPRINT)
    return found


def unusable_landings(conn: Connection, district: str, domain: Domain, slot: str) -> set[int]:
    """Landings of a slot whose last run found them unusable (rejected or incomplete)."""
    rows = conn.execute(
        render_sql("postgres/warehouse/unusable_landings.sql"),
        {"district": district, "domain": str(domain), "slot": slot},
    ).fetchall()
    return {row[0] for row in rows}


def record_slot(
    conn: Connection, district: str, domain: Domain, diff: SlotDiff, run_id: str
) -> None:
    """Make ``diff`` the slot's place in the fold."""
    from psycopg.types.json import Jsonb

    where = {"district": district, "domain": str(domain), "slot": diff.slot}
    conn.execute(
        render_sql("postgres/warehouse/record_slot.sql"),
        {
            **where,
            "landing": diff.landing,
            "pin": diff.pin,
            "base": diff.base,
            "run_id": run_id,
            "fingerprints": Jsonb(diff.fingerprints),
            "sha256": Jsonb(diff.sha256),
            "foreign": Jsonb(dict(diff.settled.foreign)),
            "decided": Jsonb(diff.settled.decided()),
        },
    )
    changes = [
        {**{k: v for k, v in asdict(e).items() if k in _COUNTS}, "entity": name}
        for name, e in diff.entities.items()
    ]
    conn.execute(
        render_sql("postgres/warehouse/record_changes.sql"), {**where, "changes": Jsonb(changes)}
    )


def record_landing(conn: Connection, manifest: Manifest, fresh_at: datetime) -> None:
    """Keep that a landing exists, and when its upload was last changed (the newest such time stays)."""
    conn.execute(
        render_sql("postgres/warehouse/record_landing.sql"),
        {
            "district": manifest.district,
            "domain": manifest.domain,
            "slot": manifest.slot,
            "landing": manifest.number,
            "source": manifest.source,
            "landed_at": manifest.created_at,
            "fresh_at": fresh_at,
        },
    )


def landing_fresh_at(
    conn: Connection, district: str, domain: Domain, slot: str, landing: int
) -> datetime | None:
    """When a landing's upload was last changed; None when the ledger does not know."""
    row = conn.execute(
        render_sql("postgres/warehouse/landing_fresh_at.sql"),
        {"district": district, "domain": str(domain), "slot": slot, "landing": landing},
    ).fetchone()
    return row[0] if row else None


def record_run(
    conn: Connection,
    run: RunRow,
    result: RunResult,
    *,
    landing: int | None = None,
    pin: str | None = None,
) -> None:
    """Keep what a run did, its files and findings; the same run recorded again replaces itself."""
    values: dict[str, Any] = {
        "run_id": run.run_id,
        "district": run.district,
        "domain": str(run.domain),
        "slot": run.slot,
        "landing": landing,
        "pin": pin,
        "outcome": str(result.outcome),
        "message": result.message,
        "recomputed": list(result.recomputed),
        "started_at": run.started_at,
        "airflow_run_id": run.airflow_run_id,
    }
    with conn.transaction():
        conn.execute(render_sql("postgres/warehouse/record_run.sql"), values)
        for table in ("files", "findings"):
            conn.execute(f"delete from sync.{table} where run_id = %s", [run.run_id])
        for name, file in result.files.items():
            counts = {k: v for k, v in asdict(file).items() if k != "findings"}
            conn.execute(
                render_sql("postgres/warehouse/record_file.sql"),
                {**counts, "run_id": run.run_id, "file": name, "state": str(file.state)},
            )
            for f in file.findings:
                conn.execute(
                    render_sql("postgres/warehouse/record_finding.sql"),
                    {**asdict(f), "run_id": run.run_id, "file": name, "lines": list(f.lines)},
                )
