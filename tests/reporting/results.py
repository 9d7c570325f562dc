"""Results of runs, as the pipeline would return them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from rostersync.archive import FileState
from rostersync.fold import EntityDiff, FileResult, FindingSummary
from rostersync.ledger.results import Outcome, RunResult
from rostersync.ledger.waivers import Waiver


def finding(rule: str, severity: str = "error", count: int = 1, **more: object) -> FindingSummary:
    return FindingSummary(rule, severity, None, count, **more)  # type: ignore[arg-type]


def entity(added: int = 0, changed: int = 0, removed: int = 0, **more: int) -> EntityDiff:
    return EntityDiff("0" * 32, 100, added, changed, removed, **more)


def accepted(records: int, *findings: FindingSummary, quarantined: int = 0) -> FileResult:
    kept = records - quarantined
    return FileResult(FileState.ACCEPTED, records, kept, quarantined, findings=findings)


def waiver(rule: str, until: date) -> Waiver:
    why = "vendor ticket 1182\nasked twice"
    return Waiver(
        "springfield", rule, until, "Pat Testadmin", why, datetime(2026, 9, 1, tzinfo=UTC)
    )


def loaded_night() -> RunResult:
    """A night with findings in three files; files and entities in an order of their own."""
    return RunResult(
        Outcome.LOADED,
        files={
            "rosters": accepted(
                9_000, finding("rosters.student_id.known", count=2, lines=(7, 9)), quarantined=2
            ),
            "students": accepted(
                2_004,
                finding("students.email.shared", "warning", count=30, lines=tuple(range(2, 22))),
                finding("students.grade_level.known", lines=(5,), message="Use -4 to 12."),
                quarantined=1,
            ),
            "schools": accepted(4, finding("schools.zip.present", "warning", lines=(3,))),
        },
        changes={
            "rosters": entity(added=60, removed=31),
            "students": entity(added=21, changed=40, removed=12, unchanged=1_930, carried=1),
            "schools": entity(unchanged=4),
        },
    )


def rejected_night() -> RunResult:
    return RunResult(
        Outcome.REJECTED,
        files={
            "schools": accepted(4),
            "students": FileResult(
                FileState.REJECTED,
                2_000,
                rejected=2_000,
                findings=(finding("file.header.missing", "critical", message="No last_name."),),
            ),
            "staff": FileResult(FileState.MISSING),
            "parents": FileResult(FileState.EMPTY, 0),
        },
        message="A required file cannot be used.",
    )
