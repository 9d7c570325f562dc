"""The newest attendance file of a day, and what it itself says of the events that stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from rostersync.archive import Archive, FileState, Layout
from rostersync.attendance import NewestFile
from rostersync.engine import render_sql
from rostersync.engine.postgres import Connection
from rostersync.fold import AppliedSlot, day_of
from rostersync.ledger.results import Outcome
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.files import file_inputs
from rostersync.pipeline.ground.run import Run
from rostersync.spec import FILES, Domain
from rostersync.warehouse import csv_batches

if TYPE_CHECKING:
    import pyarrow

_FILE = "attendance"


def newest_file(
    conn: Connection, run: Run, day: date, *, nobody: int | None = None
) -> NewestFile | None:
    """The newest file of ``day``, by slot and landing, as the fold and the runs have it; None before one.

    It has rows of the day, or is of the day and says nobody is absent. ``nobody``: the landing of ``run``,
    which is not in the ledger yet, when that does.
    """
    fold = applied_slots(conn, run.district, Domain.ATTENDANCE)
    with_rows = [s for s in fold if day_of(_FILE, day.isoformat()) in s.fingerprints]
    where = {"district": run.district, "domain": str(Domain.ATTENDANCE), "day": day.isoformat()}
    empty: list[tuple[str, int]] = conn.execute(
        render_sql("postgres/ledger/slots_of_outcome.sql"),
        {**where, "outcome": str(Outcome.NOBODY_ABSENT)},
    ).fetchall()
    if nobody is not None and run.slot[:10] == day.isoformat():
        empty.append((run.slot, nobody))
    applied = with_rows[-1] if with_rows else None
    last = max(empty, default=None)
    if applied is None or (last is not None and last > (applied.slot, applied.landing)):
        return NewestFile(*last) if last else None
    return file_of(run, applied, day)


def file_of(run: Run, here: AppliedSlot, day: date) -> NewestFile:
    """What the file of a slot that is in the fold, or was, itself says of a day."""
    layout = Layout(run.district, Domain.ATTENDANCE, here.slot)
    carried = layout.diff(here.landing, here.pin, here.base).carried(_FILE)
    return NewestFile(
        here.slot,
        here.landing,
        schools=tuple(sorted(_schools(run, layout, here, day))),
        carried=_carried(run.archive, carried, day) if run.archive.exists(carried) else (),
        knows_all_day=not _p0_is_unsaid(run, layout, here),
    )


def _schools(run: Run, layout: Layout, here: AppliedSlot, day: date) -> set[str]:
    """The schools of which the file has a row of the day, in quarantine or not."""
    import pyarrow.compute
    import pyarrow.parquet

    given = file_inputs(run, layout, here.landing, here.pin)[_FILE]
    if given.state in (FileState.MISSING, FileState.REJECTED) or given.clean is None:
        return set()
    found: set[str] = set()
    with run.archive.at_hand(given.clean) as path, pyarrow.parquet.ParquetFile(path) as parquet:
        for batch in parquet.iter_batches(columns=["school_id", "date"], use_threads=False):
            of_the_day = batch.filter(pyarrow.compute.equal(batch.column("date"), day.isoformat()))
            found |= {s for s in of_the_day.column("school_id").unique().to_pylist() if s}
    return found


def _carried(archive: Archive, name: str, day: date) -> Iterator[memoryview]:
    """The day's events that stand without the file saying so, as CSV."""
    import pyarrow.compute

    def of_the_day(batch: pyarrow.RecordBatch) -> pyarrow.RecordBatch:
        return batch.filter(pyarrow.compute.equal(batch.column("date"), day)).drop_columns(["date"])

    return csv_batches(archive, name, ("school_id", "student_id", "period", "date"), of_the_day)


def _p0_is_unsaid(run: Run, layout: Layout, here: AppliedSlot) -> bool:
    """Its whole-day events come from column p0, and the district has not said what that is."""
    wide = FILES[_FILE].wide
    if wide is None or (run.cfg.attendance and run.cfg.attendance.p0):
        return False
    staged = run.archive.read_json(layout.check(here.landing, here.pin).staged_document)
    return any(re.fullmatch(wide.header, cell.strip()) for cell in staged[_FILE]["header"])
