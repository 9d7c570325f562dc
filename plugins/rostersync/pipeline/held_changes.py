"""The list of changes that wait: for those who may see people's data."""

from __future__ import annotations

import csv
from pathlib import Path

from rostersync.archive import Archive, Layout
from rostersync.engine import open_session, render_sql
from rostersync.errors import ArchiveError
from rostersync.ledger import OpenedHold
from rostersync.reporting.district_report import neutral
from rostersync.spec import ENTITIES, Domain
from rostersync.warehouse import applied_slots, connect

_BATCH = 10_000
_WORDS = {"I": "added", "U": "changed", "D": "removed", "R": "reused"}


def write_changes(url: str, archive: Archive, hold: OpenedHold, path: Path) -> int:
    """Write the held rows of every entity as CSV: entity, what would happen, school, key, new key; how many.

    A cell that a spreadsheet would take for a formula gets an apostrophe. Raises ArchiveError when the
    slot's artefacts are not in this archive.
    """
    with connect(url) as conn:
        fold = applied_slots(conn, hold.district, Domain(hold.domain))
    here = next((s for s in fold if (s.slot, s.landing) == (hold.slot, hold.landing)), None)
    if here is None:
        raise ArchiveError(
            "Only slices have a list of changes; this hold is about a whole upload",
            hold=hold.hold_id[:8],
        )
    layout = Layout(hold.district, Domain(hold.domain), hold.slot)
    diff = layout.diff(here.landing, here.pin, here.base)
    folder, rekeyed = f"{diff}/held", f"{diff}/rekeyed.parquet"
    written = 0
    with (
        path.open("w", encoding="utf-8-sig", newline="") as target,
        open_session(archive) as session,
    ):
        writer = csv.writer(target, lineterminator="\r\n")
        writer.writerow(["entity", "change", "school_id", "key", "new_key"])
        if is_rekeyed := archive.exists(rekeyed):
            session.view_parquet("rekeyed", rekeyed)
        for name in (n for n in ENTITIES if f"{n}.parquet" in archive.list_names(folder)):
            session.view_parquet("held", f"{folder}/{name}.parquet")
            rows = session.con.execute(
                render_sql(
                    "reports/held_changes.sql",
                    entity=ENTITIES[name],
                    is_rekeyed=is_rekeyed and name == "students",
                )
            )
            while batch := rows.fetchmany(_BATCH):
                for op, *cells in batch:
                    writer.writerow([name, _WORDS[op], *(neutral(cell or "") for cell in cells)])
                written += len(batch)
    return written
