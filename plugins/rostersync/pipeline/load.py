"""Steps diff and load: what would change, and the one transaction that changes it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rostersync.archive import FileState, Layout
from rostersync.config import DistrictConfig
from rostersync.diff import Codes, check_guards, compute_diff
from rostersync.errors import FirstLoadHeldError, RejectedUploadError
from rostersync.ledger import AppliedSlot, Hold, Outcome, RunResult, SlotDiff
from rostersync.pipeline.check import ensure_checked, file_inputs, read_manifest, require_files
from rostersync.pipeline.drift import drift_before_load
from rostersync.pipeline.run import Inputs, Run
from rostersync.spec import FILES, Domain, foreign_entities
from rostersync.warehouse import (
    ApplyResult,
    Connection,
    applied_slots,
    apply_slot,
    connect,
    foreign_states,
    lock_fold,
    record_run,
)

OnStage = Callable[[str], None]


def diff(run: Run, landing: int) -> dict[str, Any]:
    """Compute what a landing would change against the state before its slot; counts by entity.

    Raises MassRemovalError (a guard) and what ``validate`` raises; the load asks the same again.
    """
    with connect(run.warehouse) as conn:
        fold = applied_slots(conn, run.district, run.domain)
        foreign = foreign_for(conn, run, fold, landing)
    pin = pin_for(run, fold, landing)
    before = [s for s in fold if s.slot < run.slot]
    previous = before[-1].fingerprints if before else {}
    slot_diff = compute(run)(run.slot, landing, pin, previous, foreign)
    if not any(s.slot == run.slot and s.landing >= landing for s in fold):
        with contextlib.suppress(
            FirstLoadHeldError
        ):  # no failure: load keeps the hold in the ledger
            _judge(run, slot_diff, before)
    return {
        name: {"added": e.added, "changed": e.changed, "removed": e.removed, "carried": e.carried}
        for name, e in slot_diff.entities.items()
    }


def load(
    run: Run,
    landing: int,
    *,
    revalidate: bool = False,
    again: bool = False,
    dry: bool = False,
    on_stage: OnStage = lambda stage: None,
) -> RunResult:
    """Apply the landing to the warehouse and write the ledger, in one transaction.

    Late, repaired and repeated slots recompute the slots after them. Killed at any moment it leaves the
    warehouse as it was, or complete; run again it completes.

    ``revalidate``: judge a landing that was applied before by today's suites and configuration. ``again``:
    resolve one that was applied before against other domains' states of today.
    ``dry``: only tell what it would do, from one moment's view of the warehouse.
    ``on_stage`` is told locked, copied, merged, recorded, before_commit, committed.

    Raises MassRemovalError, RejectedUploadError, MissingUploadError, WarehouseUnavailableError, DriftError.
    """
    try:
        with connect(run.warehouse) as conn:
            with conn.transaction():
                if dry:
                    conn.execute("set transaction isolation level repeatable read, read only")
                else:
                    lock_fold(conn, run.district, run.domain)
                fold = applied_slots(conn, run.district, run.domain)
                warning = drift_before_load(conn, run, fold)
                applied = apply_slot(
                    conn,
                    run.archive,
                    district=run.district,
                    domain=run.domain,
                    slot=run.slot,
                    landing=landing,
                    pin=run.inputs.pin if revalidate else pin_for(run, fold, landing),
                    run_id=run.run_id,
                    compute=compute(run),
                    foreign=foreign_for(conn, run, [] if again else fold, landing),
                    again=again,
                    dry=dry,
                    judge=lambda d, before: _judge(run, d, before),
                    on_stage=on_stage,
                )
                result = _result(run, applied, fold)
                if warning:
                    result = replace(result, message=f"{result.message} {warning}".strip())
                if not dry:
                    record_run(conn, run.row, result, landing=landing, pin=applied.diff.pin)
                on_stage("before_commit")
            on_stage("committed")
    except FirstLoadHeldError as held:
        result = _held(run, landing, held)
        if dry:
            return result
        with connect(run.warehouse) as conn:
            record_run(conn, run.row, result, landing=landing, pin=run.inputs.pin)
    return result


def compute(
    run: Run,
) -> Callable[[str, int, str, dict[str, str], dict[str, str]], SlotDiff]:
    """The function that gives any slot's diff against a state, from the archive alone."""

    def slot_diff(
        slot: str, landing: int, pin: str, previous: dict[str, str], foreign: dict[str, str]
    ) -> SlotDiff:
        layout = Layout(run.district, run.domain, slot)
        inputs = run.inputs if pin == run.inputs.pin else Inputs.pinned(run.archive, pin)
        ensure_checked(run, inputs, layout, landing)
        if slot == run.slot:
            require_files(run, file_inputs(run, layout, landing, pin))
        return resolve_landing(run, layout, landing, inputs, previous, foreign)

    return slot_diff


