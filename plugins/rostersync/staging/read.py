"""Fills the session's ``staging_raw``, and ``staging_rejects`` if there are any, from a UTF-8 file.

DuckDB reads both ways: the file itself where there is nothing to guess, else what the record scanner copied.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rostersync.engine import Session
from rostersync.errors import AccountingError
from rostersync.staging.header import Binding
from rostersync.staging.preflight import Survey
from rostersync.staging.scanner import MAX_LINE, Scanner, open_text


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader says it read.

    ``records``: rows and rejects. ``blank``: lines and records without any value. ``windows_1252``: records
    that were not UTF-8. ``unnamed``: a last column without a name was left out. ``line``: SQL expression of
    a row's physical line. ``open_record``: the line of a last record without a line end.
    """

    records: int
    rejects: int
    blank: int
    windows_1252: int
    unnamed: bool
    line: str
    open_record: int | None


def read_header(path: Path, delimiter: str, survey: Survey) -> tuple[str, ...] | None:
    """The header's cells; None when the file holds no record. Raises UnreadableHeaderError."""
    with open_text(path) as text:
        return Scanner(text, delimiter, utf8=survey.valid_utf8).header()


def read_records(
    session: Session, path: Path, binding: Binding, survey: Survey, *, delimiter: str
) -> Reading:
    """Fill the two tables.

    Raises AccountingError when lines read and lines counted differ, UnreadableRecordsError where hardly any
    line is a record.
    """
    if _nothing_to_guess(survey, delimiter, binding.width):
        reading = _read_directly(session, path, binding, survey, delimiter)
        if reading:
            return reading
    scan = _Scan(session, path, survey, delimiter)
    reading = scan.run(binding.width, unnamed=binding.unnamed)
    if reading.rejects == reading.records and scan.one_blank_over * 2 > reading.rejects:
        # The records end in one blank field that the header does not name.
        reading = scan.run(binding.width + 1, unnamed=True)
    return reading


def _nothing_to_guess(survey: Survey, delimiter: str, width: int) -> bool:
    """One record a line, all with the header's number of fields, in a dialect that DuckDB takes as it is."""
    return (
        survey.valid_utf8
        and survey.plain_line_ends
        and not survey.odd_line
        and survey.delimiters == survey.lines * (width - 1)
        and delimiter.isascii()
        and delimiter != " "
    )


def _read_directly(
    session: Session, path: Path, binding: Binding, survey: Survey, delimiter: str
) -> Reading | None:
    """None when DuckDB does not see it so: rows are lines, or the scanner must look."""
    import duckdb

    fields = {f"c{i}": "VARCHAR" for i in range(binding.width)}
    try:
        [(rows,)] = session.run(
            "duckdb/staging/read_csv.sql",
            table="staging_raw",
            path=str(path),
            fields=fields,
            delimiter=delimiter,
            header=True,
            new_line="\\r\\n" if survey.cr else "\\n",
            max_line_size=MAX_LINE,
        )
    except duckdb.InvalidInputException:
        return None
    if rows != survey.lines - 1:
        return None
    last = f"c{binding.width - 1}"
    if binding.unnamed and session.scalar(f"select bool_or(trim({last}) <> '') from staging_raw"):
        return None
    last_line = None if survey.ends_with_newline or not rows else survey.lines
    return Reading(rows, 0, 0, 0, binding.unnamed, line="rowid + 2", open_record=last_line)


class _Scan:
    """The scanner's way: two scratch files, then DuckDB."""

    def __init__(self, session: Session, path: Path, survey: Survey, delimiter: str) -> None:
        self.session = session
        self.path = path
        self.survey = survey
        self.delimiter = delimiter
        self.one_blank_over = 0
        """Lines that say so: the header lacks the name of a last column, which is blank all over."""

    def run(self, width: int, *, unnamed: bool) -> Reading:
        good = self.session.scratch / "records.csv"
        bad = self.session.scratch / "rejects.csv"
        try:
            scanner = self._copy(good, bad, width, unnamed)
            self._load("staging_raw", good, [f"c{i}" for i in range(width - unnamed)])
            rejects = self._load("staging_rejects", bad, ["rule", "detail"]) if scanner.bad else 0
        finally:
            good.unlink(missing_ok=True)
            bad.unlink(missing_ok=True)
        self.one_blank_over = 0 if scanner.one_value_over else scanner.one_blank_over
        return Reading(
            records=scanner.good + scanner.bad,
            rejects=rejects,
            blank=scanner.blank,
            windows_1252=scanner.windows_1252,
            unnamed=unnamed,
            line="_line",
            open_record=scanner.open_record,
        )

    def _copy(self, good: Path, bad: Path, width: int, unnamed: bool) -> Scanner:
        with ExitStack() as files:
            text = files.enter_context(open_text(self.path))
            records, rejects = (
                files.enter_context(p.open("w", encoding="utf-8", newline="")) for p in (good, bad)
            )
            scanner = Scanner(text, self.delimiter, utf8=self.survey.valid_utf8)
            scanner.header()
            scanner.copy(records, rejects, width, unnamed=unnamed)
        if scanner.lines != self.survey.lines:
            raise AccountingError(
                "The lines that were read are not the lines of the file",
                expected=f"{self.survey.lines} lines",
                found=f"{scanner.lines} lines",
                next_step="report this as a defect of rostersync; nothing was loaded",
            )
        return scanner

    def _load(self, table: str, path: Path, names: list[str]) -> int:
        """The rows the table has."""
        [(rows,)] = self.session.run(
            "duckdb/staging/read_csv.sql",
            table=table,
            path=str(path),
            fields={"_line": "BIGINT"} | dict.fromkeys(names, "VARCHAR"),
            delimiter=",",
            header=False,
            new_line="\\n",
            max_line_size=5 * MAX_LINE,  # bytes, not characters; and quotes are doubled
        )
        return int(rows)
