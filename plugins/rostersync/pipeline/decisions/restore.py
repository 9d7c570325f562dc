"""Undo as a decision: the newest slot's state becomes what it was after another slot.

A restore enters the fold like an approval: it is recorded with the newest slot and its landing, so a
recomputed slot keeps it, and the next upload is compared with what it left. It names states, not slots.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from rostersync.diff.between import other_children, schools_in
from rostersync.engine.postgres import Connection, connect
from rostersync.errors import DecisionError
from rostersync.fold import (
    EMPTY_FINGERPRINT,
    EVERYWHERE,
    AppliedSlot,
    DiffRequest,
    Fold,
    Restored,
    Settled,
    add_up,
)
from rostersync.ledger.holds import record_restore
from rostersync.ledger.results import Hold, Outcome, RunResult
from rostersync.ledger.runs import record_run
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.decisions.attempt import Moved, attempt, moved
from rostersync.pipeline.ground.resolve import compute, diff_of
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.holds.keep import after_restore
from rostersync.pipeline.steps.load import apply_in
from rostersync.spec import ENTITIES, Domain, entities_of
from rostersync.warehouse import lock_fold


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """What a restore did to the state as it was before it. ``holds``: what still waits of the slot."""

    district: str
    domain: str
    slot: str
    target: str
    changes: dict[str, Moved] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync restore --format json`` prints it."""
        return {
            "outcome": "restored",
            "district": self.district,
            "domain": self.domain,
            "slot": self.slot,
            "to": self.target,
            "changes": {name: asdict(moved) for name, moved in self.changes.items()},
            "holds": [asdict(h) for h in self.holds],
        }


def restore(
    run: Run,
    *,
    to: str,
    entities: Sequence[str] = (),
    schools: Sequence[str] = (),
    who: str,
    why: str,
    dry: bool = False,
    on_stage: Callable[[str], None] = lambda stage: None,
) -> RestoreResult:
    """Make the newest slot's state what it was after slot ``to``, in one transaction.

    ``run``: of the district and domain; its slot does not matter. ``entities``: default all of the domain;
    those of one file go together, and all of them where an id may have become another child's.
    ``schools``: default all. ``to`` the newest slot itself takes restores back: the state is what its
    upload gives. ``dry``: count, and write nothing.

    Raises DecisionError when the slot is not in the fold, an entity or school is not known there, part
    of a child would be another's, or nothing would differ; then nothing is written.
    """
    names = _named(run.domain, entities)
    with attempt(run, dry=dry) as one, connect(run.warehouse) as conn, conn.transaction():
        if dry:
            conn.execute("set transaction isolation level repeatable read, read only")
        else:
            lock_fold(conn, run.district, run.domain)
        fold = applied_slots(conn, run.district, run.domain)
        newest, target = _newest(run, fold), _target(run, fold, to)
        one = replace(one, slot=newest.slot, inputs=one.pinned(newest.pin))
        then = _then(one, fold, newest, target)
        _known_schools(one, names, schools, (then, newest.fingerprints))
        _whole_children(one, names, then, newest)
        back = tuple(
            Restored(name, scope, then.get(name, EMPTY_FINGERPRINT))
            for name in names
            for scope in (schools or (EVERYWHERE,))
        )
        # the upload as it is: nothing to hold against it
        taken_back = names if target == newest and not schools else []
        settled = _settled(newest, back, taken_back)
        if settled == newest.settled:
            raise _no_difference(run, to)
        result = apply_in(
            conn, one, newest.landing, settled=settled, dry=dry, judge=None, on_stage=on_stage
        )
        after = {name: e.fingerprint for name, e in result.changes.items()}
        changes = moved(one, newest.fingerprints, newest.fingerprints | after)
        if not changes:
            raise _no_difference(run, to)
        holds: tuple[Hold, ...] = ()
        if not dry:
            where = (conn, run.district, run.domain, newest)
            record_restore(*where, target=to, restored=back, who=who, why=why)
            holds = after_restore(conn, one, settled.restored)
            _record(conn, one, newest, replace(result, holds=holds), to)
        on_stage("before_commit")
    return RestoreResult(run.district, str(run.domain), newest.slot, to, changes, holds)


def _record(conn: Connection, run: Run, newest: AppliedSlot, result: RunResult, to: str) -> None:
    message = f"Restored to the state after {to}. {result.message}".strip()
    recorded = replace(result, outcome=Outcome.LOADED, message=message)
    record_run(conn, run.row, recorded, landing=newest.landing, pin=newest.pin)


