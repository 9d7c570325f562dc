"""Step validate: from staged records to findings. Depends on bytes and pin only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rostersync.archive import FileState, Layout
from rostersync.engine import TINY_ROWS, open_session
from rostersync.errors import ConfigError
from rostersync.pipeline.ground.files import file_inputs
from rostersync.pipeline.ground.known import known_check, program
from rostersync.pipeline.ground.required import require_files
from rostersync.pipeline.ground.run import Inputs, Run
from rostersync.pipeline.ground.stage import OnFile, stage
from rostersync.spec import Domain


def validate(run: Run, landing: int, *, on_file: OnFile = lambda name: None) -> dict[str, Any]:
    """Evaluate the suites on a staged landing; findings by severity.

    Raises RejectedUploadError: a required file is rejected. MissingUploadError: a required file is missing.
    AccountingError: Great Expectations and the row locator count differently. ConfigError: the district has
    attendance files and no list of codes.
    """
    counts = _validated(run.inputs, run, run.layout, landing, on_file)
    require_files(run, file_inputs(run, run.layout, landing, run.inputs.pin))
    if run.domain is Domain.ATTENDANCE:
        require_codes(run, landing)
    return counts


def _validated(
    inputs: Inputs, run: Run, layout: Layout, landing: int, on_file: OnFile
) -> dict[str, Any]:
    from rostersync.staging import StagedFile
    from rostersync.validation import StagedView, Validated
    from rostersync.validation import validate as evaluate

    folder = layout.check(landing, inputs.pin)
    document = folder.validated_document
    if not run.archive.exists(document):
        staged = {
            name: StagedFile.from_json(s)
            for name, s in run.archive.read_json(folder.staged_document).items()
        }
        views = {
            name: StagedView(name, folder.staged(name))
            for name, s in staged.items()
            if s.state is FileState.ACCEPTED
        }
        known = known_check(run, layout, landing, inputs.pin).validated_like(run, staged)
        for name in views:
            on_file(name)
        records = sum(s.records or 0 for s in staged.values())
        with open_session(run.archive, is_tiny=records <= TINY_ROWS) as session:
            validated = evaluate(session, views, inputs.suites, folder=folder, known=known)
        run.archive.write_json(document, replace(validated, made_by=program()).to_json())
    found = Validated.from_json(run.archive.read_json(document))
    totals: dict[str, int] = {}
    for count in found.counts:
        totals[count.severity] = totals.get(count.severity, 0) + count.count
    return {"findings": totals, "rejected": list(found.rejected)}


def ensure_checked(run: Run, inputs: Inputs, layout: Layout, landing: int) -> None:
    """Have the check artefacts of a landing under a pin, recomputing what is missing."""
    other = Run(inputs, run.domain, layout.slot, run.archive, run.warehouse)
    stage(other, landing)
    _validated(inputs, other, layout, landing, lambda name: None)


def require_codes(run: Run, landing: int) -> None:
    """Raise ConfigError, naming the codes seen, when the district has no list of attendance codes."""
    if run.cfg.attendance and run.cfg.attendance.codes:
        return
    inputs = file_inputs(run, run.layout, landing, run.inputs.pin)["attendance"]
    if inputs.clean is None:
        return
    with open_session(run.archive) as session:
        session.view_parquet("sent", inputs.clean)
        seen = [code for (code,) in session.run("duckdb/reports/codes_seen.sql")]
    raise ConfigError(
        "The district has no list of attendance codes",
        district=run.district,
        file=f"include/districts/{run.district}.yaml",
        expected="attendance.codes: every code that may appear, with its meaning",
        found="the codes " + ", ".join(f'"{c}"' for c in seen),
        next_step="ask the district what each code means, list them all, and run this slot again",
    )
