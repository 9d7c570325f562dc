"""Holds: what a slot leaves waiting for a person. What is decided about it: decisions/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rostersync.engine.postgres import Connection, connect
from rostersync.errors import UploadHeldError
from rostersync.fold import (
    EVERYWHERE,
    GONE,
    IDS,
    REKEY,
    Fold,
    Judgement,
    Restored,
    SlotDiff,
    bundles_of,
    is_only_tied,
    slice_name,
)
from rostersync.ledger.holds import (
    OpenedHold,
    close_hold,
    decisions,
    find_holds,
    open_hold,
    supersede,
)
from rostersync.ledger.results import Hold
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.resolve import diff_of
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.holds.same import is_same, still_waits
from rostersync.warehouse import lock_fold


def keep_slices(
    conn: Connection, run: Run, diff: SlotDiff, judgement: Judgement, fold: Fold
) -> tuple[Hold, ...]:
    """Keep what a loaded slot left waiting; what waited of earlier slots is superseded, or goes on.

    A late slot opens no hold: there is a newer one, and nobody could decide about it any more. What waits
    of the newest may have moved with it.
    """
    waiting = find_holds(conn, district=run.district, domain=run.domain, status="open")
    if _is_late(diff.slot, fold, waiting):
        refresh(conn, run, waiting)
        return ()
    slices = not_settled(conn, run, as_kept(diff, judgement))
    if not slices:
        supersede(conn, run.district, run.domain)
        return ()
    before = next((h for h in waiting if h.kind == "slices"), None)
    goes_on = before is not None and is_same(run, before, slices, diff, fold)
    open_hold(
        conn,
        district=run.district,
        domain=run.domain,
        slot=diff.slot,
        landing=diff.landing,
        kind="slices",
        label=REKEY if diff.rekeyed else judgement.label,
        reasons=[],
        slices=slices,
        counts={},
        rekeyed=diff.rekeyed,
        goes_on=before.hold_id if before and goes_on else None,
    )
    return shown(slices)


def waiting_slices(diff: SlotDiff, judgement: Judgement) -> tuple[Hold, ...]:
    """What a loaded slot would leave waiting."""
    return shown(as_kept(diff, judgement))


def keep_whole(
    run: Run,
    landing: int,
    held: UploadHeldError,
    counts: Mapping[str, int],
    rekeyed: Mapping[str, int],
) -> str | None:
    """Keep that a whole upload waits; the hold's id, None where nobody can decide about it any more.

    That is so of a slot that is not the newest, and of a landing that was discarded. ``rekeyed``: by school,
    students who seem to have a new id in it.
    """
    with connect(run.warehouse) as conn, conn.transaction():
        lock_fold(conn, run.district, run.domain)
        waiting = find_holds(conn, district=run.district, domain=run.domain, status="open")
        fold = applied_slots(conn, run.district, run.domain)
        if _is_late(run.slot, fold, waiting) or _discarded(conn, run, landing):
            return None
        same = (h for h in waiting if h.kind == held.kind and still_waits(h, held, counts))
        before = next(same, None)
        return open_hold(
            conn,
            district=run.district,
            domain=run.domain,
            slot=run.slot,
            landing=landing,
            kind=held.kind,
            label=REKEY if rekeyed else None,
            reasons=held.reasons,
            slices=[],
            counts=counts,
            rekeyed=rekeyed,
            goes_on=before.hold_id if before else None,
        )


def still_waiting(conn: Connection, run: Run, landing: int) -> tuple[Hold, ...]:
    """What waits of a slot that was applied before: a repeated run tells it again."""
    waiting = find_holds(conn, district=run.district, domain=run.domain, status="open")
    here = (h for h in waiting if (h.slot, h.landing) == (run.slot, landing))
    return shown([s for h in here for s in h.slices])


def shown(slices: Sequence[Mapping[str, Any]]) -> tuple[Hold, ...]:
    """Slices that the ledger keeps, as a result has them."""
    return tuple(
        Hold(
            s["kind"],
            s["entity"],
            s["scope"] or "district",
            s["count"],
            s["fingerprint"],
            s["scope"] or None,
            s["bundle"],
        )
        for bundle in bundles_of(slices).values()
        for s in bundle
    )


def _is_late(slot: str, fold: Fold, waiting: Sequence[OpenedHold]) -> bool:
    return bool(fold.after(slot)) or any(h.slot > slot for h in waiting)


def _discarded(conn: Connection, run: Run, landing: int) -> bool:
    """True when somebody discarded this very landing as a whole."""
    return any(
        (d["action"], d["slot"], d["landing"], d["slices"]) == ("discard", run.slot, landing, [])
        for d in decisions(conn, run.district, run.domain)
    )


def refresh(conn: Connection, run: Run, waiting: Sequence[OpenedHold]) -> None:
    """After slots were recomputed: what waits of the newest one, as it is now."""
    fold = applied_slots(conn, run.district, run.domain)
    for hold in (h for h in waiting if h.kind == "slices"):
        here = fold.at(hold.slot, hold.landing)
        if here is None:
            continue
        diff = diff_of(run, here)
        _go_on(conn, run, hold, diff, _as_now(diff, hold))


def after_restore(conn: Connection, run: Run, restored: Sequence[Restored]) -> tuple[Hold, ...]:
    """After a restore: what still waits of the newest slot. What was restored waits for nobody."""
    fold = applied_slots(conn, run.district, run.domain)
    stay = {r.scope for r in restored if r.entity == "schools"}
    for hold in find_holds(conn, district=run.district, domain=run.domain, status="open"):
        here = fold.at(hold.slot, hold.landing)
        if hold.kind != "slices" or here is None:
            continue
        diff = diff_of(run, here)
        rows = {str(h.slice): h.count for h in diff.waiting.values()}
        slices = [
            s
            for bundle in bundles_of(_as_now(diff, hold)).values()
            if any(s["kind"] == GONE or rows.get(slice_name(s)) for s in bundle)
            for s in bundle
            if (stay.isdisjoint((EVERYWHERE, s["scope"])) if s["kind"] == GONE else s["count"])
        ]
        if slices:
            _go_on(conn, run, hold, diff, slices)
            return shown(slices)
        close_hold(conn, hold.hold_id, "superseded")
    return ()


def _as_now(diff: SlotDiff, hold: OpenedHold) -> list[dict[str, Any]]:
    """The slices of a hold with what they hold in the slot as it is now."""
    held = {str(h.slice): h for h in diff.waiting.values()}
    return [
        {**s, "count": out.count, "fingerprint": out.fingerprint}
        # one of rows that are in place has the number of those that would go
        if (out := held.get(slice_name(s))) and out.fingerprint != s["fingerprint"]
        else s
        for s in hold.slices
        if s["kind"] != IDS or slice_name(s) in held
    ]


def _go_on(
    conn: Connection,
    run: Run,
    hold: OpenedHold,
    diff: SlotDiff,
    slices: Sequence[Mapping[str, Any]],
) -> None:
    open_hold(
        conn,
        district=run.district,
        domain=run.domain,
        slot=hold.slot,
        landing=hold.landing,
        kind=hold.kind,
        label=REKEY if diff.rekeyed else None if hold.label == REKEY else hold.label,
        reasons=hold.reasons,
        slices=slices,
        counts=hold.counts,
        rekeyed=diff.rekeyed,
        goes_on=hold.hold_id,
    )


def as_kept(diff: SlotDiff, judgement: Judgement) -> list[dict[str, Any]]:
    """The slices as the ledger keeps them: what came out as held, and schools that may be gone.

    A slice that nothing came out of would still go: its rows are in place only while what they refer to is.
    """
    held = diff.waiting
    numbers = judgement.bundle_numbers
    kept = []
    for one in judgement.slices:
        trips = [t for t in judgement.trips if t.slice == one]
        out = held.get(one)
        if one.kind != GONE and out is None:
            continue
        kept.append(
            {
                **one.to_json(),
                "count": out.count if out and out.count else max(t.count for t in trips),
                "limit": min((t.limit for t in trips), default=0),
                "reason": "; ".join(dict.fromkeys(t.reason for t in trips)),
                "fingerprint": out.fingerprint if out else "",
                "bundle": numbers[one],
            }
        )
    return kept


def not_settled(
    conn: Connection, run: Run, slices: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The slices but those of bundles that somebody discarded up to a date that has not passed.

    What waits only because of a tie may be another slice from night to night: it decides nothing.
    """
    names = {
        slice_name(s)
        for d in decisions(conn, run.district, run.domain)
        if d["until"] and d["until"].isoformat() >= run.slot[:10] and d["slot"] <= run.slot
        for s in d["slices"]
    }
    return [
        one
        for bundle in bundles_of(slices).values()
        if not names.issuperset(slice_name(s) for s in bundle if not is_only_tied(s))
        for one in bundle
    ]
