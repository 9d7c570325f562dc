"""Any table in any legal dialect reads back; any damage still accounts for every record."""

from __future__ import annotations

import codecs
import csv
import json
import os
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rostersync.archive import FileState
from rostersync.engine import Session
from rostersync.spec import FILES, Kind
from rostersync.spec.text import WHITE_SPACE
from tests.staging.accounting import LINE_END, account
from tests.staging.conftest import stage_bytes

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out

HEADER = ("school_id", "section_id", "student_id")
MORE = int(os.environ.get("ROSTERSYNC_EXAMPLES", "1"))
"""How many times as many examples as CI has time for."""


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples * MORE,
        derandomize=MORE == 1,  # CI asks the same every time; ROSTERSYNC_EXAMPLES goes looking
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


_SETTINGS = _settings(25)

cells = st.one_of(
    st.sampled_from(["", "1", "007", '"', '""', " a ", "b ", "x\u00a0", "é", "🎒", "'", "\\", "#"]),
    st.sampled_from(["two\nlines", "two\r\nlines", "\r", "a,b", 'a "b"', "\u2003", "NULL"]),
    st.text(
        st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=8
    ),
)
ends = st.sampled_from(["\n", "\r\n", "\r"])


def _filled(row: list[str]) -> bool:
    """A record: one with a value."""
    return any(cell.strip(WHITE_SPACE) for cell in row)


def _resembles_lost_records(row: list[str], delimiter: str) -> bool:
    """Line ends and delimiters in one value: rejected if its lines could be records by themselves."""
    return any(("\n" in c or "\r" in c) and delimiter in c for c in row)


def _cell(draw: Any, value: str, delimiter: str) -> str:
    """The cell as a writer may write it: quotes where needed, or anyway; blanks around them."""
    needed = any(c in value for c in ('"', "\n", "\r", delimiter))
    if not needed and draw(st.booleans()):
        return value
    pad = draw(st.sampled_from(["", "", "", " "]))
    return pad + '"' + value.replace('"', '""') + '"' + pad


@given(data=st.data(), name=st.sampled_from(sorted(FILES)))
@_settings(90)
def test_a_table_reads_back_in_any_dialect(session: Session, data: Any, name: str) -> None:
    """Any file of the contract, any legal way of writing each of its cells and lines."""
    draw = data.draw
    file = FILES[name]
    group = {c for names in file.one_of for c in names}
    columns = [c for c in file.columns if c.required or c.name in group or draw(st.booleans())]
    columns = draw(st.permutations(columns))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"]))
    # é§§ in Windows-1252 is a letter in UTF-8
    delimiter = draw(st.sampled_from([",", ",", ";", "\t", "|", "§"][: 5 + (encoding != "cp1252")]))
    renamed = draw(st.sampled_from(columns)).name
    unnamed = draw(st.sampled_from(["", "", delimiter, f'{delimiter}""']))  # a blank last column
    table = draw(
        st.lists(st.lists(cells, min_size=len(columns), max_size=len(columns)), max_size=5)
    )
    rows = [r for r in table if _filled(r) and not _resembles_lost_records(r, delimiter)]
    if encoding == "cp1252":
        rows = [[c.encode("cp1252", "ignore").decode("cp1252") for c in r] for r in rows]
        rows = [["é", *r[1:]] for r in rows]  # else it might be UTF-8 as well

    headers = ["My " + c.name if c.name == renamed else c.name for c in columns]
    text = delimiter.join(_cell(draw, h, delimiter) for h in headers)
    text += unnamed and delimiter + draw(st.sampled_from(["", " ", '""'])) + draw(ends)
    text += "" if unnamed else draw(ends)
    lines = []
    for row in rows:
        if draw(st.sampled_from([False, False, True])):
            text += draw(st.sampled_from(["", " ", delimiter, '""'])) + draw(ends)
        lines.append(len(LINE_END.findall(text)) + 1)
        text += delimiter.join(_cell(draw, c, delimiter) for c in row) + unnamed + draw(ends)
    if rows and draw(st.booleans()):
        text = text.removesuffix("\n").removesuffix("\r")
    mark = "\ufeff" if encoding == "utf-16-be" else ""

    staged = stage_bytes(
        session,
        (mark + text).encode(encoding),
        name,
        files={name: {"delimiter": delimiter, "headers": {"My " + renamed: renamed}}},
    )

    if not rows:
        assert staged.said.state is FileState.HEADER_ONLY
        return
    assert staged.rejects == []
    assert staged.lines == lines
    for position, column in enumerate(columns):
        assert staged.column(f"{column.name}__raw") == [r[position] for r in rows]
        if column.required and column.kind in (Kind.ID, Kind.NAME, Kind.TEXT):
            trimmed = [r[position].strip(WHITE_SPACE) or None for r in rows]
            assert staged.column(column.name) == trimmed


