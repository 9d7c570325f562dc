"""What the marker file in a district's outbox is called, and says."""

from __future__ import annotations

from rostersync.ledger import Outcome, RunResult
from rostersync.reporting.words import left_out

_SEE = "Open summary.html for what was found, errors.csv for every line."


def marker_of(result: RunResult) -> tuple[str, str] | None:
    """(ACCEPTED, HELD or REJECTED, a sentence); None where nothing of the district's was judged."""
    if result.outcome is Outcome.REJECTED:
        return "REJECTED", f"Nothing of this upload was loaded; everything stays as it was. {_SEE}"
    if result.outcome is Outcome.MISSING:
        return "REJECTED", f"No complete upload came; everything stays as it was. {_SEE}"
    if result.outcome is Outcome.HELD:
        return (
            "HELD",
            f"Nothing of this upload is loaded yet: a person looks at it first and may call you. {_SEE}",
        )
    if result.outcome not in (Outcome.LOADED, Outcome.IDENTICAL, Outcome.NOBODY_ABSENT):
        return None
    if result.holds:
        return (
            "HELD",
            "The upload was loaded, but for changes that are larger than usual: a person looks at them"
            f" first and may call you. {_SEE}",
        )
    without = left_out(result)
    but = f", without {' and '.join(without)}" if without else ""
    return "ACCEPTED", f"The upload was loaded{but}. {_SEE}"
