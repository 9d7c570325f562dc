"""Holds: what a slot leaves waiting, and what a person decides about it (SPEC §5).

A decision is for exactly the slot, landing and slices it names, while the hold is the newest slot's. It moves
the fold as a load does, in one transaction, and is recorded with the slot: a recomputed slot keeps it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from rostersync.archive import Layout
from rostersync.engine import open_session
from rostersync.errors import DecisionError, UploadHeldError
from rostersync.ledger import (
    AppliedSlot,
    Hold,
    Judgement,
    OpenedHold,
    RunResult,
    Settled,
    SlotDiff,
)
from rostersync.ledger.holds import slice_from_json, slice_to_json
from rostersync.pipeline.run import Inputs, Run
from rostersync.spec import ENTITIES, Domain
from rostersync.warehouse import (
    Connection,
    applied_slots,
    close_hold,
    connect,
    decisions,
    find_holds,
    lock_fold,
    open_hold,
    record_decision,
    supersede,
)

GONE = "gone"
SAME_KEYS = 0.9
"""A hold goes on under its id when at least this share of its keys is the same the next night."""
SAME_COUNTS = 0.05
"""The first upload's hold goes on while no count moved by more than this share since it was shown."""


def keep_slices(
    conn: Connection, run: Run, diff: SlotDiff, judgement: Judgement, fold: list[AppliedSlot]
) -> tuple[Hold, ...]:
    """Keep what a loaded slot left waiting; what waited of earlier slots is superseded, or goes on.

    A late slot opens no hold: there is a newer one, and nobody could decide about it any more. What waits
    of the newest may have moved with it.
    """
    waiting = find_holds(conn, district=run.district, domain=run.domain, state="open")
    if _is_late(diff.slot, fold, waiting):
        _refresh(conn, run, waiting)
        return ()
    slices = _as_kept(diff, judgement)
    if not slices or _settled_before(conn, run, slices):
        supersede(conn, run.district, run.domain)
        return ()
    before = next((h for h in waiting if h.kind == "slices"), None)
    goes_on = before is not None and _is_same(run, before, slices, diff, fold)
    open_hold(
        conn,
        district=run.district,
        domain=run.domain,
        slot=diff.slot,
        landing=diff.landing,
        kind="slices",
        label=judgement.label,
        reasons=[],
        slices=slices,
        counts={},
        goes_on=before.hold_id if before and goes_on else None,
    )
    return _shown(slices)


def waiting_slices(diff: SlotDiff, judgement: Judgement) -> tuple[Hold, ...]:
    """What a loaded slot would leave waiting."""
    return _shown(_as_kept(diff, judgement))


def keep_whole(
    run: Run, landing: int, held: UploadHeldError, counts: Mapping[str, int]
) -> str | None:
    """Keep that a whole upload waits; the hold's id, None where nobody can decide about it any more.

    That is so of a slot that is not the newest, and of a landing that was discarded.
    """
    with connect(run.warehouse) as conn, conn.transaction():
        lock_fold(conn, run.district, run.domain)
        waiting = find_holds(conn, district=run.district, domain=run.domain, state="open")
        fold = applied_slots(conn, run.district, run.domain)
        if _is_late(run.slot, fold, waiting) or _discarded(conn, run, landing):
            return None
        same = (h for h in waiting if h.kind == held.kind and _still(h, held, counts))
        before = next(same, None)
        return open_hold(
            conn,
            district=run.district,
            domain=run.domain,
            slot=run.slot,
            landing=landing,
            kind=held.kind,
            label=None,
            reasons=held.reasons,
            slices=[],
            counts=counts,
            goes_on=before.hold_id if before else None,
        )


def approve(
    run: Run, hold: OpenedHold, *, slices: Sequence[str] | None = None, who: str, why: str
) -> RunResult:
    """Apply what waits: all of it, or the named slices (``students:removed:12``); the rest stays as it was.

    ``run``: of the hold's district and domain; its slot is the hold's. Raises DecisionError when the hold is
    not open any more, is not the newest slot's, or has no such slice.
    """
    from rostersync.pipeline.judge import judge_slices
    from rostersync.pipeline.load import apply_in

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
            _as_shown(run, here, current, chosen)
            one = replace(one, inputs=Inputs.pinned(run.archive, here.pin))
            result = apply_in(
                conn, one, current.landing, settled=_approved(here.settled, chosen), judge=None
            )
        else:
            _not_older(fold, current)
            result = apply_in(conn, one, current.landing, judge=judge_slices)
    return result