damage = st.lists(
    st.one_of(
        st.sampled_from(
            [b"1,A,x", b'1,"A",x', b"\n", b"\r\n", b"\r", b",", b'"', b'""', b"\xe9", b" ", b"'"]
        ),
        st.binary(max_size=3),
    ),
    max_size=40,
).map(b"".join)


@given(damage=damage)
@example(damage=b'1,A,"x\n1,B,y"\n1,C,z')
@example(damage=b'1,A,x,\n1,"B"\xe9,y\r1,C,z\n\n')
@example(damage=codecs.BOM_UTF8 + b"1,A,x")
@_SETTINGS
def test_whatever_follows_the_header_is_accounted_for(session: Session, damage: bytes) -> None:
    staged = stage_bytes(session, ",".join(HEADER).encode() + b"\n" + damage)

    if staged.said.state is FileState.REJECTED:
        assert staged.rows is None
        assert b"\0" in damage
    elif staged.said.state is FileState.HEADER_ONLY:
        assert staged.said.records == 0
    else:
        kept = staged.lines + [line for line, _ in staged.rejects or []]
        assert len(set(kept)) == len(kept) == staged.said.records
        assert staged.lines == sorted(staged.lines)
        assert staged.said.open_record in (None, max(kept, default=None))
        assert staged.said.open_record is None or not staged.said.ends_with_newline
    json.dumps(staged.said.to_json())


@given(data=st.binary(max_size=200))
@_SETTINGS
def test_any_bytes_at_all(session: Session, data: bytes) -> None:
    assert stage_bytes(session, data).said.state in FileState


plain = st.lists(st.sampled_from(["1,A,x", '1,"A, a",x', '1,A,"x""y"', "1, A ,é"]), max_size=20)
bad = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from(["1", "1,A", "1,A,x,y", "1,A,x,", '1,"A"b,x'])),
    max_size=5,
)


@given(good=plain, bad=bad, end=st.sampled_from(["\n", "\r\n", "\r"]))
@_SETTINGS
def test_bad_lines_cost_themselves_only(
    session: Session, good: list[str], bad: list[tuple[int, str]], end: str
) -> None:
    """Also says where the two ways of reading would differ: without bad lines DuckDB reads the file."""
    lines = [(text, True) for text in good]
    for place, text in bad:
        lines.insert(min(place, len(lines)), (text, False))
    if not lines or not good:
        return
    head = ",".join(HEADER)
    staged = stage_bytes(session, end.join([head, *(t for t, _ in lines)]) + end)
    assert staged.lines == [n for n, (_, ok) in enumerate(lines, 2) if ok]
    assert [n for n, _ in staged.rejects or []] == [
        n for n, (_, ok) in enumerate(lines, 2) if not ok
    ]
    expected = [next(csv.reader([t])) for t, ok in lines if ok]
    assert [[r[f"{c}__raw"] for c in HEADER] for r in staged.rows or []] == expected


