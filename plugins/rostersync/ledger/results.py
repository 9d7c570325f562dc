"""How a run ended, and what it reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from rostersync.archive import NotTaken, Why, read_not_taken
from rostersync.fold import NOTHING, EntityDiff, FileResult, FindingSummary
from rostersync.ledger.notices import NoticeDay
from rostersync.ledger.waivers import Waiver


class Outcome(StrEnum):
    """How a run ended: success, or one of the last three. ``checked`` is a check's, not a night's."""

    LOADED = "loaded"
    CHECKED = "checked"
    IDENTICAL = "identical"
    NOBODY_ABSENT = "nobody_absent"
    HELD = "held"
    NOT_EXPECTED = "not_expected"
    NO_SCHOOL = "no_school"
    REJECTED = "rejected"
    MISSING = "missing"
    ERROR = "error"

    @property
    def is_success(self) -> bool:
        """True when the run ends green."""
        return self not in {self.REJECTED, self.MISSING, self.ERROR}


@dataclass(frozen=True, slots=True)
class Hold:
    """Changes that wait for a person. ``scope``: district or a school's id.

    ``school``: its id, None of the district. ``bundle``: slices of one number are decided as one; None of a
    whole upload.
    """

    kind: str
    entity: str | None
    scope: str
    count: int
    fingerprint: str
    school: str | None = None
    bundle: int | None = None


def _name_finding(found: NotTaken) -> tuple[str, FindingSummary]:
    """``file``: without .csv, as everywhere; empty where no file is meant."""
    nameless = read_not_taken(found.nameless)
    about = found.name if found.why is Why.OFF else found.expected
    finding = FindingSummary(str(found.why), "warning", None, 1, message=nameless.message)
    return about.removesuffix(".csv"), finding


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run reports: the stable JSON of ``rostersync sync --format json``."""

    outcome: Outcome
    files: dict[str, FileResult] = field(default_factory=dict)
    changes: dict[str, EntityDiff] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    message: str = ""
    recomputed: tuple[str, ...] = ()
    """Later slots that were recomputed because this one came late or was repaired."""
    ignored: tuple[str, ...] = ()
    """Names in the upload that were not taken: near misses, temporary and foreign files."""
    notices: tuple[NoticeDay, ...] = ()
    """Of attendance: the day's notices after this run."""

    @property
    def names(self) -> tuple[tuple[str, FindingSummary], ...]:
        """Findings of the names not taken, each with the file it is about; no name of the district's own."""
        found = Counter(_name_finding(read_not_taken(line)) for line in self.ignored)
        return tuple((file, replace(finding, count=n)) for (file, finding), n in found.items())

    @property
    def quarantined(self) -> int:
        """Records kept out, all files."""
        return sum(f.quarantined for f in self.files.values())

    def to_json(self, waived: Mapping[str, Waiver] = NOTHING) -> dict[str, Any]:
        """The stable JSON object: file names with .csv, counts only.

        ``waived``: rules that are accepted for the district, with their waivers.
        """
        counts = ("added", "changed", "removed", "unchanged", "carried", "held")
        notices = {"notices": [n.to_json() for n in self.notices]} if self.notices else {}
        return {
            "outcome": str(self.outcome),
            "message": self.message,
            "files": {
                f"{name}.csv": {
                    **asdict(f),
                    "state": str(f.state),
                    "findings": [found.to_json(waived) for found in f.findings],
                }
                for name, f in self.files.items()
            },
            "changes": {
                name: {c: getattr(e, c) for c in counts} for name, e in self.changes.items()
            },
            "holds": [asdict(h) for h in self.holds],
            "recomputed": list(self.recomputed),
            "ignored": list(self.ignored),
            **notices,
        }
