"""Step load: the one transaction in which a landing changes the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rostersync.archive import FileState, says_nobody
from rostersync.engine.postgres import Connection, connect
from rostersync.errors import UploadHeldError
from rostersync.fold import (
    DiffRequest,
    EntityDiff,
    Fold,
    Judgement,
    Settled,
    Slice,
    SlotDiff,
    trade_scopes,
)
from rostersync.ledger.holds import approved_slots
from rostersync.ledger.results import Hold, Outcome, RunResult
from rostersync.ledger.runs import record_run
from rostersync.ledger.slots import applied_slots
from rostersync.ledger.waivers import waived_rules
from rostersync.pipeline.ground.counting import landing_with_events
from rostersync.pipeline.ground.files import identical_files, read_manifest
from rostersync.pipeline.ground.refused import refuse_slot
from rostersync.pipeline.ground.resolve import compute, pin_for, request_diff, settled_for
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.holds.first_upload import first_look
from rostersync.pipeline.holds.judge import (
    judge_slices,
    judge_slot,
    with_unsent,
    without_approved,
)
from rostersync.pipeline.holds.keep import keep_slices, keep_whole, still_waiting, waiting_slices
from rostersync.pipeline.watch.alerts import raise_alerts_of_load
from rostersync.pipeline.watch.drift import drift_before_load
from rostersync.pipeline.watch.notices import notices_in_words, notices_of_load, too_old
from rostersync.spec import Domain
from rostersync.warehouse import Again, ApplyResult, apply_slot, lock_fold

OnStage = Callable[[str], None]
Judge = Callable[[Run, SlotDiff, Fold, Collection[str], Collection[str]], Judgement]


def load(
    run: Run,
    landing: int,
    *,
    revalidate: bool = False,
    again: bool = False,
    dry: bool = False,
    now: datetime | None = None,
    on_stage: OnStage = lambda stage: None,
) -> RunResult:
    """Apply the landing to the warehouse and write the ledger, in one transaction.

    Late, repaired and repeated slots recompute the slots after them. Killed at any moment it leaves the
    warehouse as it was, or complete; run again it completes.

    ``revalidate``: judge a landing that was applied before anew, by today's suites and configuration.
    ``again``: resolve one that was applied before against other domains' states of today.
    ``dry``: only tell what it would do, from one moment's view of the warehouse.
    ``now`` (aware): which notices attendance is for depends on it.
    ``on_stage`` is called with locked, copied, merged, recorded, notified (attendance), before_commit,
    committed.

    Raises RejectedUploadError, MissingUploadError, WarehouseUnavailableError, DriftError, SlotError.
    """
    try:
        with connect(run.warehouse) as conn:
            with conn.transaction():
                if dry:
                    conn.execute("set transaction isolation level repeatable read, read only")
                result = apply_in(
                    conn,
                    run,
                    landing,
                    revalidate=revalidate,
                    again=again,
                    dry=dry,
                    now=now or datetime.now(UTC),
                    judge=judge_slot,
                    on_stage=on_stage,
                )
                on_stage("before_commit")
            on_stage("committed")
    except UploadHeldError as held:
        whole = _waiting_whole(run, landing)
        result = _held(run, whole, held)
        if dry:
            return result
        counts = {name: e.held for name, e in result.changes.items()}
        rekeyed = _rekeyed_whole(run, whole) if held.kind == "set" else {}
        if held.kind == "first_load":
            held.reasons += first_look(run, result)
        if keep_whole(run, landing, held, counts, rekeyed) is None:
            late = "Nobody can approve it any more: a newer slot is there, or it was discarded."
            result = replace(result, message=f"{result.message} {late}")
        with connect(run.warehouse) as conn:
            record_run(conn, run.row, result, landing=landing, pin=run.inputs.pin)
    return result


def apply_in(
    conn: Connection,
    run: Run,
    landing: int,
    *,
    settled: Settled | None = None,
    revalidate: bool = False,
    again: bool = False,
    dry: bool = False,
    now: datetime | None = None,
    judge: Judge | None,
    on_stage: OnStage = lambda stage: None,
) -> RunResult:
    """Apply the landing and write the ledger, inside the caller's transaction.

    ``settled``: what a person settled about it just now; it is resolved anew with this. ``dry``: compute all
    of it, write nothing. ``now``: None writes no notice. ``judge``: says what is held; None: a person did.
    """
    if not dry:
        lock_fold(conn, run.district, run.domain)
    fold = _fold_to_join(conn, run, landing)
    counted = landing_with_events(run, fold, landing)
    warnings = [drift_before_load(conn, run, fold, dry=dry), _reappeared(run, fold, landing)]
    judged: list[Judgement] = []
    wanted = settled or settled_for(conn, run, fold, counted, again=again)
    once_more = Again.JUDGED if revalidate else Again.RESOLVED if again or settled else None
    if judge is judge_slot and revalidate and not fold.before(run.slot):
        judge = judge_slices  # the first load was approved

    def held_of(slot_diff: SlotDiff, before: Fold) -> tuple[Slice, ...]:
        judged.append(_judged(conn, run, slot_diff, before, judge))
        return judged[-1].held

    applied = apply_slot(
        conn,
        run.archive,
        district=run.district,
        domain=run.domain,
        slot=run.slot,
        landing=counted,
        pin=run.inputs.pin if revalidate else pin_for(run, fold, counted),
        run_id=run.run_id,
        compute=compute(run),
        settled=_nothing_held(wanted) if revalidate else wanted,
        again=once_more,
        dry=dry,
        judge=held_of,
        on_stage=on_stage,
    )
    result = _result(conn, run, applied, fold, landing=landing)
    result = replace(result, message=" ".join(filter(None, (result.message, *warnings))))
    result = _with_holds(conn, run, result, applied, judged[-1] if judged else None, fold, dry=dry)
    if dry:
        return result
    if run.domain is Domain.ATTENDANCE and now is not None:
        result = _with_notices(conn, run, result, applied.diff, now, landing=landing)
        on_stage("notified")
    record_run(conn, run.row, result, landing=landing, pin=applied.diff.pin)
    return result


def _fold_to_join(conn: Connection, run: Run, landing: int) -> Fold:
    """The fold that the landing is to be part of. Raises SlotError where it may not.

    One that is part of it may be run again, whenever it is of: that moves nothing.
    """
    fold = applied_slots(conn, run.district, run.domain)
    if fold.at(run.slot, landing) is None:
        refuse_slot(conn, run)
    return fold


def _judged(
    conn: Connection, run: Run, diff: SlotDiff, before: Fold, judge: Judge | None
) -> Judgement:
    """What is held of the slot, without what a person has approved already."""
    approved = approved_slots(conn, run.district, run.domain)
    waived = waived_rules(conn, run.district, run.slot)
    found = judge(run, diff, before, approved, waived) if judge else Judgement()
    return without_approved(conn, run, diff, before, found)


def _with_holds(
    conn: Connection,
    run: Run,
    result: RunResult,
    applied: ApplyResult,
    judged: Judgement | None,
    fold: Fold,
    *,
    dry: bool,
) -> RunResult:
    """The result with what waits, which is kept in the ledger unless it is ``dry``."""
    if dry:
        waiting = waiting_slices(applied.diff, judged) if judged is not None else ()
        return replace(result, holds=waiting)
    if judged is not None:
        return replace(result, holds=keep_slices(conn, run, applied.diff, judged, fold))
    if applied.repeated:
        return replace(result, holds=still_waiting(conn, run, applied.diff.landing))
    return result


def _nothing_held(settled: Settled) -> Settled:
    return replace(settled, held=())


def _with_notices(
    conn: Connection, run: Run, result: RunResult, diff: SlotDiff, now: datetime, *, landing: int
) -> RunResult:
    """The result with the notices that the load wrote, after their alerts are raised."""
    nobody = result.outcome is Outcome.NOBODY_ABSENT
    notices = notices_of_load(conn, run, diff, now, nobody=landing if nobody else None)
    words = notices_in_words(conn, run, notices, now, nobody=nobody)
    message = f"{result.message} {words}".strip()
    result = replace(result, message=message, notices=tuple(notices))
    if old := too_old(conn, run, landing, notices, now):
        file = result.files["attendance"]
        file = replace(file, findings=(*file.findings, old))
        result = replace(result, files={**result.files, "attendance": file})
    raise_alerts_of_load(conn, run, result, notices, now)
    return result


def _nobody(
    conn: Connection, run: Run, fold: Fold, landing: int, applied: ApplyResult
) -> RunResult:
    """The result of a file that says nobody is absent after one with events: these stay."""
    request = replace(request_diff(conn, run, fold, landing), pin=run.inputs.pin)
    return RunResult(
        Outcome.NOBODY_ABSENT,
        compute(run)(request).files,
        recomputed=applied.recomputed,
        ignored=_ignored(run, landing),
    )


def _reappeared(run: Run, fold: Fold, landing: int) -> str:
    """A warning where a newer landing takes the place of one of which something was restored."""
    here = fold.at(run.slot)
    if here is None or not here.settled.restored or landing <= here.landing:
        return ""
    return (
        f"This landing takes the place of landing {here.landing}, of which something was restored: the"
        " restore is not part of it. If it is still wanted: rostersync restore"
    )


def _result(
    conn: Connection, run: Run, applied: ApplyResult, fold: Fold, *, landing: int
) -> RunResult:
    if applied.diff.landing < landing:
        return _nobody(conn, run, fold, landing, applied)
    before = fold.before(run.slot)
    # a retry of this very run, killed after its commit, tells what the run did
    repeated = applied.repeated and not any(
        s.slot == run.slot and s.run_id == run.run_id for s in fold
    )
    files = dict(applied.diff.files)
    for name in identical_files(run, before, applied.diff):
        files[name] = replace(files[name], state=FileState.IDENTICAL)
    entities = applied.diff.entities
    if repeated:
        entities = {
            n: replace(e, added=0, changed=0, removed=0, unchanged=e.rows - e.carried)
            for n, e in entities.items()
        }
    touched = sum(e.touched for e in entities.values())
    identical = touched == 0 and (
        repeated or all(f.state is FileState.IDENTICAL for f in files.values())
    )
    outcome = Outcome.IDENTICAL if identical else Outcome.LOADED
    if any(says_nobody(n, f.state) for n, f in files.items()):
        outcome = Outcome.NOBODY_ABSENT
    return RunResult(
        outcome,
        files,
        entities,
        message="this landing was applied before" if repeated else "",
        recomputed=applied.recomputed,
        ignored=_ignored(run, applied.diff.landing),
    )


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An upload that waits whole: what would be loaded of it, after which fold, with which slots approved."""

    request: DiffRequest
    diff: SlotDiff
    before: Fold
    approved: Collection[str]


