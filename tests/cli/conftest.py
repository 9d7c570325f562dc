"""Uploads of a small made-up district, and the command line run in this process or in its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rostersync.cli import main
from tests.support.districts import write_config, write_nights


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout as the one JSON object it must be."""
        return json.loads(self.out)


def run(*arguments: object) -> Ran:
    """A command line in this process."""
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    return Ran(result.exit_code, result.stdout, result.stderr)


def run_process(*arguments: object, **environment: str) -> Ran:
    """A command line in a process of its own, as a script would call it."""
    done = subprocess.run(
        [sys.executable, "-m", "rostersync.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=240,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two uploads; the second with a handful of bad records."""
    return write_nights(tmp_path_factory.mktemp("nights"), nights=2)


@pytest.fixture
def upload(nights: list[Path], tmp_path: Path) -> Path:
    """A copy of the first upload, to spoil."""
    return Path(shutil.copytree(nights[0], tmp_path / "upload"))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A district's YAML."""
    write_config(tmp_path / "districts")
    return tmp_path / "districts" / "testville.yaml"


def change_header(upload: Path, file: str, old: str, new: str) -> None:
    """Rename a column of a file."""
    path = upload / f"{file}.csv"
    header, rest = path.read_text().split("\n", 1)
    assert old in header
    path.write_text(header.replace(old, new) + "\n" + rest)
