"""`rostersync notices` and `attendance skip`: what they say, what they refuse, what the ledger keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.cli.conftest import Ran, run

pytestmark = pytest.mark.postgres

DAY = "2026-09-02"


def said(command: str, warehouse: str, config: Path, *more: object) -> Ran:
    where = ("--warehouse", warehouse, "--config", config)
    return run(*command.split(), *more, "--reason", "a test", "--by", "office", *where)


def decisions(warehouse: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(warehouse) as conn:
        return conn.execute(
            "select action, district_id, date::text, decided_by, reason from sync.attendance_decisions"
            " order by decision_id"
        ).fetchall()


def hold(warehouse: str, lapses_at: datetime) -> None:
    with psycopg.connect(warehouse) as conn:
        conn.execute(
            "insert into attendance.notice_days (district_id, notice_id, date, slot, send_after,"
            " expires_at, held_at, lapses_at, hold_reason)"
            " values ('testville', 'morning', %s, %s, now(), now() + interval '1 hour', now(), %s,"
            " '26 students, usually 3')",
            [DAY, f"{DAY}T09:15", lapses_at],
        )
        conn.execute(
            "insert into attendance.notice_holds (district_id, notice_id, date, slot, school_id, cause,"
            " held_at, lapses_at, hold_reason)"
            " values ('testville', 'morning', %s, %s, '', 'too_many', now(), %s, '26 students, usually 3')",
            [DAY, f"{DAY}T09:15", lapses_at],
        )
        conn.execute(
            "insert into attendance.notices (district_id, notice_id, date, student_id, slot, events,"
            " state, send_after, expires_at) values ('testville', 'morning', %s, 's1', %s,"
            " '[{}]', 'held', now(), now() + interval '1 hour')",
            [DAY, f"{DAY}T09:15"],
        )


def test_stop_and_resume(warehouse: str, config: Path) -> None:
    one = ("--district", "testville")
    assert "no notice of testville is sent" in said("notices stop", warehouse, config, *one).out
    assert said("notices resume", warehouse, config, *one).code == 0
    again = said("notices resume", warehouse, config, *one)
    assert (again.code, "not stopped" in again.err) == (3, True)
    assert said("notices stop", warehouse, config, "--all").code == 0
    assert decisions(warehouse) == [
        ("stop", "testville", None, "office", "a test"),
        ("resume", "testville", None, "office", "a test"),
        ("stop", None, None, "office", "a test"),
    ]


def test_whom_to_stop_must_be_clear(warehouse: str, config: Path) -> None:
    assert said("notices stop", warehouse, config).code == 3
    assert said("notices stop", warehouse, config, "--all", "-d", "testville").code == 3
    mistyped = said("notices stop", warehouse, config, "-d", "testvile")
    assert (mistyped.code, "another district" in mistyped.err) == (3, True)
    assert decisions(warehouse) == []


def test_a_snow_day_is_skipped_and_taken_back(warehouse: str, config: Path) -> None:
    one = ("--district", "testville", "--date", DAY)
    assert f"{DAY} is skipped" in said("attendance skip", warehouse, config, *one).out
    assert said("attendance skip", warehouse, config, *one, "--undo").code == 0
    assert said("attendance skip", warehouse, config, *one, "--undo").code == 3
    assert [d[:3] for d in decisions(warehouse)] == [
        ("skip", "testville", DAY),
        ("unskip", "testville", DAY),
    ]


def test_a_held_notice_is_listed_and_released(warehouse: str, config: Path) -> None:
    hold(warehouse, datetime.now(UTC) + timedelta(minutes=30))
    listed = run("notices", "list", "--date", DAY, "--warehouse", warehouse)
    assert "26 students, usually 3" in listed.out
    one = ("morning", "--district", "testville", "--date", DAY)
    assert "morning, 1 student." in said("notices release", warehouse, config, *one).out
    shown = run("notices", "list", "--date", DAY, "--warehouse", warehouse, "--format", "json")
    (notice,) = shown.json["notices"]
    assert (notice["held"], notice["pending"], notice["hold_reason"]) == (0, 1, None)
    assert said("notices release", warehouse, config, *one).code == 3


def test_a_lapsed_notice_is_not_released(warehouse: str, config: Path) -> None:
    hold(warehouse, datetime.now(UTC) - timedelta(minutes=1))
    one = ("morning", "--district", "testville", "--date", DAY)
    late = said("notices release", warehouse, config, *one)
    assert (late.code, "lapsed" in late.err) == (3, True)
    assert decisions(warehouse) == []


def test_a_day_without_notices_says_so(warehouse: str) -> None:
    assert "No notice" in run("notices", "list", "--warehouse", warehouse).out
