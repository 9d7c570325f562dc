"""What lies in an upload folder: names, sizes and times, all of them untrusted."""

from __future__ import annotations

from dataclasses import dataclass

_NAME_LIMIT = 80


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A regular file. ``size`` in bytes, ``mtime`` in epoch seconds (never local time)."""

    name: str
    size: int
    mtime: float


@dataclass(frozen=True, slots=True)
class Listing:
    """One reading of a folder: its regular files, and what else is there as (name, what it is).

    ``is_cut``: there is more than is listed; files of the contract are never left out.
    """

    files: tuple[RemoteFile, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    is_cut: bool = False

    def file(self, name: str) -> RemoteFile | None:
        """The regular file of exactly this name."""
        return next((f for f in self.files if f.name == name), None)


def printable_name(name: str, limit: int = _NAME_LIMIT) -> str:
    """A name fit to be shown: control and invisible characters escaped, cut to ``limit``."""
    shown = "".join(
        c if c.isprintable() else c.encode("ascii", "backslashreplace").decode() for c in name
    )
    # C0 characters are ASCII, so backslashreplace leaves them as they are.
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
