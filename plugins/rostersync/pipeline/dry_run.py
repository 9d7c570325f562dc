"""A whole run that writes nothing: what would an upload do to the warehouse as it is now?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rostersync.archive import OverlayArchive, new_landing
from rostersync.errors import MissingUploadError, RejectedUploadError
from rostersync.landing import (
    Listing,
    SftpAccount,
    UploadedFile,
    expected_files,
    land_from_folder,
    land_from_server,
)
from rostersync.ledger import RunResult
from rostersync.pipeline.check import stage, validate
from rostersync.pipeline.land import last_manifest, previous_files
from rostersync.pipeline.load import load
from rostersync.pipeline.report import failure_result
from rostersync.pipeline.run import Run

OnStep = Callable[[str], None]


def dry_run(run: Run, folder: str | Path, *, on_step: OnStep = lambda step: None) -> RunResult:
    """Everything of ``sync_folder`` up to the load's writes, on today's archive and warehouse.

    The landing and all that is computed from it lie in a temporary folder; the warehouse is read in a
    transaction that may not write, without waiting for loads or holding them up. Attendance that a night
    would resolve again afterwards is not looked at. A data failure is a result, not an exception; raises the
    other errors of ``sync_folder``.
    """

    def land(rehearsal: Run) -> int:
        return land_from_folder(
            rehearsal.archive,
            rehearsal.layout,
            new_landing(rehearsal.archive, rehearsal.layout),
            folder,
            rehearsal.cfg,
            rehearsal.domain,
            previous=previous_files(rehearsal),
        ).number

    return _rehearse(run, land, on_step)


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

    def land(rehearsal: Run) -> int:
        files = [
            UploadedFile(name, uploaded_as, file.size, file.mtime)
            for name, uploaded_as in expected_files(rehearsal.cfg, rehearsal.domain).items()
            if (file := listing.file(uploaded_as))
        ]
        return land_from_server(
            rehearsal.archive,
            rehearsal.layout,
            new_landing(rehearsal.archive, rehearsal.layout),
            account,
            files,
            rehearsal.cfg,
            last_landing=last_manifest(rehearsal),
            previous=previous_files(rehearsal),
        ).number

    return _rehearse(run, land, on_step)


def _rehearse(run: Run, land: Callable[[Run], int], on_step: OnStep) -> RunResult:
    """``land``: puts the upload into the rehearsal's archive; the landing's number."""
    with tempfile.TemporaryDirectory(prefix="rostersync-dry-run-") as scratch:
        rehearsal = replace(run, archive=OverlayArchive(run.archive, scratch))
        landing = None
        try:
            on_step("land")
            landing = land(rehearsal)
            on_step("stage")
            stage(rehearsal, landing)
            on_step("validate")
            validate(rehearsal, landing)
            on_step("diff")
            return load(rehearsal, landing, dry=True)
        except (MissingUploadError, RejectedUploadError) as error:
            return failure_result(rehearsal, landing, error)
