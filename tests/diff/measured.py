"""Uploads that are measured, and the measures of a night."""

from __future__ import annotations

from typing import Any

from rostersync.diff import compute_diff
from rostersync.fold import Counts, Measures, SlotDiff
from tests.support.landings import (
    AnyRule,
    Row,
    Upload,
    school,
    small_upload,
    student,
    write_upload,
)
from tests.support.nights import Nights

TWO = [school("1"), school("2")]


def pupils(number: int, school_id: str = "1", **values: Any) -> list[Row]:
    return [student(f"{school_id}-{i}", school_id, **values) for i in range(number)]


def measured(diff: SlotDiff) -> Measures:
    assert diff.measures is not None
    return diff.measures


def counts(diff: SlotDiff, entity: str) -> dict[str, Counts]:
    """By school, of those with anything to tell."""
    return measured(diff).rows[entity]


def again(nights: Nights, upload: Upload | None = None, **given: Any) -> SlotDiff:
    """The newest night's diff, computed once more. ``upload``: what it was of, if not a small one."""
    diff = nights.diffs[-1]
    layout = nights.layout(diff.slot)
    return compute_diff(
        nights.archive,
        layout,
        landing=1,
        pin="pin",
        files=write_upload(nights.archive, layout.check(1, "pin"), upload or small_upload()),
        findings=f"{layout.check(1, 'pin')}/findings.parquet",
        previous=nights.diffs[-2].fingerprints if len(nights.diffs) > 1 else {},
        rules=AnyRule(),
        **given,
    )
