"""Whole runs by the command line against a real Postgres."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rostersync import paths
from rostersync.embedded.postgres import EmbeddedPostgres
from tests.cli.conftest import Ran, change_header, run, run_process
from tests.support.postgres import drop_database

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

NIGHTS = ("2026-09-01", "2026-09-02")


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROSTERSYNC_WAREHOUSE", warehouse)
    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("ROSTERSYNC_STATE", str(tmp_path / "state"))


def sync(upload: Path, config: Path, slot: str, *more: str) -> Ran:
    return run("sync", upload, "--config", config, "--slot", slot, *more)


def test_two_nights_then_the_second_again(nights: list[Path], config: Path):
    first = run_process(
        "sync", nights[0], "--config", config, "--slot", NIGHTS[0], "--format", "json"
    )
    assert first.code == 0
    assert first.json["outcome"] == "loaded"
    assert first.json["changes"]["students"]["added"] == 60

    second = sync(nights[1], config, NIGHTS[1])
    assert second.code == 1
    assert "testville 2026-09-02: Loaded, 7 records quarantined." in second.out

    again = sync(nights[1], config, NIGHTS[1], "--format", "json")
    assert (again.code, again.json["outcome"]) == (0, "identical")
    moved = [c[k] for c in again.json["changes"].values() for k in ("added", "changed", "removed")]
    assert set(moved) == {0}

    replayed = run("replay", "-d", "testville", "--config", config)
    assert replayed.code == 0
    assert [line.split(":")[0] for line in replayed.out.splitlines()] == [
        f"testville {slot} identical" for slot in NIGHTS
    ]
    late = run("replay", "-d", "testville", "--config", config, "--from", NIGHTS[1])
    assert len(late.out.splitlines()) == 1

    ledger = run("status", "--runs", 10, "--format", "json").json
    assert [(r["slot"], r["outcome"]) for r in ledger["runs"]] == [
        (NIGHTS[1], "identical"),
        (NIGHTS[1], "identical"),
        (NIGHTS[0], "identical"),
        (NIGHTS[1], "identical"),
        (NIGHTS[1], "loaded"),
        (NIGHTS[0], "loaded"),
    ]
    assert ledger["runs"][-1]["changes"]["students"] == {"added": 60, "changed": 0, "removed": 0}
    assert len(run("status", "--runs", 2, "--format", "json").json["runs"]) == 2
    assert run("status", "-d", "nowhere", "--format", "json").json["runs"] == []
    (fold,) = ledger["applied"]
    assert (fold["slots"], fold["first_slot"], fold["newest_slot"]) == (2, *NIGHTS)
    assert fold["rows"]["schools"] == first.json["changes"]["schools"]["added"]


def test_a_slot_of_next_year_is_refused_before_anything_is_kept(upload: Path, config: Path):
    for command in (("sync",), ("sync", "--dry-run"), ("land",)):
        ran = run(*command, upload, "--config", config, "--slot", "2099-01-01")
        assert ran.code == 3
        assert "lies in the future" in ran.err
        assert "2099-01-01" in ran.err
    assert run("status", "--format", "json").json["runs"] == []


def test_nothing_loads_without_a_required_column(upload: Path, config: Path):
    change_header(upload, "students", "last_name", "lastname")
    ran = sync(upload, config, NIGHTS[0])
    assert ran.code == 2
    assert "lastname" in ran.out
    assert "nothing was loaded" in ran.out
    status = run("status", "-d", "testville", "--format", "json").json
    assert [r["outcome"] for r in status["runs"]] == ["rejected"]
    assert status["applied"] == []


def test_a_first_upload_waits_for_a_person(upload: Path, config: Path):
    config.write_text(config.read_text().replace("first_load: auto", "first_load: approve"))
    ran = sync(upload, config, NIGHTS[0], "--format", "json")
    assert (ran.code, ran.json["outcome"]) == (1, "held")
    (hold,) = ran.json["holds"]
    assert set(hold) == {"kind", "entity", "scope", "school", "bundle", "count", "fingerprint"}
    assert hold["count"] > 60
    assert ran.json["changes"]["students"]["held"] == 60


def test_land_archives_and_loads_nothing(upload: Path, config: Path, tmp_path: Path):
    (upload / "Students.csv.bak").write_text("x")
    arguments = ("land", upload, "--config", config, "--slot", NIGHTS[0])
    ran = run(*arguments, "--format", "json")
    assert (ran.code, ran.json["outcome"], ran.json["landing"]) == (0, "landed", 1)
    assert ran.json["files"]["students.csv"]["size"] == (upload / "students.csv").stat().st_size
    again = run(*arguments)
    assert (again.code, "landing 1, 6 files" in again.out) == (0, True)
    assert run("status").out == "No run is in the ledger yet.\n"


def test_an_empty_folder_lands_nothing(tmp_path: Path, config: Path):
    (tmp_path / "none").mkdir()
    ran = run("land", tmp_path / "none", "--config", config, "--slot", NIGHTS[0])
    assert ran.code == 2


def test_a_warehouse_without_tables_asks_for_migrate(
    postgres: EmbeddedPostgres, upload: Path, config: Path
):
    postgres.create_database("bare", "postgres")
    bare = postgres.dsn("bare")
    ran = sync(upload, config, NIGHTS[0], "--warehouse", bare)
    assert ran.code == 3
    assert "run `rostersync migrate`" in ran.err
    migrated = run("migrate", "--warehouse", bare)
    assert (migrated.code, "ran 0001_" in migrated.out) == (0, True)
    assert run("migrate", "--warehouse", bare, "--format", "json").json == {
        "outcome": "migrated",
        "ran": [],
    }
    assert run("status", "--warehouse", bare).code == 0
    drop_database(postgres, "bare")


def test_a_bare_checkout_uses_its_own_postgres(
    monkeypatch: pytest.MonkeyPatch, upload: Path, config: Path
):
    monkeypatch.delenv("ROSTERSYNC_WAREHOUSE")
    monkeypatch.delenv("ROSTERSYNC_ARCHIVE")
    server = EmbeddedPostgres(paths.state_folder() / "stack" / "postgres")
    try:
        assert run("land", upload, "--config", config, "--slot", NIGHTS[0]).code == 0
        assert not server.is_running()
        assert (paths.state_folder() / "archive").stat().st_mode & 0o077 == 0
    finally:
        server.remove()
        shutil.rmtree(paths.state_folder(), ignore_errors=True)
