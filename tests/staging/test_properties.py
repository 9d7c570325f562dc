"""Any table in any legal dialect reads back; any damage still accounts for every record."""

from __future__ import annotations

import codecs
import csv
import io
import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rostersync.archive import FileState
from rostersync.engine import Session
from rostersync.staging import PreviousFile
from rostersync.staging.white_space import WHITE_SPACE
from tests.staging.conftest import stage_bytes

HEADER = ("school_id", "section_id", "student_id")
_SETTINGS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

cells = st.one_of(
    st.sampled_from(["", "1", "007", '"', '""', " a ", "b ", "x\u00a0", "é", "🎒", "'", "\\", "#"]),
    st.text(
        st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=8
    ),
)
tables = st.lists(st.tuples(cells, cells, cells), max_size=12)


def _filled(row: tuple[str, ...]) -> bool:
    """A record: one with a value."""
    return any(cell.strip(WHITE_SPACE) for cell in row)


def _resembles_lost_records(row: tuple[str, ...], delimiter: str) -> bool:
    """Line ends and delimiters in one value: rejected if its lines could be records by themselves."""
    return any(("\n" in c or "\r" in c) and delimiter in c for c in row)


@given(
    table=tables,
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    order=st.permutations(range(3)),
    last_end=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@_SETTINGS
def test_a_table_reads_back_in_any_dialect(
    session: Session,
    table: list[tuple[str, str, str]],
    delimiter: str,
    end: str,
    quoting: Any,
    order: list[int],
    last_end: bool,
    encoding: str,
) -> None:
    rows = [r for r in table if _filled(r) and not _resembles_lost_records(r, delimiter)]
    lines, texts = [], [delimiter.join(HEADER[i] for i in order)]
    number = 2
    for row in rows:
        out = io.StringIO()
        # \r\n as terminator makes csv quote values with either; the real one is put in below.
        writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator="\r\n")
        writer.writerow([row[i] for i in order])
        text = out.getvalue()[:-2]
        lines.append(number)
        texts.append(text)
        number += 1 + len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")) - 1
    data = (end.join(texts) + (end if last_end else "")).encode(encoding)

    staged = stage_bytes(session, data, files={"rosters": {"delimiter": delimiter}})

    if not rows:
        assert staged.said.state is FileState.HEADER_ONLY
        return
    assert staged.rejects == []
    got = [tuple(r[f"{c}__raw"] for c in HEADER) for r in staged.rows or []]
    assert got == rows
    assert staged.lines == lines
    for column, sent in zip(HEADER, zip(*rows, strict=True), strict=True):
        assert staged.column(column) == [s.strip(WHITE_SPACE) or None for s in sent]


damage = st.lists(
    st.one_of(
        st.sampled_from(
            [b"1,A,x", b'1,"A",x', b"\n", b"\r\n", b"\r", b",", b'"', b'""', b"\xe9", b" ", b"'"]
        ),
        st.binary(max_size=3),
    ),
    max_size=40,
).map(b"".join)


@given(damage=damage, cut=st.booleans())
@example(damage=b'1,A,"x\n1,B,y"\n1,C,z', cut=True)
@example(damage=b'1,A,x,\n1,"B"\xe9,y\r1,C,z\n\n', cut=False)
@example(damage=codecs.BOM_UTF8 + b"1,A,x", cut=False)
@_SETTINGS
def test_whatever_follows_the_header_is_accounted_for(
    session: Session, damage: bytes, cut: bool
) -> None:
    before = PreviousFile(HEADER, ends_with_newline=True) if cut else None
    staged = stage_bytes(session, ",".join(HEADER).encode() + b"\n" + damage, previous=before)

    if staged.said.state is FileState.REJECTED:
        assert staged.rows is None
        assert b"\0" in damage
    elif staged.said.state is FileState.HEADER_ONLY:
        assert staged.said.records == 0
    else:
        kept = staged.lines + [line for line, _ in staged.rejects or []]
        assert len(set(kept)) == len(kept) == staged.said.records
        assert staged.lines == sorted(staged.lines)
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
