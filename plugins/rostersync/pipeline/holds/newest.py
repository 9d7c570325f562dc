"""What waits of the newest slot, asked again: another one was the newest until a person took it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rostersync.engine.postgres import Connection
from rostersync.fold import (
    GONE,
    REKEY,
    AppliedSlot,
    DiffRequest,
    Fold,
    Judgement,
    SlotDiff,
    Trip,
    bundles_of,
    slice_name,
)
from rostersync.ledger.holds import (
    OpenedHold,
    approved_slots,
    decisions,
    find_holds,
    open_hold,
    supersede,
)
from rostersync.ledger.results import Hold
from rostersync.ledger.slots import applied_slots
from rostersync.ledger.waivers import waived_rules
from rostersync.pipeline.ground.resolve import compute, diff_of
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.holds.judge import judge_slices, with_ties
from rostersync.pipeline.holds.keep import as_kept, not_settled, refresh, shown, still_waiting
from rostersync.pipeline.holds.same import is_same
from rostersync.spec import Domain
from rostersync.spec.reasons import Waits

_ANSWERED = ("approved", "discarded", "expired")


def ask_newest(conn: Connection, run: Run) -> tuple[Hold, ...]:
    """Keep open what waits of the newest slot, and nothing of another; what waits then.

    ``run``: of a slot that was just taken out of the fold, or put back. What a slot held when it loaded stays
    held; a person can answer for it again, but where somebody has. A whole upload that waits after the newest
    slot waits on. Call it under the fold's lock.
    """
    if run.domain is Domain.ATTENDANCE:
        return ()
    fold = applied_slots(conn, run.district, run.domain)
    newest = fold.newest
    holds = find_holds(conn, district=run.district, domain=run.domain)
    waiting = [h for h in holds if h.status == "open"]
    if any(h.kind != "slices" and _is_after(h, newest) for h in waiting if h.slot != run.slot):
        return ()
    own = [h for h in waiting if newest and (h.slot, h.landing) == (newest.slot, newest.landing)]
    if own:
        refresh(conn, run, own)
        return still_waiting(conn, replace(run, slot=own[0].slot), own[0].landing)
    if newest is None or _is_answered(holds, newest):
        supersede(conn, run.district, run.domain)
        return ()
    one = replace(run, slot=newest.slot, inputs=run.pinned(newest.pin))
    diff = diff_of(one, newest)
    judgement = _judged_again(conn, one, fold.before(newest.slot), newest, diff)
    slices = not_settled(conn, one, _undecided(conn, one, newest, as_kept(diff, judgement)))
    if not slices:
        supersede(conn, run.district, run.domain)
        return ()
    before = next((h for h in waiting if h.kind == "slices" and h.first_slot <= newest.slot), None)
    goes_on = before is not None and (
        before.slot == run.slot  # it went on from this one, and comes back
        or is_same(one, before, slices, diff, fold)
    )
    open_hold(
        conn,
        district=run.district,
        domain=run.domain,
        slot=newest.slot,
        landing=newest.landing,
        kind="slices",
        label=REKEY if diff.rekeyed else judgement.label,
        reasons=[],
        slices=slices,
        counts={},
        rekeyed=diff.rekeyed,
        goes_on=before.hold_id if before and goes_on else None,
    )
    return shown(slices)


def _is_after(hold: OpenedHold, newest: AppliedSlot | None) -> bool:
    return newest is None or hold.slot >= newest.slot


def _is_answered(holds: Sequence[OpenedHold], newest: AppliedSlot) -> bool:
    """Somebody decided about all that the slot left waiting, or nobody did in time."""
    of = [h for h in holds if (h.slot, h.landing) == (newest.slot, newest.landing)]
    return bool(of) and of[0].status in _ANSWERED


def _judged_again(
    conn: Connection, run: Run, before: Fold, newest: AppliedSlot, diff: SlotDiff
) -> Judgement:
    """Why what waits of the slot waits: the limits' reasons where they have one now, else that it was held.

    What waits is as the slot has it; whether it is tied is asked anew, and where the ties have grown beyond
    what waits, all of it is one bundle.
    """
    request = DiffRequest.as_applied(newest, before.state)
    plain = compute(run)(replace(request, settled=replace(newest.settled, held=())))
    judged = judge_slices(
        run,
        plain,
        before,
        approved_slots(conn, run.district, run.domain),
        waived_rules(conn, run.district, run.slot),
    )
    held = diff.waiting
    trips = [
        t
        for t in judged.trips
        if t.slice in held or (t.slice.kind == GONE and t.slice.scope not in newest.settled.gone)
    ]
    named = {t.slice for t in trips}
    trips += [Trip(s, h.count, 0, Waits.OVER_LIMIT) for s, h in held.items() if s not in named]
    alone = Judgement((), tuple(sorted(trips, key=lambda t: (t.slice, t.reason))), judged.label)
    tied = with_ties(run, plain, before, alone)
    if set(held) <= set(tied.slices):
        return tied
    return replace(alone, bundles=(alone.slices,))


def _undecided(
    conn: Connection, run: Run, newest: AppliedSlot, slices: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The slices but those of bundles that somebody discarded of this very landing."""
    discarded = {
        slice_name(s)
        for d in decisions(conn, run.district, run.domain)
        if (d["action"], d["slot"], d["landing"]) == ("discard", newest.slot, newest.landing)
        for s in d["slices"]
    }
    return [
        one
        for bundle in bundles_of(slices).values()
        if discarded.isdisjoint(slice_name(s) for s in bundle)
        for one in bundle
    ]
