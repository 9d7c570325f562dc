"""A whole run that writes nothing: what an upload would do to the warehouse as it is now."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rostersync.archive import Manifest, OverlayArchive
from rostersync.errors import MissingUploadError, RejectedUploadError
from rostersync.landing import Listing, SftpAccount, UploadedFile, expected_files
from rostersync.ledger.results import RunResult
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.ground.stage import stage
from rostersync.pipeline.ground.validate import validate
from rostersync.pipeline.steps.land import copy_folder, copy_server
from rostersync.pipeline.steps.load import load
from rostersync.pipeline.steps.report import failure_result

OnStep = Callable[[str], None]


def dry_run(run: Run, folder: str | Path, *, on_step: OnStep = lambda step: None) -> RunResult:
    """Everything of ``sync_folder`` up to the load's writes, on today's archive and warehouse.

    The landing and all that is computed from it lie in a temporary folder; the warehouse is read in a
    transaction that may not write, without waiting for loads or holding them up. Attendance that a night
    would resolve again afterwards is not looked at. A data failure is a result, not an exception; raises the
    other errors of ``sync_folder``.
    """
    return _rehearse(run, lambda rehearsal: copy_folder(rehearsal, folder), on_step)


def dry_run_server(
    run: Run,
    account: SftpAccount,
    listing: Listing,
    *,
    on_step: OnStep = lambda step: None,
) -> RunResult:
    """The same for what lies on the district's server now, complete or not. ``listing``: of its folder.

    Raises UploadChangedError, SftpConnectionError (transient), SftpAuthenticationError, SftpHostKeyError.
    """
    files = [
        UploadedFile(name, uploaded_as, file.size, file.mtime)
        for name, uploaded_as in expected_files(run.cfg, run.domain).items()
        if (file := listing.file(uploaded_as))
    ]
    return _rehearse(run, lambda rehearsal: copy_server(rehearsal, account, files), on_step)


def _rehearse(run: Run, land: Callable[[Run], Manifest], on_step: OnStep) -> RunResult:
    """``land``: puts the upload into the rehearsal's archive."""
    with tempfile.TemporaryDirectory(prefix="rostersync-dry-run-") as scratch:
        rehearsal = replace(run, archive=OverlayArchive(run.archive, scratch))
        landing = None
        try:
            on_step("land")
            landing = land(rehearsal).number
            on_step("stage")
            stage(rehearsal, landing)
            on_step("validate")
            validate(rehearsal, landing)
            on_step("diff")
            return load(rehearsal, landing, dry=True)
        except (MissingUploadError, RejectedUploadError) as error:
            return failure_result(rehearsal, landing, error)
