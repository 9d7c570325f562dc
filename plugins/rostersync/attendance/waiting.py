"""Which of a day's notices wait for a person: they are too many, or the newest file lacks their school.

Every load judges all of them again. What a person released goes for the number shown then.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rostersync.attendance.guard import DISTRICT, HELD_FOR, Reach, SchoolReach, Trip, too_many
from rostersync.engine import render_sql
from rostersync.engine.postgres import found
from rostersync.spec.shown import shown_id

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection

TOO_MANY, NO_ROW = "too_many", "no_row"
"""Why a notice waits: the mass guard, or a school of which the day's newest file has no row."""

FEW = 3
"""So many pending notices of a school that is missing from the newest file are withdrawn without asking."""


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """A hold of a notice, or what is left of one that was released or has ended."""

    notice: str
    slot: str
    school: str
    cause: str
    held_at: datetime | None
    lapses_at: datetime | None
    reason: str | None
    released_students: int | None


@dataclass(frozen=True, slots=True)
class Rowless:
    """Untaken notices of a school of which the newest file has no row; ``waiting``: with those held."""

    notice: str
    slot: str
    school: str
    expires_at: datetime
    pending: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Place:
    """A notice of a day that can still be told; ``expires_at``: until when."""

    notice: str
    slot: str
    expires_at: datetime


_Holds = Mapping[tuple[str, str, str, str], WaitingFor]


def judge_day(
    conn: Connection,
    district: str,
    day: date,
    places: Sequence[Place],
    *,
    schools: Sequence[str],
    now: datetime,
) -> None:
    """Hold what must wait of a day's notices, and let go what need not any more.

    ``schools``: those of which the day's newest file has a row.
    """
    where = {"district": district, "date": day}
    _judge_rowless(conn, where, places, list(schools), now)
    holds = _holds(conn, where)
    for place in places:
        reach = reach_of(conn, district, day, place.notice, place.slot)
        _hold(conn, where, place, TOO_MANY, _unreleased(reach, place, holds), now)
    _run(conn, "wait_or_go", {**where, "now": now})
    keep_days(conn, district, day, [(p.notice, p.slot) for p in places])


def reach_of(conn: Connection, district: str, day: date, notice: str, slot: str) -> Reach:
    """How many a notice of a day tells, or would."""
    where = {"district": district, "notice": notice, "date": day, "slot": slot}
    rows = _run(conn, "reach", where).fetchall()
    students, usual, *_ = rows[0]
    schools = (SchoolReach(*row[2:]) for row in rows if row[2] is not None)
    return Reach(students, usual, tuple(schools))


def keep_days(
    conn: Connection, district: str, day: date, places: Iterable[tuple[str, str]]
) -> None:
    """Keep with some notices (and slots) of a day whether any of their holds still waits."""
    where = {"district": district, "date": day}
    waiting = defaultdict(list)
    for hold in _holds(conn, where).values():
        if hold.held_at is not None:
            waiting[hold.notice, hold.slot].append(hold)
    for notice, slot in places:
        holds = waiting[notice, slot]
        values = {
            "held_at": max((h.held_at for h in holds if h.held_at), default=None),
            "lapses_at": max((h.lapses_at for h in holds if h.lapses_at), default=None),
            "reason": _in_words(holds),
        }
        _run(conn, "hold_day", {**where, "notice": notice, "slot": slot, **values})


_MOST_REASONS = 5


def _in_words(holds: Sequence[WaitingFor]) -> str | None:
    reasons = [h.reason for h in holds if h.reason]
    more = len(reasons) - _MOST_REASONS
    shown = "; ".join(reasons[:_MOST_REASONS]) + (f" and {more} more" if more > 0 else "")
    return shown or None


def _judge_rowless(
    conn: Connection,
    where: Mapping[str, Any],
    places: Sequence[Place],
    schools: list[str],
    now: datetime,
) -> None:
    """Notices of schools that the newest file leaves out: few are withdrawn, more wait."""
    holds = _holds(conn, where)
    given = {**where, "now": now, "schools": schools}
    all_of = found(conn, Rowless, "postgres/notices/rowless.sql", given)
    asked = [one for one in all_of if not _is_released(one, holds)]
    pending: Counter[str] = Counter()
    for one in asked:
        pending[one.school] += one.pending
    held = [one for one in asked if pending[one.school] > FEW or _waits(one, holds)]
    for place in places:
        trips = [
            Trip(
                one.school,
                one.waiting,
                f"{one.waiting:,} students of school {shown_id(one.school)},"
                " of which the newest file has no row",
            )
            for one in held
            if (one.notice, one.slot) == (place.notice, place.slot)
        ]
        _hold(conn, where, place, NO_ROW, trips, now)
    _run(conn, "wait_or_go", {**where, "now": now})
    for one in asked:
        if one not in held and one.pending:
            names = {"notice": one.notice, "slot": one.slot, "school": one.school}
            _run(conn, "withdraw_rowless", {**where, **names, "now": now})


def _is_released(one: Rowless, holds: _Holds) -> bool:
    hold = holds.get((one.notice, one.slot, one.school, NO_ROW))
    released = hold.released_students if hold else None
    return released is not None and one.waiting <= released


def _waits(one: Rowless, holds: _Holds) -> bool:
    """It waits already: for this cause, or as a mass, of which a person must know this, too."""
    hold = holds.get((one.notice, one.slot, one.school, NO_ROW))
    is_held = hold is not None and hold.held_at is not None
    return is_held or (not one.pending and one.waiting > FEW)


def _unreleased(reach: Reach, place: Place, holds: _Holds) -> list[Trip]:
    """What trips the mass guard and no person has released; who released the district's saw its schools."""

    def released(school: str) -> int:
        hold = holds.get((place.notice, place.slot, school, TOO_MANY))
        return (hold.released_students if hold else None) or 0

    if reach.students <= released(DISTRICT):
        return []
    return [trip for trip in too_many(reach) if trip.students > released(trip.school)]


def _hold(
    conn: Connection,
    where: Mapping[str, Any],
    place: Place,
    cause: str,
    trips: Sequence[Trip],
    now: datetime,
) -> None:
    """Exactly ``trips`` wait for this cause; what waits already keeps its time."""
    waiting = [{"school": trip.school, "reason": trip.reason} for trip in trips]
    values = {
        "notice": place.notice,
        "slot": place.slot,
        "cause": cause,
        "trips": json.dumps(waiting),
        "now": now,
        "lapses_at": min(now + HELD_FOR, place.expires_at),
    }
    _run(conn, "hold", {**where, **values})


def _holds(conn: Connection, where: Mapping[str, Any]) -> _Holds:
    rows = found(conn, WaitingFor, "postgres/notices/holds.sql", where)
    return {(h.notice, h.slot, h.school, h.cause): h for h in rows}


def _run(conn: Connection, name: str, values: Mapping[str, Any]) -> Any:
    return conn.execute(render_sql(f"postgres/notices/{name}.sql"), values)
