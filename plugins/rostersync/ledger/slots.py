"""The ledger of the fold: which landing each slot took, and the state it left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rostersync.engine import render_sql
from rostersync.engine.postgres import rows_by_name
from rostersync.fold import EMPTY_FINGERPRINT, AppliedSlot, Fold, Settled, SlotDiff
from rostersync.spec import ENTITIES, FILES, Domain

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection


_COUNTS = ("rows", "added", "changed", "removed", "unchanged", "carried", "held", "reasons")


def applied_slots(conn: Connection, district: str, domain: Domain) -> Fold:
    """The fold of a district and domain, in slot order."""
    where = {"district": district, "domain": str(domain)}
    return Fold(
        AppliedSlot(
            settled=Settled.of(row.pop("foreign_states"), row.pop("decided")),
            **row,
        )
        for row in rows_by_name(conn, "postgres/ledger/applied_slots.sql", where)
    )


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
            last = until[-1] if until else fold[0]
            found[entity] = last.fingerprints.get(entity, EMPTY_FINGERPRINT)
    return found


def record_slot(
    conn: Connection, district: str, domain: Domain, diff: SlotDiff, run_id: str
) -> None:
    """Make ``diff`` the slot's place in the fold."""
    from psycopg.types.json import Jsonb

    where = {"district": district, "domain": str(domain), "slot": diff.slot}
    conn.execute(
        render_sql("postgres/ledger/record_slot.sql"),
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
        render_sql("postgres/ledger/record_changes.sql"), {**where, "changes": Jsonb(changes)}
    )
