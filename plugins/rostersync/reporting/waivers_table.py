"""Waivers for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rich.table import Table

from rostersync.ledger.waivers import Waiver
from rostersync.reporting.words import printable


def waivers_view(found: Sequence[Waiver], today: date) -> Table:
    """One line a waiver."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("district", "rule", "until", "status", "by"):
        table.add_column(column, no_wrap=True)
    table.add_column("why")
    for w in found:
        by, why = printable(w.who), printable(w.why)
        table.add_row(w.district, printable(w.rule), str(w.until), w.status(today), by, why)
    return table
