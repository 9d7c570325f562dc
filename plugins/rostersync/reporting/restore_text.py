"""A restore for a person at a terminal: rows by entity, against the state before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rostersync.reporting.words import counted, names_in_load_order


class Moved(Protocol):
    """Rows that came back, became as they were, and went."""

    @property
    def added(self) -> int: ...  # noqa: D102
    @property
    def changed(self) -> int: ...  # noqa: D102
    @property
    def removed(self) -> int: ...  # noqa: D102


def restore_view(
    changes: Mapping[str, Moved], where: str, to: str, holds: int, *, dry: bool = False
) -> Group:
    """What moved, and what comes next. ``holds``: slices of the slot that still wait."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("entity", no_wrap=True)
    for kind in ("back", "as it was", "gone"):
        table.add_column(kind, justify="right")
    for name in names_in_load_order(changes):
        moved = changes[name]
        table.add_row(name, *(f"{n:,}" for n in (moved.added, moved.changed, moved.removed)))
    parts: list[RenderableType] = [table, Text()]
    if dry:
        parts.append(Text(f"Dry run: nothing was written. {where} would be as after {to}.", "bold"))
    else:
        parts.append(Text(f"Restored: {where} is as after {to}.", "bold green"))
        parts.append(Text("The next upload is compared with this state."))
    if holds:
        parts.append(Text(f"{counted(holds, 'slice')} still wait (rostersync holds list)."))
    return Group(*parts)
