"""The demo's notices are due soon, on a school day, whenever it starts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rostersync import paths
from rostersync.attendance import dues_of
from rostersync.config import load_district
from rostersync.demo.today import TELLS, notice_time, write_districts
from rostersync.errors import ConfigError

CHICAGO = "America/Chicago"


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-24T18:35:00", "2026-11-24 12:50 America/Chicago"),
        ("2026-11-24T18:35:01", "2026-11-24 12:55 America/Chicago"),
        ("2026-11-25T04:29:00", "2026-11-24 22:45 America/Chicago"),
        ("2026-11-25T04:46:00", "2026-11-24 22:05 America/Denver"),
        ("2026-11-25T05:59:00", "2026-11-25 01:15 America/New_York"),
        ("2026-11-25T06:01:00", "2026-11-25 00:20 America/Chicago"),
        ("2026-11-01T06:50:00", "2026-11-01 01:05 America/Denver"),
    ],
)
def test_the_notices_time_lies_ahead_on_the_same_day(now, due):
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    at = notice_time(instant, CHICAGO)
    assert f"{at:%Y-%m-%d %H:%M} {at.tzinfo}" == due


@pytest.mark.parametrize("day", ["2026-03-08", "2026-07-04", "2026-11-01", "2026-12-31"])
def test_at_any_minute_of_days_on_which_clocks_change_and_others(day):
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    for minute in range(0, 36 * 60, 3):
        now = start + timedelta(minutes=minute, seconds=7)
        at = notice_time(now, CHICAGO)
        zone, ahead = at.tzinfo, at.astimezone(UTC) - now
        assert timedelta(minutes=15) <= ahead <= timedelta(minutes=20)
        last = (now + ahead + timedelta(minutes=60)).astimezone(zone)
        assert now.astimezone(zone).date() == at.date() == last.date()
        named = datetime.combine(at.date(), at.time(), zone)  # as a district's file says it
        assert named.replace(fold=0).astimezone(UTC) == now + ahead


@pytest.mark.parametrize(
    "now", ["2026-11-26T18:35", "2026-11-29T18:35", "2026-12-18T05:10", "2026-11-01T06:50"]
)
def test_every_day_is_a_school_day_with_both_notices_due_soon(tmp_path, now):
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    write_districts(paths.districts_folder(), tmp_path / "districts", instant)
    cfg = load_district(tmp_path / "districts" / f"{TELLS}.yaml")
    dues = dues_of(cfg, instant.astimezone(cfg.zone).date())
    assert {due.notice for due in dues} == {"absent", "late"}
    for due in dues:
        assert timedelta(minutes=15) <= due.send_after - instant <= timedelta(minutes=20)
        assert due.expires_at - due.send_after == timedelta(minutes=60)


def test_the_other_districts_are_copied_as_they_are(tmp_path):
    source = paths.districts_folder()
    write_districts(source, tmp_path / "districts", datetime.now(UTC))
    assert {p.name for p in source.iterdir()} == {
        p.name for p in (tmp_path / "districts").iterdir()
    }
    for path in source.iterdir():
        if path.stem != TELLS:
            assert (tmp_path / "districts" / path.name).read_bytes() == path.read_bytes()


def test_a_broken_file_is_said_as_everywhere(tmp_path: Path):
    source = tmp_path / "source"
    source.mkdir()
    (source / f"{TELLS}.yaml").write_text(f"id: {TELLS}\nname: X\ntimezone: Mars/Olympus\n")
    with pytest.raises(ConfigError, match="timezone"):
        write_districts(source, tmp_path / "districts", datetime.now(UTC))
