"""The slots of a warehouse for a person at a terminal, and what it did that one was taken out or put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rostersync.ledger.removed import ListedSlot, RemovedSlot
from rostersync.reporting.words import counted, names_in_load_order, printable


class Decided(Protocol):
    """A slot that was taken out or put back (``outcome`` removed or restored), and what that moved."""

    @property
    def outcome(self) -> str: ...  # noqa: D102
    @property
    def district(self) -> str: ...  # noqa: D102
    @property
    def domain(self) -> str: ...  # noqa: D102
    @property
    def slot(self) -> str: ...  # noqa: D102
    @property
    def newest(self) -> str | None: ...  # noqa: D102
    @property
    def changes(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def recomputed(self) -> Sequence[str]: ...  # noqa: D102
    @property
    def holds(self) -> Sequence[Any]: ...  # noqa: D102


def slots_view(listed: Sequence[ListedSlot], removed: Sequence[RemovedSlot]) -> Group:
    """The newest slots, newest first, and all that are taken out."""
    table = _table("slot")
    for column in ("landing", "added", "changed", "removed", "held"):
        table.add_column(column, justify="right")
    table.add_column("applied", no_wrap=True)
    for one in listed:
        numbers = (one.landing, one.added, one.changed, one.removed, one.held)
        applied = f"{one.applied_at:%Y-%m-%d %H:%M} UTC"
        table.add_row(one.slot, *(f"{n:,}" for n in numbers), applied)
    out = [
        Text(
            f"{one.slot} is taken out (landing {one.landing}):"
            f" {one.at:%Y-%m-%d %H:%M} UTC by {printable(one.who)}: {printable(one.why)}"
        )
        for one in removed
    ]
    return Group(table, *([Text(), *out] if out else []))


def decided_view(result: Decided, *, dry: bool = False) -> Group:
    """What moved in the current tables, which slots were computed anew, and what comes next."""
    table = _table("entity")
    for column in ("added", "changed", "removed"):
        table.add_column(column, justify="right")
    for name in names_in_load_order(result.changes):
        moved = result.changes[name]
        table.add_row(name, *(f"{n:,}" for n in (moved.added, moved.changed, moved.removed)))
    parts: list[RenderableType] = [table, Text()] if result.changes else []
    where = f"{result.district} {result.domain} {result.slot}"
    is_out = result.outcome == "removed"
    if dry:
        parts.append(Text(f"Dry run: {where} would be {_OUT if is_out else _BACK}.", "bold"))
    else:
        parts.append(Text(f"{where} is {_OUT if is_out else _BACK}.", "bold green"))
    newest = f"The newest slot is {result.newest}" if result.newest else "No slot is left"
    anew = f"; {counted(len(result.recomputed), 'later slot')} computed anew"
    parts.append(Text(newest + (anew if result.recomputed else "") + "."))
    if is_out and not dry:
        parts.append(Text("Nothing is synced for the slot until: rostersync slots restore."))
    if result.holds:
        waiting = counted(len(result.holds), "slice")
        parts.append(Text(f"{waiting} of the newest slot wait (rostersync holds list)."))
    return Group(*parts)


_OUT, _BACK = "taken out of the warehouse", "back in the warehouse"


def _table(first: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(first, no_wrap=True)
    return table
