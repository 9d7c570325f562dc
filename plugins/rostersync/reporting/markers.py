"""What the marker file in a district's outbox is called, and says."""

from __future__ import annotations

from datetime import date

from rostersync.ledger.results import Outcome, RunResult
from rostersync.reporting.words import counted, left_out
from rostersync.spec import Domain

_DOMAINS = {Domain.CORE: "Upload", Domain.TERMS: "Terms", Domain.ATTENDANCE: "Attendance"}
_SEE = "Open summary.html for what was found, errors.csv for every line."


def upload_name(domain: Domain, slot: str) -> str:
    """What the page calls a slot: ``Upload of 1 September 2026``, with the time of a notice."""
    day, _, time = slot.partition("T")
    when = date.fromisoformat(day)
    return f"{_DOMAINS[domain]} of {when.day} {when:%B %Y}" + (f", {time}" if time else "")


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
    kept = sum(e.held for e in result.changes.values())
    if kept:  # nothing waits: a person looked at them
        changes = counted(kept, "change")
        return (
            "ACCEPTED",
            f"The upload was loaded, but for {changes} that a person decided against. {_SEE}",
        )
    without = left_out(result)
    but = f", without {' and '.join(without)}" if without else ""
    return "ACCEPTED", f"The upload was loaded{but}. {_SEE}"
