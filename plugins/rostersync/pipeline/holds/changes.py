"""The list of changes that wait: for those who may see people's data."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from rostersync.archive import Archive, Layout
from rostersync.diff.inputs import HELD
from rostersync.engine import Session, open_session, render_sql
from rostersync.engine.postgres import connect
from rostersync.errors import ArchiveError
from rostersync.fold import EMPTY_FINGERPRINT, GONE, IDS, AppliedSlot
from rostersync.ledger.holds import OpenedHold
from rostersync.ledger.slots import applied_slots
from rostersync.reporting.district_report import neutral
from rostersync.spec import Domain, entities_of

_BATCH = 10_000
_WORDS = {
    **{"I": "added", "U": "changed", "D": "removed", "R": "reused", "G": "gone"},
    "O": "changed",
}

Row = tuple[str, str, str, str, str]
"""(entity, what would happen, school, key, new key of a student under another id, or of a damaged one)."""
Counts = Counter[tuple[str, str, str]]
"""(school, entity, what would happen) -> rows."""


def write_changes(url: str, archive: Archive, hold: OpenedHold, target: TextIO) -> Counts:
    """Write the held rows of every entity as CSV: entity, what would happen, school, key, new key.

    Of ids that seem damaged: the id that is known and the one that was sent.

    Returns their counts. A cell that a spreadsheet would take for a formula gets an apostrophe. Raises
    ArchiveError when the slot's artefacts are not in this archive.
    """
    with connect(url) as conn:
        fold = applied_slots(conn, hold.district, Domain(hold.domain))
    here = fold.at(hold.slot, hold.landing)
    if here is None:
        raise ArchiveError(
            "Only slices have a list of changes; this hold is about a whole upload",
            hold=hold.hold_id[:8],
        )
    counts: Counts = Counter()
    with open_session(archive) as session:
        writer = csv.writer(target, lineterminator="\r\n")
        writer.writerow(["entity", "change", "school_id", "key", "new_key"])
        for entity, change, school, *keys in _rows(session, hold, here):
            writer.writerow([entity, change, neutral(school), *map(neutral, keys)])
            counts[school, entity, change] += 1
    return counts


def keep_changes(url: str, archive: Archive, hold: OpenedHold) -> Counts:
    """Write the list into the archive, for the page that hands it out; return its counts."""
    name = Layout.hold_changes(hold.district, hold.hold_id)
    with archive.writing(name) as f:
        target = io.TextIOWrapper(f, encoding="utf-8-sig", newline="")
        counts = write_changes(url, archive, hold, target)
        target.detach()  # flushes, and leaves closing to the archive
    return counts


def _rows(session: Session, hold: OpenedHold, here: AppliedSlot) -> Iterator[Row]:
    layout = Layout(hold.district, Domain(hold.domain), hold.slot)
    diff = layout.diff(here.landing, here.pin, here.base)
    folder, rekeyed = diff.held_folder, diff.rekeyed
    if is_rekeyed := session.archive.exists(rekeyed):
        session.view_parquet("rekeyed", rekeyed)
    kept = session.archive.list_names(folder)
    schools = [s["scope"] for s in hold.slices if s["kind"] == GONE]
    lists = {s["entity"]: s["fingerprint"] for s in hold.slices if s["kind"] == IDS}
    for entity in entities_of(Domain(hold.domain)):
        if f"{entity.name}.parquet" in kept:
            session.view_state("held", entity, diff.held(entity.name), beside=HELD)
            sql = render_sql(
                "duckdb/reports/held_changes.sql",
                entity=entity,
                is_rekeyed=is_rekeyed and entity.name == "students",
            )
            rows = session.con.execute(sql)
            while batch := rows.fetchmany(_BATCH):
                for op, school, key, new_key in batch:
                    yield entity.name, _WORDS[op], school or "", key, new_key or ""
        if entity.name in lists:
            session.view_parquet("pairs", layout.ids(lists[entity.name]))
            pairs = "select former_id, new_id from pairs order by all"
            for former, new in session.con.execute(pairs).fetchall():
                yield entity.name, "new id", "", former, new
        state = here.fingerprints.get(entity.name, EMPTY_FINGERPRINT)
        if schools and state != EMPTY_FINGERPRINT:
            session.view_state("stored", entity, layout.state(entity.name, state))
            rows = session.con.execute(
                render_sql("duckdb/reports/rows_of_schools.sql", entity=entity),
                {"schools": schools},
            )
            while batch := rows.fetchmany(_BATCH):
                for school, key in batch:
                    yield entity.name, "removed", school, key, ""
