"""`rostersync holds` as a script reads it."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.cli.conftest import run
from tests.support.districts import write_config
from tests.support.uploads import write_core

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def test_a_hold_is_shown_as_json_with_what_was_decided(
    tmp_path: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROSTERSYNC_WAREHOUSE", warehouse)
    monkeypatch.setenv("LOGNAME", "somebody_else")
    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
    write_config(tmp_path / "districts", first_load="approve")
    config = tmp_path / "districts" / "testville.yaml"
    upload = write_core(tmp_path / "upload")
    assert run("sync", upload, "--config", config, "--slot", "2026-09-01").code == 1
    (hold,) = run("holds", "list", "--format", "json").json["holds"]
    said = ("--reason", "the counts are right", "--by", "Pat Testadmin", "--config", config)
    assert run("holds", "approve", hold["hold_id"], *said).code == 0
    shown = run("holds", "show", hold["hold_id"], "--format", "json")
    assert shown.code == 0, shown.err
    assert shown.json["status"] == "approved"
    (decided,) = shown.json["decisions"]
    assert (decided["action"], decided["decided_by"], decided["until"]) == (
        "approve",
        "Pat Testadmin",
        None,
    )
    # whatever name was given: who ran it, not what the environment says
    assert decided["os_user"] == pwd.getpwuid(os.getuid()).pw_name
    assert decided["db_login"] == conninfo_to_dict(warehouse)["user"]


def test_one_slice_names_its_bundle_and_the_answer_says_which(
    tmp_path: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROSTERSYNC_WAREHOUSE", warehouse)
    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
    write_config(tmp_path / "districts")
    config = tmp_path / "districts" / "testville.yaml"
    everybody = [f"s{n:02}" for n in range(20)]
    for day, students in enumerate((everybody, everybody[6:]), 1):
        upload = write_core(tmp_path / f"upload{day}", students)
        night = run(
            "sync", upload, "--config", config, "--slot", f"2026-09-0{day}", "--format", "json"
        )
    bundle = ["parents", "rosters", "student_schools", "students"]
    assert [(h["entity"], h["scope"], h["school"], h["bundle"]) for h in night.json["holds"]] == [
        (entity, "district", None, 1) for entity in bundle
    ]
    (hold,) = run("holds", "list", "--format", "json").json["holds"]
    said = ("--reason", "they moved", "--config", config)
    wrong = run("holds", "approve", hold["hold_id"], "--slice", "staff:removed", *said)
    assert wrong.code == 3
    answer = run("holds", "approve", hold["hold_id"], "--slice", "rosters:removed", *said)
    assert answer.code == 0
    assert all(f"{entity}:removed" in answer.out.replace("\n", "") for entity in bundle)
