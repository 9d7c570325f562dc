"""Notices: handing a load's events over to ``attendance``, and people's decisions about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from rostersync import attendance
from rostersync.attendance import Due, LoadedFile
from rostersync.config import DistrictConfig
from rostersync.engine.postgres import Connection, connect
from rostersync.fold import AppliedSlot, FindingSummary, SlotDiff, day_of
from rostersync.ledger.landings import landing_fresh_at
from rostersync.ledger.notices import NoticeDay
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.files import read_manifest
from rostersync.pipeline.ground.resolve import diff_of
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.watch.newest_file import file_of, newest_file
from rostersync.spec import Domain
from rostersync.warehouse import lock_fold

_WORTH_AN_ALERT = 5
"""A day without an absence is news where the notice usually tells at least so many."""


def notices_of_load(
    conn: Connection, run: Run, diff: SlotDiff, now: datetime, *, nobody: int | None = None
) -> list[NoticeDay]:
    """Write the notices a loaded landing is for, in the load's transaction.

    ``diff``: of the landing whose events the slot has. ``nobody``: the landing that was loaded, when its file
    says nobody is absent. ``now``: aware.
    """
    day = now.astimezone(run.cfg.zone).date()
    landing = diff.landing if nobody is None else nobody
    days = () if nobody is not None else diff.of("attendance").days
    file = LoadedFile(
        slot=run.slot,
        landing=landing,
        at=_fresh_at(conn, run, landing),
        days=frozenset(date.fromisoformat(d) for d in days),
        newest=newest_file(conn, run, day, nobody=nobody),
        says_nobody=nobody is not None,
    )
    return attendance.write_notices(conn, run.cfg, file, now=now)


def notices_of_removal(
    conn: Connection, run: Run, gone: AppliedSlot, now: datetime
) -> list[NoticeDay]:
    """Bring today's notices in line with the events that are left when a slot was taken out of the fold.

    They are written anew from the newest file that is left, as far as it is still in time. In that
    transaction. ``now``: aware; a slot that says nothing of its day concerns nobody any more.
    """
    day = now.astimezone(run.cfg.zone).date()
    today = day_of("attendance", day.isoformat())
    if run.cfg.attendance is None or today not in gone.fingerprints:
        return []
    newest = newest_file(conn, run, day)
    attendance.take_back(conn, run.cfg, day, file_of(run, gone, day), newest, now=now)
    fold = applied_slots(conn, run.district, run.domain)
    here = fold.at(newest.slot, newest.landing) if newest else None
    if here is not None and today in here.fingerprints:
        one = replace(run, slot=here.slot, inputs=run.pinned(here.pin))
        return notices_of_load(conn, one, diff_of(one, here), now)
    return attendance.notice_days(conn, district=run.district, day=day, now=now)


def notices_in_words(
    conn: Connection, run: Run, days: Sequence[NoticeDay], now: datetime, *, nobody: bool
) -> str:
    """What a person should know of the day's notices at once.

    Those held; those whose time it is and that this file was of no use for; a day without an absence.
    """
    sentences = [
        f"Notice {d.notice} is held until {d.lapses_at:%H:%M} UTC: {d.hold_reason}"
        " (rostersync notices release)."
        for d in days
        if d.held and d.lapses_at is not None
    ]
    for due in unserved(run, days, now):
        if not nobody:
            sentences.append(
                f"Notice {due.notice} still has no file: this one has no row of {due.date}, was"
                f" written before {due.fresh_from:%H:%M} UTC, or came after the grace."
            )
        elif usual := unusual_silence(conn, run, due):
            sentences.append(f"Nobody is absent; notice {due.notice} usually tells {usual:g}.")
    return " ".join(sentences)


def unserved(run: Run, days: Sequence[NoticeDay], now: datetime) -> list[Due]:
    """The notices of the run's slot that could still be told and have no file. ``now``: aware."""
    has_file = {(d.notice, d.slot) for d in days if d.file_at is not None}
    return [
        due
        for due in attendance.dues_of_slot(run.cfg, run.slot)
        if now < due.expires_at and (due.notice, due.slot) not in has_file
    ]


