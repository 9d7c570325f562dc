"""The Postgres warehouse: migrations, apply in one transaction, splice."""

from rostersync.warehouse.draft import draft
from rostersync.warehouse.drift import count_drift, read_current, repair_current
from rostersync.warehouse.ledger_copy import (
    FOLD_TABLES,
    LEDGER_TABLES,
    copy_ledger,
    read_index,
    restore_ledger,
)
from rostersync.warehouse.migrate import migrate
from rostersync.warehouse.splice import (
    Again,
    ApplyResult,
    RemoveResult,
    apply_slot,
    lock_fold,
    lock_landing,
    lock_outbox,
    refold,
    remove_slot,
)
from rostersync.warehouse.stream import csv_batches

__all__ = [
    "FOLD_TABLES",
    "LEDGER_TABLES",
    "Again",
    "ApplyResult",
    "RemoveResult",
    "apply_slot",
    "copy_ledger",
    "count_drift",
    "csv_batches",
    "draft",
    "lock_fold",
    "lock_landing",
    "lock_outbox",
    "migrate",
    "read_current",
    "read_index",
    "refold",
    "remove_slot",
    "repair_current",
    "restore_ledger",
]
