"""School days and the moments of notices: local clocks, holidays, other times, schools elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from rostersync.attendance.calendar import dues_of, dues_of_slot, is_school_day
from rostersync.attendance.due import (
    Used,
    dues_served,
    slot_started_at,
    start_crons,
    start_times,
    usable_from,
    wait_until,
)
from rostersync.config import DistrictConfig

DAY = date(2026, 9, 2)  # a Wednesday
MORNING = {"id": "morning", "at": "09:15", "periods": ["all_day"], "codes": ["A"]}
NOON = {"id": "noon", "at": "10:30", "periods": ["1"], "codes": ["A"]}


def district(
    *notices: dict, zone: str = "America/Chicago", calendar=None, **keys
) -> DistrictConfig:
    attendance = {"codes": {"A": "Absent"}, "notices": list(notices or (MORNING, NOON)), **keys}
    return DistrictConfig.model_validate(
        {
            "id": "oak",
            "name": "Oak Schools",
            "timezone": zone,
            "attendance": attendance,
            "calendar_days": calendar or {},
        }
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(text: str, day: str = "2026-09-02") -> datetime:
    """Chicago's summer clock."""
    return utc(f"{day}T{text}") + timedelta(hours=5)


def served(
    cfg: DistrictConfig, slot: str, file: str, now: str | None = None, used=None, landing: int = 2
):
    found = dues_served(
        cfg, slot, landing=landing, file_at=at(file), now=at(now or file), used=used or {}
    )
    return [(due.notice, due.schools, due.without) for due in found]


def used(slot: str, file: str) -> dict[str, Used]:
    return {slot: Used(at(slot[11:]), slot, 1, at(file))}


def test_school_days_are_weekdays_without_holidays_and_with_extra_days():
    cfg = district(calendar={"holidays": [date(2026, 9, 7)], "extra": [date(2026, 9, 12)]})
    days = [date(2026, 9, n) for n in range(5, 14)]
    assert [d.day for d in days if is_school_day(cfg, d)] == [8, 9, 10, 11, 12]
    assert dues_of(cfg, date(2026, 9, 7)) == []
    four_days = district(calendar={"weekdays": ["mon", "tue", "wed", "thu"]})
    assert not is_school_day(four_days, date(2026, 9, 4))


def test_a_notice_is_due_at_its_local_time_in_summer_and_winter():
    cfg = district()
    assert [due.send_after for due in dues_of(cfg, DAY)] == [
        utc("2026-09-02T14:15"),
        utc("2026-09-02T15:30"),
    ]
    (winter, _) = dues_of(cfg, date(2026, 12, 2))
    assert (winter.slot, winter.send_after) == ("2026-12-02T09:15", utc("2026-12-02T15:15"))
    assert winter.expires_at == utc("2026-12-02T16:15")


def test_a_half_day_has_its_own_times():
    cfg = district(calendar={"times": {DAY: {"morning": "08:00"}}})
    assert [due.slot[11:] for due in dues_of(cfg, DAY)] == ["08:00", "10:30"]
    assert dues_of_slot(cfg, "2026-09-02T09:15") == []


@pytest.mark.parametrize(
    ("day", "time", "moment"),
    [
        ("2026-03-08", "02:30", "2026-03-08T08:30"),  # does not exist: 03:30 CDT
        ("2026-03-08", "03:15", "2026-03-08T08:15"),
        ("2026-11-01", "01:30", "2026-11-01T06:30"),  # is there twice: the first
        ("2026-11-01", "09:15", "2026-11-01T15:15"),
    ],
)
def test_a_notice_on_the_day_the_clocks_change(day, time, moment):
    extra = {"extra": [date.fromisoformat(day)]}
    cfg = district({**MORNING, "at": time}, calendar=extra)
    (due,) = dues_of(cfg, date.fromisoformat(day))
    assert (due.slot, due.send_after) == (f"{day}T{time}", utc(moment))
    assert due.expires_at - due.send_after == timedelta(minutes=60)
    assert slot_started_at(cfg, due.starts_at) == due.slot


def test_a_school_elsewhere_is_told_by_its_own_clock():
    cfg = district(MORNING, timezones={"7": "America/Denver"})
    here, there = dues_of(cfg, DAY)
    assert (here.slot, here.schools, here.without) == ("2026-09-02T09:15", None, ("7",))
    assert (there.slot, there.schools) == ("2026-09-02T10:15", ("7",))
    listed = district({**MORNING, "schools": ["1", "7"]}, timezones={"7": "America/Denver"})
    assert [due.schools for due in dues_of(listed, DAY)] == [("1",), ("7",)]


