"""A folder of immutable artefacts, on a local disk or an object store (fsspec).

Names are relative POSIX paths. A JSON document is written last and in one move, so it marks the artefacts
it describes as complete; a reader that finds no document redoes the step.
"""

from __future__ import annotations

import errno
import functools
import json
import logging
import os
import shutil
import stat
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec

from rostersync.errors import ArchiveError, ArchiveUnavailableError

log = logging.getLogger(__name__)

_TEMPORARY = "rostersync-archive-"
_OF_THIS_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE)
"""Errors of writing a copy here, which storage has no part in."""


class Archive:
    """The artefacts under ``url`` (a local path or any fsspec URL).

    Credentials and endpoint of object storage come from its own environment variables (``AWS_*``).
    """

    def __init__(self, url: str | Path) -> None:
        self.url = str(url)
        # another process may have written since: nothing that was listed is believed later
        self.fs, self.root = fsspec.core.url_to_fs(self.url, use_listings_cache=False)
        self.root = self.root.rstrip("/")
        self.is_local = "file" in (
            self.fs.protocol if isinstance(self.fs.protocol, tuple) else (self.fs.protocol,)
        )
        if self.is_local:
            _warn_if_open(self.root)

    def __repr__(self) -> str:
        return f"Archive({self.url!r})"

    @property
    def folders(self) -> tuple[str, ...]:
        """Folders of this machine that the artefacts lie in; of an object store none."""
        return (self.root,) if self.is_local else ()

    def path(self, name: str) -> str:
        """The full name of an artefact, as fsspec takes it. Raises ArchiveError for one outside."""
        if name.startswith("/") or ".." in name.split("/"):
            raise ArchiveError(
                "A name leads out of the archive",
                name=name,
                next_step="report this: names are ours",
            )
        return f"{self.root}/{name}"

    def exists(self, name: str) -> bool:
        """True when the artefact is there. Raises ArchiveUnavailableError."""
        with self._reaching(name):
            return bool(self.fs.exists(self.path(name)))

    def size(self, name: str) -> int:
        """Bytes of an artefact, 0 when it is not there. Raises ArchiveUnavailableError."""
        with self._reaching(name):
            try:
                return int(self.fs.size(self.path(name)))
            except FileNotFoundError:
                return 0

    def make_folder(self, name: str) -> None:
        """Make a folder and its parents, for their owner alone.

        A no-op on object stores: there it might make a bucket.
        """
        if self.is_local:
            _make_private(Path(self.path(name)), Path(self.root))

    def list_names(self, name: str) -> list[str]:
        """Base names directly under a folder, sorted; empty when it does not exist."""
        full = self.path(name).rstrip("/")
        with self._reaching(name):
            if not self.fs.exists(full):
                return []
            found = [str(p).rstrip("/") for p in self.fs.ls(full, detail=False)]
        # some stores list the folder itself, where somebody made an object of its name
        return sorted(p.rsplit("/", 1)[-1] for p in found if p != full)

    def read_json(self, name: str) -> Any:
        """A document. Raises ArchiveError when it is missing."""
        try:
            with self.reading(name) as f:
                return json.load(f)
        except FileNotFoundError:
            raise ArchiveError(
                "An archived document is missing",
                name=name,
                archive=self.url,
                next_step="re-run the step that writes it",
            ) from None

    def write_json(self, name: str, document: Any) -> None:
        """Write a document whole or not at all; on one line, which Python writes in a tenth of the time."""
        with self.writing(name) as f:
            f.write(json.dumps(document, default=str).encode())

    @contextmanager
    def writing(self, name: str) -> Iterator[Any]:
        """Open an artefact for writing bytes: it appears under its name only when complete."""
        self.make_folder(name.rpartition("/")[0])
        with self.publishing(name) as temporary, Path(temporary).open("wb") as f:
            yield f

    @contextmanager
    def publishing(self, name: str) -> Iterator[str]:
        """A path to write to; what was written gets its name at the end of the block, in one move.

        For an object store it is written to a temporary folder first: there a file that is closed half
        written would appear as a whole one.
        """
        if not self.is_local:
            with tempfile.TemporaryDirectory(prefix=_TEMPORARY) as folder:
                written = Path(folder) / "part"
                yield str(written)
                self._put(written, name)
            return
        temporary = Path(f"{self.path(name)}.{uuid.uuid4().hex}.part")
        try:
            yield str(temporary)
            with temporary.open("rb+") as f:
                os.fchmod(f.fileno(), 0o600)  # whatever the umask
                os.fsync(f.fileno())
            temporary.replace(self.path(name))
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def reading(self, name: str) -> Iterator[Any]:
        """Open an artefact for reading bytes. Raises FileNotFoundError, ArchiveUnavailableError."""
        with self._reaching(name), self.fs.open(self.path(name), "rb") as f:
            yield f

    @contextmanager
    def at_hand(self, name: str) -> Iterator[str]:
        """A path on this machine to an artefact: of an object store a copy that goes with the block.

        Raises FileNotFoundError, ArchiveUnavailableError.
        """
        if self.is_local:
            yield self.path(name)
            return
        with tempfile.TemporaryDirectory(prefix=_TEMPORARY) as folder:
            copy = f"{folder}/copy"
            self.fetch(name, copy)
            yield copy

    def fetch(self, name: str, target: str | Path) -> None:
        """Copy an artefact to a local path. Raises FileNotFoundError, ArchiveUnavailableError."""
        with self._reaching(name):
            self.fs.get_file(self.path(name), str(target))

    def copy(self, name: str, target: str) -> None:
        """Make an artefact again under another name, whole or not at all.

        Raises FileNotFoundError, ArchiveUnavailableError.
        """
        if self.is_local:
            self.make_folder(target.rpartition("/")[0])
            with self.publishing(target) as temporary:
                shutil.copyfile(self.path(name), temporary)
            return
        with self._reaching(name):
            self.fs.cp_file(self.path(name), self.path(target))

    def _put(self, written: Path, name: str) -> None:
        try:
            with self._reaching(name):
                self.fs.put_file(str(written), self.path(name))
        except FileNotFoundError:
            raise ArchiveError(
                "Object storage has no such bucket",
                archive=self.url,
                next_step="make the bucket, or correct ROSTERSYNC_ARCHIVE: rostersync never makes one",
            ) from None

    def remove(self, name: str) -> None:
        """Remove an artefact or folder, if it is there."""
        if self.exists(name):
            with self._reaching(name):
                self.fs.rm(self.path(name), recursive=True)

    @contextmanager
    def _reaching(self, name: str) -> Iterator[None]:
        """Say in our words why object storage does not answer. A file that is missing is another matter."""
        if self.is_local:
            yield
            return
        try:
            yield
        except (FileNotFoundError, ArchiveError, json.JSONDecodeError):
            raise
        except PermissionError as error:
            raise ArchiveError(
                "Object storage refuses the archive",
                name=name,
                archive=self.url,
                found=type(error).__name__,
                next_step="see the credentials (AWS_* variables) and the bucket's policy: docs/archive.md",
            ) from None
        except Exception as error:  # each store has errors of its own
            if isinstance(error, OSError) and error.errno in _OF_THIS_MACHINE:
                raise
            raise ArchiveUnavailableError(
                "Object storage does not answer",
                name=name,
                archive=self.url,
                found=type(error).__name__,
                next_step="it is tried again; see AWS_ENDPOINT_URL, the bucket's name and the network",
            ) from None


def _make_private(folder: Path, root: Path) -> None:
    """Make a folder of the archive; only above its root are new ones as the umask has them."""
    if folder.is_dir():
        return
    if folder == root:
        folder.parent.mkdir(parents=True, exist_ok=True)
    else:
        _make_private(folder.parent, root)
    folder.mkdir(mode=0o700, exist_ok=True)


@functools.cache  # once a process
def _warn_if_open(root: str) -> None:
    """The rows of children are no business of the machine's other users."""
    try:
        mode = stat.S_IMODE(Path(root).stat().st_mode)
    except OSError:  # not made yet, or told by what uses it
        return
    if mode & stat.S_IRWXO:
        log.warning(
            "Every user of this machine may enter the archive's folder %s: chmod -R o= %s",
            root,
            root,
        )
