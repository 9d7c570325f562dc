"""The deadline of a notice's file: who is silent shortly before families should hear, and who is told.

Looks at the ledger, never at how Airflow's runs ended: a run that was backfilled, repeated or killed says
nothing of what families can be told.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from rostersync import attendance
from rostersync.archive import Archive, Layout, landing_numbers
from rostersync.attendance import Due
from rostersync.config import DistrictConfig
from rostersync.engine import render_sql
from rostersync.engine.postgres import Connection, connect
from rostersync.ledger.alerts import Alert, raise_alert, raised_at
from rostersync.reporting.alert_texts import missing_attendance, silent_fleet
from rostersync.spec import Domain

FLEET_PERCENT = 30
"""When more of the districts are silent than this, the cause is not each of theirs."""
FLEET_DISTRICTS = 3
"""Fewer silent districts are told one by one, however small the fleet is."""
_SAMPLE = 20
"""So many of the districts without a file are looked at, to tell silent ones from those that just send."""
_SAME_OUTAGE = timedelta(hours=1)
"""For so long the fleet's alert speaks for each silent district."""

Place = tuple[DistrictConfig, str]
Arriving = Callable[[Sequence[Place]], set[str]]
"""Of some districts and slots: the districts whose server holds a file that is not landed yet."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A district's notices that have no file; ``found``: what the last run of theirs said."""

    cfg: DistrictConfig
    dues: tuple[Due, ...]
    found: str

    @property
    def places(self) -> list[Place]:
        """The slots they are told from; one, but where schools have clocks of their own."""
        return [(self.cfg, slot) for slot in dict.fromkeys(due.slot for due in self.dues)]


def tell_if_silent(
    cfg: DistrictConfig,
    fleet: Callable[[], Iterable[DistrictConfig]],
    *,
    archive: str,
    warehouse: str,
    arriving: Arriving = lambda places: set(),
    now: datetime | None = None,
) -> Alert | None:
    """Raise the alert that a district's attendance is missing, or that the fleet's is; None: neither.

    Before the notice's time nobody is told while a landing of it is being loaded or ``arriving``; after it
    only what is loaded counts: a file that nothing takes is as bad as none. Nobody is told twice a day about
    one district, nor about a district while the fleet is silent.

    ``cfg``: the district whose deadline has come. ``fleet``: the districts with attendance on; asked only
    when this one is silent. ``archive``: URL. ``warehouse``: URL. ``arriving``: looks at the servers of some
    districts; of at most 20 at once. ``now``: aware.

    Raises WarehouseUnavailableError, ArchiveError.
    """
    now = now or datetime.now(UTC)
    store = Archive(archive)
    with connect(warehouse) as conn:
        silence = _silence(conn, store, cfg, attendance.past_deadline(cfg, now), now)
        if silence is None:
            return None
        early = tuple(due for due in silence.dues if now < due.send_after)
        if early and arriving(replace(silence, dues=early).places):
            silence = replace(silence, dues=tuple(due for due in silence.dues if due not in early))
        if not silence.dues:
            return None
        own = _alert(silence)
        outage = raised_at(conn, silent_fleet(now.date(), [], 0))
        if raised_at(conn, own) or (outage and now - outage < _SAME_OUTAGE):
            return None
        whole = None if outage else _fleet_alert(conn, store, cfg, fleet(), arriving, now)
        alert = whole or own
        return alert if raise_alert(conn, alert, now) else None


def _fleet_alert(
    conn: Connection,
    archive: Archive,
    cfg: DistrictConfig,
    fleet: Iterable[DistrictConfig],
    arriving: Arriving,
    now: datetime,
) -> Alert | None:
    """The alert that so many districts are silent at their newest deadline; None: they are not."""
    due = [(other, newest) for other in fleet if (newest := _newest(other, now))]
    found = [_silence(conn, archive, o, dues, now) for o, dues in due if o.id != cfg.id]
    silent = [one for one in found if one is not None]
    if not _are_many(1 + len(silent), len(due)):
        return None
    sample = random.sample(silent, min(_SAMPLE, len(silent)))
    sending = arriving([place for one in sample for place in one.places if _is_early(one, now)])
    still = 1 + round(len(silent) * (1 - len(sending) / max(len(sample), 1)))
    if not _are_many(still, len(due)):
        return None
    names = sorted({cfg.id, *(one.cfg.id for one in silent)} - sending)
    return silent_fleet(now.date(), names, len(due))


def _are_many(silent: int, expected: int) -> bool:
    return silent >= FLEET_DISTRICTS and silent * 100 > FLEET_PERCENT * expected


def _is_early(silence: Silence, now: datetime) -> bool:
    return all(now < due.send_after for due in silence.dues)


def _newest(cfg: DistrictConfig, now: datetime) -> list[Due]:
    """The dues of a district's newest deadline: who has their file is not silent any more."""
    dues = attendance.past_deadline(cfg, now)
    newest = max((due.send_after for due in dues), default=None)
    return [due for due in dues if due.send_after == newest]


def _silence(
    conn: Connection,
    archive: Archive,
    cfg: DistrictConfig,
    dues: Sequence[Due],
    now: datetime,
) -> Silence | None:
    """Of the dues, those without a file, nor, before their time, one that is being loaded."""
    served = {day: _served_on(conn, cfg, day, now) for day in {due.date for due in dues}}
    missing = [
        due
        for due in dues
        if (on_day := served[due.date]) is not None and (due.notice, due.slot) not in on_day
    ]
    found = []
    for slot in dict.fromkeys(due.slot for due in missing):
        landed = landing_numbers(archive, Layout(cfg.id, Domain.ATTENDANCE, slot))
        values = {"district": cfg.id, "domain": str(Domain.ATTENDANCE), "slot": slot}
        row = conn.execute(render_sql("postgres/reports/last_run_of_slot.sql"), values).fetchone()
        outcome, message, ended = row or ("", "", None)
        if landed and landed[-1] > (ended or 0):
            missing = [due for due in missing if due.slot != slot or due.send_after <= now]
            found.append("a file that was landed and is not loaded")
        elif outcome:
            found.append(f"{outcome}. {message}".strip())
    return Silence(cfg, tuple(missing), " ".join(found)) if missing else None


def _served_on(
    conn: Connection, cfg: DistrictConfig, day: date, now: datetime
) -> set[tuple[str, str]] | None:
    """Notice and slot of what has its file on a day; None: the day is skipped, nobody waits for one."""
    if attendance.is_skipped(conn, cfg.id, day):
        return None
    days = attendance.notice_days(conn, district=cfg.id, day=day, now=now)
    return {(d.notice, d.slot) for d in days}


def _alert(silence: Silence) -> Alert:
    due = silence.dues[0]
    times = {d.notice: d.slot[11:] for d in silence.dues}
    return missing_attendance(silence.cfg.id, silence.cfg.name, due.date, times, silence.found)
