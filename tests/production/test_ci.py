"""CI's script: what cannot be installed is said, and is no reason to skip in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rostersync import paths

TOOLS = ("bash", "dirname", "env")
"""Programs the script itself needs; make, sshd and redis-server are for each test to give."""


def run(folder: Path, uid: str, **programs: str) -> subprocess.CompletedProcess[str]:
    """.ci/run on a machine that has only these programs."""
    project = folder / "project"
    (project / ".ci").mkdir(parents=True)
    shutil.copy(paths.home() / ".ci" / "run", project / ".ci" / "run")
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        if found:
            (bin_folder / tool).symlink_to(found)
    scripts = {
        "id": f"echo {uid}",
        "make": 'echo "make $*"',
        "sshd": ":",
        "python3": ":",
        **programs,
    }
    for name, script in scripts.items():
        (bin_folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (bin_folder / name).chmod(0o755)
    return subprocess.run(
        [project / ".ci" / "run"],
        env={**os.environ, "PATH": str(bin_folder)},
        capture_output=True,
        text=True,
    )


def test_with_everything_there_it_lints_and_tests(tmp_path: Path) -> None:
    done = run(tmp_path, "1000", **{"redis-server": ":"})
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "make lint\nmake test ARGS=--budget\n",
        "",
    )


@pytest.mark.parametrize("apt", ["exit 100", ":"], ids=["fails", "installs nothing"])
def test_it_stops_when_redis_cannot_be_installed(tmp_path: Path, apt: str) -> None:
    done = run(tmp_path, "0", **{"apt-get": apt})
    assert done.returncode == 1
    assert done.stdout == ""
    assert "CI stops" in done.stderr
    assert "redis-server" in done.stderr


@pytest.mark.parametrize("uid", ["1000", "0"], ids=["not root", "no apt-get"])
def test_it_goes_on_and_says_so_where_nothing_can_be_installed(tmp_path: Path, uid: str) -> None:
    programs = {"apt-get": "exit 100"} if uid == "1000" else {}
    done = run(tmp_path, uid, **programs)
    assert done.returncode == 0
    assert done.stdout == "make lint\nmake test ARGS=--budget\n"
    assert "not installed (that takes root and apt-get): redis-server" in done.stderr
    assert "the night through Celery" in done.stderr
