"""Attendance codes that are not in the district's list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from rostersync.diff.resolve.resolution import Resolution
from rostersync.fold import FindingSummary
from rostersync.spec import File

_MOST_CODES = 10


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
