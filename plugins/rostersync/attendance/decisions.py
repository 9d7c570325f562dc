"""What people say about notices: stop and resume sending, skip a day, release what was held.

Each is a row of ``sync.attendance_decisions`` with who, when and why. Every function takes part in the
caller's transaction.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from rostersync.attendance.waiting import keep_days
from rostersync.engine import render_sql
from rostersync.errors import DecisionError

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection


def stop(conn: Connection, *, district: str | None, who: str, why: str, now: datetime) -> None:
    """From now on nothing of the district (None: of any) is taken. Notices are still written."""
    _decide(conn, "stop", district, who=who, why=why, now=now)


def resume(conn: Connection, *, district: str | None, who: str, why: str, now: datetime) -> None:
    """What is pending and has not expired may be taken again.

    Raises DecisionError when it was not stopped: a district is not resumed while all are stopped, nor all
    of them one by one.
    """
    if not is_stopped(conn, district):
        elsewhere = district is not None and is_stopped(conn, None)
        raise DecisionError(
            "Notices are not stopped"
            if not elsewhere
            else "The notices of all districts are stopped",
            district=district or "all",
            next_step="rostersync notices resume --all" if elsewhere else None,
        )
    _decide(conn, "resume", district, who=who, why=why, now=now)


def is_stopped(conn: Connection, district: str | None) -> bool:
    """Somebody stopped this district (None: all at once) and nobody resumed it since."""
    return _newest(conn, district, None, "stop", "resume") == "stop"


def skip(conn: Connection, district: str, day: date, *, who: str, why: str, now: datetime) -> None:
    """The day is no school day: nothing is written for it and nothing of it is taken any more."""
    _decide(conn, "skip", district, day=day, who=who, why=why, now=now)


def unskip(
    conn: Connection, district: str, day: date, *, who: str, why: str, now: datetime
) -> None:
    """The day is a school day after all. Raises DecisionError when it was not skipped."""
    if not is_skipped(conn, district, day):
        raise DecisionError("This day was not skipped", district=district, date=day)
    _decide(conn, "unskip", district, day=day, who=who, why=why, now=now)


def is_skipped(conn: Connection, district: str, day: date) -> bool:
    """Somebody said that this is no school day, and nobody took it back since."""
    return _newest(conn, district, day, "skip", "unskip") == "skip"


def release(
    conn: Connection, district: str, notice: str, day: date, *, who: str, why: str, now: datetime
) -> int:
    """Let a notice go that waits for a person; how many students it is for.

    It goes for as many as it shows: a file that would tell more is held again. Raises DecisionError when no
    such notice waits, or it has lapsed. Call it under the fold's lock.
    """
    where = {"district": district, "notice": notice, "date": day}
    rows = conn.execute(render_sql("postgres/notices/waiting.sql"), where).fetchall()
    waiting = [slot for slot, lapses_at in rows if lapses_at > now]
    if not waiting:
        lapsed = max((lapses_at for _, lapses_at in rows), default=None)
        raise DecisionError(
            "This notice lapsed" if lapsed else "No such notice waits for a person",
            district=district,
            notice=notice,
            date=day,
            found=f"lapsed at {lapsed:%H:%M} UTC" if lapsed else None,
            next_step="rostersync notices list shows the day's notices",
        )
    released = {"district": district, "date": day, "now": now}
    total = 0
    for slot in waiting:
        conn.execute(
            render_sql("postgres/notices/release.sql"), {**where, "slot": slot, "now": now}
        )
        students = conn.execute(render_sql("postgres/notices/wait_or_go.sql"), released).rowcount
        total += students
        _decide(
            conn,
            "release",
            district,
            day=day,
            notice=notice,
            slot=slot,
            students=students,
            who=who,
            why=why,
            now=now,
        )
    keep_days(conn, district, day, [(notice, slot) for slot in waiting])
    return total


def _newest(conn: Connection, district: str | None, day: date | None, *actions: str) -> str | None:
    row = conn.execute(
        render_sql("postgres/notices/newest_decision.sql"),
        {"district": district, "date": day, "actions": list(actions)},
    ).fetchone()
    return row[0] if row else None


def _decide(
    conn: Connection,
    action: str,
    district: str | None,
    *,
    day: date | None = None,
    who: str,
    why: str,
    now: datetime,
    **about: Any,
) -> None:
    values = {"notice": None, "slot": None, "students": None, **about}
    conn.execute(
        render_sql("postgres/notices/decide.sql"),
        {
            **values,
            "action": action,
            "district": district,
            "date": day,
            "who": who,
            "why": why,
            "now": now,
        },
    )
