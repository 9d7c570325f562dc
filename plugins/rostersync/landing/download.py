"""Makes a landing: the upload's bytes into the archive, then the manifest that completes it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rostersync.archive import Archive, FileEntry, Layout, Manifest, landing_numbers
from rostersync.errors import ArchiveError, MissingUploadError, UploadChangedError
from rostersync.landing.caps import kept_landing, refuse_too_much
from rostersync.landing.completeness import (
    Strangers,
    UploadedFile,
    expected_files,
    files_off,
    is_same,
    name_strangers,
    other_names,
    quiet_seconds,
)
from rostersync.landing.listing import Listing, RemoteFile
from rostersync.landing.sftp import SftpAccount, SftpSession, connect

if TYPE_CHECKING:
    from rostersync.config import DistrictConfig
    from rostersync.spec import Domain

Progress = Callable[[str, int, int], None]
"""Called with (contract name, bytes done, bytes in all)."""

_AT_ONCE = 4
"""Files fetched at a time over the one connection: fills the line, a few MiB of memory each."""
_CHUNK = 1024 * 1024


def land_from_server(
    archive: Archive,
    layout: Layout,
    number: int,
    account: SftpAccount,
    files: Sequence[UploadedFile],
    cfg: DistrictConfig,
    *,
    last_landing: Manifest | None = None,
    previous: Mapping[str, dict[str, Any]] | None = None,
    on_progress: Progress | None = None,
) -> Manifest:
    """Fetch ``files``, as the sensor saw them, into landing ``number``; a re-run starts it afresh.

    A file that is not as the sensor saw it any more is taken only when its last change is a quiet
    period ago. ``last_landing``: the last accepted one of the domain, to mark stale files.
    ``previous``: what the manifest keeps of files before (see :class:`Manifest`).

    Returns the landing's manifest, or that of the slot's newest landing when it holds the same bytes.

    Raises UploadChangedError: a file changed, vanished or is being written; transient. SftpConnectionError,
    SftpAuthenticationError, SftpHostKeyError: see ``connect``. ConfigError: the folder or a file may not be
    read. ArchiveError: the landing is complete already; landings never change. UploadTooLargeError,
    TooManyLandingsError: more than the district's caps allow, and not a byte is fetched. ArchiveFullError:
    there is no room now; transient.
    """
    _clear(archive, layout, number)
    if kept := kept_landing(archive, layout, cfg, ((f.name, f.size, f.mtime) for f in files)):
        return kept
    entries, listing = asyncio.run(
        _fetch_all(archive, layout, number, account, files, cfg, on_progress)
    )
    strangers = _strangers(listing, cfg, layout.domain)
    return _declare(
        archive, layout, number, "server", entries, strangers, last_landing, previous or {}
    )


def land_from_folder(
    archive: Archive,
    layout: Layout,
    number: int,
    folder: str | Path,
    cfg: DistrictConfig,
    domain: Domain,
    *,
    previous: Mapping[str, dict[str, Any]] | None = None,
    on_progress: Progress | None = None,
) -> Manifest:
    """Copy an upload that lies in a local folder; otherwise as :func:`land_from_server`.

    No file of a folder is ever stale: a person named it.

    Raises MissingUploadError: the folder holds none of the domain's files. UploadChangedError: a file changed
    while it was copied. ArchiveError: the landing is complete already. UploadTooLargeError,
    TooManyLandingsError, ArchiveFullError: as there.
    """
    _clear(archive, layout, number)
    listing = _list_local(Path(folder))
    expected = expected_files(cfg, domain)
    strangers = _strangers(listing, cfg, domain)
    found = {n: file for n, u in expected.items() if (file := listing.file(u))}
    if kept := kept_landing(archive, layout, cfg, ((n, f.size, f.mtime) for n, f in found.items())):
        return kept
    refuse_too_much(archive, cfg, {n: f.size for n, f in found.items()})
    entries = []
    for name, before in found.items():
        uploaded_as = before.name
        sha256 = _copy(
            archive, layout.file(number, name), Path(folder, uploaded_as), before, name, on_progress
        )
        entries.append(FileEntry(name, uploaded_as, before.size, before.mtime, sha256))
    if not entries:
        raise MissingUploadError(
            "The folder holds no file of this upload",
            district=cfg.id,
            folder=folder,
            expected=", ".join(expected.values()),
            found=", ".join(strangers.all) or "an empty folder",
            next_step="name the folder that holds the CSV files, or rename them",
        )
    return _declare(archive, layout, number, "folder", entries, strangers, None, previous or {})


def names_not_taken(folder: str | Path, cfg: DistrictConfig, domain: Domain) -> tuple[str, ...]:
    """What a folder holds that is no file of the domain, as a manifest's ``ignored``.

    Raises MissingUploadError when there is no such folder.
    """
    listing = _list_local(Path(folder))
    return _strangers(listing, cfg, domain).all


def _strangers(listing: Listing, cfg: DistrictConfig, domain: Domain) -> Strangers:
    """A landing waits for nobody: what is unfinished now is not in it."""
    expected, others = expected_files(cfg, domain), other_names(cfg, domain)
    return name_strangers(listing, expected, others, off=files_off(cfg, domain))


def _clear(archive: Archive, layout: Layout, number: int) -> None:
    """Remove what an interrupted run left; refuse to touch a complete landing."""
    if archive.exists(layout.manifest(number)):
        raise ArchiveError(
            "This landing is complete already",
            landing=layout.landing(number),
            next_step="land under the next number",
        )
    archive.remove(layout.landing(number))


def _declare(
    archive: Archive,
    layout: Layout,
    number: int,
    source: str,
    entries: Iterable[FileEntry],
    strangers: Strangers,
    last_landing: Manifest | None,
    previous: Mapping[str, dict[str, Any]],
) -> Manifest:
    """Write the manifest, unless the slot's newest landing holds the very same bytes."""
    files = tuple(_marked(entry, last_landing) for entry in entries)
    for newest in landing_numbers(archive, layout)[-1:]:
        landed = Manifest.from_json(archive.read_json(layout.manifest(newest)))
        if {(f.name, f.sha256) for f in landed.files} == {(f.name, f.sha256) for f in files}:
            archive.remove(layout.landing(number))
            return landed
    manifest = Manifest(
        district=layout.district,
        domain=layout.domain,
        slot=layout.slot,
        number=number,
        source=source,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        files=files,
        ignored=strangers.all,
        previous=dict(previous),
    )
    archive.write_json(layout.manifest(number), manifest.to_json())
    return manifest


