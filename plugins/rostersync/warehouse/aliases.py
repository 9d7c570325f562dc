"""Former ids of students: a function of the slot that was applied, and rewritten with its slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rostersync.archive import Archive
from rostersync.engine import render_sql
from rostersync.ledger import SlotDiff

if TYPE_CHECKING:
    from rostersync.warehouse.connection import Connection

_BATCH_ROWS = 50_000


def write_aliases(
    conn: Connection, archive: Archive, district: str, diff: SlotDiff, *, rewrite: bool
) -> None:
    """Make the slot's aliases what its archived diff says. ``rewrite``: there may be some already."""
    import pyarrow.parquet

    if rewrite:
        where = {"district": district, "slot": diff.slot}
        conn.execute(render_sql("warehouse/aliases/remove.sql"), where)
    if diff.aliases is None:
        return
    names = ["former_student_id", "student_id"]
    with (
        archive.fs.open(archive.path(diff.aliases), "rb") as source,
        conn.cursor().copy(render_sql("warehouse/aliases/copy.sql")) as copy,
    ):
        for batch in pyarrow.parquet.ParquetFile(source).iter_batches(_BATCH_ROWS, columns=names):
            for former, now in zip(*(batch[n].to_pylist() for n in names), strict=True):
                copy.write_row((district, diff.slot, former, now))
