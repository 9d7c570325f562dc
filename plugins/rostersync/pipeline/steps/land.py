"""Step land: the upload's bytes into the archive. After this nothing reads the server again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rostersync.archive import FileState, Layout, Manifest, new_landing
from rostersync.engine.postgres import Connection, connect
from rostersync.fold import Fold, shape_of_file
from rostersync.landing import SftpAccount, UploadedFile, land_from_folder, land_from_server
from rostersync.ledger.landings import record_landing
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.refused import refuse_slot
from rostersync.pipeline.ground.run import Run
from rostersync.warehouse import lock_landing

Progress = Callable[[str, int, int], None]


def land_folder(
    run: Run,
    folder: str | Path,
    *,
    now: datetime | None = None,
    on_progress: Progress | None = None,
) -> int:
    """Land an upload that lies in a folder; the landing's number.

    The newest landing is returned when it holds the same bytes. ``now`` (aware): a folder is as fresh as the
    moment a person names it. Raises MissingUploadError, SlotError.
    """
    with _landing_alone(run) as conn:
        manifest = copy_folder(run, folder, on_progress)
        record_landing(conn, manifest, now or datetime.now(UTC))
    return manifest.number


def land_server(
    run: Run,
    account: SftpAccount,
    files: Sequence[dict[str, Any]],
    *,
    now: datetime | None = None,
    on_progress: Progress | None = None,
) -> int:
    """Land the files the sensor found complete (name, uploaded_as, size, mtime); the landing's number.

    An upload is as fresh as its newest file, and never of after ``now`` (aware).
    Raises UploadChangedError, SftpConnectionError (transient), SftpAuthenticationError, SftpHostKeyError,
    SlotError, HandedOnError.
    """
    uploaded = [UploadedFile.handed_on(f) for f in files]
    with _landing_alone(run) as conn:
        manifest = copy_server(run, account, uploaded, on_progress)
        newest = max(f.mtime for f in uploaded)
        written = datetime.fromtimestamp(newest, UTC)
        record_landing(conn, manifest, min(written, now or datetime.now(UTC)))
    return manifest.number


def copy_folder(run: Run, folder: str | Path, on_progress: Progress | None = None) -> Manifest:
    """The archive's part of landing a folder: no lock, no ledger. Raises MissingUploadError."""
    return land_from_folder(
        run.archive,
        run.layout,
        new_landing(run.archive, run.layout),
        folder,
        run.cfg,
        run.domain,
        previous=files_without_shape(run),
        on_progress=on_progress,
    )


def copy_server(
    run: Run,
    account: SftpAccount,
    files: Sequence[UploadedFile],
    on_progress: Progress | None = None,
) -> Manifest:
    """The archive's part of landing a server's files. Raises what :func:`land_server` raises."""
    return land_from_server(
        run.archive,
        run.layout,
        new_landing(run.archive, run.layout),
        account,
        files,
        run.cfg,
        last_landing=last_manifest(run),
        previous=files_without_shape(run),
        on_progress=on_progress,
    )


def last_manifest(run: Run) -> Manifest | None:
    """The manifest of the landing applied for the slot before this one, if any."""
    last = _earlier(run).newest
    if last is None:
        return None
    name = Layout(run.district, run.domain, last.slot).manifest(last.landing)
    return Manifest.from_json(run.archive.read_json(name))


def files_without_shape(run: Run) -> dict[str, dict[str, Any]]:
    """Header and last newline of each file before that a release applied which kept no shapes.

    Of any other file the state before says what it looked like, whenever the slot is computed.
    """
    found = {}
    for name, last in _earlier(run).files.items():
        if shape_of_file(name) not in last.fingerprints:
            layout = Layout(run.district, run.domain, last.slot)
            staged = run.archive.read_json(layout.check(last.landing, last.pin).staged_document)
            if name in staged and staged[name]["state"] == FileState.ACCEPTED:
                found[name] = {n: staged[name][n] for n in ("header", "ends_with_newline")}
    return found


def _earlier(run: Run) -> Fold:
    with connect(run.warehouse) as conn:
        return applied_slots(conn, run.district, run.domain).before(run.slot)


@contextmanager
def _landing_alone(run: Run) -> Iterator[Connection]:
    """One landing of a slot at a time: two would take the same number and mix their files.

    Raises SlotError for a slot that nothing may be synced for.
    """
    with connect(run.warehouse) as conn:
        refuse_slot(conn, run)
        lock_landing(conn, run.district, run.domain, run.slot)
        yield conn
