"""Reads for the look for drift, and the repair of current from the change log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rostersync.engine import render_sql
from rostersync.ledger.drift import EntityDrift
from rostersync.spec import Domain, Entity, entities_of

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection


def count_drift(
    conn: Connection, district: str, domain: Domain, newest: str | None
) -> dict[str, EntityDrift]:
    """The cheap look at each current table of a domain. ``newest``: its newest slot, None before the first.

    Of an entity whose state is kept day by day no slot knows how many rows there should be.
    """
    where = {"district": district, "domain": str(domain)}
    loaded: dict[str, int] = dict(
        conn.execute(
            render_sql("postgres/warehouse/drift_expected.sql"), {**where, "slot": newest}
        ).fetchall()
    )
    found = {}
    for entity in entities_of(domain):
        row = conn.execute(
            render_sql("postgres/warehouse/drift_counts.sql", entity=entity),
            {**where, "newest": newest},
        ).fetchone()
        rows, of_unknown_run, after_newest = row or (0, 0, 0)
        expected = 0 if newest is None else None if entity.day else loaded.get(entity.name)
        found[entity.name] = EntityDrift(rows, expected, of_unknown_run, after_newest)
    return found


def read_current(conn: Connection, district: str, entity: Entity, target: Path) -> None:
    """Write the district's rows of a current table to a file, as CSV."""
    statement = render_sql("postgres/warehouse/read_current.sql", entity=entity)
    with target.open("wb") as file, conn.cursor().copy(statement, {"district": district}) as copy:
        for block in copy:
            file.write(block)


def repair_current(
    conn: Connection, district: str, domain: Domain, entity: Entity, newest: str | None, keys: Path
) -> None:
    """Make current what the log says, for the ``keys`` (CSV; there may be none) and rows nobody loaded.

    Call it inside a transaction that holds the fold's lock. A key the log does not have is removed.
    """
    values: dict[str, Any] = {"district": district, "domain": str(domain), "newest": newest}
    conn.execute(render_sql("postgres/warehouse/touched.sql", entity=entity))
    if keys.exists():
        statement = render_sql("postgres/warehouse/copy_touched.sql", entity=entity)
        with keys.open("rb") as file, conn.cursor().copy(statement) as copy:
            while block := file.read(1 << 20):
                copy.write(block)
    conn.execute(render_sql("postgres/warehouse/touch_strangers.sql", entity=entity), values)
    conn.execute(render_sql("postgres/warehouse/merge_touched.sql", entity=entity), values)
