"""What of a slot may load by itself, what waits for a person, and what loads not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from rostersync.archive import FileState
from rostersync.config import DistrictConfig
from rostersync.diff import find_ties, is_tied, judge, tie, with_creep, with_excused
from rostersync.engine.postgres import Connection
from rostersync.errors import FirstLoadHeldError, RejectedUploadError, UploadHeldError
from rostersync.fold import UNSENT, DiffRequest, Fold, Judgement, Slice, SlotDiff
from rostersync.ledger.holds import approved_slices
from rostersync.pipeline.ground.resolve import compute
from rostersync.pipeline.ground.run import Run
from rostersync.spec import Domain

_CREEP_SLOTS = 7


def judge_slot(
    run: Run,
    slot_diff: SlotDiff,
    before: Fold,
    approved: Collection[str] = (),
    waived: Collection[str] = (),
) -> Judgement:
    """Judge a landing that was never applied.

    ``slot_diff``: with nothing held. ``before``: the fold up to the slot. ``approved``: slots of which a
    person has approved something: small removals are not added up across one. ``waived``: rules whose
    findings do not count.

    Raises UploadHeldError: nothing of it loads until a person has said so. RejectedUploadError: its required
    file refers to nothing known.
    """
    where: dict[str, Any] = {"district": run.district, "slot": run.slot}
    if run.domain is Domain.CORE and not before and run.cfg.first_load == "approve":
        raise FirstLoadHeldError(
            "The district's first upload waits for a person",
            **where,
            found=", ".join(f"{n} {e.added}" for n, e in slot_diff.entities.items()),
            next_step="look at the counts; when they are right: rostersync holds approve",
        )
    of_nobody = [f"{n}.csv" for n, f in slot_diff.files.items() if f.state is FileState.REJECTED]
    if of_nobody and run.domain is not Domain.CORE:  # core's required files were judged before
        raise RejectedUploadError(
            f"A required file cannot be used: {', '.join(of_nobody)}",
            **where,
            found="every record refers to something that is not known",
            next_step="ask the district whether the file is its own, of this school year",
        )
    judgement = judge_slices(run, slot_diff, before, approved, waived)
    if judgement.set_reasons:
        raise UploadHeldError(
            "The whole upload waits for a person",
            **where,
            found="; ".join(judgement.set_reasons),
            reasons=list(judgement.set_reasons),
            next_step="nothing was loaded; ask the district whether the upload is its own and complete."
            " When it is right: rostersync holds approve",
        )
    return judgement


def judge_slices(
    run: Run,
    slot_diff: SlotDiff,
    before: Fold,
    approved: Collection[str] = (),
    waived: Collection[str] = (),
) -> Judgement:
    """What the limits say of a landing; also of one approved as a whole: its slices still wait.

    A school that is gone from students.csv waits whatever the limits say, so they look at what is left with
    its students in place; and what says that the whole upload is wrong, at what is left with all that waits.
    """
    slot_diff = with_unsent(run, slot_diff, before)
    judgement = _judge(run, slot_diff, before, approved, waived)
    if not judgement.set_reasons or not set(judgement.held) - set(slot_diff.settled.held):
        return judgement
    in_place = _with_held(run, slot_diff, before, judgement.held)
    reasons = _judge(run, in_place, before, approved, waived).set_reasons
    return replace(judgement, set_reasons=reasons)


def with_unsent(run: Run, slot_diff: SlotDiff, before: Fold) -> SlotDiff:
    """The diff with the students of schools that are gone from students.csv in place."""
    unsent = slot_diff.measures.unsent if slot_diff.measures and before else {}
    held = tuple(Slice("students", UNSENT, school) for school in unsent)
    return _with_held(run, slot_diff, before, held) if held else slot_diff


def _with_held(run: Run, slot_diff: SlotDiff, before: Fold, held: tuple[Slice, ...]) -> SlotDiff:
    settled = replace(slot_diff.settled, held=held)
    wanted = (slot_diff.slot, slot_diff.landing, slot_diff.pin)
    return compute(run)(DiffRequest(*wanted, before.state, settled))


def _judge(
    run: Run,
    slot_diff: SlotDiff,
    before: Fold,
    approved: Collection[str],
    waived: Collection[str],
) -> Judgement:
    measured = with_creep(run.archive, run.layout, slot_diff, _week_ago(run.cfg, before, approved))
    measured = with_excused(run.archive, run.layout, measured, waived)
    judgement = judge(
        measured,
        limits=run.cfg.limits,
        window=window_of(run.cfg, run.slot),
        first=not before,
        earlier_sha256=[s.sha256 for s in before],
    )
    return with_ties(run, slot_diff, before, judgement)


def with_ties(run: Run, slot_diff: SlotDiff, before: Fold, judgement: Judgement) -> Judgement:
    """The judgement with all that waits with what trips, in bundles. ``slot_diff``: of what is judged."""
    if not is_tied(judgement):
        return judgement
    ties = find_ties(run.archive, run.layout, slot_diff, before.state)
    return tie(judgement, ties, adds_only=window_of(run.cfg, run.slot) == "adds_only")


def window_of(cfg: DistrictConfig, slot: str) -> str | None:
    """The mode of the calendar window a slot lies in."""
    day = slot[:10]
    inside = (w for w in cfg.windows if w.from_.isoformat() <= day <= w.to.isoformat())
    return next((w.mode for w in inside), None)


def _week_ago(cfg: DistrictConfig, before: Fold, approved: Collection[str]) -> Mapping[str, str]:
    """The state seven slots ago; {} when a person or the calendar has said yes to something since."""
    if len(before) < _CREEP_SLOTS:
        return {}
    then, *since = before[-_CREEP_SLOTS:]
    if any(s.slot in approved or window_of(cfg, s.slot) == "rollover" for s in since):
        return {}
    return then.fingerprints


def without_approved(
    conn: Connection, run: Run, slot_diff: SlotDiff, before: Fold, judgement: Judgement
) -> Judgement:
    """The judgement without what a person has approved of this very landing, when it is exactly that still.

    ``slot_diff``: with nothing held. ``before``: the fold up to the slot.
    """
    known = approved_slices(conn, run.district, run.domain, run.slot, slot_diff.landing)
    if not known or not judgement.held:
        return judgement
    approved = exactly(known, _with_held(run, slot_diff, before, judgement.held))
    return replace(
        judgement,
        trips=tuple(t for t in judgement.trips if t.slice not in approved),
        bundles=tuple(b for b in judgement.bundles if not approved.issuperset(b)),
    )


def exactly(known: Collection[tuple[Slice, str]], waiting: SlotDiff) -> set[Slice]:
    """Held slices that are exactly what is known under their fingerprint."""
    return {h.slice for h in waiting.held if (h.slice, h.fingerprint) in known}
