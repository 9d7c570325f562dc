"""A few seconds of random damage; run ``python -m tests.staging.fuzz --seconds 600 --seed N`` for more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.staging.fuzz import Failure, minimised, run

PROJECT = Path(__file__).parents[2]


@pytest.mark.slow
def test_damaged_files_are_accounted_for_within_bounds() -> None:
    command = [sys.executable, "-m", "tests.staging.fuzz", "--seconds", "8", "--seed", "1"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_failure_is_found_and_made_small() -> None:
    def stage(file: str, data: bytes) -> None:
        if b'"' in data and file == "rosters":
            raise AssertionError("a quote")

    tried, failure = run(30, 0, stage)
    assert tried
    assert failure == Failure("rosters", b'"', "AssertionError: a quote")
    assert minimised(Failure("rosters", b'a"b', "AssertionError: x"), stage, 5).data == b'"'
