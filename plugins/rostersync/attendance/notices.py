"""Writes a day's notices, inside the transaction that loads its attendance.

Notices are an outbox: what was taken is history. A file is written from once; everything after that (a
repeated load, a recomputed slot, a later file) can only correct, hold or withdraw what has not been taken,
and mark as withdrawn what has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rostersync.attendance.calendar import Due
from rostersync.attendance.decisions import is_skipped
from rostersync.attendance.due import Used, dues_served
from rostersync.attendance.waiting import Place, judge_day, reach_of
from rostersync.config import DistrictConfig
from rostersync.engine import render_sql
from rostersync.engine.postgres import found
from rostersync.ledger.notices import NoticeDay
from rostersync.spec import ALL_DAY

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection


@dataclass(frozen=True, slots=True)
class NewestFile:
    """What the newest file of a day itself says of the events that stand.

    ``schools``: those of which it has a row of the day, none when it says nobody is absent. ``carried``: CSV,
    in pieces, of (school, student, period) of events that stand although it does not say so.
    ``knows_all_day`` False: what it calls the whole day may be something else (p0, before the district has
    said so).
    """

    slot: str
    landing: int
    schools: tuple[str, ...] = ()
    carried: Iterable[memoryview] = ()
    knows_all_day: bool = True


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """An attendance file that is part of the warehouse now.

    ``at``: when the district had written it (aware). ``days``: dates it has rows of; none when it
    ``says_nobody``. ``newest``: of today, whichever it is; None when there is none.
    """

    slot: str
    landing: int
    at: datetime
    days: frozenset[date]
    newest: NewestFile | None
    says_nobody: bool = False

    @property
    def is_newest(self) -> bool:
        """No later slot or landing speaks of the day instead."""
        newest = self.newest
        return newest is None or (newest.slot, newest.landing) == (self.slot, self.landing)


@dataclass(frozen=True, slots=True)
class _Day:
    """What is known of a notice of a day already."""

    notice: str
    slot: str
    send_after: datetime
    expires_at: datetime
    file_slot: str | None
    file_landing: int | None
    file_at: datetime | None

    def is_from(self, file: LoadedFile) -> bool:
        return (self.file_slot, self.file_landing) == (file.slot, file.landing)


def write_notices(
    conn: Connection, cfg: DistrictConfig, file: LoadedFile, *, now: datetime
) -> list[NoticeDay]:
    """Bring the day's notices in line with the events just loaded; the day's notices in numbers.

    Nothing happens for a slot of another day than ``now``'s (aware) on the district's clock: a backfill or a
    replay of the past tells nobody. Call it inside the load's transaction, under the fold's lock.
    """
    day = now.astimezone(cfg.zone).date()
    if cfg.attendance is None or file.slot[:10] != day.isoformat():
        return []
    with _joins_in_bulk(conn):
        _follow(conn, cfg, day, file.newest, now)
        schools = list(file.newest.schools) if file.newest else []
        where = {"district": cfg.id, "date": day, "now": now, "schools": schools}
        _run(conn, "withdraw", where)
    known = _days(conn, cfg.id, day)
    if file.is_newest and not is_skipped(conn, cfg.id, day):
        used = {
            d.slot: Used(d.send_after, d.file_slot, d.file_landing, d.file_at)
            for d in known.values()
            if d.file_slot is not None and d.file_landing is not None and d.file_at is not None
        }
        dues = dues_served(
            cfg, file.slot, landing=file.landing, file_at=file.at, now=now, used=used
        )
        for due in dues:
            before = known.get((due.notice, due.slot))
            if before is None or not before.is_from(file):
                _write(conn, cfg, due, file, now)
    _judge(conn, cfg.id, day, schools, now)
    return notice_days(conn, district=cfg.id, day=day, now=now)


def take_back(
    conn: Connection,
    cfg: DistrictConfig,
    day: date,
    gone: NewestFile,
    newest: NewestFile | None,
    *,
    now: datetime,
) -> None:
    """A file of ``day`` is part of the warehouse no more: its notices follow the events that are left.

    ``gone``: what the file said of the day; ``newest``: the newest one that is left. Of the schools of either
    a notice of which nothing is left is withdrawn, taken or not. One that was written from the file may have
    another. Call it inside the transaction that takes the file out.
    """
    schools = sorted({*gone.schools, *(newest.schools if newest else ())})
    with _joins_in_bulk(conn):
        _follow(conn, cfg, day, replace(newest or gone, schools=tuple(schools)), now)
        where = {"district": cfg.id, "date": day}
        _run(conn, "withdraw", {**where, "now": now, "schools": schools})
    _run(conn, "without_file", {**where, "slot": gone.slot})
    _judge(conn, cfg.id, day, schools, now)


def _judge(
    conn: Connection, district: str, day: date, schools: Sequence[str], now: datetime
) -> None:
    """What of the day's notices that can still be told waits for a person."""
    open_days = [d for d in _days(conn, district, day).values() if now < d.expires_at]
    places = [Place(d.notice, d.slot, d.expires_at) for d in open_days]
    judge_day(conn, district, day, places, schools=schools, now=now)


