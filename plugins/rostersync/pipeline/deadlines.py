"""The deadline of a notice's file: who is silent shortly before families should hear, and who is told.

Looks at the ledger, never at how Airflow's runs ended: a run that was backfilled, repeated or killed says
nothing of what families can be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from rostersync import attendance
from rostersync.archive import Archive, Layout, landing_numbers
from rostersync.attendance import Due
from rostersync.config import DistrictConfig
from rostersync.engine import render_sql
from rostersync.ledger.alerts import Alert, raise_alert
from rostersync.reporting.alerts import missing_attendance, silent_fleet
from rostersync.spec import Domain
from rostersync.warehouse import Connection, connect

FLEET_PERCENT = 30
"""When more of the districts are silent than this, the cause is not each of theirs."""
FLEET_DISTRICTS = 3
"""Fewer silent districts are told one by one, however small the fleet is."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A district's notices that have no file; ``found``: what the last run of theirs said."""

    cfg: DistrictConfig
    dues: tuple[Due, ...]
    found: str

    @property
    def slots(self) -> list[str]:
        """The slots they are told from; one, but where schools have clocks of their own."""
        return list(dict.fromkeys(due.slot for due in self.dues))


def tell_if_silent(
    cfg: DistrictConfig,
    fleet: Callable[[], Iterable[DistrictConfig]],
    *,
    archive: str,
    warehouse: str,
    is_arriving: Callable[[str], bool] = lambda slot: False,
    now: datetime | None = None,
) -> Alert | None:
    """Raise the alert that a district's attendance is missing, or that the fleet's is; None: neither.

    Nobody is told while a landing of it is being loaded or ``is_arriving``; nor twice a day about one
    district, nor about a district while the fleet is silent.

    Args:
        cfg: the district whose deadline has come.
        fleet: the districts with attendance on; asked only when this one is silent.
        archive: URL.
        warehouse: URL.
        is_arriving: whether the district's server holds a file for a slot that is not landed yet.
        now: aware.

    Raises WarehouseUnavailableError, ArchiveError.
    """
    now = now or datetime.now(UTC)
    store = Archive(archive)
    with connect(warehouse) as conn:
        silence = _silence(conn, store, cfg, now)
        if silence is None or any(is_arriving(slot) for slot in silence.slots):
            return None
        due = [other for other in fleet() if attendance.past_deadline(other, now)]
        silent = [o.id for o in due if o.id == cfg.id or _silence(conn, store, o, now)]
        if len(silent) >= FLEET_DISTRICTS and len(silent) * 100 > FLEET_PERCENT * len(due):
            alert = silent_fleet(now.date(), sorted(silent), len(due))
        else:
            alert = _alert(silence)
        return alert if raise_alert(conn, alert, now) else None


def _silence(
    conn: Connection, archive: Archive, cfg: DistrictConfig, now: datetime
) -> Silence | None:
    """The district's notices that should have a file by now and have none, nor one on its way."""
    dues = [due for due in attendance.past_deadline(cfg, now) if not _is_told(conn, cfg, due, now)]
    found = []
    for slot in dict.fromkeys(due.slot for due in dues):
        landed = landing_numbers(archive, Layout(cfg.id, Domain.ATTENDANCE, slot))
        values = {"district": cfg.id, "domain": str(Domain.ATTENDANCE), "slot": slot}
        row = conn.execute(render_sql("reports/last_run_of_slot.sql"), values).fetchone()
        outcome, message, ended = row or ("", "", None)
        if landed and landed[-1] > (ended or 0):
            dues = [due for due in dues if due.slot != slot]  # it is being loaded
        elif outcome:
            found.append(f"{outcome}. {message}".strip())
    return Silence(cfg, tuple(dues), " ".join(found)) if dues else None


def _is_told(conn: Connection, cfg: DistrictConfig, due: Due, now: datetime) -> bool:
    """The notice has its file, or nobody waits for one."""
    if attendance.is_skipped(conn, cfg.id, due.date):
        return True
    days = attendance.notice_days(conn, district=cfg.id, day=due.date, now=now)
    return any((d.notice, d.slot) == (due.notice, due.slot) for d in days)


def _alert(silence: Silence) -> Alert:
    due = silence.dues[0]
    times = {d.notice: d.slot[11:] for d in silence.dues}
    return missing_attendance(silence.cfg.id, silence.cfg.name, due.date, times, silence.found)
