"""The ledger of landings."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rostersync.archive import Manifest
from rostersync.engine import render_sql
from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection


def unusable_landings(conn: Connection, district: str, domain: Domain, slot: str) -> set[int]:
    """Landings of a slot whose last run found them unusable (rejected or incomplete)."""
    rows = conn.execute(
        render_sql("postgres/ledger/unusable_landings.sql"),
        {"district": district, "domain": str(domain), "slot": slot},
    ).fetchall()
    return {row[0] for row in rows}


def record_landing(conn: Connection, manifest: Manifest, fresh_at: datetime) -> None:
    """Keep that a landing exists, and when its upload was last changed (the newest such time stays)."""
    conn.execute(
        render_sql("postgres/ledger/record_landing.sql"),
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
        render_sql("postgres/ledger/landing_fresh_at.sql"),
        {"district": district, "domain": str(domain), "slot": slot, "landing": landing},
    ).fetchone()
    return row[0] if row else None
