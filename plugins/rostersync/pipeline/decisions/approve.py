"""Decisions: what a person says about a hold.

A decision is for exactly the slot, landing and slices it names, while the hold is the newest slot's. It moves
the fold as a load does, in one transaction, and is recorded with the slot: a recomputed slot keeps it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rostersync.engine.postgres import Connection, connect
from rostersync.errors import DecisionError
from rostersync.fold import (
    GONE,
    IDS,
    AppliedSlot,
    Fold,
    Settled,
    Slice,
    SlotDiff,
    slice_name,
    trade_scopes,
)
from rostersync.ledger.holds import (
    OpenedHold,
    close_hold,
    decisions,
    find_holds,
    keep_open,
    record_decision,
)
from rostersync.ledger.results import RunResult
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.decisions.new_ids import judge_new_ids
from rostersync.pipeline.ground.resolve import diff_of
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.holds.judge import judge_slices
from rostersync.pipeline.holds.keep import keep_slices
from rostersync.pipeline.steps.load import apply_in
from rostersync.spec import Domain
from rostersync.warehouse import lock_fold

EXPIRES = timedelta(days=7)
"""A hold that nobody answers is discarded after this time, counted from the night it came first."""
QUIET_FOR = timedelta(days=60)
"""For no longer than this a decision to discard silences what comes after it."""


def approve(
    run: Run, hold: OpenedHold, *, slices: Sequence[str] | None = None, who: str, why: str
) -> RunResult:
    """Apply what waits: all of it, or some bundles of slices; the rest stays as it was.

    ``slices``: names (``students:removed:12``), or numbers of bundles. Naming one slice of a bundle names all
    of it; the result's message says which, where they are more than were named.

    ``run``: of the hold's district and domain; its slot is the hold's. ``hold``: as the person saw it.

    Raises DecisionError when it looks other than it was shown, when the hold is
    not open any more, is not the newest slot's, or has no such slice.
    """
    one = _run_of(run, hold)
    with connect(run.warehouse) as conn, conn.transaction():
        lock_fold(conn, run.district, run.domain)
        fold = applied_slots(conn, run.district, run.domain)
        current = _open(conn, hold)
        chosen = _chosen(current, slices)
        record_decision(conn, current, "approve", slices=chosen, who=who, why=why)
        close_hold(conn, current.hold_id, "approved")
        if current.kind == "slices":
            here = _newest(fold, current)
            shown = diff_of(run, here)
            _as_shown(shown, current, chosen)
            one = replace(one, inputs=run.pinned(here.pin))
            settled = _approved(here.settled, chosen, as_new_ids=bool(shown.rekeyed))
            if settled.ids == here.settled.ids:
                result = apply_in(conn, one, current.landing, settled=settled, judge=None)
            else:
                result = _apply_new_ids(conn, one, fold, here, settled)
        else:
            _not_older(fold, current)
            result = apply_in(conn, one, current.landing, judge=judge_slices)
    said = " ".join(filter(None, (result.message, _said(chosen, slices))))
    return replace(result, message=said)


def _apply_new_ids(
    conn: Connection, run: Run, fold: Fold, here: AppliedSlot, settled: Settled
) -> RunResult:
    """Apply the slot with ids that are meant so, and keep what waits of it then."""
    waiting, judgement = judge_new_ids(conn, run, fold, here, settled)
    result = apply_in(conn, run, here.landing, settled=waiting.settled, judge=None)
    fold = applied_slots(conn, run.district, run.domain)
    return replace(result, holds=keep_slices(conn, run, waiting, judgement, fold))


def is_decided(
    url: str,
    hold: OpenedHold,
    action: str,
    *,
    slices: Sequence[str] | None = None,
    who: str,
    why: str,
) -> bool:
    """True when this very decision is in the ledger: who took it was interrupted before they heard so.

    ``action``: approve or discard. ``slices``: as of ``approve``; None is all that ``hold`` shows.
    """
    names = sorted(slice_name(s) for s in _chosen(hold, slices))
    wanted = (hold.hold_id, hold.slot, hold.landing, action, who, why, names)
    with connect(url) as conn:
        taken = decisions(conn, hold.district, Domain(hold.domain))
    known = ("hold_id", "slot", "landing", "action", "decided_by", "reason")
    return any(
        (*(d[k] for k in known), sorted(slice_name(s) for s in d["slices"])) == wanted
        for d in taken
        if d["hold_id"] == hold.hold_id
    )


def expire(url: str, now: datetime) -> list[OpenedHold]:
    """Discard what nobody answered within EXPIRES; the next upload is judged anew. Returns the holds."""
    expired = []
    with connect(url) as conn:
        old = [h for h in find_holds(conn, status="open") if now - h.opened_at >= EXPIRES]
        for hold in old:
            with conn.transaction():
                lock_fold(conn, hold.district, Domain(hold.domain))
                if find_holds(conn, hold=hold.hold_id, status="open"):  # answered in this moment?
                    close_hold(conn, hold.hold_id, "expired")
                    expired.append(hold)
    return expired


def discard(
    run: Run,
    hold: OpenedHold,
    *,
    slices: Sequence[str] | None = None,
    who: str,
    why: str,
    until: date | None = None,
) -> list[str]:
    """Keep the old rows of all that waits, or of some bundles: then the others wait on. Returns the slices.

    ``slices``: as of :func:`approve`. ``until``: the same slices wait for nobody up to this date.

    Raises DecisionError when the hold is not open any more, has no such slice, or the date is too far away.
    """
    last = datetime.now(run.cfg.zone).date() + QUIET_FOR
    if until is not None and until > last:
        raise DecisionError(
            "Nobody would be asked for too long",
            hold=hold.hold_id[:8],
            expected=f"a date up to {last}, {QUIET_FOR.days} days away",
            found=str(until),
            next_step="discard until an earlier date, and look again then",
        )
    with connect(run.warehouse) as conn, conn.transaction():
        lock_fold(conn, run.district, run.domain)
        current = _open(conn, hold)
        chosen = _chosen(current, slices)
        record_decision(conn, current, "discard", slices=chosen, who=who, why=why, until=until)
        names = [slice_name(s) for s in chosen]
        if left := [s for s in current.slices if slice_name(s) not in names]:
            keep_open(conn, current, left)
        else:
            close_hold(conn, current.hold_id, "discarded")
    return names


def _as_shown(shown: SlotDiff, hold: OpenedHold, chosen: Sequence[Mapping[str, Any]]) -> None:
    """Raise DecisionError when what the slices hold is not what the hold shows."""
    held = {str(h.slice): h.fingerprint for h in shown.waiting.values()}
    moved = [slice_name(s) for s in chosen if held.get(slice_name(s), "") != s["fingerprint"]]
    if moved:
        raise DecisionError(
            "What waits has moved since it was shown",
            hold=hold.hold_id[:8],
            found=", ".join(moved),
            next_step="run the slot again, then look anew: rostersync holds show",
        )


def _run_of(run: Run, hold: OpenedHold) -> Run:
    return replace(
        run,
        domain=Domain(hold.domain),
        slot=hold.slot,
        run_id=str(uuid.uuid4()),
        started_at=datetime.now(UTC),
    )


def _open(conn: Connection, hold: OpenedHold) -> OpenedHold:
    """The hold as it is now, under the lock."""
    (current,) = find_holds(conn, hold=hold.hold_id)
    if current.status != "open" or (current.slot, current.landing) != (hold.slot, hold.landing):
        raise DecisionError(
            "This hold waits no more as it was shown",
            hold=hold.hold_id[:8],
            district=hold.district,
            expected=f"open, for slot {hold.slot}",
            found=f"{current.status}, for slot {current.slot}",
            next_step="look at what waits now: rostersync holds list",
        )
    as_shown = {slice_name(s): s["fingerprint"] for s in hold.slices}
    if as_shown != {slice_name(s): s["fingerprint"] for s in current.slices}:
        raise DecisionError(
            "What waits has moved since it was shown",
            hold=hold.hold_id[:8],
            district=hold.district,
            next_step="look at what waits now: rostersync holds list",
        )
    return current


def _chosen(hold: OpenedHold, names: Sequence[str] | None) -> list[dict[str, Any]]:
    """The slices of the bundles that are named, by number or by a slice of theirs."""
    bundles = hold.bundles
    if names is None:
        return [s for bundle in bundles.values() for s in bundle]
    known = {slice_name(s): n for n, bundle in bundles.items() for s in bundle}
    known |= {str(n): n for n in bundles}
    if unknown := [n for n in names if n not in known]:
        raise DecisionError(
            "The hold has no such slice",
            hold=hold.hold_id[:8],
            expected=", ".join(known) or "no slices: it is about the whole upload",
            found=", ".join(unknown),
        )
    chosen = {known[n] for n in names}
    return [s for n, bundle in bundles.items() if n in chosen for s in bundle]


def _said(chosen: Sequence[Mapping[str, Any]], names: Sequence[str] | None) -> str:
    """Which slices were taken, where not each of them was named."""
    taken = [slice_name(s) for s in chosen]
    if names is None or set(taken) <= set(names):
        return ""
    return f"Tied, so decided as one: {', '.join(taken)}."


def _newest(fold: Fold, hold: OpenedHold) -> AppliedSlot:
    newest = fold.newest
    if newest is None or (newest.slot, newest.landing) != (hold.slot, hold.landing):
        raise DecisionError(
            "The hold is not the newest slot's any more",
            hold=hold.hold_id[:8],
            expected=f"slot {hold.slot}, landing {hold.landing}",
            found=f"slot {newest.slot}, landing {newest.landing}" if newest else "no slot",
            next_step="look at what waits now: rostersync holds list",
        )
    return newest


def _not_older(fold: Fold, hold: OpenedHold) -> None:
    if fold and fold[-1].slot > hold.slot:
        raise DecisionError(
            "A newer slot was loaded since",
            hold=hold.hold_id[:8],
            expected=f"no slot after {hold.slot}",
            found=f"slot {fold[-1].slot}",
        )


def _approved(
    settled: Settled, chosen: Sequence[Mapping[str, Any]], *, as_new_ids: bool
) -> Settled:
    slices = [Slice.from_json(s) for s in chosen]
    gone = {s.scope for s in slices if s.kind == GONE}
    rekeyed = trade_scopes(slices) if as_new_ids else ()
    ids = [s["fingerprint"] for s in chosen if s["kind"] == IDS]
    return replace(
        settled,
        held=tuple(s for s in settled.held if s not in slices),
        gone=tuple(sorted({*settled.gone, *gone})),
        rekeyed=tuple(sorted({*settled.rekeyed, *rekeyed})),
        ids=tuple(sorted({*settled.ids, *ids})),
    )
