"""A district's configuration: ``include/districts/<id>.yaml``, and the slots its schedules name."""

from rostersync.config.load import (
    RuleLint,
    district_files,
    load_district,
    load_districts,
    sharing_districts,
)
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
from rostersync.config.slots import (
    is_expected,
    is_future,
    last_day,
    read_slot,
    refuse_future,
    slot_of,
    wait_deadline,
    window,
)

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
    "is_future",
    "last_day",
    "load_district",
    "load_districts",
    "read_slot",
    "refuse_future",
    "shard_of",
    "shard_of_file",
    "shards_in_force",
    "shards_needed",
    "sharing_districts",
    "slot_of",
    "wait_deadline",
    "window",
    "write_shards",
]