def resolve_landing(
    run: Run,
    layout: Layout,
    landing: int,
    inputs: Inputs,
    previous: Mapping[str, str],
    foreign: Mapping[str, str] | None = None,
) -> SlotDiff:
    """The diff of a checked landing against a state, whatever the landing lacks.

    ``foreign``: fingerprints of other domains' states; None looks inside the landing only, as a check does.
    """
    return compute_diff(
        run.archive,
        layout,
        landing=landing,
        pin=inputs.pin,
        files=file_inputs(run, layout, landing, inputs.pin),
        findings=f"{layout.check(landing, inputs.pin)}/findings.parquet",
        previous=previous,
        rules=inputs.rules(),
        district_office=inputs.cfg.district_office,
        foreign=foreign,
        folder_only=foreign is None,
        codes=attendance_codes(inputs.cfg),
    )


def foreign_for(
    conn: Connection, run: Run, fold: list[AppliedSlot], landing: int
) -> dict[str, str]:
    """Other domains' states that the slot's references look into; a landing in the fold keeps its own.

    Raises RejectedUploadError when what terms or attendance refer to was never loaded.
    """
    here = next((s for s in fold if s.slot == run.slot and s.landing == landing), None)
    if here:
        return here.foreign
    wanted = foreign_entities(run.domain)
    if run.domain is Domain.CORE and run.cfg.terms is None:
        wanted = ()
    found = foreign_states(conn, run.district, run.domain, run.slot, wanted)
    if run.domain is not Domain.CORE and (never := [n for n in wanted if n not in found]):
        raise RejectedUploadError(
            f"The district's {' and '.join(never)} were never loaded, so nothing can refer to them",
            district=run.district,
            slot=run.slot,
            domain=run.domain,
            next_step="load a night of the district first (domain core), then run this slot again",
        )
    return found


def attendance_codes(cfg: DistrictConfig) -> Codes:
    """The codes of the district's list, and those some notice tells families."""
    if cfg.attendance is None:
        return Codes()
    notifying = dict.fromkeys(code for n in cfg.attendance.notices for code in n.codes)
    return Codes(tuple(cfg.attendance.codes), tuple(notifying))


def pin_for(run: Run, fold: list[AppliedSlot], landing: int) -> str:
    """A landing that was applied keeps the inputs it was applied with; any other takes today's."""
    here = next((s for s in fold if s.slot == run.slot and s.landing == landing), None)
    return here.pin if here else run.inputs.pin


def _judge(run: Run, slot_diff: SlotDiff, before: list[AppliedSlot]) -> None:
    if run.domain is Domain.CORE and not before and run.cfg.first_load == "approve":
        raise FirstLoadHeldError(
            "The district's first upload waits for a person",
            district=run.district,
            slot=run.slot,
            found=", ".join(f"{n} {e.added}" for n, e in slot_diff.entities.items()),
            next_step="look at the counts; when they are right set `first_load: auto` in the district's"
            " YAML and run this slot again",
        )
    of_nobody = [f"{n}.csv" for n, f in slot_diff.files.items() if f.state is FileState.REJECTED]
    if of_nobody and run.domain is not Domain.CORE:  # core's required files were judged before
        raise RejectedUploadError(
            f"A required file cannot be used: {', '.join(of_nobody)}",
            district=run.district,
            slot=run.slot,
            found="every record refers to something that is not known",
            next_step="ask the district whether the file is its own, of this school year",
        )
    if before and run.cfg.limits != "off":
        check_guards(slot_diff, district=run.district)


def _result(run: Run, applied: ApplyResult, fold: list[AppliedSlot]) -> RunResult:
    before = [s for s in fold if s.slot < run.slot]
    # a retry of this very run, killed after its commit, tells what the run did
    repeated = applied.repeated and not any(
        s.slot == run.slot and s.run_id == run.run_id for s in fold
    )
    files = dict(applied.diff.files)
    same = before[-1].sha256 if before else {}
    for name, file in files.items():
        if file.state is FileState.ACCEPTED and same.get(name) == applied.diff.sha256.get(name):
            files[name] = replace(file, state=FileState.IDENTICAL)
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
    if any(FILES[n].wide and f.state is FileState.HEADER_ONLY for n, f in files.items()):
        outcome = Outcome.NOBODY_ABSENT
    return RunResult(
        outcome,
        files,
        entities,
        message="this landing was applied before" if repeated else "",
        recomputed=applied.recomputed,
        ignored=_ignored(run, applied.diff.landing),
    )


def _held(run: Run, landing: int, held: FirstLoadHeldError) -> RunResult:
    waiting = compute(run)(run.slot, landing, run.inputs.pin, {}, {})
    return RunResult(
        Outcome.HELD,
        waiting.files,
        {
            n: replace(e, added=0, unchanged=0, rows=0, held=e.added)
            for n, e in waiting.entities.items()
        },
        holds=(
            Hold(
                "first_load",
                None,
                "district",
                sum(e.added for e in waiting.entities.values()),
                waiting.base[:12] + run.inputs.pin[:12],
            ),
        ),
        message=held.message(),
        ignored=_ignored(run, landing),
    )


def _ignored(run: Run, landing: int) -> tuple[str, ...]:
    return read_manifest(run, run.layout, landing).ignored
