"""Artefacts of the archive as answers of the API server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import HTTPException, Path

from rostersync import environment
from rostersync.archive import Archive

_BLOCK = 1 << 20

District = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,64}$")]


def open_archive() -> Archive:
    """The archive. Raises HTTPException 503 when the API server does not know where it lies."""
    url = environment.ARCHIVE.get()
    if not url:
        raise HTTPException(
            503, f"The API server does not know the archive: set {environment.ARCHIVE.name}."
        )
    return Archive(url)


def blocks(archive: Archive, name: str) -> Iterator[Any]:
    """An artefact's bytes, block by block."""
    with archive.reading(name) as f:
        while block := f.read(_BLOCK):
            yield block
