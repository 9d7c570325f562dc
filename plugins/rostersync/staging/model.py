"""What staging says about a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rostersync.archive import FileState
from rostersync.documents import Document

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
class StagedFile(Document):
    """The result of staging one file.

    ``state``: accepted, empty, header_only or rejected; only an accepted file has its Parquet files.
    ``records``: non-blank records, well-formed or not, counted apart from the reader that fills the table;
    None when they were not counted. ``rejects``: those of them that could not be read. ``header``: as
    uploaded; empty when the first line is no header. ``encoding``: utf-8, utf-16 or windows-1252.
    ``open_record``: the line of a last record without a line end, None when there is none. Whether it may
    be cut depends on the file before, so the diff says it; documents of older releases lack the line, and
    have the record among the rejects when it was taken for cut.
    ``refused``: cells of the header whose columns would be attributes and were left out, with their values.
    ``made_by``: the program that staged it, by its fingerprint; empty in older documents.
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
    open_record: int | None = None
    refused: tuple[str, ...] = ()
    made_by: str = ""
