"""Ids that a person said are meant so: new keys then, and judged as such before anything of them loads."""

from __future__ import annotations

from dataclasses import replace

from rostersync.engine.postgres import Connection
from rostersync.fold import (
    DISTRICT,
    AppliedSlot,
    DiffRequest,
    Fold,
    Judgement,
    Settled,
    Slice,
    SlotDiff,
    Trip,
)
from rostersync.ledger.holds import approved_slices, approved_slots
from rostersync.ledger.waivers import waived_rules
from rostersync.pipeline.ground.resolve import compute
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.holds.judge import exactly, judge_slices, with_ties
from rostersync.spec.reasons import Waits


def judge_new_ids(
    conn: Connection, run: Run, fold: Fold, here: AppliedSlot, settled: Settled
) -> tuple[SlotDiff, Judgement]:
    """The slot with its ids as they are meant, and what of it waits then.

    ``settled``: with the decision that was just recorded. What was approved before stays so when it is
    exactly that still; anything else is judged anew, limits and all. Where the whole upload would wait, its
    new keys and those they take the place of do: the rest has loaded.
    """
    before = fold.before(here.slot)
    request = DiffRequest(
        here.slot, here.landing, here.pin, before.state, replace(settled, held=())
    )
    slot_diff = compute(run)(request)
    approved = approved_slots(conn, run.district, run.domain)
    waived = waived_rules(conn, run.district, run.slot)
    judgement = judge_slices(run, slot_diff, before, approved, waived)
    if judgement.set_reasons:
        judgement = replace(judgement, trips=(*judgement.trips, *_keys(slot_diff, judgement)))
        judgement = with_ties(run, slot_diff, before, judgement)
    held = {*settled.held, *judgement.held}
    waiting = compute(run)(replace(request, settled=replace(settled, held=tuple(sorted(held)))))
    known = approved_slices(conn, run.district, run.domain, here.slot, here.landing)
    if as_approved := exactly(known, waiting):
        held -= as_approved
        waiting = compute(run)(replace(request, settled=replace(settled, held=tuple(sorted(held)))))
    trips = tuple(t for t in judgement.trips if t.slice not in as_approved)
    return waiting, replace(judgement, trips=trips)


def _keys(slot_diff: SlotDiff, judgement: Judgement) -> list[Trip]:
    """All who come and go, of the people and places by whom an upload is known to be the district's."""
    named = {t.slice for t in judgement.trips}
    measures = slot_diff.measures
    slices = (
        (Slice(entity, kind, DISTRICT), getattr(slot_diff.of(entity), kind))
        for entity in (measures.known if measures else ())
        for kind in ("added", "removed")
    )
    return [Trip(s, rows, 0, Waits.OVER_LIMIT) for s, rows in slices if rows and s not in named]
