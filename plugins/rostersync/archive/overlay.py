"""An archive to rehearse on: reads through to a real one, writes into a folder of its own."""

from __future__ import annotations

from pathlib import Path

from rostersync.archive.store import Archive


class OverlayArchive(Archive):
    """What is not in ``folder`` is read from ``base``, of which nothing is ever written or removed.

    An artefact of a local base appears in the folder as a symbolic link, one of an object store as a copy,
    when its name is first asked for. Artefacts appear by a move onto their name, so a link is replaced, never
    written through.
    """

    def __init__(self, base: Archive, folder: str | Path) -> None:
        super().__init__(folder)
        self.base = base

    def path(self, name: str) -> str:
        """The full name of an artefact in the folder; it is brought there when only the base has it."""
        full = super().path(name)
        target = Path(full)
        if not target.exists() and self.base.fs.isfile(self.base.path(name)):
            target.parent.mkdir(parents=True, exist_ok=True)
            if self.base.is_local:
                target.symlink_to(Path(self.base.path(name)).resolve())
            else:
                self.base.fetch(name, full)
        return full

    @property
    def folders(self) -> tuple[str, ...]:
        """Its own and the base's, which its links lead to."""
        return (*super().folders, *self.base.folders)

    def exists(self, name: str) -> bool:
        """True when either has it."""
        return super().exists(name) or self.base.exists(name)

    def list_names(self, name: str) -> list[str]:
        """Base names directly under a folder of either, sorted."""
        return sorted({*super().list_names(name), *self.base.list_names(name)})

    def remove(self, name: str) -> None:
        """Remove what the folder has of it; the base keeps its own."""
        if super().exists(name):
            self.fs.rm(super().path(name), recursive=True)
