"""What of a file of events no family can hear of: codes not listed, periods no notice tells, p0 unsaid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rostersync.diff.resolve.resolution import Resolution
from rostersync.fold import FindingSummary
from rostersync.spec import ALL_DAY, File

_MOST_CODES = 10
_UNHEARD, _P0_UNSAID = "attendance.period.unheard", "attendance.period.p0_unsaid"


def note_unlisted(work: Resolution, file: File) -> None:
    """Codes that are not in the district's list; on top those that only lack their case."""
    near = work.codes.notifying or work.codes.listed
    work.session.run(
        "duckdb/resolve/unlisted_codes.sql",
        {"codes": list(work.codes.listed), "near": list(near)},
    )
    for rule, is_near in (("attendance.code.case", True), ("attendance.code.known", False)):
        found = work.session.run(
            "duckdb/resolve/most_unlisted.sql", is_near=is_near, most=_MOST_CODES
        )
        if not found:
            continue
        if not work.codes.listed:
            _name_all(work, file, rule, found)
            continue
        work.note(file, rule, "unlisted_lines", is_near=is_near)
        given = work.files[file.name]
        values = {**given.values, rule: f"Sent: {_listed_codes(found)}"}
        work.files[file.name] = replace(given, values=values)


def _name_all(work: Resolution, file: File, rule: str, found: Sequence[tuple[Any, ...]]) -> None:
    """A district without a list is told its codes, not every event that has one."""
    text, given = work.texts[rule], work.files[file.name]
    seen = FindingSummary(
        rule,
        text.severity,
        text.column,
        found[0][2],
        message="The district's configuration lists no codes yet: until then nothing is notified.",
        values=f"Sent: {_listed_codes(found)}",
    )
    work.files[file.name] = replace(given, findings=(*given.findings, seen))


def _listed_codes(found: Sequence[tuple[Any, ...]]) -> str:
    shown = ", ".join(f'"{code}" ({count:,})' for code, count, _ in found)
    more = found[0][2] - len(found)
    return shown + (f" and {more} more" if more else "")


def note_unheard(work: Resolution, file: File) -> None:
    """Notices of whose periods the file has none, while it has others; p0 before anybody said what it is."""
    if not work.codes.knows_p0:
        work.note(file, _P0_UNSAID, "p0_lines", all_day=ALL_DAY)
    if not work.codes.notices:
        return
    sent = work.session.run(
        "duckdb/resolve/periods_sent.sql", {"day": work.codes.day}, file=file, wide=file.wide
    )
    missed = []
    for notice in work.codes.notices:
        found: Counter[str] = Counter()
        for school, period, count in sent:
            if notice.schools is None or school in notice.schools:
                found[period] += count
        if found and not found.keys() & set(notice.periods):
            missed.append((notice, found))
    if not missed:
        return
    text, given = work.texts[_UNHEARD], work.files[file.name]
    seen = FindingSummary(
        _UNHEARD,
        text.severity,
        text.column,
        max(found.total() for _, found in missed),
        message=text.message,
        values=" ".join(
            f"Notice {notice.notice} tells {_listed(notice.periods)}; the file has"
            f" {_listed(sorted(found))}."
            for notice, found in missed
        ),
    )
    work.files[file.name] = replace(given, findings=(*given.findings, seen))


def _listed(periods: Sequence[str]) -> str:
    shown = ", ".join(f'"{period[:40]}"' for period in periods[:_MOST_CODES])
    more = len(periods) - _MOST_CODES
    return shown + (f" and {more} more" if more > 0 else "")
