"""Notices: which are due when, what is written of them, and what a person says about them."""

from rostersync.attendance.calendar import Due, dues_of, dues_of_slot, is_school_day
from rostersync.attendance.decisions import (
    is_skipped,
    is_stopped,
    release,
    resume,
    skip,
    stop,
    unskip,
)
from rostersync.attendance.due import (
    DEADLINE,
    EVENING,
    past_deadline,
    slot_started_at,
    start_crons,
    start_times,
    taken_from,
    usable_from,
    wait_until,
)
from rostersync.attendance.notices import (
    LoadedFile,
    NewestFile,
    notice_days,
    take_back,
    usual_reach,
    write_notices,
)

__all__ = [
    "DEADLINE",
    "EVENING",
    "Due",
    "LoadedFile",
    "NewestFile",
    "dues_of",
    "dues_of_slot",
    "is_school_day",
    "is_skipped",
    "is_stopped",
    "notice_days",
    "past_deadline",
    "release",
    "resume",
    "skip",
    "slot_started_at",
    "start_crons",
    "start_times",
    "stop",
    "take_back",
    "taken_from",
    "unskip",
    "usable_from",
    "usual_reach",
    "wait_until",
    "write_notices",
]
