"""A district's nights through the real DAG: real SFTP, Postgres, triggers and Airflow's own task runner."""

from __future__ import annotations

import csv
import json
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rostersync.archive import Archive
from rostersync.embedded.sftp_server import public_host_key
from rostersync.pipeline.upkeep.rebuild import archived_districts
from tests.orchestration.night import DISTRICT, Sync, connect_as
from tests.support.mail import MailServer, text_of

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.postgres,
    pytest.mark.sftp,
    pytest.mark.slow,
]

DENVER = ZoneInfo("America/Denver")
MONDAY, SATURDAY = "2026-08-31", "2026-08-29"
MONDAY_AT_6PM = datetime(2026, 8, 31, 18, tzinfo=DENVER)
MONDAY_AT_8PM = datetime(2026, 8, 31, 20, tzinfo=DENVER)  # 02:00 UTC of the next day
RUNS = (
    "select slot, outcome, landing, airflow_run_id is not null from sync.runs order by started_at"
)


def test_a_night_loads_and_its_re_run_changes_nothing(sync: Sync) -> None:
    sync.upload(1, at=MONDAY_AT_6PM)

    night = sync.run(logical_date=MONDAY_AT_8PM)

    assert night.state == "success"
    assert set(night.states.values()) == {"success"}
    assert set(night.tries.values()) == {1}
    assert sync.ask("select count(*) from roster.students") == [(60,)]
    assert sync.ask(RUNS) == [(MONDAY, "loaded", 1, True)]
    assert night.xcoms["report"]["return_value"]["outcome"] == "loaded"
    outbox = sync.server.root / DISTRICT / "outbox" / MONDAY
    assert sorted(p.name for p in outbox.iterdir()) == ["ACCEPTED", "errors.csv", "summary.html"]
    assert archived_districts(Archive(sync.archive)) == [DISTRICT]  # its ledger lies in the archive
    told = json.dumps(night.xcoms)
    assert not [v for v in _values(sync.uploads / "night-1") if f'"{v}"' in told]

    for file in (sync.server.root / DISTRICT).glob("*.csv"):
        file.unlink()
    again = sync.run(slot=MONDAY)

    assert again.state == "success"
    assert again.xcoms["wait"]["return_value"] == {"outcome": "archived", "landing": 1}
    assert again.xcoms["report"]["return_value"]["outcome"] == "identical"
    assert len(sync.ask(RUNS)) == 2


def test_first_upload_that_waits_for_a_person_ends_green_and_loads_nothing(
    sync: Sync, districts: Path
) -> None:
    yaml = districts / f"{DISTRICT}.yaml"
    yaml.write_text(yaml.read_text().replace("first_load: auto", "first_load: approve"))
    sync.upload(1, at=MONDAY_AT_6PM)

    night = sync.run(slot=MONDAY)

    assert night.state == "success"
    assert night.xcoms["report"]["return_value"]["outcome"] == "held"
    assert sync.ask(RUNS) == [(MONDAY, "held", 1, True)]
    assert sync.ask("select count(*) from roster.students") == [(0,)]


