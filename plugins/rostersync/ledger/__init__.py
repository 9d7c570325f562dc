"""Types of a sync run and its outcome; read queries for the UI and CLI."""

from rostersync.ledger.holds import HeldSlice, Judgement, OpenedHold, Settled, Slice, Trip
from rostersync.ledger.measures import Counts, Creep, Known, Measures
from rostersync.ledger.model import (
    DAY_MARK,
    EMPTY_FINGERPRINT,
    AppliedSlot,
    EntityDiff,
    FileResult,
    FindingSummary,
    Hold,
    Outcome,
    RunResult,
    SlotDiff,
    base_before,
    base_of,
    day_of,
    file_result_from_json,
    state_after,
)
from rostersync.ledger.notices import NoticeDay
from rostersync.ledger.restored import EVERYWHERE, Restored, add_up

__all__ = [
    "DAY_MARK",
    "EMPTY_FINGERPRINT",
    "EVERYWHERE",
    "AppliedSlot",
    "Counts",
    "Creep",
    "EntityDiff",
    "FileResult",
    "FindingSummary",
    "HeldSlice",
    "Hold",
    "Judgement",
    "Known",
    "Measures",
    "NoticeDay",
    "OpenedHold",
    "Outcome",
    "Restored",
    "RunResult",
    "Settled",
    "Slice",
    "SlotDiff",
    "Trip",
    "add_up",
    "base_before",
    "base_of",
    "day_of",
    "file_result_from_json",
    "state_after",
]
