"""A day's notices at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rostersync.ledger.notices import NoticeDay
from rostersync.reporting.words import printable

_COUNTS = ("pending", "told", "unreachable", "held", "withdrawn", "expired")


def notices_view(days: Sequence[NoticeDay]) -> Group:
    """One line a notice; below it why one is held."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("district", "notice", "for", "file of (UTC)"):
        table.add_column(column, no_wrap=True)
    for column in _COUNTS:
        table.add_column(column, justify="right")
    parts: list[RenderableType] = [table]
    for day in days:
        written = f"{day.file_at:%H:%M:%S}" if day.file_at else "none of the day"
        counts = [f"{getattr(day, name):,}" for name in _COUNTS]
        table.add_row(day.district, day.notice, day.slot, written, *counts)
        if day.hold_reason and day.lapses_at:
            reason = printable(day.hold_reason)
            until = f"{day.lapses_at:%Y-%m-%d %H:%M} UTC"
            parts.append(Text(f"{day.district} {day.notice} waits until {until}: {reason}"))
    return Group(*parts)
