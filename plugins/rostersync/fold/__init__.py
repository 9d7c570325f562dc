"""The values of the fold: slots and their diffs, slices and what is settled of them, measures."""

from rostersync.fold.files import NOTHING, FileResult, FindingSummary
from rostersync.fold.fold import DiffRequest, Fold
from rostersync.fold.measures import Counts, Creep, Known, Measures
from rostersync.fold.restored import EVERYWHERE, Restored, add_up, restored_name
from rostersync.fold.slices import (
    DISTRICT,
    GONE,
    REKEY,
    REUSED,
    HeldSlice,
    Judgement,
    Settled,
    Slice,
    Trip,
    bundles_of,
    is_only_tied,
    slice_name,
    trade_scopes,
)
from rostersync.fold.slots import (
    DAY_MARK,
    EMPTY_FINGERPRINT,
    AppliedSlot,
    EntityDiff,
    SlotDiff,
    base_before,
    base_of,
    day_of,
)

__all__ = [
    "DAY_MARK",
    "DISTRICT",
    "EMPTY_FINGERPRINT",
    "EVERYWHERE",
    "GONE",
    "NOTHING",
    "REKEY",
    "REUSED",
    "AppliedSlot",
    "Counts",
    "Creep",
    "DiffRequest",
    "EntityDiff",
    "FileResult",
    "FindingSummary",
    "Fold",
    "HeldSlice",
    "Judgement",
    "Known",
    "Measures",
    "Restored",
    "Settled",
    "Slice",
    "SlotDiff",
    "Trip",
    "add_up",
    "base_before",
    "base_of",
    "bundles_of",
    "day_of",
    "is_only_tied",
    "restored_name",
    "slice_name",
    "trade_scopes",
]