def discard(run: Run, hold: OpenedHold, *, who: str, why: str, until: date | None = None) -> None:
    """Keep the old rows. ``until``: the same slices wait for nobody up to this date.

    Raises DecisionError when the hold is not open any more.
    """
    with connect(run.warehouse) as conn, conn.transaction():
        lock_fold(conn, run.district, run.domain)
        current = _open(conn, hold)
        record_decision(
            conn, current, "discard", slices=current.slices, who=who, why=why, until=until
        )
        close_hold(conn, current.hold_id, "discarded")


def _shown(slices: Sequence[Mapping[str, Any]]) -> tuple[Hold, ...]:
    return tuple(
        Hold(s["kind"], s["entity"], s["scope"] or "district", s["count"], s["fingerprint"])
        for s in slices
    )


def _is_late(slot: str, fold: Sequence[AppliedSlot], waiting: Sequence[OpenedHold]) -> bool:
    return any(s.slot > slot for s in fold) or any(h.slot > slot for h in waiting)


def _discarded(conn: Connection, run: Run, landing: int) -> bool:
    """True when somebody discarded this very landing as a whole."""
    return any(
        (d["action"], d["slot"], d["landing"], d["slices"]) == ("discard", run.slot, landing, [])
        for d in decisions(conn, run.district, run.domain)
    )


def _diff_of(run: Run, here: AppliedSlot) -> SlotDiff:
    layout = Layout(run.district, run.domain, here.slot)
    folder = layout.diff(here.landing, here.pin, here.base)
    return SlotDiff.from_json(run.archive.read_json(f"{folder}/diff.json"))


def _refresh(conn: Connection, run: Run, waiting: Sequence[OpenedHold]) -> None:
    """After a late slot: what waits of the newest one, as it is now."""
    fold = applied_slots(conn, run.district, run.domain)
    for hold in (h for h in waiting if h.kind == "slices"):
        here = next((s for s in fold if (s.slot, s.landing) == (hold.slot, hold.landing)), None)
        if here is None:
            continue
        held = {str(h.slice): h for h in _diff_of(run, here).held}
        slices = [
            {**s, "count": out.count, "fingerprint": out.fingerprint}
            if (out := held.get(_name(s)))
            else s
            for s in hold.slices
        ]
        open_hold(
            conn,
            district=run.district,
            domain=run.domain,
            slot=hold.slot,
            landing=hold.landing,
            kind=hold.kind,
            label=hold.label,
            reasons=hold.reasons,
            slices=slices,
            counts=hold.counts,
            goes_on=hold.hold_id,
        )


def _as_shown(
    run: Run, here: AppliedSlot, hold: OpenedHold, chosen: Sequence[Mapping[str, Any]]
) -> None:
    """Raise DecisionError when what the slices hold is not what the hold shows."""
    held = {str(h.slice): h.fingerprint for h in _diff_of(run, here).held}
    moved = [_name(s) for s in chosen if held.get(_name(s), "") != s["fingerprint"]]
    if moved:
        raise DecisionError(
            "What waits has moved since it was shown",
            hold=hold.hold_id[:8],
            found=", ".join(moved),
            next_step="run the slot again, then look anew: rostersync holds show",
        )


def still_waiting(conn: Connection, run: Run, landing: int) -> tuple[Hold, ...]:
    """What waits of a slot that was applied before: a repeated run tells it again."""
    waiting = find_holds(conn, district=run.district, domain=run.domain, state="open")
    here = (h for h in waiting if (h.slot, h.landing) == (run.slot, landing))
    return _shown([s for h in here for s in h.slices])


def _as_kept(diff: SlotDiff, judgement: Judgement) -> list[dict[str, Any]]:
    """The slices as the ledger keeps them: what came out as held, and schools that may be gone."""
    held = {h.slice: h for h in diff.held}
    kept = []
    for one in judgement.slices:
        trips = [t for t in judgement.trips if t.slice == one]
        out = held.get(one)
        if one.kind != GONE and (out is None or out.count == 0):
            continue  # it waits with its twin (added with removed) and has no rows of its own
        kept.append(
            {
                **slice_to_json(one),
                "count": out.count if out else max(t.count for t in trips),
                "limit": min((t.limit for t in trips), default=0),
                "reason": "; ".join(dict.fromkeys(t.reason for t in trips)),
                "fingerprint": out.fingerprint if out else "",
            }
        )
    return kept


