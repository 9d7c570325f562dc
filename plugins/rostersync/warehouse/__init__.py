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
from rostersync.warehouse.ledger_copy import (
    FOLD_TABLES,
    LEDGER_TABLES,
    copy_ledger,
    read_index,
    restore_ledger,
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
from rostersync.warehouse.splice import (
    ApplyResult,
    apply_slot,
    lock_fold,
    lock_landing,
    lock_outbox,
    refold,
)
from rostersync.warehouse.stream import csv_batches

__all__ = [
    "FOLD_TABLES",
    "LEDGER_TABLES",
    "ApplyResult",
    "Connection",
    "RunRow",
    "applied_slots",
    "apply_slot",
    "approved_slots",
    "close_hold",
    "connect",
    "copy_ledger",
    "count_drift",
    "csv_batches",
    "decisions",
    "find_holds",
    "foreign_states",
    "landing_fresh_at",
    "lock_fold",
    "lock_landing",
    "lock_outbox",
    "migrate",
    "open_hold",
    "read_current",
    "read_index",
    "record_decision",
    "record_landing",
    "record_restore",
    "record_run",
    "refold",
    "repair_current",
    "restore_ledger",
    "supersede",
    "unusable_landings",
]
