"""Runs as tables: one line per district and night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rostersync.ledger.queries import Applied, FutureSlot, RunSummary
from rostersync.ledger.removed import RemovedSlot
from rostersync.ledger.results import Outcome
from rostersync.reporting.words import counted, moves, names_in_load_order, printable


def night_table(rows: Iterable[RunSummary]) -> Group:
    """Runs as two tables, in the order given: their numbers, and what they changed; 80 columns suffice.

    A district's name stands on its first line only.
    """
    numbers = _table(("district", "slot", "outcome"))
    for column in ("files", "records", "loaded", "quarantined", "seconds"):
        numbers.add_column(column, justify="right", no_wrap=True)
    changes = _table(("district", "slot"))
    changes.add_column("changes (+ added, ~ changed, - removed)", overflow="fold")
    last = None
    for row in rows:
        if last is not None and row.district != last:
            numbers.add_row()
            changes.add_row()
        name = row.district if row.district != last else ""
        is_loaded = row.outcome in (Outcome.LOADED, Outcome.IDENTICAL)
        numbers.add_row(
            Text(name),
            row.slot,
            outcome_text(row.outcome),
            f"{row.files:,}",
            f"{row.records:,}",
            f"{row.accepted if is_loaded else 0:,}",
            f"{row.quarantined:,}",
            f"{row.seconds:,.1f}",
        )
        changes.add_row(Text(name), row.slot, _changes(row))
        last = row.district
    return Group(numbers, Text(), changes)


def status_view(
    runs: Sequence[RunSummary],
    folds: Iterable[Applied],
    future: Iterable[FutureSlot] = (),
    removed: Iterable[RemovedSlot] = (),
) -> Group:
    """The newest runs, what the failed ones said, how far each district has come, and what is amiss."""
    parts: list[RenderableType] = [night_table(runs)]
    newest = {(run.district, run.domain, run.slot): run for run in reversed(runs)}
    for run in reversed(newest.values()):
        if run.outcome not in (Outcome.LOADED, Outcome.IDENTICAL) and run.message:
            parts.append(Text(f"{run.district} {run.slot}: {printable(run.message)}"))
    table = _table(())
    for column in ("in the warehouse", "domain", "slots", "from", "to", "landing", "rows"):
        table.add_column(column, overflow="fold")
    for fold in folds:
        rows = ", ".join(f"{n} {fold.rows[n]:,}" for n in names_in_load_order(fold.rows))
        numbers = (f"{fold.slots:,}", fold.first_slot, fold.newest_slot, str(fold.landing))
        table.add_row(fold.district, fold.domain, *numbers, rows)
    ahead = [
        Text(
            f"{one.district} {one.domain} {one.slot} lies in the future: what comes before it changes no"
            " current table (docs/runbooks/wrong-slot.md)",
            "red",
        )
        for one in future
    ]
    out = Counter((one.district, one.domain) for one in removed)
    outside = [
        Text(f"{district} {domain}: {counted(n, 'slot')} taken out (rostersync slots list)")
        for (district, domain), n in out.items()
    ]
    return Group(*parts, Text(), table, *ahead, *outside)


def outcome_text(outcome: str) -> Text:
    """An outcome in the colour of its meaning."""
    known = Outcome(outcome)
    style = "yellow" if known is Outcome.HELD else "green" if known.is_success else "red"
    return Text(outcome, style)


def _table(words: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in words:
        table.add_column(column, no_wrap=True)
    return table


def _changes(row: RunSummary) -> str:
    moved = {name: moves(**row.changes[name]) for name in names_in_load_order(row.changes)}
    return ", ".join(f"{name} {text}" for name, text in moved.items() if text != "0") or "none"
