"""Which slot a run is for, and when its wait ends: local clocks, also when they change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from rostersync.config import DistrictConfig, is_expected, slot_of, wait_deadline, window
from rostersync.errors import SlotError


def district(zone: str = "America/Los_Angeles", **keys) -> DistrictConfig:
    return DistrictConfig.model_validate(
        {"id": "oak", "name": "Oak Schools", "timezone": zone, **keys}
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slot(cfg: DistrictConfig, domain: str, *, scheduled=None, by_hand=None, param=None) -> str:
    return slot_of(
        domain,
        params_slot=param,
        logical_date=utc(scheduled) if scheduled else None,
        run_after=utc(by_hand or scheduled or "2026-09-01T12:00"),
        cfg=cfg,
    )


def test_an_evening_in_los_angeles_is_tomorrow_in_utc():
    assert slot(district(), "core", scheduled="2026-09-02T03:00") == "2026-09-01"
    assert slot(district(), "terms", scheduled="2026-09-02T03:00") == "2026-09-01"


def test_attendance_slots_hold_the_local_minute():
    assert slot(district(), "attendance", scheduled="2026-09-01T17:30") == "2026-09-01T10:30"
    assert slot(district(), "attendance", scheduled="2026-12-01T18:30") == "2026-12-01T10:30"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-09-02T06:59", "2026-09-01"),  # 23:59 local: tonight
        ("2026-09-02T07:00", "2026-09-01"),  # 00:00: last night still waits
        ("2026-09-02T11:59", "2026-09-01"),  # 04:59
        ("2026-09-02T12:00", "2026-09-02"),  # 05:00: that wait is over
        ("2026-09-02T19:00", "2026-09-02"),  # noon
    ],
)
def test_a_run_by_hand_takes_the_slot_still_waiting(now, expected):
    assert slot(district(), "core", by_hand=now) == expected


@pytest.mark.parametrize(
    ("domain", "newest", "too_late"),
    [
        ("core", "2026-09-02", "2026-09-03"),
        ("terms", "2026-09-02", "2099-01-01"),
        ("attendance", "2026-09-01T23:59", "2026-09-02T00:00"),
    ],
)
def test_no_slot_is_of_after_tomorrow_and_no_attendance_of_after_today(domain, newest, too_late):
    """The first of September is over at 07:00 in UTC."""
    late_evening = "2026-09-02T06:59"
    assert slot(district(), domain, by_hand=late_evening, param=newest) == newest
    with pytest.raises(SlotError) as caught:
        slot(district(), domain, by_hand=late_evening, param=f" {too_late} ")
    last = "2026-09-01" if domain == "attendance" else "2026-09-02"
    assert f"({last}) or before" in str(caught.value.expected)
    assert caught.value.found == too_late
    assert caught.value.next_step
    if domain != "terms":
        assert slot(district(), domain, by_hand="2026-09-02T07:00", param=too_late) == too_late


def test_a_scheduled_run_after_midnight_is_of_its_own_date():
    cfg = district(core={"at": "01:00", "wait_until": "05:00"})
    assert slot(cfg, "core", scheduled="2026-09-02T08:00") == "2026-09-02"
    assert slot(cfg, "core", by_hand="2026-09-02T08:00") == "2026-09-02"
    assert wait_deadline(cfg, "core", "2026-09-02") == utc("2026-09-02T12:00")


def test_a_logical_date_is_of_its_own_date_even_while_last_night_waits():
    assert slot(district(), "core", scheduled="2026-09-02T09:00") == "2026-09-02"


def test_terms_by_hand_take_today():
    assert slot(district(), "terms", by_hand="2026-09-02T08:00") == "2026-09-02"


def test_a_backfill_of_the_same_moment_is_the_same_slot():
    moment = datetime(2026, 9, 1, 20, tzinfo=timezone(timedelta(hours=-7)))
    for run_after in (utc("2026-09-02T03:00"), utc("2027-01-01T00:00")):
        assert (
            slot_of(
                "core", params_slot=None, logical_date=moment, run_after=run_after, cfg=district()
            )
            == "2026-09-01"
        )


def test_the_slot_asked_for_wins():
    assert (
        slot(district(), "core", scheduled="2026-09-02T03:00", param=" 2026-08-30 ") == "2026-08-30"
    )
    assert slot(district(), "attendance", param="2026-08-30T10:30") == "2026-08-30T10:30"
    assert slot(district(), "core", scheduled="2026-09-02T03:00", param="") == "2026-09-01"


@pytest.mark.parametrize(
    ("domain", "text", "form"),
    [
        ("core", "20260830", "YYYY-MM-DD"),
        ("core", "2026-8-3", "YYYY-MM-DD"),
        ("core", "2026-02-30", "YYYY-MM-DD"),
        ("core", "2026-08-30T10:30", "YYYY-MM-DD"),
        ("terms", "yesterday", "YYYY-MM-DD"),
        ("attendance", "2026-08-30", "YYYY-MM-DDTHH:MM"),
        ("attendance", "2026-08-30T25:00", "YYYY-MM-DDTHH:MM"),
    ],
)
def test_a_slot_of_the_wrong_form_is_named(domain, text, form):
    with pytest.raises(SlotError) as caught:
        slot(district(), domain, param=text)
    assert caught.value.expected.startswith(f"{form},")
    assert caught.value.found == text


def test_a_time_without_zone_is_refused():
    with pytest.raises(SlotError, match="no time zone"):
        slot_of(
            "core",
            params_slot=None,
            logical_date=None,
            run_after=datetime(2026, 9, 1),
            cfg=district(),
        )


@pytest.mark.parametrize(
    ("night", "hours"),
    [("2026-03-07", 23), ("2026-03-06", 24), ("2026-10-31", 25), ("2026-10-30", 24)],
)
def test_windows_follow_the_clock_changes(night, hours):
    """Clocks change at 02:00 on 2026-03-08 and 2026-11-01."""
    start, end = window(district("America/Chicago"), "core", night)
    assert end - start == timedelta(hours=hours)


def test_windows_join_without_gap_or_overlap():
    cfg = district("America/Chicago")
    for n in range(300):
        day = (datetime(2026, 1, 2, tzinfo=UTC) + timedelta(days=n)).date()
        before = (day - timedelta(days=1)).isoformat()
        assert window(cfg, "core", before)[1] == window(cfg, "core", day.isoformat())[0]


def test_deadlines_are_local():
    assert wait_deadline(district(), "core", "2026-09-01") == utc("2026-09-02T12:00")
    assert wait_deadline(district(), "core", "2026-12-01") == utc("2026-12-02T13:00")
    # 02:30 does not exist on this night: the moment the clock would have shown it
    cfg = district("America/Chicago", core={"wait_until": "02:30"})
    assert wait_deadline(cfg, "core", "2026-03-07") == utc("2026-03-08T08:30")


def test_other_domains_have_windows_too():
    cfg = district("America/Chicago", terms={"day": "sunday", "at": "06:00"})
    start, end = window(cfg, "terms", "2026-09-06")
    assert end == utc("2026-09-07T10:00")
    assert end - start == timedelta(days=7)
    start, end = window(cfg, "attendance", "2026-09-01T10:30")
    assert (start, end) == (utc("2026-09-01T05:00"), utc("2026-09-01T16:00"))


def test_nights_without_an_upload_are_not_expected():
    cfg = district(core={"sends": ["sun", "mon"]})
    assert is_expected(cfg, "2026-09-06")
    assert is_expected(cfg, "2026-09-07")
    assert not is_expected(cfg, "2026-09-08")
    assert not is_expected(district(), "2026-09-05")
