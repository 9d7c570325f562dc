"""What resolve needs to know about a landing: its files' states, and the texts of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rostersync.archive import FileShape, FileState
from rostersync.fold import FindingSummary
from rostersync.spec.reasons import Carried

CARRY_REASON = {
    FileState.MISSING: Carried.FILE_MISSING,
    FileState.EMPTY: Carried.FILE_MISSING,
    FileState.HEADER_ONLY: Carried.FILE_MISSING,
    FileState.STALE: Carried.FILE_STALE,
    FileState.REJECTED: Carried.FILE_REJECTED,
}
"""Why a file's entities are carried whole; states not listed here bring rows."""


@dataclass(frozen=True, slots=True)
class FileInput:
    """One file of the landing after validation.

    ``clean`` and ``rejects`` are archive names of Parquet files, None when the file has no staged rows.
    ``findings``: what was found about the file as a whole (header, encoding). ``values``: by rule, what
    validation found that the district's maps do not know. ``shape``: what it looked like, None when it has no
    header. ``open_record``: the line of a last record without a line end. ``before``: the shape of the file
    before, where the state before does not say it (the slot before is of a release that kept no shapes).
    ``refused``: its columns of ``shape.unknown`` that are not kept.
    ``cut``: as ``open_record``, when beside the file before it may be cut; :func:`compared_with` says so.
    """

    name: str
    state: FileState
    records: int | None
    sha256: str | None = None
    clean: str | None = None
    rejects: str | None = None
    findings: tuple[FindingSummary, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    shape: FileShape | None = None
    open_record: int | None = None
    before: FileShape | None = None
    refused: tuple[str, ...] = ()
    cut: int | None = None

    @property
    def brings_rows(self) -> bool:
        """True when its records take part in the diff."""
        return self.state not in CARRY_REASON

    @property
    def has_rejects(self) -> bool:
        """True when some record cannot be read, or not be believed."""
        return self.rejects is not None or self.cut is not None


@dataclass(frozen=True, slots=True)
class NoticePeriods:
    """What a notice tells of: some periods, of some schools (None: of all)."""

    notice: str
    schools: tuple[str, ...] | None
    periods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Codes:
    """The attendance codes a district has listed, and those of them that some notice tells families.

    ``notices``: the periods they tell of. ``day``: whose rows a file is asked for them, None for its newest
    date. ``knows_p0`` False: the district has not said what column p0 is.
    """

    listed: tuple[str, ...] = ()
    notifying: tuple[str, ...] = ()
    notices: tuple[NoticePeriods, ...] = ()
    day: str | None = None
    knows_p0: bool = True


@dataclass(frozen=True, slots=True)
class RuleText:
    """What a report says about a rule; the suites are the source."""

    severity: str
    message: str
    column: str | None = None


HELD = {"op": "varchar", "_scope": "varchar"}
KEPT = {"_reason": "varchar"}
"""What an archived file of held rows has beside the entity's columns, with types."""
