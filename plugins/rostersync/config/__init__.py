"""A district's configuration: ``include/districts/<id>.yaml``, and the slots its schedules name."""

from rostersync.config.load import RuleLint, district_files, load_district, load_districts
from rostersync.config.model import (
    DistrictConfig,
    EntityLimits,
    FileOverride,
    Limit,
    Notice,
    Window,
)
from rostersync.config.shards import (
    districts_per_shard,
    shard_of,
    shard_of_file,
    shards_in_force,
    shards_needed,
    write_shards,
)
from rostersync.config.slots import is_expected, slot_of, wait_deadline, window

__all__ = [
    "DistrictConfig",
    "EntityLimits",
    "FileOverride",
    "Limit",
    "Notice",
    "RuleLint",
    "Window",
    "district_files",
    "districts_per_shard",
    "is_expected",
    "load_district",
    "load_districts",
    "shard_of",
    "shard_of_file",
    "shards_in_force",
    "shards_needed",
    "slot_of",
    "wait_deadline",
    "window",
    "write_shards",
]
