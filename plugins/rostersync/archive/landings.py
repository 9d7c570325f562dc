"""Landings: the immutable, numbered copies of an upload's bytes, and their manifests."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rostersync.archive.layout import Layout
from rostersync.archive.store import Archive
from rostersync.documents import Document
from rostersync.spec import FILES


class FileState(StrEnum):
    """What became of a file of an upload."""

    ACCEPTED = "accepted"
    IDENTICAL = "identical"
    STALE = "stale"
    MISSING = "missing"
    EMPTY = "empty"
    HEADER_ONLY = "header_only"
    REJECTED = "rejected"


UNUSABLE = (FileState.REJECTED, FileState.MISSING, FileState.EMPTY, FileState.HEADER_ONLY)
"""States of a file that brings no record."""


def says_nobody(name: str, state: FileState) -> bool:
    """A file of events with a header and no event: nobody is absent, which is news and no fault."""
    return FILES[name].wide is not None and state is FileState.HEADER_ONLY


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One landed file. ``name``: the contract's (``students``); ``uploaded_as``: the server's name.

    ``mtime``: seconds since the epoch; ``size`` in bytes; ``sha256`` of the bytes as sent.
    ``stale``: this very file (size, mtime, sha256) was in the last accepted landing already.
    """

    name: str
    uploaded_as: str
    size: int
    mtime: float
    sha256: str
    stale: bool = False


@dataclass(frozen=True, slots=True)
class FileShape(Document):
    """What an accepted file looked like beside its records: the next one of its name is compared with it.

    ``columns``: the contract's that it had, by their names in the contract. ``wide``: those of its wide
    layout (``p1``). ``unknown``: its other header cells.
    """

    columns: tuple[str, ...]
    ends_with_newline: bool
    wide: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Names the shape by its content, as a state's rows are named (32 hex digits)."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Manifest(Document):
    """What one landing holds. ``source``: server or folder; ``ignored``: names on the server not taken.

    ``previous``: file -> header and ends_with_newline of the file before, where a release that kept no shapes
    had applied that one; {} in any other landing: what its files are compared with is part of the state.
    """

    district: str
    domain: str
    slot: str
    number: int
    source: str
    created_at: str
    files: tuple[FileEntry, ...]
    ignored: tuple[str, ...] = field(default=())
    previous: dict[str, dict[str, Any]] = field(default_factory=dict)

    def file(self, name: str) -> FileEntry | None:
        """The entry of a file, or None when it was not uploaded."""
        return next((f for f in self.files if f.name == name), None)


def landing_numbers(archive: Archive, layout: Layout) -> list[int]:
    """Numbers of the slot's complete landings, ascending."""
    numbers = [
        int(n.removeprefix("landing-"))
        for n in archive.list_names(layout.slot_folder)
        if n.startswith("landing-")
    ]
    return [n for n in sorted(numbers) if archive.exists(layout.manifest(n))]


def new_landing(archive: Archive, layout: Layout) -> int:
    """The number a new landing of the slot takes; an unfinished landing's number is taken again."""
    return max(landing_numbers(archive, layout), default=0) + 1
