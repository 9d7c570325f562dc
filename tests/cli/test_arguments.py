"""What is wrong with a command line is told before anything is started or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import run

FIVE_MISTAKES = """\
id: testville
timezone: America/Nowhere
core: {at: "25:00", qiet: 5m}
first_load: perhaps
"""


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROSTERSYNC_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def sync(upload: Path, config: Path, *more: str) -> tuple[int, str]:
    ran = run("sync", upload, "--config", config, *more)
    return ran.code, ran.err


def test_a_configuration_with_five_mistakes_reports_five(tmp_path: Path):
    config = tmp_path / "testville.yaml"
    config.write_text(FIVE_MISTAKES)
    for command in (["check"], ["sync", "--slot", "2026-09-01"], ["land", "--slot", "2026-09-01"]):
        ran = run(*command, tmp_path, "--config", config)
        assert ran.code == 3
        lines = [line for line in ran.err.splitlines() if line.startswith("  - testville.yaml: ")]
        assert len(lines) == 5, command
    listed = run("check", tmp_path, "--config", config, "--format", "json")
    assert listed.code == 3
    problems = " ".join(listed.json["error"]["problems"])
    assert len(listed.json["error"]["problems"]) == 5
    for key in ("name", "timezone", "core.at", "core.qiet", "first_load"):
        assert f"testville.yaml: {key}: " in problems


def test_a_slot_must_be_a_night(tmp_path: Path, config: Path):
    for slot in ("2026-13-01", "yesterday", "2026-9-1", "2026-09-01T10:30"):
        code, err = sync(tmp_path, config, "--slot", slot)
        assert code == 3
        assert "Expected: YYYY-MM-DD" in err
    assert sync(tmp_path, config, "--slot", " ")[0] == 3


def test_a_warehouse_url_that_is_none_is_named_as_such(tmp_path: Path):
    ran = run("migrate", "--warehouse", "nonsense")
    assert ran.code == 3
    assert "--warehouse, ROSTERSYNC_WAREHOUSE or the file" in ran.err


def test_a_warehouse_that_is_down_is_told_without_its_password():
    ran = run("migrate", "--warehouse", "postgresql://loader:hush@127.0.0.1:1/roster")
    assert ran.code == 3
    assert "127.0.0.1:1/roster" in ran.err
    assert "hush" not in ran.err


def test_storage_nothing_can_open_is_no_bug(tmp_path: Path, config: Path):
    code, err = sync(tmp_path, config, "--slot", "2026-09-01", "--archive", "what://is/this")
    assert code == 3
    assert "The archive's URL cannot be opened" in err


def test_replay_wants_a_district_it_knows(config: Path, tmp_path: Path, own_state: Path):
    assert run("replay", "-d", "nowhere").code == 3
    other = run("replay", "-d", "nowhere", "--config", config)
    assert (other.code, "another district's" in other.err) == (3, True)
    empty = run("replay", "-d", "testville", "--config", config)
    assert (empty.code, "holds no landing" in empty.err) == (3, True)
    assert not (own_state / "stack").exists()  # no server was started for it


@pytest.mark.parametrize(
    "said",
    [("--reason", " "), ("--reason", "half an export", "--by", "  ")],
)
@pytest.mark.parametrize("command", ["approve", "discard"])
def test_a_decision_says_why_and_by_whom(
    own_state: Path, command: str, said: tuple[str, ...]
) -> None:
    ran = run("holds", command, "0a1b2c3d", *said)
    assert ran.code == 3
    assert f"'{said[-2]}'" in ran.err
    assert not own_state.exists()
