"""Stages one file: survey of the bytes, header, records, normalised Parquet."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rostersync.archive import CheckFolder, FileState
from rostersync.engine import Session
from rostersync.errors import AccountingError
from rostersync.spec import File, Kind
from rostersync.spec.text import LOST, PLACEHOLDERS, WHITE_SPACE
from rostersync.staging.header import Binding, bind_header, other_delimiter
from rostersync.staging.model import FileFinding, StagedFile
from rostersync.staging.normalise import WHOLE_PHONES, write_staged
from rostersync.staging.preflight import Survey, foreign_format, survey, to_utf8
from rostersync.staging.read import Reading, read_header, read_records
from rostersync.staging.scanner import UnreadableHeaderError, UnreadableRecordsError

if TYPE_CHECKING:
    from rostersync.config import DistrictConfig


def stage_file(
    session: Session,
    file: File,
    source_path: str,
    cfg: DistrictConfig,
    *,
    folder: CheckFolder,
    phone_digits: Mapping[str, int] = WHOLE_PHONES,
) -> StagedFile:
    """Read one landed file and write ``<folder>/staged/<file>.parquet`` and ``rejects/<file>.parquet``.

    The Parquet files are written only when the state is accepted, ``rejects`` only when there are some.
    ``staged``: ``_line``, then per contract column the normalised text and ``<column>__raw`` as sent, in
    file order. ``rejects``: ``_line``, ``rule``, ``detail``.

    ``session``: the run's DuckDB session; its tables ``staging_*`` are this function's own. ``file``: the
    contract's file. ``source_path``: local path of the landed bytes; they are only read. ``cfg``: the
    district's delimiter, header aliases and value maps. ``folder``: archive folder of the check.
    ``phone_digits``: the fewest digits of a phone, by column; ten where it is not named.

    Raises AccountingError: two independent counts differ. Whatever is wrong with the *file* does not raise:
    it is a finding.
    """
    staging = _Staging(session, file, cfg, folder, phone_digits)
    try:
        return staging.run(Path(source_path))
    finally:
        staging.clear()


class _Rejected(Exception):
    """A way out, not an error: the file cannot be used, for these reasons."""

    def __init__(self, findings: list[FileFinding]) -> None:
        self.findings = findings


class _Staging:
    def __init__(
        self,
        session: Session,
        file: File,
        cfg: DistrictConfig,
        folder: CheckFolder,
        phone_digits: Mapping[str, int],
    ) -> None:
        self.session = session
        self.file = file
        self.cfg = cfg
        self.folder = folder
        self.phone_digits = phone_digits
        self.delimiter = cfg.delimiter(file)
        self.scratch = session.scratch / f"{file.name}.utf8.csv"
        self.findings: list[FileFinding] = []
        self.header: tuple[str, ...] = ()
        self.refused: tuple[str, ...] = ()
        self.encoding = "utf-8"
        self.has_lost = False

    def run(self, source: Path) -> StagedFile:
        found = survey(source, self.delimiter)
        sha256 = found.sha256
        records: int | None = None
        open_record: int | None = None
        rejects = 0
        try:
            path, found = self._as_utf8(source, found)
            header = read_header(path, self.delimiter, found) if found.size else None
            if header is None:
                state = FileState.EMPTY
                self._warn(
                    "file.content.empty", f"{self.file.csv} is empty: it has not even a header"
                )
            else:
                self.has_lost = found.lost
                binding = self._bind(header)
                reading = self._read(path, binding, found)
                records, rejects = reading.records, reading.rejects
                open_record = reading.open_record
                state = self._write(binding, reading)
        except _Rejected as rejected:
            state = FileState.REJECTED
            self.findings += rejected.findings
        except UnreadableHeaderError as header_is:
            state = FileState.REJECTED
            self.findings.append(self._unreadable(header_is))
        except UnreadableRecordsError as records_are:
            state = FileState.REJECTED
            self.findings.append(
                FileFinding(
                    "file.records.unreadable",
                    "critical",
                    None,
                    records_are.bad,
                    f"{self.file.csv} is not read to its end: {records_are}",
                )
            )
        return StagedFile(
            name=self.file.name,
            state=state,
            records=records,
            rejects=rejects,
            encoding=self.encoding,
            header=self.header,
            findings=tuple(self.findings),
            ends_with_newline=found.ends_with_newline,
            sha256=sha256,
            open_record=open_record,
            refused=self.refused,
        )

    def clear(self) -> None:
        """Leave nothing in the session: it stages the next file too."""
        for table in ("staging_raw", "staging_rejects", "staging_maps", "staging_attributes"):
            self.session.con.execute(f"drop table if exists {table}")
        self.scratch.unlink(missing_ok=True)

    def _as_utf8(self, source: Path, found: Survey) -> tuple[Path, Survey]:
        """The file as UTF-8: itself, or a scratch copy. Rejects what is no text."""
        self._must_be_text(found)
        if found.utf16:
            self.encoding = "utf-16"
            try:
                to_utf8(source, self.scratch, "utf-16")
            except UnicodeDecodeError:
                self._reject(
                    "file.encoding.utf_16",
                    f"{self.file.csv} starts as UTF-16 but is not; export it as UTF-8",
                )
            source, found = self.scratch, survey(self.scratch, self.delimiter)
            self._must_be_text(found)
        if found.nul:
            self._reject(
                "file.encoding.nul",
                f"{self.file.csv} holds NUL characters: it is damaged, or UTF-16 without its mark; "
                "export it as UTF-8",
            )
        if not found.valid_utf8 and not found.multibyte:
            self.encoding = "windows-1252"
            self._warn(
                "file.encoding.windows_1252",
                f"{self.file.csv} is not UTF-8; it was read as Windows-1252",
            )
            to_utf8(source, self.scratch, "windows-1252")
            source, found = self.scratch, dataclasses.replace(found, valid_utf8=True)
        return source, found

    def _must_be_text(self, found: Survey) -> None:
        if foreign := foreign_format(found.start):
            name, looks, remedy = foreign
            self._reject(f"file.format.{name}", f"{self.file.csv} looks like {looks}; {remedy}")

    def _unreadable(self, header_is: UnreadableHeaderError) -> FileFinding:
        aliases = self.cfg.header_aliases(self.file)
        message = f"The header of {self.file.csv} {header_is.reason}"
        return other_delimiter(
            self.file, header_is.line, aliases=aliases, delimiter=self.delimiter
        ) or FileFinding(header_is.rule, "critical", None, 1, message)

    def _bind(self, header: tuple[str, ...]) -> Binding:
        binding, findings = bind_header(
            self.file,
            header,
            aliases=self.cfg.header_aliases(self.file),
            delimiter=self.delimiter,
            starts_at=int(self.cfg.attendance is not None and self.cfg.attendance.p0 == "period_1"),
            refusal=self.cfg.attributes.refusal,
        )
        if binding.columns:  # else the first line may be a person's
            self.header = header
            self.refused = binding.refused
        if any(f.severity == "critical" for f in findings):
            raise _Rejected(findings)
        self.findings += findings
        return binding

    def _read(self, path: Path, binding: Binding, found: Survey) -> Reading:
        reading = read_records(self.session, path, binding, found, delimiter=self.delimiter)
        if reading.blank:
            self._warn(
                "file.records.blank",
                f"{self.file.csv} has {reading.blank} blank lines or records; they were left out",
                reading.blank,
            )
        if reading.windows_1252:
            self._warn(
                "file.encoding.windows_1252",
                f"{reading.windows_1252} records of {self.file.csv} are not UTF-8; "
                "they were read as Windows-1252",
                reading.windows_1252,
            )
        if reading.unnamed and not binding.unnamed:
            self._warn(
                "file.header.unnamed_column",
                f"Every record of {self.file.csv} has one blank field more than the header; "
                "it was ignored",
            )
        return reading

    def _write(self, binding: Binding, reading: Reading) -> FileState:
        if not reading.records:
            self._warn(
                "file.content.header_only", f"{self.file.csv} has a header and no records after it"
            )
            return FileState.HEADER_ONLY
        self._check_dates(binding)
        self._check_placeholders(binding)
        if self.has_lost:
            self._check_lost(reading.line)
        staged = self.folder.staged(self.file.name)
        rejects = self.folder.rejects(self.file.name)
        rows = write_staged(
            self.session,
            self.file,
            self.cfg,
            binding,
            reading.line,
            staged,
            phone_digits=self.phone_digits,
        )
        if reading.rejects:
            self.session.write_parquet("from staging_rejects", rejects)
        if rows + reading.rejects != reading.records:
            raise AccountingError(
                "The records that were staged are not the records of the file",
                file=self.file.csv,
                expected=f"{reading.records} records",
                found=f"{rows} rows and {reading.rejects} rejects",
                next_step="report this as a defect of rostersync; nothing was loaded",
            )
        return FileState.ACCEPTED

    def _check_dates(self, binding: Binding) -> None:
        """Dates that can only be dd/mm make the file's other dates silently wrong."""
        dates = [
            f"c{binding.columns[c.name]}"
            for c in self.file.columns
            if c.kind == Kind.DATE and c.name in binding.columns
        ]
        if not dates:
            return
        [(day_first, month_first)] = self.session.run(
            "duckdb/staging/date_order.sql", dates=dates, white_space=WHITE_SPACE
        )
        if day_first and not month_first:
            self._reject(
                "file.dates.day_first",
                f"{self.file.csv} writes dates as dd/mm/yyyy; they must be mm/dd/yyyy or yyyy-mm-dd",
                day_first,
            )

    def _check_placeholders(self, binding: Binding) -> None:
        """In a wide layout no rule of a suite can name the columns."""
        if not binding.wide:
            return
        count = self.session.run(
            "duckdb/staging/placeholders.sql",
            sources=[f"c{position}" for position in binding.wide.values()],
            white_space=WHITE_SPACE,
            placeholders=PLACEHOLDERS,
        )[0][0]
        if count:
            self._warn(
                "file.values.placeholder",
                f"{self.file.csv} has {count} cells that hold NULL or #N/A where nothing is meant; "
                "they were read as blank",
                count,
            )

    def _check_lost(self, line: str) -> None:
        """One cause, one finding, whichever columns it is in."""
        [(count, lines)] = self.session.run("duckdb/staging/lost.sql", line=line, lost=LOST)
        if count:
            where = ", ".join(str(n) for n in lines)
            self._warn(
                "file.values.lost_character",
                f"{count} records of {self.file.csv} hold the character U+FFFD (first on line {where}): "
                "the SIS or its export could not write a letter there; it is kept as sent",
                count,
            )

    def _reject(self, rule: str, message: str, count: int = 1) -> None:
        raise _Rejected([FileFinding(rule, "critical", None, count, message)])

    def _warn(self, rule: str, message: str, count: int = 1) -> None:
        self.findings.append(FileFinding(rule, "warning", None, count, message))
