"""A run in one line, to quote and to log."""

from __future__ import annotations

from rostersync.archive import UNUSABLE
from rostersync.ledger.results import Outcome, RunResult
from rostersync.reporting.words import counted, in_fix_order, in_load_order, moves


def summary_line(result: RunResult, district: str, slot: str) -> str:
    """``springfield 2026-09-02 loaded: 11,204 records, 3 quarantined; students +21 ~40 -12``.

    Counts and names of files only; safe for logs and alerts.
    """
    return f"{district} {slot} {result.outcome}: {'; '.join(_parts(result))}"


def _parts(result: RunResult) -> list[str]:
    files = in_fix_order(result)
    unusable = [f"{n}.csv {f.state}" for n, f in files if f.state in UNUSABLE]
    if not result.outcome.is_success:
        return [", ".join(unusable) or "nothing loaded"]
    records = sum(f.records or 0 for _, f in files)
    parts = [f"{counted(records, 'record')}, {result.quarantined:,} quarantined"]
    if result.holds:
        parts += [f"{counted(sum(h.count for h in result.holds), 'change')} held"]
    touched = [
        f"{name} {moves(e.added, e.changed, e.removed)}"
        for name, e in in_load_order(result)
        if e.touched
    ]
    if touched:
        parts.append(", ".join(touched))
    elif result.outcome is not Outcome.HELD:
        parts.append("no changes")
    if unusable:
        parts.append(", ".join(unusable))
    if result.recomputed:
        parts.append(f"{counted(len(result.recomputed), 'later slot')} recomputed")
    return parts