def _settled_before(conn: Connection, run: Run, slices: Sequence[Mapping[str, Any]]) -> bool:
    """True when somebody discarded these slices up to a date that has not passed."""
    names = {_name(s) for s in slices}
    for decision in decisions(conn, run.district, run.domain):
        until = decision["until"]
        if until and until.isoformat() >= run.slot[:10] and decision["slot"] <= run.slot:
            names -= {_name(s) for s in decision["slices"]}
    return not names


def _is_same(
    run: Run,
    before: OpenedHold,
    slices: Sequence[Mapping[str, Any]],
    diff: SlotDiff,
    fold: list[AppliedSlot],
) -> bool:
    """Nearly the same keys wait, of the same entities; a new arrival that waits with them is no news."""
    if before.slot == diff.slot:
        return True
    gone_then, gone_now = (
        {_name(s) for s in of if s["kind"] == GONE} for of in (before.slices, slices)
    )
    if gone_then != gone_now:
        return False
    here = next((s for s in fold if s.slot == before.slot), None)
    if here is None:
        return False
    then = Layout(run.district, run.domain, here.slot).diff(here.landing, here.pin, here.base)
    now = Layout(run.district, run.domain, diff.slot).diff(diff.landing, diff.pin, diff.base)
    entities = sorted({s["entity"] for s in (*before.slices, *slices) if s["kind"] != GONE})
    return all(_share(run, entity, then, now) >= SAME_KEYS for entity in entities)


def _share(run: Run, entity: str, then: str, now: str) -> float:
    """How much of the larger of two slots' held rows is in both, by key and kind."""
    if not all(f"{entity}.parquet" in run.archive.list_names(f"{f}/held") for f in (then, now)):
        return 0.0
    with open_session(run.archive) as session:
        for name, folder in (("held_then", then), ("held_now", now)):
            session.view_parquet(name, f"{folder}/held/{entity}.parquet")
        ((both, most),) = session.run("diff/held_share.sql", entity=ENTITIES[entity])
    return float(both) / float(most) if most else 1.0


def _still(before: OpenedHold, held: UploadHeldError, counts: Mapping[str, int]) -> bool:
    """The whole upload waits for the same reasons as before; no count of a first one moved much."""
    if before.kind == "set":
        return before.reasons == held.reasons
    return all(
        abs(counts.get(name, 0) - shown) <= SAME_COUNTS * max(shown, 1)
        for name, shown in before.counts.items()
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
    if current.state != "open" or (current.slot, current.landing) != (hold.slot, hold.landing):
        raise DecisionError(
            "This hold waits no more as it was shown",
            hold=hold.hold_id[:8],
            district=hold.district,
            expected=f"open, for slot {hold.slot}",
            found=f"{current.state}, for slot {current.slot}",
            next_step="look at what waits now: rostersync holds list",
        )
    return current


def _chosen(hold: OpenedHold, names: Sequence[str] | None) -> list[dict[str, Any]]:
    if names is None:
        return hold.slices
    known = {_name(s): s for s in hold.slices}
    if unknown := [n for n in names if n not in known]:
        raise DecisionError(
            "The hold has no such slice",
            hold=hold.hold_id[:8],
            expected=", ".join(known) or "no slices: it is about the whole upload",
            found=", ".join(unknown),
        )
    return [known[n] for n in names]


def _newest(fold: list[AppliedSlot], hold: OpenedHold) -> AppliedSlot:
    newest = fold[-1] if fold else None
    if newest is None or (newest.slot, newest.landing) != (hold.slot, hold.landing):
        raise DecisionError(
            "The hold is not the newest slot's any more",
            hold=hold.hold_id[:8],
            expected=f"slot {hold.slot}, landing {hold.landing}",
            found=f"slot {newest.slot}, landing {newest.landing}" if newest else "no slot",
            next_step="look at what waits now: rostersync holds list",
        )
    return newest


def _not_older(fold: list[AppliedSlot], hold: OpenedHold) -> None:
    if fold and fold[-1].slot > hold.slot:
        raise DecisionError(
            "A newer slot was loaded since",
            hold=hold.hold_id[:8],
            expected=f"no slot after {hold.slot}",
            found=f"slot {fold[-1].slot}",
        )


def _approved(settled: Settled, chosen: Sequence[Mapping[str, Any]]) -> Settled:
    slices = [slice_from_json(dict(s)) for s in chosen]
    gone = {s.scope for s in slices if s.kind == GONE}
    return replace(
        settled,
        held=tuple(s for s in settled.held if s not in slices),
        gone=tuple(sorted({*settled.gone, *gone})),
    )


def _name(one: Mapping[str, Any]) -> str:
    return str(slice_from_json(dict(one)))