def test_a_data_error_stands_in_the_log_in_short_lines_without_a_traceback(
    sync: Sync, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    sync.upload(1, at=MONDAY_AT_6PM)
    (sync.server.root / DISTRICT / "staff.csv").unlink()

    night = sync.run(slot=MONDAY)

    assert night.states["wait"] == night.states["report"] == "failed"
    lines = [r.getMessage() for r in caplog.records if r.name.endswith(("sensor", "report"))]
    for said in ("MissingUploadError", "  Expected: staff.csv."):
        assert lines.count(said) == 2, "of the step that failed, and of the report"
    assert max(len(line) for line in lines if "\n" not in line) <= 100
    log = capsys.readouterr().out
    assert "MissingUploadError" in log
    assert "Traceback" not in log
    assert "Task failed with exception" not in log


def test_missing_upload_fails_the_run_and_says_so_in_the_ledger(sync: Sync) -> None:
    sync.upload(1, at=MONDAY_AT_6PM)
    (sync.server.root / DISTRICT / "staff.csv").unlink()

    night = sync.run(slot=MONDAY)

    assert night.state == "failed"
    assert night.states["wait"] == night.states["report"] == "failed"
    assert night.states["load"] == "upstream_failed"
    assert night.tries["wait"] == night.tries["report"] == 1, "a data error is not tried again"
    assert sync.ask(RUNS) == [(MONDAY, "missing", None, True)]
    ((message,),) = sync.ask("select message from sync.runs")
    assert "staff" in message
    outbox = sync.server.root / DISTRICT / "outbox" / MONDAY
    assert sorted(p.name for p in outbox.iterdir()) == ["REJECTED", "errors.csv", "summary.html"]
    page = (outbox / "summary.html").read_text()
    assert "Missing: staff.csv." in page
    assert "students.csv" not in page, "nobody looks for what is there"
    assert sync.ask("select count(*) from roster.students") == [(0,)]


def test_a_bad_night_is_mailed_once_and_a_good_one_not_at_all(
    sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example.org/")
    monkeypatch.setenv("ROSTERSYNC_DOCS_URL", "https://git.example.org/docs/")
    with MailServer() as server:
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(server.connection))
        sync.upload(1, at=MONDAY_AT_6PM)
        students = sync.server.root / DISTRICT / "students.csv"
        good = students.read_bytes()
        students.write_bytes(good.replace(b"last_name", b"surname", 1))
        os.utime(students, (MONDAY_AT_6PM.timestamp(),) * 2)

        assert sync.run(slot=MONDAY).state == "failed"
        assert sync.run(slot=MONDAY).state == "failed"

        (mail,) = server.mails
        assert mail["To"] == "office@example.org"
        assert "2026-08-31" in mail["Subject"]
        told = text_of(mail)
        assert "students.csv" in told
        assert 'href="https://git.example.org/docs/runbooks/rejected-upload.md"' in told
        assert f'href="https://airflow.example.org/dags/core__{DISTRICT}/runs/manual__' in told
        assert "file.header.missing_column (last_name)" in told
        assert [v for v in _values(sync.uploads / "night-1") if v in told] == []

        students.write_bytes(good)
        os.utime(students, (MONDAY_AT_6PM.timestamp() + 60,) * 2)
        assert sync.run(slot=MONDAY).state == "success"
        assert len(server.mails) == 1
    page = sync.server.root / DISTRICT / "outbox" / MONDAY / "summary.html"
    assert "This upload was loaded" in page.read_text()


def test_nothing_on_a_day_without_an_upload_ends_green(sync: Sync) -> None:
    night = sync.run(slot=SATURDAY)

    assert night.state == "success"
    assert night.states["land"] == night.states["load"] == "skipped"
    assert sync.ask(RUNS) == [(SATURDAY, "not_expected", None, True)]


def test_changed_host_key_fails_at_once_and_names_the_connection(
    sync: Sync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_as(monkeypatch, sync.server, public_host_key(tmp_path / "other"))

    night = sync.run(slot=MONDAY)

    assert night.state == "failed"
    assert night.tries["wait"] == 1
    assert night.xcoms["wait"]["failure"]["error"] == "SftpHostKeyError"
    assert sync.ask(RUNS) == [(MONDAY, "error", None, True)]
    assert "sftp_aspen" in sync.ask("select message from sync.runs")[0][0]


def test_warehouse_that_is_away_is_tried_three_times(
    sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROSTERSYNC_RETRY_SECONDS", "0")
    monkeypatch.setenv(
        "AIRFLOW_CONN_ROSTERSYNC_WAREHOUSE", "postgresql://loader:pw@127.0.0.1:9/nowhere"
    )

    night = sync.run(slot=MONDAY)

    assert night.state == "failed"
    assert night.tries["wait"] == 3
    assert night.xcoms["wait"]["failure"]["error"] == "WarehouseUnavailableError"
    assert "pw" not in json.dumps(night.xcoms)


def _values(folder: Path) -> set[str]:
    """Names, ids, phones and emails of persons."""
    found = set()
    for name in ("students", "parents", "staff"):
        with (folder / f"{name}.csv").open(newline="") as file:
            for row in csv.DictReader(file):
                found |= {v for k, v in row.items() if v and k not in ("school_id", "grade_level")}
    return {v for v in found if len(v) > 3 and v != "Aspen"}  # the district's own name
