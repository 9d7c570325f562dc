"""The order and the words every report shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rostersync.archive import FileState
from rostersync.fold import EntityDiff, FileResult, FindingSummary
from rostersync.ledger.results import Outcome, RunResult
from rostersync.spec import ENTITIES, required_of

SEVERITIES = ("critical", "error", "warning")

_LOAD_ORDER = {name: place for place, name in enumerate(ENTITIES)}
_FIX_ORDER = {
    name: place for place, name in enumerate(dict.fromkeys(e.file for e in ENTITIES.values()))
}
"""Parents first: a school that is put right takes the findings on its students and sections along."""

_ENDINGS = {
    Outcome.LOADED: "Loaded",
    Outcome.CHECKED: "Checked",
    Outcome.IDENTICAL: "Identical: nothing had changed, nothing was written",
    Outcome.NOBODY_ABSENT: "Nobody absent: the file has a header and no event, nothing was changed",
    Outcome.HELD: "Held: the upload waits for a person, nothing was loaded",
    Outcome.NOT_EXPECTED: "Not expected: the district does not send on this day",
    Outcome.NO_SCHOOL: "No school: nothing is due on this day",
    Outcome.REJECTED: "Rejected: nothing was loaded, the last state stands",
    Outcome.MISSING: "Missing: nothing was loaded, the last state stands",
    Outcome.ERROR: "Error: nothing was loaded, the last state stands",
}

_FAULTS = {
    FileState.REJECTED: "Cannot be used",
    FileState.MISSING: "Missing",
    FileState.EMPTY: "Empty",
    FileState.HEADER_ONLY: "Without a record",
}


def in_fix_order(result: RunResult) -> list[tuple[str, FileResult]]:
    """The files, those first whose mistakes cause others' findings."""
    return sorted(result.files.items(), key=lambda f: _FIX_ORDER.get(f[0], len(_FIX_ORDER)))


def in_load_order(result: RunResult) -> list[tuple[str, EntityDiff]]:
    """The entities, parents before their children."""
    return sorted(result.changes.items(), key=lambda e: _LOAD_ORDER.get(e[0], len(_LOAD_ORDER)))


def names_in_load_order(entities: Iterable[str]) -> list[str]:
    """Entity names, parents before their children."""
    return sorted(entities, key=lambda name: _LOAD_ORDER.get(name, len(_LOAD_ORDER)))


def findings_of(result: RunResult) -> Iterator[tuple[str, FindingSummary]]:
    """Every finding with its file, in the order in which a district had best fix them."""
    for name, file in in_fix_order(result):
        for finding in sorted(
            file.findings, key=lambda f: (SEVERITIES.index(f.severity), -f.count, f.rule)
        ):
            yield name, finding


def ending(result: RunResult) -> str:
    """The outcome in words, one sentence without its full stop."""
    text = _ENDINGS[result.outcome]
    if result.outcome is Outcome.LOADED and result.quarantined:
        text += f", {counted(result.quarantined, 'record')} quarantined"
    if result.outcome is Outcome.LOADED and result.holds:
        text += f"; {counted(len(result.holds), 'slice')} of changes held (rostersync holds list)"
    if result.recomputed:
        text += f"; {counted(len(result.recomputed), 'later slot')} recomputed"
    return text


def faults(result: RunResult) -> str:
    """Which files stop a checked upload; the run's own message when none does."""
    if all(f.state is FileState.MISSING for f in result.files.values()):
        return result.message  # it says what lies in the folder instead
    parts = []
    # a folder of terms.csv or attendance.csv alone has nothing else that could stop it
    asked = required_of(result.files)
    for state, words in _FAULTS.items():
        names = [f"{n}.csv" for n, f in in_fix_order(result) if f.state is state and n in asked]
        if names:
            parts.append(f"{words}: {', '.join(names)}.")
    return " ".join(parts) or result.message


def left_out(result: RunResult) -> list[str]:
    """What an upload that can be loaded would be loaded without: files that are rejected, records."""
    without = [f"{n}.csv" for n, f in in_fix_order(result) if f.state is FileState.REJECTED]
    return without + ([counted(result.quarantined, "record")] if result.quarantined else [])


def moves(added: int, changed: int, removed: int) -> str:
    """``+21 ~40 -12``: added, changed, removed; ``0`` when nothing moved."""
    parts = [f"{sign}{n:,}" for sign, n in (("+", added), ("~", changed), ("-", removed)) if n]
    return " ".join(parts) or "0"


def counted(number: int, noun: str) -> str:
    """``1 record``, ``2,004 records``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def lines_of(finding: FindingSummary, most: int = 8) -> str:
    """The first source lines a finding is on: ``lines 5, 9, 12 ...``; empty when it is on none."""
    if not finding.lines:
        return ""
    shown = ", ".join(str(n) for n in finding.lines[:most])
    more = " ..." if finding.count > min(most, len(finding.lines)) else ""
    return f"line{'s' if len(finding.lines) > 1 or more else ''} {shown}{more}"


def printable(text: str) -> str:
    """Text that came from a file, safe for a terminal: no control character reaches it."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)
