"""A file whose bytes and pin were checked before is not checked again, and nothing is different by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from rostersync import staging
from rostersync.archive import new_landing
from rostersync.errors import ArchiveError
from rostersync.landing import land_from_folder
from rostersync.pipeline.ground import known, stage, validate
from rostersync.pipeline.ground.run import Run, new_run
from rostersync.validation import run as validation_run
from tests.support.districts import write_config
from tests.support.uploads import write_core

pytestmark = pytest.mark.slow  # Great Expectations

FIRST, SECOND, THIRD = "2026-09-01", "2026-09-02", "2026-09-03"


class Nights:
    """Uploads of one district that are staged and validated; no warehouse."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cfg = write_config(folder / "districts")
        self.staged: list[str] = []

    def run(self, slot: str) -> Run:
        return new_run(self.cfg, slot, archive=self.folder / "archive", warehouse="")

    def check(self, slot: str, upload: Path) -> Run:
        """Land an upload, stage and validate it."""
        run = self.run(slot)
        number = new_landing(run.archive, run.layout)
        land_from_folder(run.archive, run.layout, number, upload, run.cfg, run.domain)
        self.staged.clear()
        stage.stage(run, number)
        validate.validate(run, number)
        return run


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    """``staged`` has the files that the newest night read."""
    nights, read = Nights(tmp_path / "nights"), staging.stage_file

    def watched(session: Any, file: Any, *rest: Any, **named: Any) -> Any:
        nights.staged.append(file.name)
        return read(session, file, *rest, **named)

    monkeypatch.setattr(staging, "stage_file", watched)
    return nights


def upload(folder: Path, *students: str) -> Path:
    """With a record of each kind of mistake, in files that stay as they are and in one that changes."""
    write_core(folder, students)
    parents = (folder / "parents.csv").read_text().splitlines()
    header = parents[0].split(",")
    bad = dict(zip(header, parents[1].split(","), strict=True)) | {"email": "not one"}
    parents += [",".join(bad.values()), "too,few"]
    (folder / "parents.csv").write_text("\n".join(parents) + "\n")
    lines = (folder / "students.csv").read_text().splitlines()
    (folder / "students.csv").write_text("\n".join([*lines, "too,few"]) + "\n")
    return folder


def contents(run: Run) -> dict[str, Any]:
    """All that a check wrote, by name: rows of Parquet, documents without the moment they were made."""
    folder = run.layout.check(1, run.inputs.pin)
    root = Path(run.archive.path(folder))
    found: dict[str, Any] = {}
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        name = str(path.relative_to(root))
        if path.suffix == ".parquet":
            relation = duckdb.read_parquet(str(path))
            found[name] = (relation.columns, relation.fetchall())
        else:
            found[name] = _timeless(run.archive.read_json(f"{folder}/{name}"))
    return found


def _timeless(document: Any) -> Any:
    if isinstance(document, dict):
        return {k: _timeless(v) for k, v in document.items() if k != "batch_markers"}
    return [_timeless(v) for v in document] if isinstance(document, list) else document


@pytest.fixture
def one(tmp_path: Path) -> Path:
    return upload(tmp_path / "one", "s1", "s2")


@pytest.fixture
def other(tmp_path: Path, one: Path) -> Path:
    """As ``one`` but for the students."""
    folder = upload(tmp_path / "other", "s1", "s2", "s3")
    for file in one.iterdir():
        if file.name != "students.csv":
            (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_what_is_taken_is_what_would_be_computed(
    nights: Nights, tmp_path: Path, one, other
) -> None:
    nights.check(FIRST, one)
    taken = contents(nights.check(SECOND, other))
    assert nights.staged == ["students"]
    alone = Nights(tmp_path / "alone")
    computed = contents(alone.check(SECOND, other))
    assert list(taken) == list(computed)
    assert taken == computed
    assert {"clean/parents.parquet", "rejects/parents.parquet"} <= set(taken)
    files = {
        row[taken["findings.parquet"][0].index("file")] for row in taken["findings.parquet"][1]
    }
    assert "parents" in files


def test_of_the_same_bytes_nothing_is_evaluated(nights: Nights, monkeypatch, one) -> None:
    first = contents(nights.check(FIRST, one))

    def never(session: Any) -> Iterator[None]:
        raise AssertionError("Great Expectations was asked")

    monkeypatch.setattr(validation_run, "open_gx", never)
    second = contents(nights.check(SECOND, one))
    assert nights.staged == []
    assert second["gx.json"] == first["gx.json"]
    assert second["findings.parquet"] == first["findings.parquet"]


def test_no_landing_needs_anothers_artefacts(nights: Nights, one) -> None:
    first = nights.check(FIRST, one)
    second = nights.check(SECOND, one)
    before = contents(second)
    first.archive.remove(first.layout.slot_folder)
    assert contents(second) == before
    nights.check(THIRD, one)
    assert nights.staged == []


def test_another_program_or_pin_takes_nothing(nights: Nights, monkeypatch, one) -> None:
    nights.check(FIRST, one)
    with monkeypatch.context() as patch:
        for module in (known, stage, validate):
            patch.setattr(module, "program", lambda: "another")
        nights.check(SECOND, one)
        assert "students" in nights.staged
    nights.check(THIRD, one)
    assert "students" in nights.staged, "the check before is the other program's"
    maps = nights.cfg.maps.model_copy(update={"grades": {"PK": -1}})
    nights.cfg = nights.cfg.model_copy(update={"maps": maps})
    nights.check("2026-09-04", one)
    assert "students" in nights.staged


def test_bytes_that_changed_in_the_archive_are_still_noticed(nights: Nights, one) -> None:
    nights.check(FIRST, one)
    run = nights.run(SECOND)
    land_from_folder(run.archive, run.layout, 1, one, run.cfg, run.domain)
    landed = Path(run.archive.path(run.layout.file(1, "students")))
    landed.write_bytes(landed.read_bytes() + b"x")
    with pytest.raises(ArchiveError, match="not what its manifest says"):
        stage.stage(run, 1)


def test_the_program_is_known_by_its_sources(tmp_path: Path, monkeypatch) -> None:
    today = known.program()
    assert known.program.__wrapped__() == today
    monkeypatch.setattr(known.paths, "sql_folder", lambda: tmp_path)
    assert known.program.__wrapped__() != today
