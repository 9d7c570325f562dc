"""Types of a sync run and its outcome; read queries for the UI and CLI."""

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
    base_of,
    day_of,
    file_result_from_json,
)

__all__ = [
    "DAY_MARK",
    "EMPTY_FINGERPRINT",
    "AppliedSlot",
    "Counts",
    "Creep",
    "EntityDiff",
    "FileResult",
    "FindingSummary",
    "Hold",
    "Known",
    "Measures",
    "Outcome",
    "RunResult",
    "SlotDiff",
    "base_of",
    "day_of",
    "file_result_from_json",
]
