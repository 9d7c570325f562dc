"""Reads records one by one where DuckDB's reader would guess, lose lines or give up on the whole file.

Strict CSV with exact line numbers: a record that cannot be read costs that record and no other. Good records
are copied, with their line, to a file that DuckDB reads without a doubt. Memory is bounded by the longest
record that is still believed.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from rostersync.spec.rules import QUOTE, RAGGED, TOO_LONG
from rostersync.spec.text import WHITE_SPACE
from rostersync.staging.preflight import windows_1252

MAX_LINE = 500_000
"""Characters of a line; a longer one is no record."""
MAX_RECORD_LINES = 100
"""Lines a quoted value may run over; one that goes on is taken for a stray quote."""
ENOUGH_BAD = 10_000
"""So many records that cannot be read, and hardly any that can: the rest is not worth its time."""
MOST_BAD = 0.9
_QUOTE = '"'
_LINE_END = re.compile("\r\n|\n|\r")


class UnreadableHeaderError(Exception):
    """The first record cannot be a header.

    ``reason`` goes on after "The header of rosters.csv". ``line``: its first; never to be quoted.
    """

    def __init__(self, rule: str, reason: str, line: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason
        self.line = line


class UnreadableRecordsError(Exception):
    """A file whose lines are no records of it. ``bad`` of ``records`` could not be read, from ``line`` on."""

    def __init__(self, bad: int, records: int, line: int) -> None:
        super().__init__(
            f"{bad:,} of its first {records:,} records cannot be read, the first one in line {line}"
        )
        self.bad = bad
        self.records = records
        self.line = line


class Scanner:
    """The records of an open text file; counts what it saw.

    ``blank``: blank lines and all-empty records, which are not records. ``lines``: physical lines read.
    ``good``, ``bad``: records copied and records rejected. ``windows_1252``: records that were not UTF-8.
    ``one_blank_over``, ``one_value_over``: lines of records that have one field too many, by what is in it.
    ``open_record``: where the last record begins, when no line end follows it (None: one does, or its lines
    are rejected one by one).
    """

    def __init__(self, text: TextIO, delimiter: str, *, utf8: bool = True) -> None:
        """``utf8``: every byte is UTF-8."""
        self._text = text
        self._read = text.readline
        self._ahead: deque[str] = deque()
        self._open_through = 0
        self._ends_badly = 0
        self._delimiter = delimiter
        self._empty = WHITE_SPACE + delimiter + _QUOTE
        self._utf8 = utf8
        self.lines = 0
        self.blank = 0
        self.good = 0
        self.bad = 0
        self.windows_1252 = 0
        self.one_blank_over = 0
        self.one_value_over = 0
        self.open_record: int | None = None
        self._first_bad = 0

    def header(self) -> tuple[str, ...] | None:
        """The first record; None when the file holds none. Raises UnreadableHeaderError."""
        while line := self._line():
            self.lines += 1
            if line.isspace():
                self.blank += 1
                continue
            if _too_long(line):
                raise UnreadableHeaderError(
                    "file.header.too_long", f"is over {MAX_LINE:,} characters long", line
                )
            fields, block = self._record(line)
            self.lines += len(block) - 1
            if not fields:
                raise UnreadableHeaderError(
                    "file.header.quote", "has a quoted name that does not end where it should", line
                )
            if len(block) > 1 and any(f.strip() for f in fields):  # may have swallowed records
                raise UnreadableHeaderError(
                    "file.header.quote",
                    "runs over several lines: a quote is missing, or a name holds a line end",
                    line,
                )
            if any(f.strip() for f in fields):
                return tuple(self._decoded(fields))
            self.blank += 1
        return None

    def copy(self, good: TextIO, bad: TextIO, width: int, *, unnamed: bool = False) -> None:
        """Copy the records after the header.

        ``good``: CSV of the line and the record's fields: comma, quotes where needed, LF, no header. ``bad``:
        CSV of line, rule and detail; a detail never holds text of the record. ``width``: fields a record has.
        ``unnamed``: the last field belongs to a column without a name: it must be blank and is left out.
        Raises UnreadableRecordsError where hardly any can be read.
        """
        copy = _Copy(good, bad, width, unnamed)
        verbatim = self._utf8 and self._delimiter == "," and not unnamed
        simple = re.compile(r'(?:"[^"]*"|[^",]*)' + r'(?:,(?:"[^"]*"|[^",]*))' * (width - 1))
        commas, empty, ahead, read = width - 1, self._empty, self._ahead, self._read
        while line := ahead.popleft() if ahead else read(MAX_LINE):
            self.lines += 1
            # The common case first: one line, one record, nothing to undo.
            if verbatim and line[-1] == "\n" and line[0] not in empty:
                record = line[:-2] if line[-2:] == "\r\n" else line[:-1]
                if simple.fullmatch(record) if _QUOTE in line else line.count(",") == commas:
                    good.write(f"{self.lines},{record}\n")
                    self.good += 1
                    continue
            self._careful(line, copy)

    def _careful(self, line: str, copy: _Copy) -> None:
        """Any record."""
        # there may be millions of them
        if line.isspace() or (_QUOTE not in line and not line.strip(self._empty)):
            self.blank += 1
            return
        start = self.lines
        if _too_long(line):
            self._skip_rest(line)
            self._reject(copy, start, TOO_LONG, f"over {MAX_LINE} characters")
            return
        fields, block = self._record(line)
        self.lines += len(block) - 1
        if fields is None:
            self._reject(copy, start, QUOTE, "a quoted value does not end where it should")
            return
        if not any(f.strip() for f in fields):
            self.blank += 1
            return
        if len(fields) == copy.width + 1:
            if fields[-1].strip():
                self.one_value_over += len(block)
            else:
                self.one_blank_over += len(block)
        if len(block) > 1 and self._are_records(fields, copy.width):
            detail = "a quoted value runs over whole records"
            self._reject_block(copy, start, block, QUOTE, detail)
            return
        misfit = self._misfit(fields, copy)
        if misfit:
            self._reject_block(copy, start, block, RAGGED, misfit)
        else:
            copy.row(start, self._decoded(fields))
            self.good += 1
        if block[-1][-1] not in "\r\n" and not (misfit and len(block) > 1):
            self.open_record = start

    def _misfit(self, fields: list[str], copy: _Copy) -> str | None:
        """How the fields do not fit the header. Leaves the unnamed one out when they do."""
        if len(fields) != copy.width:
            return f"expected {copy.width} fields, found {len(fields)}"
        if copy.unnamed and fields.pop().strip():
            return f"expected {copy.width - 1} fields, found a value in the unnamed last column"
        return None

    def _reject(self, copy: _Copy, line: int, rule: str, detail: str) -> None:
        copy.reject(line, rule, detail)
        self._first_bad = self._first_bad or line
        self.bad += 1
        if self.bad % ENOUGH_BAD == 0:
            self._look_back()

    def _look_back(self) -> None:
        """A last column that has no name, and is blank all over, makes every record one field too long."""
        bad, records = self.bad - self.one_blank_over, self.good + self.bad
        if bad > MOST_BAD * records:
            raise UnreadableRecordsError(bad, records, self._first_bad)

    def _reject_block(
        self, copy: _Copy, start: int, block: list[str], rule: str, detail: str
    ) -> None:
        """Each line that was swallowed may be somebody's record: none of them is lost from the count."""
        for line, text in enumerate(block, start):
            if text.strip(self._empty):
                self._reject(copy, line, rule, detail)
            else:
                self.blank += 1

    def _line(self) -> str:
        return self._ahead.popleft() if self._ahead else self._read(MAX_LINE)

    def _skip_rest(self, piece: str) -> None:
        """Read on to the end of a line of which only ``piece`` was read."""
        while piece and piece[-1] not in "\r\n":
            piece = self._read(MAX_LINE)
        if piece.endswith("\r"):  # its LF may be what the limit cut off
            here = self._text.tell()
            if self._read(1) != "\n":
                self._text.seek(here)

    def _are_records(self, fields: list[str], width: int) -> bool:
        """Two stray quotes that pair up across lines give a legal record; its lines still look like records.

        A value that merely holds line ends leaves the fields of its record spread over the lines. Only the
        last field can begin on a line that is full without it, only the first can end on one.
        """
        last = len(fields) - 1
        over = [(i, p) for i, v in enumerate(fields) if len(p := _LINE_END.split(v)) > 1]

        def full(before: int, text: str) -> bool:
            return before + text.count(self._delimiter) >= width - 1

        (starts, first_value), (ends, last_value) = over[0], over[-1]
        return (
            (starts < last and full(starts, first_value[0]))
            or (ends > 0 and full(last - ends, last_value[-1]))
            or any(full(0, line) for _, value in over for line in value[1:-1])
        )

    def _record(self, line: str) -> tuple[list[str] | None, list[str]]:
        """The fields of the record that starts with ``line``, and its physical lines.

        Fields are None when a quoted value never ends, or ends before something else than a delimiter: then
        only the first line counts as read, so that the lines after it can still be good.
        """
        fields = self._split(_chomp(line))
        if fields != []:
            return fields, [line]
        following = self._closing(line)
        if not following:
            return None, [line]
        block = [line, *(self._ahead.popleft() for _ in range(following))]
        fields = self._split(_chomp("".join(block)))
        if fields is None:
            self._ends_badly = self.lines + following
            self._ahead.extendleft(reversed(block[1:]))
            return None, [line]
        return fields, block

    def _closing(self, line: str) -> int:
        """How many lines after ``line`` the value that it leaves open runs over; 0 when it does not end well.

        What was learnt of a line holds for every open value that reaches it, whichever line opened it; so
        each line is looked at once, however many lines leave a value open.
        """
        ahead = self._ahead
        known = max(0, self._open_through - self.lines)
        size = len(line) + sum(map(len, islice(ahead, known)))
        for following in range(known + 1, MAX_RECORD_LINES):
            number = self.lines + following
            if number == self._ends_badly:
                return 0
            if following > len(ahead) and (text := self._read(MAX_LINE)):
                ahead.append(text)
            if following > len(ahead):
                return 0
            text = ahead[following - 1]
            size += len(text)
            if size > MAX_LINE:
                return 0
            fields = self._split(_QUOTE + _chomp(text))
            if fields:
                return following
            if fields is None:
                self._ends_badly = number
                return 0
            self._open_through = number
        return 0

    def _split(self, text: str) -> list[str] | None:
        """The fields of a record; [] when a quoted value is still open, None when one ends badly.

        Blanks around a quoted value are no part of it. Quotes inside values without quotes are text, but not
        when they may be a pair over a delimiter: one in each of two values.
        """
        fields = []
        odd = 0
        position, end, delimiter = 0, len(text), self._delimiter
        padding = "" if delimiter == " " else " "
        while True:
            quote = position
            while quote < end and text[quote] == padding:
                quote += 1
            if quote < end and text[quote] == _QUOTE:
                close = text.find(_QUOTE, quote + 1)
                while close >= 0 and text.startswith(_QUOTE, close + 1):
                    close = text.find(_QUOTE, close + 2)
                if close < 0:
                    return []
                fields.append(text[quote + 1 : close].replace('""', _QUOTE))
                position = close + 1
                while position < end and text[position] == padding:
                    position += 1
                if position < end and text[position] != delimiter:
                    return None
            else:
                found = text.find(delimiter, position)
                fields.append(text[position : found if found >= 0 else end])
                odd += fields[-1].count(_QUOTE) % 2
                position = found if found >= 0 else end
            if position >= end:
                return fields if odd < 2 else None
            position += 1

    def _decoded(self, fields: list[str]) -> list[str]:
        """The record as Windows-1252 when it is not UTF-8 (its stray bytes came in as surrogates)."""
        if self._utf8:
            return fields
        try:
            "".join(fields).encode()
        except UnicodeEncodeError:
            self.windows_1252 += 1
            return [windows_1252(f.encode("utf-8", "surrogateescape")) for f in fields]
        return fields


class _Copy:
    """Where a scanner's records go."""

    def __init__(self, good: TextIO, bad: TextIO, width: int, unnamed: bool) -> None:
        self.width = width
        self.unnamed = unnamed
        self._rows: Any = csv.writer(good, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        self._rejects: Any = csv.writer(bad, lineterminator="\n")

    def row(self, line: int, fields: list[str]) -> None:
        self._rows.writerow((line, *fields))

    def reject(self, line: int, rule: str, detail: str) -> None:
        self._rejects.writerow((line, rule, detail))


def _too_long(line: str) -> bool:
    """As much of a line as is read at once, and the line goes on (or may: its end may be a CR of two)."""
    return len(line) >= MAX_LINE and not line.endswith("\n")


def _chomp(text: str) -> str:
    """Without the last line end, and only that one: those before it may belong to a value."""
    return text.removesuffix("\n").removesuffix("\r")


def open_text(path: str | Path) -> TextIO:
    """A file for the scanner: line ends as sent, a byte order mark left out, stray bytes kept apart."""
    return Path(path).open(encoding="utf-8-sig", errors="surrogateescape", newline="")
