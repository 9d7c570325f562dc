"""`rostersync slots`: a slot is listed, taken out and put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Ran, run
from tests.support.districts import write_config
from tests.support.uploads import write_core

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SLOTS = ("2026-09-01", "2026-09-02")


@pytest.fixture
def config(tmp_path: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A district of two nights; in the second a student has come."""
    monkeypatch.setenv("ROSTERSYNC_WAREHOUSE", warehouse)
    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
    write_config(tmp_path / "districts")
    path = tmp_path / "districts" / "testville.yaml"
    for slot, students in zip(SLOTS, (["s1", "s2"], ["s1", "s2", "s3"]), strict=True):
        upload = write_core(tmp_path / slot, students)
        assert run("sync", upload, "--config", path, "--slot", slot).code == 0
    return path


def test_a_slot_is_taken_out_and_put_back_with_who_and_why(config: Path, tmp_path: Path) -> None:
    def slots(command: str, *more: str) -> Ran:
        said = ("--reason", "another district's", "--by", "Pat Testadmin")
        return run("slots", command, SLOTS[1], "-d", "testville", "--config", config, *said, *more)

    def listed() -> tuple[list[str], list[str]]:
        found = run("slots", "list", "-d", "testville", "--format", "json").json
        return [s["slot"] for s in found["slots"]], [s["slot"] for s in found["removed"]]

    dry = slots("remove", "--dry-run")
    assert dry.code == 0
    assert "would be taken out" in dry.out
    assert listed() == ([SLOTS[1], SLOTS[0]], [])
    done = slots("remove", "--format", "json").json
    assert (done["outcome"], done["newest"]) == ("removed", SLOTS[0])
    assert done["changes"]["students"] == {"added": 0, "changed": 0, "removed": 1}
    assert listed() == ([SLOTS[0]], [SLOTS[1]])
    words = run("slots", "list", "-d", "testville").out
    assert "by Pat Testadmin: another district's" in words
    refused = run("sync", tmp_path / SLOTS[1], "--config", config, "--slot", SLOTS[1])
    assert refused.code == 3
    assert "rostersync slots restore" in refused.err
    assert "1 slot taken out" in run("status").out
    told = run("explain", "-d", "testville", "students", "s3").out
    assert "taken out" in told
    assert "by Pat Testadmin: another district's" in told
    back = slots("restore")
    assert back.code == 0
    assert "is back in the warehouse" in back.out
    assert listed() == ([SLOTS[1], SLOTS[0]], [])
    assert slots("restore").code == 3
    assert "taken out" not in run("explain", "-d", "testville", "students", "s3").out
