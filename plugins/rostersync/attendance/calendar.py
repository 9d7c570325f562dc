"""School days, and the moments at which a district's notices are due on them. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rostersync.config import DistrictConfig, Notice
from rostersync.config.values import DAYS


@dataclass(frozen=True, slots=True)
class Due:
    """One notice of one date at one moment.

    ``slot``: that moment on the district's clock, ``YYYY-MM-DDTHH:MM``. ``schools``: None is every school but
    those ``without``. ``send_after``, ``expires_at``, ``fresh_from`` (an older file is not told from) and
    ``starts_at`` (when its file is first waited for) are in UTC; ``date`` is the schools' own.
    """

    notice: str
    date: date
    slot: str
    starts_at: datetime
    send_after: datetime
    expires_at: datetime
    fresh_from: datetime
    schools: tuple[str, ...] | None
    without: tuple[str, ...]
    periods: tuple[str, ...]
    codes: tuple[str, ...]


def is_school_day(cfg: DistrictConfig, day: date) -> bool:
    """By the district's calendar; what a person skipped is in the ledger."""
    days = cfg.calendar_days
    if day in days.holidays:
        return False
    return day in days.extra or DAYS[day.weekday()] in days.weekdays


def dues_of(cfg: DistrictConfig, day: date) -> list[Due]:
    """Every notice of a school day, by its moment; none of any other day."""
    if cfg.attendance is None or not is_school_day(cfg, day):
        return []
    return sorted(_dues(cfg, day), key=lambda due: (due.send_after, due.notice))


def dues_of_slot(cfg: DistrictConfig, slot: str) -> list[Due]:
    """The notices a slot is for; none when it is not a notice's time, or its day is no school day."""
    near = date.fromisoformat(slot[:10])  # a school far away may have another date at that moment
    days = (near + timedelta(days=n) for n in (-1, 0, 1))
    return [due for day in days for due in dues_of(cfg, day) if due.slot == slot]


def _dues(cfg: DistrictConfig, day: date) -> Iterator[Due]:
    assert cfg.attendance is not None  # noqa: S101 - for the type checker
    times = cfg.calendar_days.times.get(day, {})
    for notice in cfg.attendance.notices:
        at = times.get(notice.id, notice.at)
        for zone, schools, without in _clocks(cfg, notice):
            moment = datetime.combine(day, at, zone).astimezone(UTC)
            local = moment.astimezone(cfg.zone)
            # on the day the clocks change a time that does not exist is the one an hour later
            named = at if zone == cfg.zone else local.time()
            slot_day = day if zone == cfg.zone else local.date()
            yield Due(
                notice=notice.id,
                date=day,
                slot=f"{slot_day}T{named:%H:%M}",
                starts_at=_wall(slot_day, _earlier(named, cfg.attendance.starts_before), cfg.zone),
                send_after=moment,
                expires_at=moment + notice.expires,
                fresh_from=moment - notice.fresh,
                schools=schools,
                without=without,
                periods=notice.periods,
                codes=notice.codes,
            )


def _earlier(at: time, by: timedelta) -> time:
    """The clock that much earlier, the start of the day at the earliest."""
    minutes = at.hour * 60 + at.minute - int(by.total_seconds()) // 60
    return time(*divmod(max(minutes, 0), 60))


def _wall(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _clocks(
    cfg: DistrictConfig, notice: Notice
) -> Iterator[tuple[ZoneInfo, tuple[str, ...] | None, tuple[str, ...]]]:
    """The time zones of a notice's schools: zone, its schools (None: all), and those all is without."""
    assert cfg.attendance is not None  # noqa: S101 - for the type checker
    elsewhere = {s: z for s, z in cfg.attendance.timezones.items() if z != cfg.timezone}
    for zone in dict.fromkeys(elsewhere.values()):
        there = tuple(s for s, z in elsewhere.items() if z == zone)
        named = there if notice.schools == "all" else _both(notice.schools, there)
        if named:
            yield ZoneInfo(zone), named, ()
    if notice.schools == "all":
        yield cfg.zone, None, tuple(elsewhere)
    elif here := tuple(s for s in notice.schools if s not in elsewhere):
        yield cfg.zone, here, ()


def _both(one: tuple[str, ...] | str, other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(s for s in one if s in other)
