"""Step stage: from a landing's bytes to records. Depends on bytes and pin only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rostersync.archive import FileEntry
from rostersync.engine import TINY_BYTES, open_session
from rostersync.errors import ArchiveError
from rostersync.pipeline.ground.files import read_manifest
from rostersync.pipeline.ground.known import known_check, program
from rostersync.pipeline.ground.run import Run
from rostersync.spec import File, files_of

OnFile = Callable[[str], None]
_SMALL = 10_000_000
"""Bytes of a landing that one thread stages as fast as several."""


def stage(run: Run, landing: int, *, on_file: OnFile = lambda name: None) -> dict[str, Any]:
    """Stage a landing under the run's pin; counts by file. Bytes that are known are not read a second time.

    Raises AccountingError when the reader and the independent count differ.
    """
    from rostersync.staging import stage_file

    run.inputs.keep(run.archive)
    folder = run.layout.check(landing, run.inputs.pin)
    document = folder.staged_document
    if not run.archive.exists(document):
        manifest = read_manifest(run, run.layout, landing)
        known = known_check(run, run.layout, landing, run.inputs.pin)
        staged = {}
        size = sum(f.size for f in manifest.files)
        with open_session(
            run.archive, is_small=size <= _SMALL, is_tiny=size <= TINY_BYTES
        ) as session:
            for file in files_of(run.domain):
                entry = manifest.file(file.name)
                # a pin older than a file of the contract has no suite for it: read as it was then, without
                if entry is None or file.name not in run.inputs.suites.files:
                    continue
                on_file(file.name)
                source = session.local_path(run.layout.file(landing, file.name))
                result = known.staged_like(entry)
                if result is not None:
                    _check_bytes(run, landing, file, entry, _sha256_of(source))
                    known.take_staged(run, result, folder)
                else:
                    result = stage_file(
                        session,
                        file,
                        source,
                        run.cfg,
                        folder=folder,
                        phone_digits=run.inputs.suites.argument("min_digits", file.name),
                    )
                    _check_bytes(run, landing, file, entry, result.sha256)
                staged[file.name] = replace(result, made_by=program()).to_json()
        run.archive.write_json(document, staged)
    return {
        name: {"state": s["state"], "records": s["records"]}
        for name, s in run.archive.read_json(document).items()
    }


def _check_bytes(run: Run, landing: int, file: File, entry: FileEntry, found: str) -> None:
    if found != entry.sha256:
        raise ArchiveError(
            "A landed file is not what its manifest says",
            district=run.district,
            slot=run.slot,
            landing=landing,
            file=file.csv,
            expected=f"sha256 {entry.sha256[:12]}",
            found=f"sha256 {found[:12]}",
            next_step="restore the archive; nothing was loaded from this landing",
        )


def _sha256_of(path: str) -> str:
    with Path(path).open("rb") as landed:
        return hashlib.file_digest(landed, "sha256").hexdigest()
