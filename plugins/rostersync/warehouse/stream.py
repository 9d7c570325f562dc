"""Streams a change set from Parquet into Postgres: Arrow batches as CSV through COPY, no row lists."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rostersync.archive import Archive
from rostersync.engine import render_sql
from rostersync.spec import Entity

if TYPE_CHECKING:
    from rostersync.warehouse.connection import Connection

_BATCH_ROWS = 50_000


def copy_changes(conn: Connection, archive: Archive, entity: Entity, changes: str) -> None:
    """Fill ``incoming_<entity>`` with an archived change set (op, contract columns, _line)."""
    import pyarrow.csv
    import pyarrow.parquet

    names = ["op", *(c.name for c in entity.columns), "_line"]
    # quoting_style "needed" writes "" for an empty string and nothing for NULL, as COPY reads them
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
    with (
        archive.fs.open(archive.path(changes), "rb") as source,
        conn.cursor().copy(render_sql("warehouse/copy_incoming.sql", entity=entity)) as copy,
    ):
        for batch in pyarrow.parquet.ParquetFile(source).iter_batches(_BATCH_ROWS, columns=names):
            buffer = io.BytesIO()
            pyarrow.csv.write_csv(batch.select(names), buffer, options)
            copy.write(buffer.getbuffer())
