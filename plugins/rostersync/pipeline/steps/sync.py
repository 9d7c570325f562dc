"""Whole runs without Airflow: what the CLI calls."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rostersync.archive import (
    Archive,
    FileState,
    Layout,
    NotTaken,
    Why,
    landing_numbers,
    new_landing,
    read_not_taken,
)
from rostersync.config import DistrictConfig, is_future
from rostersync.engine.postgres import connect
from rostersync.errors import (
    MissingUploadError,
    RejectedUploadError,
    RosterSyncError,
    WarehouseSchemaError,
    WarehouseUnavailableError,
)
from rostersync.fold import FindingSummary
from rostersync.landing import files_off, land_from_folder, names_not_taken
from rostersync.ledger.removed import removed_slots
from rostersync.ledger.results import Outcome, RunResult
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.files import read_manifest
from rostersync.pipeline.ground.resolve import resolve_landing
from rostersync.pipeline.ground.run import Inputs, Run
from rostersync.pipeline.ground.stage import stage
from rostersync.pipeline.ground.validate import validate
from rostersync.pipeline.steps.diff import diff
from rostersync.pipeline.steps.district_report import write_report
from rostersync.pipeline.steps.land import land_folder
from rostersync.pipeline.steps.load import load
from rostersync.pipeline.steps.report import outcome_of, oversized, record_failure, run_result
from rostersync.pipeline.steps.retry import retry_unknown_students
from rostersync.spec import Domain, files_of
from rostersync.validation import Suites

OnStep = Callable[[str], None]


def sync_folder(
    run: Run,
    folder: str | Path,
    *,
    now: datetime | None = None,
    on_step: OnStep = lambda step: None,
) -> RunResult:
    """Land, stage, validate, diff, load and report an upload that lies in a folder.

    ``now`` (aware; default: the clock): when all of it happens. A data failure is a result (``rejected``,
    ``missing``), not an exception. Raises the other errors after writing them to the ledger.
    """
    on_step("land")
    try:
        landing = land_folder(run, folder, now=now)
    except RosterSyncError as error:
        return _failed(run, None, error)
    return run_landing(run, landing, on_step=on_step, now=now)


def run_landing(
    run: Run,
    landing: int,
    *,
    revalidate: bool = False,
    now: datetime | None = None,
    on_step: OnStep = lambda step: None,
) -> RunResult:
    """As :func:`sync_folder`, of an upload that is landed."""
    try:
        on_step("stage")
        stage(run, landing)
        on_step("validate")
        validate(run, landing)
        on_step("diff")
        diff(run, landing)
        on_step("load")
        result = load(run, landing, revalidate=revalidate, now=now)
    except RosterSyncError as error:
        return _failed(run, landing, error)
    retry_unknown_students(
        run, now=now
    )  # what goes wrong there is no failure of this run: it has loaded
    return result


def _failed(run: Run, landing: int | None, error: RosterSyncError) -> RunResult:
    """The result of a data failure; any other error is kept in the ledger, if it can be, and raised."""
    if isinstance(error, MissingUploadError | RejectedUploadError):
        return record_failure(run, landing, error)
    with contextlib.suppress(WarehouseUnavailableError, WarehouseSchemaError):
        record_failure(run, landing, error)
    raise error


def check_folder(
    cfg: DistrictConfig,
    suites: Suites,
    folder: str | Path,
    *,
    domain: Domain = Domain.ALL,
    report: Path | None = None,
    is_configured: bool = True,
    on_step: OnStep = lambda step: None,
) -> RunResult:
    """Validate an upload with no warehouse and no previous state: references inside the folder only.

    ``domain``: ALL looks at every known file there is. ``is_configured``: ``cfg`` is a district's own: what
    it leaves out is off.
    ``report``: a folder for the district's ``errors.csv`` and ``report.html``, also of an upload that is
    rejected or missing. Raises OSError when it cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="rostersync-check-") as scratch:
        archive = Archive(scratch)
        run = Run(Inputs(cfg, suites), domain, "2000-01-01", archive, "")
        landing = None
        try:
            on_step("land")
            number = new_landing(archive, run.layout)
            landing = land_from_folder(archive, run.layout, number, folder, cfg, domain).number
            on_step("stage")
            stage(run, landing)
            on_step("validate")
            validate(run, landing)
            on_step("diff")
            found = resolve_landing(run, run.layout, landing, run.inputs, {})
        except (MissingUploadError, RejectedUploadError) as error:
            result = run_result(
                run, landing, outcome_of(error), error.message(), too_large=oversized(error)
            )
            if landing is None:
                result = replace(result, ignored=names_not_taken(folder, cfg, domain))
        else:
            ignored = read_manifest(run, run.layout, landing).ignored
            result = RunResult(Outcome.CHECKED, found.files, found.entities, ignored=ignored)
        result = _with_files_off(result, cfg if is_configured else None)
        if report is not None:
            write_report(run, landing, result, report)
        return result


def _with_files_off(result: RunResult, cfg: DistrictConfig | None) -> RunResult:
    """A check reads every file it finds, and says of which no sync would."""
    if cfg is None:
        named = [line for line in result.ignored if read_not_taken(line).why is not Why.OFF]
        return replace(result, ignored=tuple(named))
    files = dict(result.files)
    for uploaded_as, domain in files_off(cfg, Domain.CORE).items():
        for name in (f.name for f in files_of(domain) if f.name in files):
            if files[name].state is not FileState.MISSING:
                off = NotTaken(uploaded_as, Why.OFF, domain=domain)
                finding = FindingSummary(str(off.why), "warning", None, 1, message=off.message)
                files[name] = replace(files[name], findings=(*files[name].findings, finding))
    return replace(result, files=files)


def replay(
    run: Run,
    *,
    from_slot: str | None = None,
    revalidate: bool = False,
    on_slot: Callable[[str, RunResult], None] = lambda slot, result: None,
) -> dict[str, RunResult]:
    """Run a district's archived slots again, in order; results by slot.

    A slot that is part of the warehouse's fold keeps its landing, and the inputs it was applied with
    unless ``revalidate``. Any other takes its newest landing that can be used, with today's inputs; one that
    lies in the future or was taken out of the fold is left out.
    """
    with connect(run.warehouse) as conn:
        fold = {s.slot: s for s in applied_slots(conn, run.district, run.domain)}
        removed = removed_slots(conn, district=run.district, domain=run.domain)
    left_out = {one.slot for one in removed}
    results = {}
    for slot in archived_slots(run):
        if slot in left_out or (from_slot is not None and slot < from_slot):
            continue
        applied = fold.get(slot)
        if applied is None and is_future(run.cfg.zone, run.domain, slot, run.started_at):
            continue
        keep = applied is not None and not revalidate
        inputs = run.pinned(applied.pin) if applied and keep else run.inputs
        one = replace(
            run, inputs=inputs, slot=slot, run_id=str(uuid.uuid4()), started_at=datetime.now(UTC)
        )
        numbers = [applied.landing] if applied else landing_numbers(run.archive, one.layout)[::-1]
        for number in numbers:
            results[slot] = run_landing(one, number, revalidate=revalidate)
            if results[slot].outcome.is_success:
                break
        on_slot(slot, results[slot])
    return results


def archived_slots(run: Run) -> list[str]:
    """Slots with at least one landing, in order."""
    slots = set()
    for folder in run.archive.list_names(run.layout.domain_folder):
        layout = Layout(run.district, run.domain, folder)
        numbers = landing_numbers(run.archive, layout)
        if numbers:
            slots.add(read_manifest(run, layout, numbers[-1]).slot)
    return sorted(slots)