def _waiting_whole(run: Run, landing: int) -> _Waiting:
    with connect(run.warehouse) as conn:
        fold = applied_slots(conn, run.district, run.domain)
        request = replace(request_diff(conn, run, fold, landing), pin=run.inputs.pin)
        approved = approved_slots(conn, run.district, run.domain)
    return _Waiting(request, compute(run)(request), fold.before(run.slot), approved)


def _held(run: Run, whole: _Waiting, held: UploadHeldError) -> RunResult:
    """The result of an upload that waits whole: what it would change, all of it held."""
    waiting = whole.diff
    # nobody is told of orphans that are none when it loads
    files = with_unsent(run, waiting, whole.before).files
    fingerprint = waiting.base[:12] + run.inputs.pin[:12]
    return RunResult(
        Outcome.HELD,
        files,
        {n: EntityDiff(e.fingerprint, 0, held=e.touched) for n, e in waiting.entities.items()},
        holds=(Hold(held.kind, None, "district", waiting.touched, fingerprint),),
        message=held.message(),
        ignored=_ignored(run, waiting.landing),
    )


def _rekeyed_whole(run: Run, whole: _Waiting) -> dict[str, int]:
    """By school, students who seem to have a new id in an upload that waits whole."""
    judged = judge_slices(run, whole.diff, whole.before, whole.approved)
    if not trade_scopes(judged.held):
        return {}
    if_approved = replace(whole.request.settled, held=judged.held)
    return compute(run)(replace(whole.request, settled=if_approved)).rekeyed


def _ignored(run: Run, landing: int) -> tuple[str, ...]:
    return read_manifest(run, run.layout, landing).ignored
