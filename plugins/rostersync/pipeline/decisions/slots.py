"""A slot taken out of the fold, and put back, as a person's decision.

Taken out, it is as if it had never been: log and current, what later nights were compared with, holds. Its
landings stay, and so do the decisions about it. While it is out nothing is synced for it; put back, it is
what it was, with all that was decided of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from rostersync.config import refuse_future
from rostersync.engine.postgres import Connection, connect
from rostersync.errors import DecisionError
from rostersync.fold import Fold
from rostersync.ledger.holds import find_holds
from rostersync.ledger.removed import (
    record_removal,
    record_way_back,
    removed_slot,
)
from rostersync.ledger.results import Hold
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.decisions.attempt import Moved, attempt, moved
from rostersync.pipeline.ground.resolve import compute
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.holds.newest import ask_newest
from rostersync.pipeline.watch.alerts import raise_held
from rostersync.pipeline.watch.drift import drift_before_load
from rostersync.pipeline.watch.notices import notices_of_load, notices_of_removal
from rostersync.spec import Domain
from rostersync.warehouse import apply_slot, lock_fold, remove_slot

OnStage = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SlotResult:
    """What it did to the newest state that a slot was taken out or put back.

    ``outcome``: removed or restored. ``newest``: the newest slot then; None: there is none. ``holds``: what
    waits of it. ``changes``: of entities whose state is kept as a whole.
    """

    outcome: str
    district: str
    domain: str
    slot: str
    newest: str | None
    changes: dict[str, Moved] = field(default_factory=dict)
    recomputed: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync slots remove --format json`` prints it."""
        return asdict(self)


def remove(
    run: Run,
    *,
    who: str,
    why: str,
    dry: bool = False,
    now: datetime | None = None,
    on_stage: OnStage = lambda stage: None,
) -> SlotResult:
    """Take the run's slot out of the fold, in one transaction. ``dry``: count, and write nothing.

    ``now`` (aware): of today's attendance, notices that nobody has taken are withdrawn with the events that
    went. Raises DecisionError when the slot is not in the fold, DriftError; then nothing is written.
    """
    with attempt(run, dry=dry) as one, connect(run.warehouse) as conn, conn.transaction():
        fold = _fold(conn, one, dry=dry)
        here = fold.at(run.slot)
        if here is None:
            raise _not_there(conn, run, fold)
        drift_before_load(conn, one, fold, dry=dry)
        done = remove_slot(
            conn,
            one.archive,
            district=run.district,
            domain=run.domain,
            slot=run.slot,
            compute=compute(one),
            dry=dry,
            on_stage=on_stage,
        )
        holds: tuple[Hold, ...] = ()
        if not dry:
            record_removal(conn, run.district, run.domain, here, who=who, why=why)
            holds = ask_newest(conn, one)
            if run.domain is Domain.ATTENDANCE:
                now = now or datetime.now(UTC)
                raise_held(conn, notices_of_removal(conn, one, here, now), now)
        result = _result("removed", one, fold, done.state, done.recomputed, holds)
        on_stage("before_commit")
    return result


def put_back(
    run: Run,
    *,
    who: str,
    why: str,
    dry: bool = False,
    now: datetime | None = None,
    on_stage: OnStage = lambda stage: None,
) -> SlotResult:
    """Put the run's slot back into the fold as it was, in one transaction. ``dry``: count, write nothing.

    ``now`` (aware): a slot of today's attendance serves its notices again, as a load of it would.
    Raises DecisionError when it is not taken out, SlotError when it lies in the future, DriftError; then
    nothing is written.
    """
    with attempt(run, dry=dry) as one, connect(run.warehouse) as conn, conn.transaction():
        fold = _fold(conn, one, dry=dry)
        removed = removed_slot(conn, run.district, run.domain, run.slot)
        if removed is None:
            raise _not_out(run)
        refuse_future(one.cfg, one.domain, one.slot, one.started_at)
        one = replace(one, inputs=one.pinned(removed.pin))
        drift_before_load(conn, one, fold, dry=dry)
        done = apply_slot(
            conn,
            one.archive,
            district=run.district,
            domain=run.domain,
            slot=run.slot,
            landing=removed.landing,
            pin=removed.pin,
            run_id=removed.run_id,
            compute=compute(one),
            settled=removed.settled,
            dry=dry,
            judge=lambda diff, before: (),  # what it held is settled
            on_stage=on_stage,
        )
        holds: tuple[Hold, ...] = ()
        if not dry:
            record_way_back(conn, run.district, run.domain, removed, who=who, why=why)
            holds = ask_newest(conn, one)
            if run.domain is Domain.ATTENDANCE:
                now = now or datetime.now(UTC)
                raise_held(conn, notices_of_load(conn, one, done.diff, now), now)
        result = _result("restored", one, fold, done.state, done.recomputed, holds)
        on_stage("before_commit")
    return result


def _fold(conn: Connection, run: Run, *, dry: bool) -> Fold:
    if dry:
        conn.execute("set transaction isolation level repeatable read, read only")
    else:
        lock_fold(conn, run.district, run.domain)
    return applied_slots(conn, run.district, run.domain)


def _result(
    outcome: str,
    run: Run,
    before: Fold,
    after: Mapping[str, str],
    recomputed: tuple[str, ...],
    holds: tuple[Hold, ...],
) -> SlotResult:
    slots = {s.slot for s in before} - {run.slot} | ({run.slot} if outcome == "restored" else set())
    return SlotResult(
        outcome,
        run.district,
        str(run.domain),
        run.slot,
        max(slots, default=None),
        moved(run, before.state, after),
        recomputed,
        holds,
    )


def _not_there(conn: Connection, run: Run, fold: Fold) -> DecisionError:
    where = {"district": run.district, "domain": run.domain, "slot": run.slot}
    if removed := removed_slot(conn, run.district, run.domain, run.slot):
        return DecisionError(
            "This slot is taken out already",
            **where,
            found=f"by {removed.who}, {removed.at:%Y-%m-%d %H:%M} UTC",
            next_step="rostersync slots list",
        )
    waiting = find_holds(conn, district=run.district, domain=run.domain, status="open")
    if any(h.slot == run.slot for h in waiting):
        return DecisionError(
            "This slot is not in the warehouse: it waits whole for a person",
            **where,
            next_step="discard what waits: rostersync holds list, then rostersync holds discard",
        )
    return DecisionError(
        "This slot is not in the warehouse",
        **where,
        found=f"{len(fold)} other slots, the newest {fold[-1].slot}" if fold else "no slot",
        next_step="rostersync slots list",
    )


def _not_out(run: Run) -> DecisionError:
    return DecisionError(
        "This slot is not taken out",
        district=run.district,
        domain=run.domain,
        slot=run.slot,
        next_step="rostersync slots list shows those that are; rostersync restore is for a state, not a slot",
    )
