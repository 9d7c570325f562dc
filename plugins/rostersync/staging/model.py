"""What staging says about a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from rostersync.archive import FileState

Severity = Literal["critical", "warning"]


@dataclass(frozen=True, slots=True)
class FileFinding:
    """One thing about a file as a whole: a ``critical`` one rejects it.

    ``count``: columns or records concerned. ``message``: for the district's data admin; it may quote header
    names, never a cell.
    """

    rule: str
    severity: Severity
    column: str | None
    count: int
    message: str


@dataclass(frozen=True, slots=True)
class PreviousFile:
    """What the last landing's file looked like; lets staging see a lost column or a cut end."""

    header: tuple[str, ...]
    ends_with_newline: bool


@dataclass(frozen=True, slots=True)
class StagedFile:
    """The result of staging one file.

    ``state``: accepted, empty, header_only or rejected; only an accepted file has its Parquet files.
    ``records``: non-blank records, well-formed or not, counted apart from the reader that fills the table;
    None when they were not counted. ``rejects``: those of them that could not be read. ``header``: as
    uploaded; empty when the first line is no header. ``encoding``: utf-8, utf-16 or windows-1252.
    """

    name: str
    state: FileState
    records: int | None
    rejects: int
    encoding: str
    header: tuple[str, ...]
    findings: tuple[FileFinding, ...]
    ends_with_newline: bool
    sha256: str

    def as_previous(self) -> PreviousFile:
        """What the next landing's staging needs to know of this one."""
        return PreviousFile(self.header, self.ends_with_newline)

    def to_json(self) -> dict[str, Any]:
        """As written to the archive."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> StagedFile:
        """As read from the archive."""
        return cls(
            **{
                **document,
                "state": FileState(document["state"]),
                "header": tuple(document["header"]),
                "findings": tuple(FileFinding(**f) for f in document["findings"]),
            }
        )
