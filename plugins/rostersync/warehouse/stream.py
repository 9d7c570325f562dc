"""Streams a change set from Parquet into Postgres: Arrow batches as CSV through COPY, no row lists."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rostersync.archive import Archive
from rostersync.engine import render_sql
from rostersync.spec import Entity

if TYPE_CHECKING:
    import pyarrow

    from rostersync.engine.postgres import Connection

_BATCH_ROWS = 50_000


def copy_changes(
    conn: Connection, archive: Archive, entity: Entity, changes: str, provenance: dict[str, Any]
) -> None:
    """Write an archived change set (op, contract columns, _line) to the change log, as one slice.

    ``provenance``: district, slot, run_id and sha256 of the slice's rows; of a row that was removed,
    or that a restore brought back, no file speaks.
    """
    names = ["op", *(c.name for c in entity.columns), "_line"]
    slice_ = csv_batches(archive, changes, names, lambda batch: _as_logged(batch, provenance))
    with conn.cursor().copy(render_sql("postgres/warehouse/copy_log.sql", entity=entity)) as copy:
        for rows in slice_:
            copy.write(rows)


def csv_batches(
    archive: Archive,
    name: str,
    columns: Sequence[str],
    change: Callable[[pyarrow.RecordBatch], pyarrow.RecordBatch],
) -> Iterator[memoryview]:
    """Archived Parquet as CSV for COPY, batch by batch. ``change``: what becomes of each.

    A column that the file was written without, because it came later, is NULL.
    """
    import pyarrow.csv
    import pyarrow.parquet

    # quoting_style "needed" writes "" for an empty string and nothing for NULL, as COPY reads them
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
    with archive.at_hand(name) as path, pyarrow.parquet.ParquetFile(path) as parquet:
        stored = [c for c in columns if c in parquet.schema_arrow.names]
        # one thread: most slices are small, and COPY is slower than reading
        for batch in parquet.iter_batches(_BATCH_ROWS, columns=stored, use_threads=False):
            buffer = io.BytesIO()
            pyarrow.csv.write_csv(change(_with_columns(batch, columns)), buffer, options)
            yield buffer.getbuffer()


def _with_columns(batch: pyarrow.RecordBatch, columns: Sequence[str]) -> pyarrow.RecordBatch:
    """The batch with these columns in this order, NULL where it has none."""
    import pyarrow

    there = set(batch.schema.names)
    nothing = pyarrow.nulls(len(batch), pyarrow.string())
    cells = [batch.column(name) if name in there else nothing for name in columns]
    return pyarrow.record_batch(cells, names=list(columns))


def _as_logged(batch: pyarrow.RecordBatch, provenance: dict[str, Any]) -> pyarrow.RecordBatch:
    """The batch with the log's own columns around the contract's."""
    import pyarrow
    import pyarrow.compute

    def constant(name: str) -> pyarrow.Array:
        return pyarrow.repeat(pyarrow.scalar(provenance[name], pyarrow.string()), len(batch))

    line = batch.column(batch.num_columns - 1)
    sha256 = pyarrow.compute.if_else(
        pyarrow.compute.is_null(line), pyarrow.scalar(None, pyarrow.string()), constant("sha256")
    )
    columns = [
        constant("district"),
        constant("slot"),
        *batch.columns[:-1],
        constant("run_id"),
        sha256,
        line,
    ]
    return pyarrow.record_batch(columns, names=[str(n) for n in range(len(columns))])
