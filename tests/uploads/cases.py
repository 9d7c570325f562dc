"""Reads the cases of this folder and lays their uploads out; README.md says what a case may hold."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rostersync.config import DistrictConfig, load_district

FOLDER = Path(__file__).parent
BASE = "base"


@dataclass(frozen=True)
class Finding:
    """A finding as expected. ``says``: what its message must hold."""

    rule: str
    severity: str
    column: str | None = None
    count: int = 1
    lines: list[int] = field(default_factory=list)
    says: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FileExpected:
    """A file's state and counts. ``records`` were counted by hand; accepted is what the others leave.

    ``csv``: Python's csv module sees the same records; false where quotes or line ends are the fault.
    """

    state: str = "accepted"
    records: int | None = None
    quarantined: int = 0
    duplicates: int = 0
    csv: bool = True
    findings: tuple[Finding, ...] = ()

    @property
    def counts(self) -> dict[str, Any]:
        """As the command's JSON has them."""
        used = self.state == "accepted"
        kept = (self.records or 0) - self.quarantined - self.duplicates if used else 0
        return {
            "state": self.state,
            "records": self.records,
            "accepted": kept,
            "quarantined": self.quarantined,
            "duplicates": self.duplicates,
            "rejected": self.records if self.state == "rejected" else 0,
        }


@dataclass(frozen=True)
class Night:
    """What ``sync`` makes of the upload on the night after the good one; files as in the check."""

    exit: int
    outcome: str
    files: dict[str, FileExpected] = field(default_factory=dict)
    changes: dict[str, dict[str, int]] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One upload and what is to become of it."""

    name: str
    about: str
    exit: int
    outcome: str
    files: dict[str, FileExpected]
    night: Night | None = None
    ignored: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    make: dict[str, str] = field(default_factory=dict)
    long_lines: dict[str, int] = field(default_factory=dict)
    last_lines: dict[str, int] = field(default_factory=dict)

    @property
    def yaml(self) -> Path:
        """The district's configuration."""
        own = FOLDER / self.name / "district.yaml"
        return own if own.exists() else FOLDER / BASE / "district.yaml"

    @property
    def config(self) -> DistrictConfig:
        """The same, loaded."""
        return load_district(self.yaml)

    def of_file(self, csv: str) -> FileExpected:
        """A file's expectation: the base's where the case says nothing of it."""
        return self.files.get(csv) or load(BASE).files.get(csv) or FileExpected()

    def lay_out(self, folder: Path) -> Path:
        """Write the upload into ``folder``: the base's files, then the case's over them."""
        shutil.copytree(FOLDER / BASE / "upload", folder)
        for name in self.without:
            (folder / name).unlink()
        own = FOLDER / self.name / "upload"
        if own.exists():
            shutil.copytree(own, folder, dirs_exist_ok=True)
        for name, what in self.make.items():
            _make(folder / name, what)
        for name, line in self.long_lines.items():
            _lengthen(folder / name, line)
        for name, times in self.last_lines.items():
            _repeat(folder / name, times)
        return folder


def names() -> list[str]:
    """All cases, the base first."""
    found = sorted(p.parent.name for p in FOLDER.glob("*/expected.yaml"))
    return [BASE, *(n for n in found if n != BASE)]


@cache
def load(name: str) -> Case:
    """A case. Raises TypeError when ``expected.yaml`` holds an unknown key."""
    text = (FOLDER / name / "expected.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, yaml.CSafeLoader)
    night = document.pop("night", None)
    return Case(
        name=name,
        files=_files(document.pop("files", {})),
        night=Night(**{**night, "files": _files(night.get("files", {}))}) if night else None,
        **document,
    )


def _files(documents: dict[str, dict[str, Any]]) -> dict[str, FileExpected]:
    return {
        name: FileExpected(**{**d, "findings": tuple(Finding(**f) for f in d.get("findings", ()))})
        for name, d in documents.items()
    }


def _make(path: Path, what: str) -> None:
    """What git cannot hold."""
    kind, _, target = what.partition(" to ")
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(target)
    else:
        raise ValueError(what)


def _lengthen(path: Path, line: int) -> None:
    """Half a megabyte is not worth a place in git: the last value of a line becomes that long."""
    lines = path.read_bytes().split(b"\n")
    lines[line - 1] += b"x" * 500_000
    path.write_bytes(b"\n".join(lines))


def _repeat(path: Path, times: int) -> None:
    """Nor are thousands of lines that are all the same: the last one comes so often."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-1], *lines[-1:] * times]))
