"""What a sync is for: the one function that names a run's slot, and the times that follow from a slot.

Instants are returned in UTC: two datetimes of one time zone compare by their clocks, which is wrong on the
nights when the clocks change.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from rostersync.config.model import DistrictConfig
from rostersync.config.values import DAYS
from rostersync.errors import SlotError
from rostersync.spec import Domain

_TERMS_AT = time(6)  # of a run by hand while the weekly schedule is off
_NOTICE_GRACE = timedelta(minutes=30)
_FORMS = {
    Domain.CORE: ("YYYY-MM-DD", re.compile(r"\d{4}-\d\d-\d\d")),
    Domain.TERMS: ("YYYY-MM-DD", re.compile(r"\d{4}-\d\d-\d\d")),
    Domain.ATTENDANCE: ("YYYY-MM-DDTHH:MM", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")),
}


def slot_of(
    domain: Domain | str,
    *,
    params_slot: str | None,
    logical_date: datetime | None,
    run_after: datetime,
    cfg: DistrictConfig,
) -> str:
    """The slot of a run: the one asked for, else the local date (attendance: date and minute) of the run.

    A run by hand (no logical date) of core takes the slot that is still waiting: before the end of the
    wait that is yesterday's night. Raises SlotError for a slot not of the domain's form, and for one that
    lies in the future of ``run_after``.
    """
    domain = Domain(domain)
    if params_slot is not None and params_slot.strip():
        slot = read_slot(domain, params_slot, cfg)
    else:
        slot = _slot_at(domain, logical_date, run_after, cfg)
    refuse_future(cfg, domain, slot, run_after)
    return slot


def read_slot(domain: Domain | str, text: str, cfg: DistrictConfig) -> str:
    """The slot that a person names, whenever it is. Raises SlotError for one not of the domain's form."""
    _moment(Domain(domain), text.strip(), cfg)
    return text.strip()


def is_future(zone: tzinfo, domain: Domain | str, slot: str, now: datetime) -> bool:
    """True when nothing can be for the slot yet: it is of after tomorrow there (attendance: after today)."""
    return date.fromisoformat(slot[:10]) > last_day(zone, Domain(domain), now)


def refuse_future(cfg: DistrictConfig, domain: Domain | str, slot: str, now: datetime) -> None:
    """Raise SlotError for a slot that lies in the future.

    It would be the newest one until its day: nights before it would change no current row, and no hold of
    theirs could be answered.
    """
    if not is_future(cfg.zone, domain, slot, now):
        return
    last = last_day(cfg.zone, Domain(domain), now)
    raise SlotError(
        "The slot lies in the future",
        district=cfg.id,
        domain=domain,
        expected=f"{'today' if domain == Domain.ATTENDANCE else 'tomorrow'} ({last}) or before,"
        " by the district's clock",
        found=slot,
        next_step="name the slot that the files are for: see its year and month, then this machine's clock",
    )


def last_day(zone: tzinfo, domain: Domain, now: datetime) -> date:
    """The last date of which there may be a slot at a moment (aware)."""
    today = now.astimezone(zone).date()
    return today if domain is Domain.ATTENDANCE else today + timedelta(days=1)


def _slot_at(
    domain: Domain, logical_date: datetime | None, run_after: datetime, cfg: DistrictConfig
) -> str:
    instant = logical_date or run_after
    if instant.tzinfo is None:
        raise SlotError("A run's time has no time zone", district=cfg.id, found=str(instant))
    local = instant.astimezone(cfg.zone)
    if domain is Domain.ATTENDANCE:
        return f"{local:%Y-%m-%dT%H:%M}"
    if domain is Domain.CORE and logical_date is None:
        yesterday = (local.date() - timedelta(days=1)).isoformat()
        if instant < wait_deadline(cfg, domain, yesterday):
            return yesterday
    return local.date().isoformat()


def wait_deadline(cfg: DistrictConfig, domain: Domain | str, slot: str) -> datetime:
    """When the slot's wait for its upload ends (aware, UTC). Raises SlotError for a malformed slot.

    core and terms: the first ``core.wait_until`` after the schedule's time. attendance: the notice's time
    and half an hour of grace.
    """
    domain = Domain(domain)
    moment = _moment(domain, slot, cfg)
    if domain is Domain.ATTENDANCE:
        return _instant(moment, cfg) + _NOTICE_GRACE
    until = cfg.core.wait_until
    day = moment.date() if until > moment.time() else moment.date() + timedelta(days=1)
    return _instant(datetime.combine(day, until), cfg)


def window(cfg: DistrictConfig, domain: Domain | str, slot: str) -> tuple[datetime, datetime]:
    """From when to when an upload counts for the slot (aware, UTC; the start is included).

    core: from the end of the last night's wait to the end of this one's. terms: a week up to the end of
    the wait. attendance: the local day, up to the end of the wait.
    """
    domain = Domain(domain)
    end = wait_deadline(cfg, domain, slot)
    day = date.fromisoformat(slot[:10])
    if domain is Domain.ATTENDANCE:
        return _instant(datetime.combine(day, time()), cfg), end
    step = timedelta(days=7 if domain is Domain.TERMS else 1)
    return wait_deadline(cfg, domain, (day - step).isoformat()), end


def is_expected(cfg: DistrictConfig, slot: str) -> bool:
    """True when the district sends on the night's date (``core.sends``)."""
    return DAYS[_moment(Domain.CORE, slot, cfg).weekday()] in cfg.core.sends


def _moment(domain: Domain, slot: str, cfg: DistrictConfig) -> datetime:
    """The slot's local date and time, without zone: of core and terms, when their schedule fires."""
    form, pattern = _FORMS[domain]
    try:
        if not pattern.fullmatch(slot):
            raise ValueError
        moment = datetime.fromisoformat(slot)
    except ValueError:
        raise SlotError(
            f"The slot is not one of domain {domain}",
            district=cfg.id,
            expected=f"{form}, a date and time that exist",
            found=slot,
        ) from None
    if domain is Domain.ATTENDANCE:
        return moment
    at = cfg.core.at if domain is Domain.CORE else cfg.terms.at if cfg.terms else _TERMS_AT
    return datetime.combine(moment.date(), at)


def _instant(local: datetime, cfg: DistrictConfig) -> datetime:
    return local.replace(tzinfo=cfg.zone).astimezone(UTC)
