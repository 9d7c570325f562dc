"""A district's configuration: ``include/districts/<id>.yaml``, and the slots its schedules name."""

from rostersync.config.load import load_district, load_districts
from rostersync.config.model import (
    DistrictConfig,
    EntityLimits,
    FileOverride,
    Limit,
    Notice,
    Window,
)
from rostersync.config.slots import is_expected, slot_of, wait_deadline, window

__all__ = [
    "DistrictConfig",
    "EntityLimits",
    "FileOverride",
    "Limit",
    "Notice",
    "Window",
    "is_expected",
    "load_district",
    "load_districts",
    "slot_of",
    "wait_deadline",
    "window",
]
