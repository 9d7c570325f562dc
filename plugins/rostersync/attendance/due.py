"""Which notices a file serves, and until when one is waited for. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby

from rostersync.attendance.calendar import Due, dues_of, dues_of_slot, is_school_day
from rostersync.config import DistrictConfig, wait_deadline
from rostersync.spec import Domain

DEADLINE = timedelta(minutes=2)
"""So long before the notice's time its file should have been loaded, else somebody is told."""
LEAD = timedelta(minutes=3)
"""So long before the notice's time the newest complete file is taken: what a load needs, and a little."""
EVENING = time(18)
"""Local time of the run that loads the day's last file."""
GRACE = timedelta(minutes=30)
"""For how long after the notice's time a file that is still arriving is waited for."""
_TYPICAL = [date(2026, month, day) for month in (1, 7) for day in range(15, 29)]
"""Two weeks of winter and two of summer: two zones may be nearer in one of them."""


@dataclass(frozen=True, slots=True)
class Used:
    """The file a slot's notices were written from. ``at``: when the district had written it."""

    send_after: datetime
    slot: str
    landing: int
    at: datetime


def dues_served(
    cfg: DistrictConfig,
    slot: str,
    *,
    landing: int,
    file_at: datetime,
    now: datetime,
    used: Mapping[str, Used],
) -> list[Due]:
    """The notices a landing of ``slot`` is for, without the schools it is too late for.

    A slot that is no notice's time (a file loaded by hand) serves the next notice it is fresh for; what
    served one serves no later one. ``used``: by slot, of the day's notices that have their file. All times
    are aware.
    """
    served = {u.send_after for u in used.values() if (u.slot, u.landing) == (slot, landing)}
    found = dues_of_slot(cfg, slot)
    if not found:
        day = date.fromisoformat(slot[:10])
        for _, group in groupby(dues_of(cfg, day), key=lambda due: due.send_after):
            found = list(group)
            if found[0].send_after in served or any(
                _serves(due, file_at, now, used) for due in found
            ):
                break
        else:
            return []
    serving = (
        _in_time(cfg, due, max(file_at, now)) for due in found if _serves(due, file_at, now, used)
    )
    return [due for due in serving if due is not None]


def _serves(due: Due, file_at: datetime, now: datetime, used: Mapping[str, Used]) -> bool:
    before = [u.at for u in used.values() if u.send_after < due.send_after]
    mine = used.get(due.slot)
    in_time = file_at <= due.send_after or (mine is None and file_at <= due.send_after + GRACE)
    return (
        in_time
        and file_at >= due.fresh_from
        and now < due.expires_at
        and (mine is None or file_at >= mine.at)
        and all(file_at > at for at in before)
    )


def _in_time(cfg: DistrictConfig, due: Due, moment: datetime) -> Due | None:
    """The notice for the schools whose next one has not come yet; None when there are none left."""
    if moment <= due.send_after:
        return due
    schools, without = due.schools, set(due.without)
    for later in _later(cfg, due):
        if later.send_after > moment:
            break
        if later.schools is None:
            schools = tuple(s for s in later.without if schools is None or s in schools)
        else:
            without |= set(later.schools)
    if schools is not None:
        schools = tuple(s for s in schools if s not in without)
        if not schools:
            return None
    return replace(due, schools=schools, without=tuple(sorted(without)))


def _later(cfg: DistrictConfig, due: Due) -> list[Due]:
    return [other for other in dues_of(cfg, due.date) if other.send_after > due.send_after]


def wait_until(cfg: DistrictConfig, slot: str) -> datetime:
    """Until when a file is waited for (UTC): the grace, or the next notice of every school if that is sooner.

    Raises SlotError for a malformed slot.
    """
    end = wait_deadline(cfg, Domain.ATTENDANCE, slot)
    dues = dues_of_slot(cfg, slot)
    if not dues:
        return end
    times = [o.send_after for due in dues for o in _later(cfg, due) if o.send_after < end]
    for moment in sorted(set(times)):
        if all(_in_time(cfg, due, moment) is None for due in dues):
            return moment
    return end


def taken_from(cfg: DistrictConfig, slot: str) -> datetime | None:
    """The earliest moment (UTC) at which a slot takes its file: a later one may still come.

    None when the slot serves no notice: then a complete file is taken at once.
    """
    return min((due.send_after - LEAD for due in dues_of_slot(cfg, slot)), default=None)


def usable_from(cfg: DistrictConfig, slot: str) -> datetime | None:
    """The earliest a file may be from to serve the slot's notices (UTC); None when it has none."""
    return min((due.fresh_from for due in dues_of_slot(cfg, slot)), default=None)


def past_deadline(cfg: DistrictConfig, now: datetime) -> list[Due]:
    """The notices whose file should have been loaded by now (aware) and that can still be told, by time."""
    local = now.astimezone(cfg.zone).date()
    near = (due for n in (-1, 0, 1) for due in dues_of(cfg, local + timedelta(days=n)))
    return [due for due in near if due.send_after - DEADLINE <= now < due.expires_at]


def slot_started_at(cfg: DistrictConfig, moment: datetime) -> str | None:
    """The slot whose wait begins at this very moment (aware); None when none does.

    A notice's, or that of the evening of a school day, which serves no notice and loads the day's last file.
    """
    local = moment.astimezone(cfg.zone)
    dues = [due for n in (-1, 0, 1) for due in dues_of(cfg, local.date() + timedelta(days=n))]
    evening = f"{local.date()}T{EVENING:%H:%M}"
    is_evening = local.time() == EVENING and is_school_day(cfg, local.date())
    return next((d.slot for d in dues if d.starts_at == moment), evening if is_evening else None)


def start_times(cfg: DistrictConfig, days: Iterable[date]) -> list[datetime]:
    """The moments (UTC, ascending) at which a wait begins on these days; one for notices of one time."""
    return sorted({due.starts_at for day in days for due in dues_of(cfg, day)})


def start_crons(cfg: DistrictConfig) -> list[str]:
    """Cron lines, on the district's clock, that fire at least at every start of a wait.

    One a time of day on the days of the week, one a date that has times of its own, and the evening. A firing
    that is nobody's start (:func:`slot_started_at` is None: a holiday) has nothing to do.
    """
    days = cfg.calendar_days
    usual: dict[tuple[int, int], set[int]] = {}
    for day in _TYPICAL:
        if day not in (*days.holidays, *days.extra, *days.times):
            for hour, minute in _starts(cfg, day):
                usual.setdefault((hour, minute), set()).add(day.isoweekday() % 7)
    weekly = [
        f"{minute} {hour} * * {','.join(str(n) for n in sorted(on))}"
        for (hour, minute), on in sorted(usual.items())
    ]
    dated = [
        f"{minute} {hour} {day.day} {day.month} *"
        for day in sorted({*days.extra, *days.times})
        for hour, minute in _starts(cfg, day)
    ]
    return [*weekly, *dated, f"{EVENING.minute} {EVENING.hour} * * *"]


def _starts(cfg: DistrictConfig, day: date) -> list[tuple[int, int]]:
    """Hour and minute of each start of a day, on the district's clock."""
    local = (due.starts_at.astimezone(cfg.zone) for due in dues_of(cfg, day))
    return sorted({(t.hour, t.minute) for t in local})
