"""Why a row is carried, and why changes wait: one name each, kept in the archive and the ledger."""

from __future__ import annotations

from enum import StrEnum


class Carried(StrEnum):
    """Why a row keeps its last good version in a slot."""

    FROZEN = "frozen"
    FROZEN_UNIDENTIFIED = "frozen_unidentified"
    HELD = "held"
    OUT_OF_SCOPE = "out_of_scope"
    FILE_MISSING = "file_missing"
    FILE_STALE = "file_stale"
    FILE_REJECTED = "file_rejected"


class Waits(StrEnum):
    """Why a slice is held. After BLANK_COLUMN and a colon follow the columns."""

    OVER_LIMIT = "over_limit"
    OVER_WEEK = "over_week"
    WAITS_WITH = "waits_with"
    TIED = "tied"
    ADDS_ONLY = "adds_only"
    BLANK_COLUMN = "blank_column"
    SCHOOL_GONE = "school_gone"
    NO_STUDENTS = "no_students"
    POSSIBLE_REUSE = "possible_reuse"
    DAMAGED_IDS = "damaged_ids"
