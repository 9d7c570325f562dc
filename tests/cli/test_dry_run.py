"""`rostersync sync --dry-run` tells what a sync would do, and leaves every byte and row as it was."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.conftest import Ran, change_header, run
from tests.support.districts import write_nights

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROSTERSYNC_WAREHOUSE", warehouse)
    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("ROSTERSYNC_STATE", str(tmp_path / "state"))


@pytest.fixture
def everything(tmp_path: Path, warehouse: str) -> Callable[[], Any]:
    """Every file of the archive by its hash and time, and every row of every table with who wrote it last."""

    def look() -> Any:
        files = {
            str(p): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
            if p.is_file()
            else None
            for p in (tmp_path / "archive").rglob("*")
        }
        with psycopg.connect(warehouse) as conn:
            tables = conn.execute(
                "select schemaname || '.' || tablename from pg_tables where schemaname in"
                " ('roster', 'roster_log', 'attendance', 'sync', 'public') order by 1"
            ).fetchall()
            rows = {
                t: conn.execute(f"select xmin::text, ctid::text, t::text from {t} t").fetchall()
                for (t,) in tables
            }
        assert {"roster.students", "sync.runs", "sync.landings"} < set(rows)
        return files, rows

    return look


def sync(upload: Path, config: Path, slot: str, *more: str) -> Ran:
    return run("sync", upload, "--config", config, "--slot", slot, *more)


def numbers(ran: Ran) -> Any:
    found = ran.json
    return {k: found[k] for k in ("outcome", "files", "changes", "recomputed", "holds")}


def test_it_says_what_the_sync_then_does_and_writes_nothing(
    nights: list[Path], config: Path, everything: Callable[[], Any]
):
    untouched = everything()
    first = sync(nights[0], config, "2026-09-01", "--dry-run", "--format", "json")
    assert everything() == untouched
    assert first.json["dry_run"]
    assert numbers(first) == numbers(sync(nights[0], config, "2026-09-01", "--format", "json"))

    loaded = everything()
    text = sync(nights[1], config, "2026-09-02", "--dry-run")
    assert text.code == 1
    assert "Dry run: nothing was written. A sync would end so: testville 2026-09-02: Loaded" in (
        text.out
    )
    rehearsed = sync(nights[1], config, "2026-09-02", "--dry-run", "--format", "json")
    assert everything() == loaded
    assert rehearsed.json["changes"]["students"]["changed"] > 0
    done = sync(nights[1], config, "2026-09-02", "--format", "json")
    assert "dry_run" not in done.json
    assert (numbers(rehearsed), rehearsed.code) == (numbers(done), done.code)


def test_a_late_night_names_the_slots_it_would_recompute(
    config: Path, everything: Callable[[], Any], tmp_path: Path
):
    nights = write_nights(tmp_path / "three", nights=3)
    for slot, night in (("2026-09-01", nights[0]), ("2026-09-03", nights[2])):
        sync(night, config, slot)
    before = everything()
    late = sync(nights[1], config, "2026-09-02", "--dry-run", "--format", "json")
    assert late.json["recomputed"] == ["2026-09-03"]
    shown = " ".join(sync(nights[1], config, "2026-09-02", "--dry-run").out.split())
    assert "1 later slot recomputed (2026-09-03)" in shown
    again = sync(nights[2], config, "2026-09-03", "--dry-run", "--format", "json")
    assert again.json["outcome"] == "identical"
    assert everything() == before
    assert numbers(late) == numbers(sync(nights[1], config, "2026-09-02", "--format", "json"))


def test_what_would_not_load_is_told_and_not_kept(
    upload: Path, nights: list[Path], config: Path, everything: Callable[[], Any], tmp_path: Path
):
    config.write_text(config.read_text().replace("first_load: auto", "first_load: approve"))
    before = everything()
    held = sync(nights[0], config, "2026-09-01", "--dry-run", "--format", "json")
    assert (held.code, held.json["outcome"]) == (1, "held")
    change_header(upload, "students", "last_name", "lastname")
    rejected = sync(upload, config, "2026-09-01", "--dry-run")
    assert rejected.code == 2
    assert "lastname" in rejected.out
    assert "nothing was written" in rejected.out
    shutil.rmtree(upload)
    upload.mkdir()
    assert sync(upload, config, "2026-09-01", "--dry-run").code == 2
    assert everything() == before
