"""`rostersync restore` at the command line, and what `explain` tells of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import run
from tests.support.districts import write_config
from tests.support.uploads import write_core

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def config(tmp_path: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A district of which one student was left out the second night, and the third."""
    monkeypatch.setenv("ROSTERSYNC_WAREHOUSE", warehouse)
    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
    write_config(tmp_path / "districts")
    path = tmp_path / "districts" / "testville.yaml"
    for day, students in ((1, ["s1", "s2", "s3"]), (2, ["s1", "s2"]), (3, ["s1", "s2"])):
        upload = write_core(tmp_path / f"upload-{day}", students)
        assert run("sync", upload, "--config", path, "--slot", f"2026-09-0{day}").code == 0
    return path


def restore(config: Path, *more: str, to: str = "2026-09-01") -> tuple[object, ...]:
    options = ("--to", to, "--reason", "left out by mistake", "--by", "Pat Testadmin")
    return ("restore", "-d", "testville", "--config", config, *options, *more)


def test_a_restore_is_shown_counted_and_explained(config: Path) -> None:
    dry = run(*restore(config, "--dry-run", "--format", "json"))
    assert (dry.code, dry.json["dry_run"]) == (0, True)
    assert dry.json["changes"]["students"] == {"added": 1, "changed": 0, "removed": 0}
    dry_words = run(*restore(config, "--dry-run"))
    assert "nothing was written" in dry_words.out
    done = run(*restore(config))
    assert done.code == 0
    assert "testville 2026-09-03 is as after 2026-09-01" in done.out
    assert "parents" in done.out
    told = run("explain", "-d", "testville", "students", "s3")
    assert "by a restore" in told.out
    assert "restore  students, to the state after 2026-09-01" in told.out
    assert "by Pat Testadmin: left out by mistake" in told.out
    as_json = run("explain", "-d", "testville", "students", "s3", "--format", "json").json
    assert as_json["present"] is True
    assert [(d["action"], d["target"]) for d in as_json["decisions"]] == [("restore", "2026-09-01")]
    assert run("drift", "-d", "testville", "--full").code == 0
    assert "Restored to the state after 2026-09-01" in run("status", "--format", "json").out


def test_what_cannot_be_restored_ends_with_3_and_a_next_step(config: Path) -> None:
    wrong: list[tuple[tuple[str, ...], str, str]] = [
        ((), "2026-09-09", "No such slot was loaded"),
        ((), "2026-09-03", "Nothing would differ"),
        (("--entity", "pupils"), "2026-09-01", "pupils"),
        (("--school", "9"), "2026-09-01", "such a school"),
        (("--domain", "attendance"), "2026-09-01T10:30", "Attendance is not restored"),
    ]
    for more, to, words in wrong:
        ran = run(*restore(config, *more, to=to))
        assert ran.code == 3
        assert words in ran.err