def test_a_file_serves_the_notice_of_its_slot_when_it_is_fresh():
    cfg = district()
    morning = "2026-09-02T09:15"
    assert served(cfg, morning, "09:00") == [("morning", None, ())]
    assert served(cfg, morning, "08:15") == [("morning", None, ())]
    assert served(cfg, morning, "08:14") == [], "older than an hour"
    assert served(cfg, morning, "06:00", "09:10") == [], "loaded now, but written at six"
    assert served(cfg, morning, "09:45") == [("morning", None, ())]
    assert served(cfg, morning, "09:46") == [], "after the grace"
    assert served(cfg, morning, "09:14", "10:14") == [("morning", None, ())]
    assert served(cfg, morning, "09:14", "10:15") == [], "expired"


def test_a_late_file_is_no_second_one():
    cfg = district()
    morning = "2026-09-02T09:15"
    assert served(cfg, morning, "09:20", used=used(morning, "09:12")) == []
    assert served(cfg, morning, "09:14", "09:16", used(morning, "09:12")) == [("morning", None, ())]
    assert served(cfg, morning, "09:10", used=used(morning, "09:12")) == [], "an older one"


def test_each_notice_needs_a_file_of_its_own_but_notices_of_one_time_share():
    two = district(MORNING, {**MORNING, "id": "late", "at": "09:45"})
    before = used("2026-09-02T09:15", "09:00")
    assert served(two, "2026-09-02T09:45", "09:00", used=before) == []
    assert served(two, "2026-09-02T09:45", "09:01", used=before) == [("late", None, ())]
    one = district({**MORNING, "schools": ["1"]}, {**MORNING, "id": "other", "schools": ["2"]})
    assert served(one, "2026-09-02T09:15", "09:00") == [
        ("morning", ("1",), ()),
        ("other", ("2",), ()),
    ]


def test_the_grace_ends_at_the_next_notice_of_the_school():
    cfg = district(MORNING, {**NOON, "at": "09:30", "schools": ["2"]})
    morning = "2026-09-02T09:15"
    assert served(cfg, morning, "09:25") == [("morning", None, ())]
    assert served(cfg, morning, "09:35") == [("morning", None, ("2",))]
    assert wait_until(cfg, morning) == at("09:45")
    everyone = district(MORNING, {**NOON, "at": "09:30"})
    assert served(everyone, morning, "09:35") == []
    assert wait_until(everyone, morning) == at("09:30")


def test_a_file_loaded_by_hand_serves_the_next_notice_it_is_fresh_for():
    cfg = district()
    assert served(cfg, "2026-09-02T09:02", "09:02") == [("morning", None, ())]
    assert served(cfg, "2026-09-02T06:00", "06:00") == []
    assert served(cfg, "2026-09-02T09:20", "09:20") == [("morning", None, ())], "it had none"
    after = used("2026-09-02T09:15", "09:12")
    assert served(cfg, "2026-09-02T09:20", "09:20", used=after) == []
    assert served(cfg, "2026-09-02T09:40", "09:40", used=after) == [("noon", None, ())]
    by_hand = {"2026-09-02T09:15": Used(at("09:15"), "2026-09-02T09:02", 1, at("09:02"))}
    again = served(cfg, "2026-09-02T09:02", "10:00", used=by_hand, landing=1)
    assert again == [], "it was named again, and has served a notice before"
    assert served(cfg, "2026-09-02T18:00", "18:00") == [], "an evening run is for no notice"


def test_waits_begin_half_an_hour_before_and_on_school_days_only():
    cfg = district(calendar={"holidays": [date(2026, 9, 3)], "times": {DAY: {"noon": "11:00"}}})
    assert start_times(cfg, [DAY, date(2026, 9, 3)]) == [at("08:45"), at("10:30")]
    assert slot_started_at(cfg, at("08:45")) == "2026-09-02T09:15"
    assert slot_started_at(cfg, at("10:00")) is None, "its usual start, not today's"
    assert slot_started_at(cfg, at("08:45", "2026-09-03")) is None
    assert usable_from(cfg, "2026-09-02T09:15") == at("08:15")
    assert usable_from(cfg, "2026-09-02T18:00") is None


def test_cron_lines_cover_every_start():
    calendar = {"extra": [date(2026, 9, 12)], "times": {date(2026, 12, 18): {"noon": "09:00"}}}
    assert start_crons(district(calendar=calendar)) == [
        "45 8 * * 1,2,3,4,5",
        "0 10 * * 1,2,3,4,5",
        "45 8 12 9 *",
        "0 10 12 9 *",
        "30 8 18 12 *",
        "45 8 18 12 *",
        "0 18 * * *",
    ]
    # Arizona keeps one time: an hour from Denver in summer, none in winter
    phoenix = district(MORNING, zone="America/Denver", timezones={"7": "America/Phoenix"})
    assert start_crons(phoenix) == ["45 8 * * 1,2,3,4,5", "45 9 * * 1,2,3,4,5", "0 18 * * *"]
    assert slot_started_at(district(), at("18:00")) == "2026-09-02T18:00", "the evening's own"
    assert slot_started_at(district(), at("18:00", "2026-09-05")) is None, "a Saturday"
