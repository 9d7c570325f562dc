"""Holds for a person at a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rostersync.ledger import OpenedHold
from rostersync.ledger.holds import slice_from_json
from rostersync.reporting.words import counted, printable

_KINDS = {
    "first_load": "first upload",
    "set": "whole upload",
    "slices": "slices",
}


def holds_view(holds: Sequence[OpenedHold]) -> Group:
    """One line a hold."""
    table = _table("hold", "district", "domain", "slot", "what", "state", "since")
    for hold in holds:
        what = _KINDS[hold.kind]
        if hold.slices:
            what = ", ".join(
                f"{s['entity']} {s['kind']} {s['count']:,}" for s in hold.slices[:3]
            ) + (" ..." if len(hold.slices) > 3 else "")
        table.add_row(
            hold.hold_id[:8],
            hold.district,
            hold.domain,
            hold.slot,
            printable(what),
            hold.state,
            f"{hold.opened_at:%Y-%m-%d %H:%M}",
        )
    return Group(table)


def hold_view(hold: OpenedHold, decisions: Sequence[Mapping[str, Any]]) -> Group:
    """One hold: what waits and why, and who decided what."""
    head = Text(f"Hold {hold.hold_id[:8]}: {hold.district} {hold.domain} {hold.slot}", "bold")
    head.append(f", {hold.state}", "")
    parts: list[RenderableType] = [head]
    if hold.label:
        parts.append(Text(f"It looks like a {hold.label}."))
    if hold.rekeyed:
        schools = ", ".join(f"{printable(s)} {n:,}" for s, n in hold.rekeyed.items())
        parts.append(Text(f"  Known students who seem to have a new id, by school: {schools}"))
    parts += [Text(f"  {printable(reason)}") for reason in hold.reasons]
    if hold.counts:
        total = ", ".join(f"{n} {c:,}" for n, c in hold.counts.items() if c)
        parts.append(Text(f"  What would exist: {total}"))
    if hold.slices:
        table = _table("slice", "why", rows=True)
        for s in hold.slices:
            table.add_row(
                printable(str(slice_from_json(s))),
                printable(str(s["reason"])),
                f"{s['count']:,}",
                f"{s['limit']:,}",
            )
        parts += [Text(), table]
    for d in decisions:
        until = f" until {d['until']}" if d["until"] else ""
        parts.append(
            Text(
                f"{d['decided_at']:%Y-%m-%d %H:%M}  {d['action']}{until}"
                f" ({counted(len(d['slices']), 'slice')}) by {printable(d['decided_by'])}:"
                f" {printable(d['reason'])}"
            )
        )
    return Group(*parts)


def _table(*columns: str, rows: bool = False) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=not rows)
    if rows:
        table.add_column("rows", justify="right")
        table.add_column("limit", justify="right")
    return table
