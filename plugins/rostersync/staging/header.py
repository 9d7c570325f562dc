"""Binds a header to the contract by name, and says what is wrong with it in the district's own words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from rostersync.archive import FileShape
from rostersync.spec import File
from rostersync.spec.text import folded, shown
from rostersync.staging.model import FileFinding

MAX_COLUMNS = 500
"""More are no export of a SIS, and would cost more memory than a run has."""

_NEAR_WIDE = r"(p|per|pd|period)([0-9]{1,3})"
"""A column of the second layout but for case, spaces, punctuation, zeros and the word, when it is folded."""

Refusal = Callable[[str], str | None]
"""Header -> why its column is not kept, None where it is."""

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", ":": "colon"}


@dataclass(frozen=True, slots=True)
class Binding:
    """Where the contract's columns are in the file.

    ``columns``: contract column -> position from 0. ``attributes``: unknown header -> position, in files
    that keep them. ``unnamed``: the last header cell is blank, so its column must be blank too.
    ``width``: fields of a record. ``wide``: value in the header -> position, of a file in its wide layout.
    ``refused``: unknown headers that would be attributes and may not be.
    """

    columns: dict[str, int]
    attributes: dict[str, int]
    unnamed: bool
    width: int
    wide: dict[str, int] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


def bind_header(
    file: File,
    header: tuple[str, ...],
    *,
    aliases: Mapping[str, str],
    delimiter: str,
    starts_at: int = 0,
    refusal: Refusal = lambda _: None,
) -> tuple[Binding, list[FileFinding]]:
    """Bind ``header`` to the columns of ``file``; the file cannot be used if a finding is critical.

    ``file``: the contract's file. ``header``: cells as uploaded. ``aliases``: the district's own header names
    -> contract column. ``delimiter``: to say which one the file seems to use instead. ``starts_at``: the
    period of the second layout's first column. ``refusal``: why a column may be no attribute.
    """
    names = _Names(file, aliases)
    # one known name may be a value of a person's row ("Primary"): such a line is never quoted
    if sum(names.resembles(cell) for cell in header) < max(1, min(2, len(header) - 1)):
        separated = other_delimiter(
            file, delimiter.join(header), aliases=aliases, delimiter=delimiter
        )
        return _unbound(header), [separated or _no_header(file, delimiter)]

    if len(header) > MAX_COLUMNS:
        return _unbound(header), [_too_many(file, len(header))]

    findings: list[FileFinding] = []
    positions: dict[str, int] = {}
    unknown: dict[str, int] = {}
    for cell, count in Counter(header).items():
        if cell and count > 1:
            findings.append(_duplicate(file, names.column(cell), cell, count))
    for position, cell in enumerate(header):
        column = names.column(cell)
        if column is None:
            unknown.setdefault(cell, position)
        elif header.index(cell) == position:
            if column in positions:
                other = header[positions[column]]
                findings.append(_two_names(file, column, other, cell))
            else:
                positions[column] = position
    unnamed = not header[-1].strip()
    findings += _unnamed(file, header, unnamed)
    unknown = {cell: p for cell, p in unknown.items() if cell.strip()}
    wide, found = _wide(file, unknown, positions, starts_at)
    findings += found
    missing, suggested = _missing(file, names, positions, unknown, wide=bool(wide or found))
    rest = {cell: p for cell, p in unknown.items() if cell not in suggested}
    findings += [*missing, *_unknown(file, names, positions, rest)]
    attributes = {cell: unknown[cell] for cell in sorted(unknown)} if file.attributes else {}
    refused = {cell: why for cell in attributes if (why := refusal(cell))}
    if refused:
        findings.append(_refused(file, refused))
    kept = {cell: position for cell, position in attributes.items() if cell not in refused}
    return Binding(positions, kept, unnamed, len(header), wide, tuple(refused)), findings


def other_delimiter(
    file: File, line: str, *, aliases: Mapping[str, str], delimiter: str
) -> FileFinding | None:
    """Says so when the header line seems to be separated by something else than ``delimiter``."""
    names = _Names(file, aliases)
    for other, word in _DELIMITERS.items():
        cells = line.strip().split(other)
        if other != delimiter and sum(names.resembles(c.strip('"')) for c in cells) > 1:
            return _critical(
                "file.format.delimiter",
                f"{file.csv} looks {word}-separated; it must be {_word(delimiter)}-separated",
            )
    return None


def shape_of(
    file: File, header: Iterable[str], aliases: Mapping[str, str], *, ends_with_newline: bool
) -> FileShape:
    """What of a file the next one of its name is compared with. Arguments as of :func:`bind_header`."""
    names = _Names(file, aliases)
    columns, wide, unknown = set(), set(), set()
    for cell in header:
        if column := names.column(cell):
            columns.add(column)
        elif file.wide and re.fullmatch(file.wide.header, cell):
            wide.add(cell)
        elif cell.strip():
            unknown.add(cell)
    return FileShape(
        tuple(c.name for c in file.columns if c.name in columns),
        ends_with_newline,
        tuple(sorted(wide)),
        tuple(sorted(unknown)),
    )


class _Names:
    """The header names a file may use: the contract's, its aliases, the district's."""

    def __init__(self, file: File, aliases: Mapping[str, str]) -> None:
        self._columns = {c.name: c.name for c in file.columns} | file.aliases | dict(aliases)
        self._folded = {folded(name): name for name in self._columns}

    def column(self, cell: str) -> str | None:
        """The contract column of a header cell; names match exactly."""
        return self._columns.get(cell)

    def resembles(self, cell: str) -> bool:
        """True when the cell is a known name but for case, spaces and punctuation."""
        return folded(cell) in self._folded

    def accepted(self, column: str) -> list[str]:
        """All names of a contract column."""
        return [name for name, target in self._columns.items() if target == column]

    def nearest(self, column: str, unknown: Iterable[str], cutoff: float) -> str | None:
        """The unknown header cell that was most likely meant as ``column``."""
        by_fold = {folded(cell): cell for cell in unknown}
        for name in self.accepted(column):
            if near := get_close_matches(folded(name), by_fold, n=1, cutoff=cutoff):
                return by_fold[near[0]]
        return None


def _unbound(header: tuple[str, ...]) -> Binding:
    return Binding({}, {}, False, len(header))


def _critical(rule: str, message: str, column: str | None = None, count: int = 1) -> FileFinding:
    return FileFinding(rule, "critical", column, count, message)


def _warning(rule: str, message: str, column: str | None = None, count: int = 1) -> FileFinding:
    return FileFinding(rule, "warning", column, count, message)


def _no_header(file: File, delimiter: str) -> FileFinding:
    """The first line is a person's, then, and is not quoted."""
    first = delimiter.join(c.name for c in file.columns if c.required)
    return _critical(
        "file.header.none",
        f"The first line of {file.csv} holds none of the column names; it must be a header such as {first}",
    )


