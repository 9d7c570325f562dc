"""What lasts too long: rows kept night after night behind a broken record, ids that nobody answers for."""

from __future__ import annotations

from collections.abc import Iterator

from rostersync.diff.inputs import KEPT
from rostersync.engine import open_session
from rostersync.engine.postgres import Connection
from rostersync.fold import IDS, Fold
from rostersync.ledger.holds import find_holds
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.resolve import diff_of, folder_of
from rostersync.pipeline.ground.run import Run
from rostersync.reporting.digest import Item
from rostersync.spec import ENTITIES
from rostersync.spec.reasons import Carried

NIGHTS = (3, 7, 14, 21, 28)
"""The third night in a row is told, and then every seventh."""


def lasting(conn: Connection, run: Run) -> Iterator[Item]:
    """Told by the slots alone: of a slot that was loaded, and those before it."""
    fold = applied_slots(conn, run.district, run.domain)
    here = fold.at(run.slot)
    if here is None:
        return
    past = Fold((*fold.before(run.slot), here))
    yield from _kept(run, past)
    for hold in find_holds(conn, district=run.district, domain=run.domain, status="open"):
        pairs = sum(s["count"] for s in hold.slices if s["kind"] == IDS)
        nights = sum(s.slot >= hold.first_slot for s in past)
        if pairs and hold.slot == run.slot and nights in NIGHTS:
            yield Item(f"ids:{nights}", "ids", count=pairs, detail=f"for {nights} nights")


def _kept(run: Run, past: Fold) -> Iterator[Item]:
    reasons = {n: e.reasons for n, e in diff_of(run, past[-1]).entities.items()}
    for name in (n for n, r in reasons.items() if Carried.FROZEN_UNIDENTIFIED in r):
        counts = _streaks(run, past, name)
        for nights in (n for n in NIGHTS if n <= len(counts)):
            longer = counts[nights] if nights < len(counts) else 0
            if rows := counts[nights - 1] - longer:
                detail = f"{name}, for {nights} nights"
                yield Item(f"kept:{name}:{nights}", "kept", count=rows, detail=detail)


def _streaks(run: Run, past: Fold, name: str) -> list[int]:
    """How many rows of an entity are kept in the newest slot, in this and the one before, and so on."""
    entity, counts = ENTITIES[name], []
    with open_session(run.archive) as session:
        for n, slot in enumerate(reversed(past[-NIGHTS[-1] - 1 :])):
            if Carried.FROZEN_UNIDENTIFIED not in diff_of(run, slot).of(name).reasons:
                break
            carried = folder_of(run, slot).carried(name)
            session.view_state("carried", entity, carried, beside=KEPT)
            [(rows,)] = session.run("duckdb/reports/kept_keys.sql", entity=entity, is_newest=n == 0)
            if not rows:
                break
            counts.append(int(rows))
    return counts
