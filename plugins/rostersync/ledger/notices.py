"""What became of a day's notices, in numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date as Day
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """One notice of one district's day; counts of students.

    ``file_at``: when the file it was written from was; None: no file of the day yet. ``hold_reason``: why it
    waits for a person, until ``lapses_at``; ``held_at``: since when the newest of its holds does.
    """

    district: str
    notice: str
    date: Day
    slot: str
    send_after: datetime
    file_at: datetime | None
    pending: int
    told: int
    unreachable: int
    held: int
    withdrawn: int
    expired: int
    hold_reason: str | None
    lapses_at: datetime | None
    held_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Dates and times as ISO text."""
        return {k: v.isoformat() if isinstance(v, Day) else v for k, v in asdict(self).items()}
