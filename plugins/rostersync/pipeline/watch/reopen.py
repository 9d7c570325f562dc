"""Slots that ended before their wait did: a newer upload may still correct them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rostersync.attendance import dues_of, wait_until
from rostersync.config import DistrictConfig, slot_of, wait_deadline
from rostersync.engine.postgres import connect
from rostersync.ledger.queries import ended_slots
from rostersync.spec import Domain


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A slot that has ended although its upload may still change.

    ``airflow_run_id``: of the run to open again; None when Airflow never ran the slot.
    """

    cfg: DistrictConfig
    domain: Domain
    slot: str
    airflow_run_id: str | None


def open_slots(
    cfgs: Iterable[DistrictConfig],
    *,
    warehouse: str,
    domain: Domain = Domain.CORE,
    now: datetime | None = None,
) -> list[OpenSlot]:
    """The slots of ``now`` (aware) that have ended: loaded, held, rejected or failed.

    Raises WarehouseUnavailableError.
    """
    now = now or datetime.now(UTC)
    by_id = {cfg.id: cfg for cfg in cfgs}
    waiting = [(cfg.id, slot) for cfg in by_id.values() for slot in _waiting(cfg, domain, now)]
    with connect(warehouse) as conn:
        ended = ended_slots(conn, domain, waiting)
    return [OpenSlot(by_id[name], domain, slot, run_id) for name, slot, run_id in ended]


def _waiting(cfg: DistrictConfig, domain: Domain, now: datetime) -> Iterator[str]:
    """The slots whose wait goes on."""
    today = now.astimezone(cfg.zone).date()
    if domain is Domain.CORE:
        yield slot_of(domain, params_slot=None, logical_date=None, run_after=now, cfg=cfg)
    elif domain is Domain.TERMS:
        for day in (today - timedelta(days=1), today):
            if now < wait_deadline(cfg, domain, day.isoformat()):
                yield day.isoformat()
    else:
        dues = [due for n in (-1, 0, 1) for due in dues_of(cfg, today + timedelta(days=n))]
        for slot in dict.fromkeys(due.slot for due in dues if due.starts_at <= now):
            if now < wait_until(cfg, slot):
                yield slot
