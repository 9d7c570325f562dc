"""The Postgres warehouse: migrations, apply in one transaction, splice, ledger writes."""

from rostersync.warehouse.connection import Connection, connect
from rostersync.warehouse.drift import count_drift, read_current, repair_current
from rostersync.warehouse.migrate import migrate
from rostersync.warehouse.record import (
    RunRow,
    applied_slots,
    foreign_states,
    record_landing,
    record_run,
    unusable_landings,
)
from rostersync.warehouse.splice import ApplyResult, apply_slot, lock_fold, lock_landing

__all__ = [
    "ApplyResult",
    "Connection",
    "RunRow",
    "applied_slots",
    "apply_slot",
    "connect",
    "count_drift",
    "foreign_states",
    "lock_fold",
    "lock_landing",
    "migrate",
    "read_current",
    "record_landing",
    "record_run",
    "repair_current",
    "unusable_landings",
]
