"""A whole run that writes nothing: what would tonight's upload do to the warehouse as it is now?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rostersync.archive import OverlayArchive, new_landing
from rostersync.errors import MissingUploadError, RejectedUploadError
from rostersync.landing import land_from_folder
from rostersync.ledger import RunResult
from rostersync.pipeline.check import stage, validate
from rostersync.pipeline.land import previous_files
from rostersync.pipeline.load import load
from rostersync.pipeline.report import failure_result
from rostersync.pipeline.run import Run


def dry_run(
    run: Run, folder: str | Path, *, on_step: Callable[[str], None] = lambda step: None
) -> RunResult:
    """Everything of ``sync_folder`` up to the load's writes, on today's archive and warehouse.

    The landing and all that is computed from it lie in a temporary folder; the warehouse is read in a
    transaction that may not write, without waiting for loads or holding them up. Attendance that a night
    would resolve again afterwards is not looked at. A data failure is a result, not an exception; raises the
    other errors of ``sync_folder``.
    """
    with tempfile.TemporaryDirectory(prefix="rostersync-dry-run-") as scratch:
        rehearsal = replace(run, archive=OverlayArchive(run.archive, scratch))
        landing = None
        try:
            on_step("land")
            landing = land_from_folder(
                rehearsal.archive,
                rehearsal.layout,
                new_landing(rehearsal.archive, rehearsal.layout),
                folder,
                rehearsal.cfg,
                rehearsal.domain,
                previous=previous_files(rehearsal),
            ).number
            on_step("stage")
            stage(rehearsal, landing)
            on_step("validate")
            validate(rehearsal, landing)
            on_step("diff")
            return load(rehearsal, landing, dry=True)
        except (MissingUploadError, RejectedUploadError) as error:
            return failure_result(rehearsal, landing, error)