def _too_many(file: File, count: int) -> FileFinding:
    return _critical(
        "file.header.too_many_columns",
        f"{file.csv} has {count:,} columns; the most that are read are {MAX_COLUMNS}",
        count=count,
    )


def _word(delimiter: str) -> str:
    return _DELIMITERS.get(delimiter, f'"{delimiter}"')


def _duplicate(file: File, column: str | None, cell: str, count: int) -> FileFinding:
    return _critical(
        "file.header.duplicate_column",
        f"{file.csv} has {count} columns called {shown(cell)}; one of them must go",
        column,
        count,
    )


def _two_names(file: File, column: str, first: str, second: str) -> FileFinding:
    return _critical(
        "file.header.two_names",
        f"{file.csv} has both {shown(first)} and {shown(second)}, two names of the column {column}; "
        "keep one",
        column,
        2,
    )


def _unnamed(file: File, header: tuple[str, ...], last: bool) -> list[FileFinding]:
    blank = sum(not cell.strip() for cell in header)
    if blank > last:
        return [
            _critical(
                "file.header.unnamed_column",
                f"{file.csv} has {blank} columns without a name; only a blank last one is tolerated",
                count=blank,
            )
        ]
    if last:
        return [
            _warning(
                "file.header.unnamed_column",
                f"The last column of {file.csv} has no name; it was ignored",
            )
        ]
    return []


def _refused(file: File, why: Mapping[str, str]) -> FileFinding:
    first = ", ".join(f"{shown(cell)} ({reason})" for cell, reason in list(why.items())[:20])
    return _warning(
        "file.header.refused_column",
        f"{file.csv} has columns that are not kept: {first}. "
        "attributes.allow in the district's YAML lists those that are",
        count=len(why),
    )


