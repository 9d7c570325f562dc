"""Slots that ended before their wait did: a newer upload may still correct them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from rostersync.config import DistrictConfig, slot_of
from rostersync.ledger.queries import ended_slots
from rostersync.spec import Domain
from rostersync.warehouse import connect


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A night that has ended although its upload may still change.

    ``airflow_run_id``: of the run to open again; None when Airflow never ran the slot.
    """

    cfg: DistrictConfig
    slot: str
    airflow_run_id: str | None


def open_slots(
    cfgs: Iterable[DistrictConfig], *, warehouse: str, now: datetime | None = None
) -> list[OpenSlot]:
    """The nights of ``now`` (aware) that have ended: loaded, held, rejected or failed.

    Raises WarehouseUnavailableError.
    """
    now = now or datetime.now(UTC)
    by_id = {cfg.id: cfg for cfg in cfgs}
    waiting = {
        cfg.id: slot_of(Domain.CORE, params_slot=None, logical_date=None, run_after=now, cfg=cfg)
        for cfg in by_id.values()
    }
    with connect(warehouse) as conn:
        ended = ended_slots(conn, Domain.CORE, waiting)
    return [OpenSlot(by_id[name], slot, run_id) for name, (slot, run_id) in ended.items()]
