"""A small sender of attendance notices: takes what is due, tells the parents, acknowledges.

Run it every minute: ``python notice_client.py postgresql://…``. As it is, it prints a line for each notice.
It needs psycopg, and a login with the roles rostersync_messenger and rostersync_reader.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import psycopg

TAKE = "select * from attendance.take_notices(%s, 100, coalesce(%s, now()))"
CONTACTS = (
    "select first_name, email, mobile, language from directory.contactable_parents"
    " where district_id = %s and student_id = %s"
)
ACKNOWLEDGE = "select attendance.acknowledge_notice(%s, %s, %s, %s, coalesce(%s, now()))"


@dataclass(frozen=True)
class Contact:
    """A parent. ``language``: ISO 639-1, None when the district did not say."""

    first_name: str
    email: str | None
    mobile: str | None
    language: str | None


@dataclass(frozen=True)
class Notice:
    """One student's notice. ``events``: dicts of school_id, period (or ``all_day``) and code."""

    district_id: str
    notice_id: str
    date: date
    student_id: str
    events: list[dict[str, str]]

    @property
    def key(self) -> tuple[str, str, date, str]:
        """The same notice has the same key, also when it comes a second time."""
        return self.district_id, self.notice_id, self.date, self.student_id


Tell = Callable[[Notice, list[Contact]], None]


def send_due(warehouse: str, tell: Tell, *, consumer: str, moment: datetime | None = None) -> int:
    """Tell every family whose notice is due; how many were told.

    ``tell`` may be called twice for one notice: when this program died between telling and acknowledging, the
    notice comes again after ten minutes. Pass ``Notice.key`` on as the idempotency key of what sends.
    ``moment``: the time, for tests.
    """
    told = 0
    with psycopg.connect(
        warehouse, autocommit=True
    ) as conn:  # so that no row stays locked meanwhile
        while taken := _take(conn, consumer, moment):
            for notice in taken:
                rows = conn.execute(CONTACTS, [notice.district_id, notice.student_id])
                tell(notice, [Contact(*row) for row in rows])
                conn.execute(ACKNOWLEDGE, [*notice.key, moment])
                told += 1
    return told


def _take(conn: psycopg.Connection, consumer: str, moment: datetime | None) -> list[Notice]:
    cursor = conn.execute(TAKE, [consumer, moment])
    names = [c.name for c in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    return [
        Notice(r["district_id"], r["notice_id"], r["date"], r["student_id"], r["events"])
        for r in rows
    ]


def _print(notice: Notice, contacts: list[Contact]) -> None:
    """Your SMS or mail provider comes in here."""
    print(f"{notice.district_id} {notice.notice_id}: a student, parents: {len(contacts)}")


if __name__ == "__main__":
    print(f"families told: {send_due(sys.argv[1], _print, consumer='example')}")