def _settled(newest: AppliedSlot, back: Sequence[Restored], taken_back: Sequence[str]) -> Settled:
    """What the newest slot is computed with then. ``taken_back``: entities that are as the upload says."""
    before = newest.settled.restored
    restored = add_up(before, back)
    if taken_back:
        restored = tuple(r for r in before if r.entity not in taken_back)
    return replace(newest.settled, restored=restored)


def _named(domain: Domain, entities: Sequence[str]) -> list[str]:
    """The entities, in load order; with one its file's others: nobody is a student without a school."""
    if domain is Domain.ATTENDANCE:
        raise DecisionError(
            "Attendance is not restored",
            expected="a domain whose state is kept as a whole",
            next_step="the newest file is the whole truth of its days: sync the right file for the slot",
        )
    known = {e.name: e for e in entities_of(domain)}
    if unknown := [n for n in entities if n not in known]:
        raise DecisionError(
            f"The domain {domain} has no such entity",
            expected=", ".join(known),
            found=", ".join(unknown),
        )
    files = {ENTITIES[n].file for n in entities}
    return [n for n, e in known.items() if not files or e.file in files]


def _newest(run: Run, fold: Fold) -> AppliedSlot:
    if not fold:
        raise DecisionError(
            "Nothing of this district was loaded yet, so there is nothing to go back to",
            district=run.district,
            domain=run.domain,
            next_step="rostersync status",
        )
    return fold[-1]


def _target(run: Run, fold: Fold, to: str) -> AppliedSlot:
    found = fold.at(to)
    if found is None:
        before = [s.slot for s in fold.before(to)][-2:]
        after = [s.slot for s in fold.after(to)][:2]
        raise DecisionError(
            "No such slot was loaded",
            district=run.district,
            domain=run.domain,
            slot=to,
            expected=f"a slot of the warehouse, such as {', '.join([*before, *after])}",
            next_step="rostersync status shows from which slot to which there are some",
        )
    return found


def _then(one: Run, fold: Fold, newest: AppliedSlot, target: AppliedSlot) -> dict[str, str]:
    """The state to go back to; of the newest slot itself, the one its upload gives."""
    if target != newest:
        return target.fingerprints
    previous = fold.state_before(newest.slot)
    plain = replace(newest.settled, restored=())
    request = replace(DiffRequest.of(newest, previous), settled=plain)
    return compute(one)(request).fingerprints


def _known_schools(
    run: Run, names: Sequence[str], schools: Sequence[str], states: Sequence[dict[str, str]]
) -> None:
    if not schools:
        return
    wanted = ((n, s.get(n, EMPTY_FINGERPRINT)) for n in names for s in states)
    known = schools_in(run.archive, run.layout, wanted)
    if unknown := [s for s in schools if s not in known]:
        raise DecisionError(
            "No row of what is named is of such a school, neither then nor now",
            district=run.district,
            domain=run.domain,
            found=", ".join(unknown),
            next_step="name a school_id as the district's files have it",
        )


def _whole_children(
    run: Run, names: Sequence[str], then: dict[str, str], newest: AppliedSlot
) -> None:
    """A child and what hangs on one go back together where an id may have been another child's.

    Else contacts of the one would be those of the other.
    """
    of_children = {
        e.name
        for e in entities_of(run.domain)
        if e.name == "students" or any(r.entity == "students" for r in e.references)
    }
    if not of_children.intersection(names) or of_children <= set(names):
        return
    states = (s.get("students", EMPTY_FINGERPRINT) for s in (then, newest.fingerprints))
    if other_children(run.archive, run.layout, *states) or diff_of(run, newest).reused is not None:
        raise DecisionError(
            "A student_id of then may be another child's now, so nobody goes back in part",
            district=run.district,
            slot=newest.slot,
            next_step="restore all entities (of a school), or none of what hangs on a student",
        )


def _no_difference(run: Run, to: str) -> DecisionError:
    return DecisionError(
        "Nothing would differ: what is named is as it was after that slot, or hangs on rows that are not",
        district=run.district,
        domain=run.domain,
        slot=to,
        next_step="name an earlier slot (rostersync explain tells in which one a row changed), or more"
        " entities: a row comes back only where its parents are",
    )
