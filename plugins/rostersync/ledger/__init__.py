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

__all__ = [
    "DAY_MARK",
    "EMPTY_FINGERPRINT",
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
    "RunResult",
    "Settled",
    "Slice",
    "SlotDiff",
    "Trip",
    "base_before",
    "base_of",
    "day_of",
    "file_result_from_json",
    "state_after",
]
