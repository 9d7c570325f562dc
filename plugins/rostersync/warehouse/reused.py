"""Students whose id may be another child's: a function of the slot, rewritten with its slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rostersync.archive import Archive
from rostersync.engine import render_sql
from rostersync.ledger import SlotDiff

if TYPE_CHECKING:
    from rostersync.warehouse.connection import Connection


def write_reused(
    conn: Connection, archive: Archive, district: str, diff: SlotDiff, *, rewrite: bool
) -> None:
    """Make the slot's ids what its archived diff says. ``rewrite``: there may be some already."""
    import pyarrow.parquet

    if rewrite:
        where = {"district": district, "slot": diff.slot}
        conn.execute(render_sql("warehouse/reused/remove.sql"), where)
    if diff.reused is None:
        return
    with (
        archive.fs.open(archive.path(diff.reused), "rb") as source,
        conn.cursor().copy(render_sql("warehouse/reused/copy.sql")) as copy,
    ):
        for student in pyarrow.parquet.read_table(source).column("student_id").to_pylist():
            copy.write_row((district, diff.slot, student))