def _marked(entry: FileEntry, last_landing: Manifest | None) -> FileEntry:
    """With ``stale`` decided: an old time with unseen bytes is new."""
    last = last_landing.file(entry.name) if last_landing else None
    stale = (
        last is not None
        and is_same(entry.size, entry.mtime, (last.size, last.mtime))
        and entry.sha256 == last.sha256
    )
    return FileEntry(
        entry.name, entry.uploaded_as, entry.size, entry.mtime, entry.sha256, stale=stale
    )


async def _fetch_all(
    archive: Archive,
    layout: Layout,
    number: int,
    account: SftpAccount,
    files: Sequence[UploadedFile],
    cfg: DistrictConfig,
    on_progress: Progress | None,
) -> tuple[list[FileEntry], Listing]:
    places = asyncio.Semaphore(_AT_ONCE)
    asyncio.get_running_loop().set_exception_handler(_without_echoes)

    async def fetch(session: SftpSession, name: str, before: RemoteFile) -> FileEntry:
        async with places:
            target = layout.file(number, name)
            sha256 = await _fetch(archive, target, session, before, name, on_progress)
        return FileEntry(name, before.name, before.size, before.mtime, sha256)

    quiet = quiet_seconds(cfg, layout.domain)
    async with connect(account) as session:
        listing = await session.list_folder()
        ready = [(f.name, _ready(listing, f, account, quiet)) for f in files]
        refuse_too_much(archive, cfg, {name: file.size for name, file in ready})
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(fetch(session, *pair)) for pair in ready]
        except ExceptionGroup as errors:
            # The first tells it all: one broken connection fails every file at once.
            raise errors.exceptions[0] from None
    return [task.result() for task in tasks], listing


def _without_echoes(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A broken connection fails every block in flight; the first is raised, the rest is noise."""
    if context.get("message") != "Task exception was never retrieved":
        loop.default_exception_handler(context)


def _ready(
    listing: Listing, wanted: UploadedFile, account: SftpAccount, quiet: float
) -> RemoteFile:
    """The file on the server, if it is what the sensor saw or was left alone long enough since."""
    now = listing.file(wanted.uploaded_as)
    if now is None:
        raise _changed(wanted.uploaded_as, "it is gone", **account.where())
    if (now.size, now.mtime) != (wanted.size, wanted.mtime) and time.time() - now.mtime < quiet:
        raise _changed(
            wanted.uploaded_as, "it changed after the upload was complete", **account.where()
        )
    return now


async def _fetch(
    archive: Archive,
    target: str,
    session: SftpSession,
    before: RemoteFile,
    name: str,
    on_progress: Progress | None,
) -> str:
    """Stream one file into the archive; its sha256."""
    digest, done = hashlib.sha256(), 0
    with archive.writing(target) as out:
        async with aclosing(session.read(before.name, before.size)) as chunks:
            async for chunk in chunks:
                out.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                if on_progress:
                    on_progress(name, done, before.size)
        # Inside the block: what changed under our hands never gets its final name.
        _unchanged(before, await session.stat(before.name), done, **session.account.where())
    return digest.hexdigest()


def _copy(
    archive: Archive,
    target: str,
    source: Path,
    before: RemoteFile,
    name: str,
    on_progress: Progress | None,
) -> str:
    digest, done = hashlib.sha256(), 0
    with archive.writing(target) as out, source.open("rb") as file:
        while chunk := file.read(min(_CHUNK, before.size - done)):  # a growing file has no end
            out.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            if on_progress:
                on_progress(name, done, before.size)
        _unchanged(before, _list_one(source), done, folder=str(source.parent))
    return digest.hexdigest()


def _list_local(folder: Path) -> Listing:
    if not folder.is_dir():
        raise MissingUploadError(
            "The upload's folder does not exist",
            folder=folder,
            next_step="name the folder that holds the CSV files",
        )
    files, others = [], []
    for path in sorted(folder.iterdir()):
        file = _list_one(path)
        if file is not None:
            files.append(file)
        else:
            others.append((path.name, "a symbolic link" if path.is_symlink() else "not a file"))
    return Listing(tuple(files), tuple(others))


def _list_one(path: Path) -> RemoteFile | None:
    if path.is_symlink() or not path.is_file():
        return None
    status = os.stat(path)
    return RemoteFile(path.name, status.st_size, status.st_mtime)


def _unchanged(before: RemoteFile, after: RemoteFile | None, done: int, **where: str) -> None:
    if after is None:
        raise _changed(before.name, "it is gone", **where)
    if after != before or done != before.size:
        raise _changed(before.name, "its size or time changed while it was fetched", **where)


def _changed(file: str, found: str, **where: str) -> UploadChangedError:
    return UploadChangedError(
        "A file changed on the server after the upload was complete",
        file=file,
        expected="no change once an upload was left alone for the quiet period",
        found=found,
        next_step="nothing: the next try takes the new version when it is left alone",
        **where,
    )
