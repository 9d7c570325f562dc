"""A folder of immutable artefacts, on a local disk or an object store (fsspec).

Names are relative POSIX paths. A JSON document is written last and in one move, so it marks the artefacts
it describes as complete; a reader that finds no document redoes the step.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec

from rostersync.errors import ArchiveError


class Archive:
    """The artefacts under ``url`` (a local path or any fsspec URL)."""

    def __init__(self, url: str | Path) -> None:
        self.url = str(url)
        self.fs, self.root = fsspec.core.url_to_fs(self.url)
        self.is_local = "file" in (
            self.fs.protocol if isinstance(self.fs.protocol, tuple) else (self.fs.protocol,)
        )

    def __repr__(self) -> str:
        return f"Archive({self.url!r})"

    def path(self, name: str) -> str:
        """The full name of an artefact, as DuckDB and fsspec take it."""
        return f"{self.root}/{name}"

    def duckdb_path(self, name: str) -> str:
        """As :meth:`path`, with the protocol when it is not a local file."""
        return self.path(name) if self.is_local else self.fs.unstrip_protocol(self.path(name))

    def exists(self, name: str) -> bool:
        """True when the artefact is there."""
        return bool(self.fs.exists(self.path(name)))

    def make_folder(self, name: str) -> None:
        """Make a folder and its parents (no-op on object stores)."""
        self.fs.makedirs(self.path(name), exist_ok=True)

    def list_names(self, name: str) -> list[str]:
        """Base names directly under a folder, sorted; empty when it does not exist."""
        full = self.path(name)
        if not self.fs.exists(full):
            return []
        return sorted(str(p).rstrip("/").rsplit("/", 1)[-1] for p in self.fs.ls(full, detail=False))

    def read_json(self, name: str) -> Any:
        """A document. Raises ArchiveError when it is missing."""
        try:
            with self.fs.open(self.path(name), "rb") as f:
                return json.load(f)
        except FileNotFoundError:
            raise ArchiveError(
                "An archived document is missing",
                name=name,
                archive=self.url,
                next_step="re-run the step that writes it",
            ) from None

    def write_json(self, name: str, document: Any) -> None:
        """Write a document whole or not at all."""
        with self.writing(name) as f:
            f.write(json.dumps(document, indent=1, default=str).encode())

    @contextmanager
    def writing(self, name: str) -> Iterator[Any]:
        """Open an artefact for writing bytes: it appears under its name only when complete."""
        self.make_folder(name.rsplit("/", 1)[0])
        if not self.is_local:  # object stores publish on close
            with self.fs.open(self.path(name), "wb") as f:
                yield f
            return
        with self.publishing(name) as temporary, Path(temporary).open("wb") as f:
            yield f

    @contextmanager
    def publishing(self, name: str) -> Iterator[str]:
        """A path to write to; what was written gets its name at the end of the block, in one move.

        On an object store it is the name itself: what a writer does not finish never appears there.
        """
        if not self.is_local:
            yield self.duckdb_path(name)
            return
        temporary = Path(f"{self.path(name)}.{uuid.uuid4().hex}.part")
        try:
            yield str(temporary)
            with temporary.open("rb+") as f:
                os.fsync(f.fileno())
            temporary.replace(self.path(name))
        finally:
            temporary.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove an artefact or folder, if it is there."""
        if self.exists(name):
            self.fs.rm(self.path(name), recursive=True)