def notice_days(
    conn: Connection, *, district: str | None, day: date, now: datetime
) -> list[NoticeDay]:
    """A day's notices in numbers; of every district when ``district`` is None."""
    where = {"district": district, "date": day, "now": now}
    return found(conn, NoticeDay, "postgres/notices/days.sql", where)


def usual_reach(conn: Connection, district: str, due: Due) -> float | None:
    """The median of the students a notice told on its last days; None before there is one."""
    return reach_of(conn, district, due.date, due.notice, due.slot).usual


def _follow(
    conn: Connection, cfg: DistrictConfig, day: date, newest: NewestFile | None, now: datetime
) -> None:
    """What nobody has taken says what the newest file says; no file has a row of any school."""
    _keep_carried(conn, newest.carried if newest else ())
    assert cfg.attendance is not None  # noqa: S101 - for the type checker
    codes = {n.id: n.codes for n in cfg.attendance.notices}
    values = {
        "codes": json.dumps(codes),
        "schools": list(newest.schools) if newest else [],
        "unsaid": None if newest is None or newest.knows_all_day else ALL_DAY,
    }
    _run(conn, "follow", {"district": cfg.id, "date": day, "now": now, **values})


def _write(
    conn: Connection, cfg: DistrictConfig, due: Due, file: LoadedFile, now: datetime
) -> None:
    of_the_day = due.date in file.days
    if not of_the_day and not file.says_nobody:
        return  # yesterday's file: the notice still waits for its own
    where = {"district": cfg.id, **asdict(due)}
    if of_the_day:
        knows_all_day = file.newest is None or file.newest.knows_all_day
        periods = [p for p in due.periods if knows_all_day or p != ALL_DAY]
        schools = None if due.schools is None else list(due.schools)
        lists = {"schools": schools, "without": list(due.without), "codes": list(due.codes)}
        with _joins_in_bulk(conn):
            _run(conn, "write", {**where, **lists, "periods": periods})
        _run(conn, "end_lapsed", {**where, "now": now})
    written_from = {
        "file_slot": file.slot if of_the_day else None,
        "file_landing": file.landing if of_the_day else None,
        "file_at": file.at if of_the_day else None,
    }
    _run(conn, "keep_day", {**where, **written_from})


def _days(conn: Connection, district: str, day: date) -> Mapping[tuple[str, str], _Day]:
    used = found(conn, _Day, "postgres/notices/used.sql", {"district": district, "date": day})
    return {(d.notice, d.slot): d for d in used}


def _keep_carried(conn: Connection, carried: Iterable[memoryview]) -> None:
    _run(conn, "carried", {})
    conn.execute("truncate carried_events")  # asked twice in a transaction, it has the last answer
    with conn.cursor().copy(
        "copy carried_events (school_id, student_id, period) from stdin (format csv)"
    ) as copy:
        for rows in carried:
            copy.write(rows)


@contextmanager
def _joins_in_bulk(conn: Connection) -> Iterator[None]:
    """The planner takes the events and notices of a day that has just begun for one row each.

    It would read all of them again for each of them.
    """
    conn.execute("set local enable_nestloop = off")
    yield
    conn.execute("set local enable_nestloop = on")


def _run(conn: Connection, name: str, values: Mapping[str, Any]) -> Any:
    return conn.execute(render_sql(f"postgres/notices/{name}.sql"), values)
