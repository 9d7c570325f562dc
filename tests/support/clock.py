"""A school's clock for tests that run in real time, at any hour of the day."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def zone_at_noon() -> ZoneInfo:
    """A zone where it is between 12:00 and 13:00 now: midnight and the evening's slot are far away."""
    ahead = 12 - datetime.now(UTC).hour
    return ZoneInfo(f"Etc/GMT{-ahead:+d}")  # the sign of these names is the other way round
