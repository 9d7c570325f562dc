"""The Postgres warehouse: migrations, apply in one transaction, splice, ledger writes."""

from rostersync.warehouse.connection import Connection, connect
from rostersync.warehouse.drift import count_drift, read_current, repair_current
from rostersync.warehouse.holds import (
    approved_slots,
    close_hold,
    decisions,
    find_holds,
    open_hold,
    record_decision,
    record_restore,
    supersede,
)
from rostersync.warehouse.migrate import migrate
from rostersync.warehouse.record import (
    RunRow,
    applied_slots,
    foreign_states,
    landing_fresh_at,
    record_landing,
    record_run,
    unusable_landings,
)
from rostersync.warehouse.splice import ApplyResult, apply_slot, lock_fold, lock_landing
from rostersync.warehouse.stream import csv_batches

__all__ = [
    "ApplyResult",
    "Connection",
    "RunRow",
    "applied_slots",
    "apply_slot",
    "approved_slots",
    "close_hold",
    "connect",
    "count_drift",
    "csv_batches",
    "decisions",
    "find_holds",
    "foreign_states",
    "landing_fresh_at",
    "lock_fold",
    "lock_landing",
    "migrate",
    "open_hold",
    "read_current",
    "record_decision",
    "record_landing",
    "record_restore",
    "record_run",
    "repair_current",
    "supersede",
    "unusable_landings",
]
