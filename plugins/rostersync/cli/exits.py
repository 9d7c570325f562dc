"""Exit codes of results; errors are 3, see application.py."""

from __future__ import annotations

from rostersync.archive import FileState
from rostersync.ledger.results import Outcome, RunResult

CLEAN, KEPT_OUT, NOTHING = 0, 1, 2


def exit_code(result: RunResult) -> int:
    """0 loaded or identical, 1 loaded with records kept out or held, 2 nothing loaded.

    A rejected file that is not required counts as records kept out.
    """
    if result.outcome is Outcome.HELD:
        return KEPT_OUT
    if result.outcome in (Outcome.IDENTICAL, Outcome.NOBODY_ABSENT):
        return CLEAN
    if result.outcome not in (Outcome.LOADED, Outcome.CHECKED):
        return NOTHING
    has_rejected = any(f.state is FileState.REJECTED for f in result.files.values())
    return KEPT_OUT if result.quarantined or result.holds or has_rejected else CLEAN
