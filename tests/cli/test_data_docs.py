"""`rostersync data-docs`: pages of a slot that was validated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import run
from tests.support.pages import assert_stands_alone
from tests.support.validated import SLOT, validated_night

pytestmark = pytest.mark.slow


def test_pages_in_a_folder_or_the_archive_and_a_slot_without_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = validated_night(tmp_path, tmp_path / "archive")
    monkeypatch.setenv("ROSTERSYNC_DISTRICTS", str(tmp_path))
    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
    command = ("data-docs", "-d", "aspen", "--slot", SLOT)

    out = run(*command, "--out", tmp_path / "new" / "out")
    index = tmp_path / "new" / "out" / "index.html"
    assert (out.code, out.out.strip()) == (0, str(index))
    assert_stands_alone(index)
    assert not night.archive.exists(night.layout.docs(1, night.inputs.pin))

    kept = run(*command, "--format", "json")
    archived = night.archive.path(f"{night.layout.docs(1, night.inputs.pin)}/index.html")
    assert (kept.code, kept.json) == (0, {"outcome": "built", "landing": 1, "index": archived})
    assert_stands_alone(Path(archived))

    for more in (("--landing", "2"), ("--domain", "terms")):
        none = run(*command, *more)
        assert none.code == 3
        assert "Nothing of this slot was validated" in none.err
        assert "Next:" in none.err
