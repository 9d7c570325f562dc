"""Attendance through its DAG: a notice's file is loaded and told, other days have nothing to do."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.orchestration.night import Sync
from tests.support.clock import zone_at_noon
from tests.support.uploads import EVENTS, write_csv

pytestmark = [pytest.mark.airflow, pytest.mark.postgres, pytest.mark.sftp, pytest.mark.slow]

ZONE = zone_at_noon()
YAML = """
attendance:
  codes: {{A: Absent, T: Tardy}}
  notices: [{{id: soon, at: "{at:%H:%M}", schools: all, periods: ["1"], codes: [A]}}]
calendar_days: {{weekdays: [mon, tue, wed, thu, fri, sat, sun], holidays: [2026-09-12]}}
"""


def send_events(sync: Sync, day: str, codes: dict[str, str]) -> None:
    path = sync.server.root / "aspen" / "attendance.csv"
    schools = dict(sync.ask("select student_id, school_id from roster.students"))
    rows = [[schools[student], student, day, "1", code] for student, code in codes.items()]
    write_csv(path, EVENTS, rows)
    now = datetime.now(UTC).timestamp()
    os.utime(path, (now, now))


def test_a_notices_file_is_loaded_and_told_once(sync: Sync, districts: Path) -> None:
    soon = (datetime.now(ZONE) + timedelta(minutes=20)).replace(second=0, microsecond=0)
    yaml = districts / "aspen.yaml"
    there = yaml.read_text().replace("America/Denver", ZONE.key)
    yaml.write_text(there + YAML.format(at=soon))
    night = datetime(2026, 9, 14, 20, 12, tzinfo=ZONE)
    sync.upload(1, at=night)
    assert sync.run(slot="2026-09-14", wait_minutes=0).state == "success"

    slot = f"{soon:%Y-%m-%dT%H:%M}"
    send_events(sync, slot[:10], {"0000001": "A", "0000002": "T", "0000003": "A"})
    told = sync.run(domain="attendance", slot=slot, wait_minutes=0)
    assert told.state == "success"
    assert told.xcoms["report"]["return_value"]["outcome"] == "loaded"
    notices = "select student_id, state, send_after from attendance.notices order by 1"
    found = sync.ask(notices)
    assert [(s, at) for s, _, at in found] == [
        (s, soon.astimezone(UTC)) for s in ("0000001", "0000003")
    ]
    assert sync.run(domain="attendance", slot=slot, source="archive").state == "success"
    assert sync.ask(notices) == found, "a repeated run tells nobody twice"

    holiday = datetime(2026, 9, 12, 18, tzinfo=ZONE)
    idle = sync.run(domain="attendance", logical_date=holiday)
    assert (idle.state, idle.states["land"]) == ("success", "skipped")
    assert idle.xcoms["report"]["return_value"]["outcome"] == "no_school"
    runs = "select count(*) from sync.runs where domain = 'attendance' and outcome = 'no_school'"
    assert sync.ask(runs) == [(1,)]
