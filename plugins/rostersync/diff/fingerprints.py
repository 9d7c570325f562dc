"""Fingerprints of states: sums of their rows' hashes, so the order of rows is no matter."""

from __future__ import annotations

from rostersync.engine import Session
from rostersync.fold import EMPTY_FINGERPRINT
from rostersync.spec import Entity

_HALF = 1 << 64


def moved_by(fingerprint: str, lower: int, upper: int) -> str:
    """The fingerprint after a change: a sum of row hashes modulo 2^64 per half, so order is no matter."""
    low = (int(fingerprint[16:], 16) + int(lower)) % _HALF
    high = (int(fingerprint[:16], 16) + int(upper)) % _HALF
    return f"{high:016x}{low:016x}"


def state_fingerprints(session: Session, entity: Entity, relation: str) -> dict[str, str]:
    """The fingerprints of a relation with an entity's contract columns, from all its rows.

    By day, or of the whole under "" when the state is not kept day by day; what has no rows is left out.
    """
    rows = session.run("duckdb/diff/fingerprint.sql", entity=entity, relation=relation)
    found = {
        str(day or ""): moved_by(EMPTY_FINGERPRINT, lower, upper) for day, lower, upper in rows
    }
    return {day: f for day, f in found.items() if f != EMPTY_FINGERPRINT}