def too_old(
    conn: Connection, run: Run, landing: int, days: Sequence[NoticeDay], now: datetime
) -> FindingSummary | None:
    """The district's own word that its file was written too long before the notice it came for; else None."""
    at = _fresh_at(conn, run, landing)
    late = [due for due in unserved(run, days, now) if at < due.fresh_from]
    if not late:
        return None
    text = run.inputs.rules()[_TOO_OLD]
    return FindingSummary(_TOO_OLD, text.severity, text.column, len(late), message=text.message)


_TOO_OLD = "attendance.date.too_old"


def unusual_silence(conn: Connection, run: Run, due: Due) -> float | None:
    """How many a notice usually tells, where a day without an absence is news; else None."""
    usual = attendance.usual_reach(conn, run.district, due)
    return usual if usual is not None and usual >= _WORTH_AN_ALERT else None


def why_no_school(cfg: DistrictConfig, slot: str, *, warehouse: str) -> str | None:
    """Why a slot of attendance has nothing to sync: no school on its day. None: there is school.

    Raises WarehouseUnavailableError.
    """
    day = date.fromisoformat(slot[:10])
    if not attendance.is_school_day(cfg, day):
        return f"{day} is no school day in the district's calendar"
    with connect(warehouse) as conn:
        return "Somebody skipped this day" if attendance.is_skipped(conn, cfg.id, day) else None


def list_notices(
    warehouse: str, *, district: str | None, day: date, now: datetime | None = None
) -> list[NoticeDay]:
    """A day's notices in numbers. Raises WarehouseUnavailableError."""
    with connect(warehouse) as conn:
        return attendance.notice_days(
            conn, district=district, day=day, now=now or datetime.now(UTC)
        )


def stop_notices(
    warehouse: str, *, district: str | None, who: str, why: str, now: datetime | None = None
) -> None:
    """Nothing of the district (None: of any) is taken from now on. Safe to repeat."""
    with connect(warehouse) as conn, conn.transaction():
        attendance.stop(conn, district=district, **_said(who, why, now))


def resume_notices(
    warehouse: str, *, district: str | None, who: str, why: str, now: datetime | None = None
) -> None:
    """What is pending may be taken again. Raises DecisionError when it was not stopped."""
    with connect(warehouse) as conn, conn.transaction():
        attendance.resume(conn, district=district, **_said(who, why, now))


def skip_day(
    warehouse: str,
    *,
    district: str,
    day: date,
    who: str,
    why: str,
    undo: bool = False,
    now: datetime | None = None,
) -> None:
    """The day is no school day (``undo``: it is one after all). Raises DecisionError."""
    say = attendance.unskip if undo else attendance.skip
    with connect(warehouse) as conn, conn.transaction():
        lock_fold(conn, district, Domain.ATTENDANCE)
        say(conn, district, day, **_said(who, why, now))


def release_notice(
    warehouse: str,
    *,
    district: str,
    notice: str,
    day: date,
    who: str,
    why: str,
    now: datetime | None = None,
) -> int:
    """Let a notice go that waits for a person; how many students it is for. Raises DecisionError."""
    with connect(warehouse) as conn, conn.transaction():
        lock_fold(conn, district, Domain.ATTENDANCE)
        return attendance.release(conn, district, notice, day, **_said(who, why, now))


def _said(who: str, why: str, now: datetime | None) -> dict[str, Any]:
    return {"who": who, "why": why, "now": now or datetime.now(UTC)}


def _fresh_at(conn: Connection, run: Run, landing: int) -> datetime:
    """When the landed file was written, as far as is known."""
    known = landing_fresh_at(conn, run.district, run.domain, run.slot, landing)
    if known is not None:
        return known
    return datetime.fromisoformat(read_manifest(run, run.layout, landing).created_at)