def _wide(
    file: File, unknown: dict[str, int], positions: Mapping[str, int], starts_at: int
) -> tuple[dict[str, int], list[FileFinding]]:
    """The columns of the file's second layout, taken out of ``unknown``, and what is wrong with them."""
    if file.wide is None:
        return {}, []
    found: dict[str, int] = {}
    misspelt: dict[str, str] = {}
    for cell in list(unknown):
        if match := re.fullmatch(file.wide.header, cell):
            found[match[1]] = unknown.pop(cell)
        elif near := re.fullmatch(_NEAR_WIDE, folded(cell)):
            number = int(near[2]) - (starts_at if near[1] != "p" else 0)
            misspelt[cell] = f"p{max(number, 0)}"
    if found and (both := [c for c in file.wide.replaces if c in positions]):
        return found, [
            _critical(
                "file.header.two_layouts",
                f"{file.csv} has the columns of both layouts: {' and '.join(both)} belong to one record per "
                f"event, p0, p1 and so on to one record per student; keep one",
                count=len(found) + len(both),
            )
        ]
    if misspelt:
        for cell in misspelt:
            del unknown[cell]
        return {}, [_misspelt(file, misspelt)]
    return found, []


def _misspelt(file: File, names: Mapping[str, str]) -> FileFinding:
    """Columns of the second layout, each with its right name."""
    first = dict(list(names.items())[:10])
    wrong, right = ", ".join(shown(cell) for cell in first), ", ".join(first.values())
    columns = "columns" if len(first) > 1 else "column"
    return _critical(
        "file.header.missing_column",
        f"The {columns} {wrong} of {file.csv} must be written {right}, exactly so",
        count=len(names),
    )


def _missing(
    file: File,
    names: _Names,
    positions: Mapping[str, int],
    unknown: Mapping[str, int],
    *,
    wide: bool,
) -> tuple[list[FileFinding], set[str]]:
    """What is missing, and the unknown columns it may be called: reported once, not as unknown again."""
    findings = []
    suggested: set[str | None] = set()
    replaced = file.wide.replaces if file.wide and wide else ()
    for column in file.columns:
        if column.name in positions or column.name in replaced:
            continue
        if column.required:
            near = names.nearest(column.name, unknown, 0.6)
            suggested.add(near)
            findings.append(_missing_required(file, names, column.name, near))
    for group in file.one_of:
        if not any(c in positions for c in group):
            near = next((n for c in group if (n := names.nearest(c, unknown, 0.6))), None)
            suggested.add(near)
            findings.append(
                _critical(
                    "file.header.missing_column",
                    f"{file.csv} needs one of the columns {' or '.join(group)}{_instead(near)}",
                    group[0],
                )
            )
    return findings, {cell for cell in suggested if cell}


def _missing_required(file: File, names: _Names, column: str, near: str | None) -> FileFinding:
    if near and folded(near) in {folded(n) for n in names.accepted(column)}:
        message = f"The column {shown(near)} of {file.csv} must be written {column}, exactly so"
    else:
        message = f"{file.csv} has no column {column}{_instead(near)}"
    return _critical("file.header.missing_column", message, column)


def _instead(near: str | None) -> str:
    return f"; is it the one called {shown(near)}?" if near else ""


def _unknown(
    file: File, names: _Names, positions: Mapping[str, int], unknown: Mapping[str, int]
) -> list[FileFinding]:
    findings = []
    rest = dict(unknown)
    for column in file.columns:
        if column.required or column.name in positions:
            continue
        near = names.nearest(column.name, rest, 0.9)
        if near:
            del rest[near]
            findings.append(
                _warning(
                    "file.header.near_miss",
                    f"The column {shown(near)} of {file.csv} is not used; "
                    f"if it is {column.name}, write it exactly so",
                    column.name,
                )
            )
    if rest and not file.attributes:
        listed = ", ".join(shown(cell) for cell in list(rest)[:20])
        findings.append(
            _warning(
                "file.header.unknown_column",
                f"{file.csv} has columns that are not used: {listed}",
                count=len(rest),
            )
        )
    return findings
