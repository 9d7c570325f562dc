"""Inputs keep the name they were kept under, whatever release reads them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rostersync import paths
from rostersync.archive import Archive
from rostersync.pipeline.ground import run
from rostersync.pipeline.ground.run import Inputs
from rostersync.validation import load_suites
from tests.support.districts import write_config

if TYPE_CHECKING:
    import pytest


def test_a_release_that_hashes_otherwise_does_not_rename_a_pin(
    tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = Inputs(write_config(tmp_path), load_suites(paths.expectations_folder()))
    inputs.keep(archive)
    before = inputs.pin
    monkeypatch.setattr(run, "CONTRACT_VERSION", "of a later release")
    assert inputs.pin != before
    assert Inputs.pinned(archive, before).pin == before