edits = st.tuples(
    st.sampled_from([0, 1]),  # bytes replaced
    st.sampled_from([b"", b'"', b'""', b",", b"\n", b"\r", b"?", b" ", b"\xe9", b"\xc3\xa9"]),
)


def _edited(draw: Any, record: bytes) -> bytes:
    """One edit, mostly where a field begins or ends.

    Not this one: a comma in place of the quote before a value over two lines. What is left on the first of
    them can be a record, to the letter, with that value one column on; nothing can tell.
    """
    borders = [i for i, byte in enumerate(record) if byte in b',"\r\n']
    at = draw(st.sampled_from(borders) | st.integers(0, len(record) - 1))
    replaced, token = draw(edits)
    if len(LINE_END.findall(record.decode())) > 1:
        replaced = 0
    return record[:at] + token + record[at + replaced :]


@given(data=st.data(), name=st.sampled_from(sorted(FILES)) | st.just("rosters"), end=ends)
@_settings(150)
def test_no_damage_moves_a_value_to_another_column(
    session: Session, data: Any, name: str, end: str
) -> None:
    """One edit in a record, or stray quotes in several; then the file may be cut or go on as another one."""
    draw = data.draw
    names = [c.name for c in FILES[name].columns]
    suffixes = st.sampled_from(["", "", "", "", ",x", "\nx", '""x', ",,x"])
    head = ",".join(names).encode() + end.encode()
    written: list[tuple[bytes, list[str]]] = []
    for r in range(draw(st.integers(2, 6))):
        row = [f"<{chr(65 + c)}{chr(97 + r)}>" for c in range(len(names))]
        row[draw(st.integers(0, len(row) - 1))] += draw(suffixes)
        cells_ = [
            f'"{v}"' if not v.endswith(">") or draw(st.integers(0, 3)) == 3 else v for v in row
        ]
        written.append((",".join(cells_).encode() + end.encode(), row))

    pieces, touched = [], set()
    column = draw(st.integers(0, len(names) - 1))  # where stray quotes are likely to pair up
    for r, (record, _) in enumerate(written):
        tag = f"<{chr(65 + column)}{chr(97 + r)}>".encode()
        bare, opened = record.replace(b'"' + tag, tag), record.replace(tag, b'"' + tag)
        # two edits side by side can move a line end by a cell, which nothing can tell
        any_edit = record if r - 1 in touched else _edited(draw, record)
        if r - 1 in touched and len(LINE_END.findall(record.decode())) > 1:
            bare = (
                record  # a quote that is open may end in a value over two lines that lost its own
            )
        closed = record.replace(tag, tag + b'"')
        damaged = draw(st.sampled_from((record, any_edit, bare, opened, opened, closed, closed)))
        pieces.append(damaged)
        if damaged != record:
            touched.add(r)
    body = b"".join(pieces)
    if draw(st.booleans()):
        body = body[: draw(st.integers(0, len(body)))]
        whole = sum(len(b"".join(pieces[: r + 1])) <= len(body) for r in range(len(pieces)))
        if whole in touched:  # cut and damaged at once, it may look whole
            body = b"".join(pieces[:whole])
        touched |= set(range(whole, len(pieces)))
    if draw(st.booleans()):
        body += b"\xef\xbb\xbf" + head

    upload = head + body
    staged = stage_bytes(session, upload, name)

    account(staged, upload)
    for row in staged.rows or []:
        for position, column in enumerate(names):
            tags = re.findall("<([A-Z])[a-z]>", row[f"{column}__raw"] or "")
            assert set(tags) <= {chr(65 + position)}, "a value stands in another column"
    for row in staged.rows or []:
        sent = [row[f"{c}__raw"] for c in names]
        r = ord(sent[0][2]) - 97 if re.match("<A[a-z]>", sent[0]) else -1
        if r >= 0 and not {r - 1, r, r + 1} & touched:
            assert sent == [v.replace('""', '"') for v in written[r][1]]
