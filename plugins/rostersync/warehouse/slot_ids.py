"""Ids of students that a slot tells: a function of the slot that was applied, rewritten with its slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rostersync.archive import Archive
from rostersync.engine import render_sql
from rostersync.fold import SlotDiff

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection

_BATCH_ROWS = 50_000
_TABLES = ("roster.student_aliases", "roster.reused_students")


def write_slot_ids(
    conn: Connection, archive: Archive, district: str, diff: SlotDiff, *, rewrite: bool
) -> None:
    """Make the slot's former ids, and those in doubt, what its archived diff says.

    ``rewrite``: there may be some already.
    """
    import pyarrow.parquet

    if rewrite:
        remove_slot_ids(conn, district, diff.slot)
    ids = ((["former_student_id", "student_id"], diff.aliases), (["student_id"], diff.reused))
    for table, (columns, source) in zip(_TABLES, ids, strict=True):
        if source is None:
            continue
        statement = render_sql("postgres/warehouse/slot_ids/copy.sql", table=table, ids=columns)
        with (
            archive.reading(source) as file,
            conn.cursor().copy(statement) as copy,
        ):
            parquet = pyarrow.parquet.ParquetFile(file)
            for batch in parquet.iter_batches(_BATCH_ROWS, columns=columns):
                for ids in zip(*(batch[c].to_pylist() for c in columns), strict=True):
                    copy.write_row((district, diff.slot, *ids))


def remove_slot_ids(conn: Connection, district: str, slot: str) -> None:
    """Take out what the slot says of ids."""
    for table in _TABLES:
        statement = render_sql("postgres/warehouse/slot_ids/remove.sql", table=table)
        conn.execute(statement, {"district": district, "slot": slot})
