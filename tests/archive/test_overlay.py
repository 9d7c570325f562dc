"""An overlay reads through and never writes through, whatever the base lies on."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from rostersync.archive import Archive, OverlayArchive
from rostersync.errors import ArchiveError


@pytest.fixture(params=["local", "object store"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    url = tmp_path / "base" if request.param == "local" else f"memory://{uuid.uuid4().hex}"
    base = Archive(url)
    base.write_json("d/core/one.json", {"n": 1})
    return base


def test_it_reads_both_and_writes_its_own(base: Archive, tmp_path: Path) -> None:
    overlay = OverlayArchive(base, tmp_path / "own")
    assert overlay.read_json("d/core/one.json") == {"n": 1}
    assert Path(overlay.path("d/core/one.json")).is_relative_to(tmp_path / "own")
    overlay.write_json("d/core/two.json", {"n": 2})
    overlay.write_json("d/core/one.json", {"n": 3})
    assert overlay.list_names("d/core") == ["one.json", "two.json"]
    assert overlay.read_json("d/core/one.json") == {"n": 3}
    assert base.list_names("d/core") == ["one.json"]
    assert base.read_json("d/core/one.json") == {"n": 1}
    with pytest.raises(ArchiveError):
        overlay.read_json("d/core/three.json")


def test_removing_leaves_the_base_alone(base: Archive, tmp_path: Path) -> None:
    overlay = OverlayArchive(base, tmp_path / "own")
    overlay.write_json("d/core/two.json", {"n": 2})
    assert overlay.read_json("d/core/one.json") == {"n": 1}
    overlay.remove("d/core")
    assert not overlay.exists("d/core/two.json")
    assert base.read_json("d/core/one.json") == {"n": 1}
