"""Which records are read, which are rejected, and on which line each stands."""

from __future__ import annotations

import time

import pytest

from rostersync.archive import FileState
from rostersync.spec.text import WHITE_SPACE
from tests.staging.conftest import Stage

H = "school_id,section_id,student_id\n"
RAGGED, QUOTE = "file.record.ragged", "file.record.quote"


def test_rows_keep_their_order_text_and_line(stage: Stage) -> None:
    staged = stage(H + "007,A,1\n008,B,2\n")
    assert staged.said.state is FileState.ACCEPTED
    assert staged.column("school_id") == ["007", "008"]
    assert staged.lines == [2, 3]
    assert staged.said.findings == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False], ids=["newline at end", "no newline at end"])
def test_any_line_end(stage: Stage, end: str, last: bool) -> None:
    text = end.join([H.strip(), "1,A,x", '1,"B",y']) + (end if last else "")
    staged = stage(text)
    assert staged.column("student_id") == ["x", "y"]
    assert staged.column("section_id") == ["A", "B"]
    assert staged.lines == [2, 3]
    assert staged.said.ends_with_newline is last


def test_mixed_line_ends(stage: Stage) -> None:
    staged = stage(H + "1,A,a\r\n1,B,b\r1,C,c\n1,D,d")
    assert staged.column("student_id") == ["a", "b", "c", "d"]
    assert staged.lines == [2, 3, 4, 5]


def test_lines_count_past_blank_lines_and_are_said(stage: Stage) -> None:
    staged = stage("\n" + H + '\n1,A,a\n  \n,,\n""," ",\n1,B,b\n\n')
    assert staged.lines == [4, 8]
    assert staged.said.records == 2
    [finding] = staged.said.findings
    assert (finding.rule, finding.severity, finding.count) == ("file.records.blank", "warning", 6)


@pytest.mark.parametrize("before", ["", "\n"], ids=["read directly", "scanned"])
def test_a_record_of_any_white_space_is_blank(stage: Stage, before: str) -> None:
    spaces = [c for c in WHITE_SPACE if c not in "\r\n"]
    records = "".join(f"{c},{c} {c},\n" for c in spaces)
    for blank in (records, *(f"{c},,{c}\n" for c in spaces)):
        staged = stage(f"{before}{H}1,A,a\n{blank}")
        assert staged.said.records == 1
        assert staged.rules == {"file.records.blank"}


@pytest.mark.parametrize("line", ["a\n", 'a,"\n', '1,"A\n' + "x\n" * 50])
def test_a_file_whose_lines_are_no_records_is_not_read_to_its_end(stage: Stage, line: str) -> None:
    staged = stage(f"{H}1,A,a\n{line * 20_000}")
    assert staged.said.state is FileState.REJECTED
    [finding] = staged.said.findings
    assert (finding.rule, finding.severity) == ("file.records.unreadable", "critical")
    assert finding.message == (
        "rosters.csv is not read to its end: 10,000 of its first 10,001 records cannot be read,"
        " the first one in line 3"
    )


def test_a_file_of_which_some_can_be_read_is_read_to_its_end(stage: Stage) -> None:
    staged = stage(H + "1,A,a\n1,B\n1,C\n1,D\n1,E\n" * 2_600)
    assert staged.said.state is FileState.ACCEPTED
    assert (staged.said.records, staged.said.rejects) == (13_000, 10_400)


def test_values_hold_line_ends_delimiters_and_quotes_as_sent(stage: Stage) -> None:
    staged = stage(
        H + '1,"A\nA","x\r\ny"\r\n' + '1,"B,""b""", "pad" \n' + "1,C\"c,O'Testkid\n" + "1,D,d\n"
    )
    assert staged.column("section_id__raw") == ["A\nA", 'B,"b"', 'C"c', "D"]
    assert staged.column("student_id__raw") == ["x\r\ny", "pad", "O'Testkid", "d"]
    assert staged.lines == [2, 5, 6, 7]


@pytest.mark.parametrize("bad", ["1,A", "1,A,x,y", "1", "1,A,x,", '1,"A",x,y'])
def test_a_ragged_record_costs_itself_only(stage: Stage, bad: str) -> None:
    staged = stage(f"{H}1,A,a\n{bad}\n1,B,b\n")
    assert staged.rejects == [(3, RAGGED)]
    assert staged.lines == [2, 4]
    assert staged.said.records == 3


@pytest.mark.parametrize(
    "bad", ['1,"A,x', '1,A,"x', '"1,A,x', '1,"A"b,x', '1,"A\\"b",x', '"', '1,A,"']
)
def test_a_stray_quote_costs_its_line_only(stage: Stage, bad: str) -> None:
    staged = stage(f'{H}1,A,a\n{bad}\n1,"B",b\n1,C,c\n')
    assert staged.rejects == [(3, QUOTE)]
    assert staged.column("student_id") == ["a", "b", "c"]
    assert staged.lines == [2, 4, 5]


def test_a_stray_quote_in_front_of_many_good_lines(stage: Stage) -> None:
    many = "".join(f"1,S{i},x\n" for i in range(500))
    staged = stage(f'{H}1,"A,a\n{many}')
    assert staged.rejects == [(2, QUOTE)]
    assert staged.lines == list(range(3, 503))
    assert staged.column("section_id") == [f"S{i}" for i in range(500)]


def test_what_two_stray_quotes_swallow_is_rejected_line_by_line(stage: Stage) -> None:
    staged = stage(f'{H}1,A,"a\n1,B,b\n1,C,c"\n1,D,d\n1,"E,e\n\n1,F"\n1,G,g\n')
    assert staged.rejects == [(2, QUOTE), (3, QUOTE), (4, QUOTE), (6, RAGGED), (8, RAGGED)]
    assert staged.column("student_id") == ["d", "g"]
    assert staged.lines == [5, 9]


def test_two_stray_quotes_that_make_a_record_of_two(stage: Stage) -> None:
    staged = stage(H + '1,A,"a\n1,B,b"\n1,C,c\n')
    assert staged.rejects == [(2, QUOTE), (3, QUOTE)]
    assert staged.lines == [4]


@pytest.mark.parametrize("others", ['1",B\n', '1,B,b1,C",c\n'])
def test_records_that_a_stray_quote_joins_to_one_of_the_right_width(
    stage: Stage, others: str
) -> None:
    """The record would hold the cell of another one."""
    staged = stage(f'{H}1,"A,a\n{others}1,D,d\n')
    assert staged.column("student_id") == ["d"]
    assert staged.said.records == 2 + others.count("\n")


@pytest.mark.parametrize("bad", ['1,A"a,x"', '1,x"y,z"', '1,A"a,"two\nlines",b"'])
def test_quotes_that_may_pair_over_a_comma_are_not_believed(stage: Stage, bad: str) -> None:
    staged = stage(f'{H}{bad}\n1,Robert "Bob",6\'2"\n')
    assert staged.column("section_id") == ['Robert "Bob"']
    assert staged.column("student_id") == ["6'2\""]
    assert staged.said.records == 2 + bad.count("\n")


def test_commas_in_other_values_are_no_sign_of_swallowed_records(stage: Stage) -> None:
    staged = stage(H + '"1, 2","A\nA",a\n')
    assert staged.column("section_id__raw") == ["A\nA"]


def test_quotes_lost_on_both_sides_of_a_line_end(stage: Stage) -> None:
    """Each record lost one of the two quotes around its value, and the values hold commas."""
    staged = stage(H + '1,"A,x,a\n1,B,x",b\n1,D,d\n')
    assert staged.column("student_id") == ["d"]
    assert staged.said.records == 3


def test_a_line_too_long_to_be_a_record(stage: Stage) -> None:
    staged = stage(H + "1,A,a\n1,B," + "x" * 1_200_000 + "\n1,C,c\n")
    assert staged.rejects == [(3, "file.record.too_long")]
    assert staged.lines == [2, 4]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", range(499_993, 500_000))
def test_a_line_that_ends_where_reading_stops(stage: Stage, end: str, size: int) -> None:
    """Around the limit a CR may be read without its LF; the lines after it are still whole."""
    staged = stage(f"{H}1,A,{'x' * size}\n\n1,B,b\n\n1,C,c\n".replace("\n", end))
    assert staged.column("student_id")[-2:] == ["b", "c"]
    assert staged.lines[-2:] == [4, 6]
    assert staged.said.records == 3


def test_a_long_value_and_the_longest_one(stage: Stage) -> None:
    for size in (200_000, 499_990):
        staged = stage(f'{H}1,"A","{"x" * size}"\n1,"","{"é" * 100}"\n1,A\n')
        assert [len(v) for v in staged.column("student_id")] == [size, 100]


def test_details_tell_the_fields_and_no_text(session, stage: Stage) -> None:  # type: ignore[no-untyped-def]
    stage(H + "1,Testkid,x,y\n1,A,a\n")
    path = f"{session.archive.url}/check/rejects/rosters.parquet"
    rows = session.con.execute(f"select detail from read_parquet('{path}')").fetchall()
    assert rows == [("expected 3 fields, found 4",)]


class TestUnnamedLastColumn:
    def test_blank_is_tolerated(self, stage: Stage) -> None:
        staged = stage("school_id,section_id,student_id,\n1,A,a,\n1,B,b, \n")
        assert staged.column("student_id") == ["a", "b"]
        assert staged.rules == {"file.header.unnamed_column"}

    def test_in_the_records_only(self, stage: Stage) -> None:
        staged = stage(H + "1,A,a,\n1,B,b,\n\n")
        assert staged.column("student_id") == ["a", "b"]
        assert staged.lines == [2, 3]
        assert staged.rules == {"file.header.unnamed_column", "file.records.blank"}

    def test_in_most_records_costs_the_others_only(self, stage: Stage) -> None:
        staged = stage(H + '1,A,a,\n1,"B\nB",b,\n1,C\n1,D,"d,\n1,F,f,\n')
        assert staged.column("student_id") == ["a", "b", "f"]
        assert staged.rejects == [(5, RAGGED), (6, QUOTE)]

    def test_a_value_in_one_of_them_is_a_column_that_lost_its_name(self, stage: Stage) -> None:
        staged = stage(H + "x,1,A,\nx,1,B,\nx,1,C,c\n")
        assert staged.rejects == [(2, RAGGED), (3, RAGGED), (4, RAGGED)]

    def test_a_value_in_it_is_a_shifted_record(self, stage: Stage) -> None:
        staged = stage("school_id,section_id,student_id,\n1,A,a,\n1,B, b,c\n1,C,c\n")
        assert staged.column("student_id") == ["a"]
        assert staged.rejects == [(3, RAGGED), (4, RAGGED)]


class TestOpenRecord:
    """A last record without a line end: whether it may be cut, the diff says beside the file before."""

    def test_it_is_read_and_marked(self, stage: Stage) -> None:
        staged = stage(H + "1,A,a\n1,B,b")
        assert (staged.lines, staged.rejects, staged.said.open_record) == ([2, 3], [], 3)

    def test_read_record_by_record(self, stage: Stage) -> None:
        staged = stage(H + "1,A,a\n\n1,B,b")
        assert (staged.lines, staged.said.open_record) == ([2, 4], 4)

    def test_a_record_over_two_lines_is_marked_where_it_begins(self, stage: Stage) -> None:
        staged = stage(H + '1,A,a\n1,B,"b\nb"')
        assert (staged.lines, staged.said.open_record) == ([2, 3], 3)

    def test_one_that_has_too_few_fields_is_marked_too(self, stage: Stage) -> None:
        staged = stage(H + "1,A,a\n1,B")
        assert (staged.rejects, staged.said.open_record) == ([(3, RAGGED)], 3)

    @pytest.mark.parametrize("rest", ["1,A,a\n", "1,A,a\r", "1,A,a\n  ", "1,A,a\n,,"])
    def test_a_line_end_after_the_last_record(self, stage: Stage, rest: str) -> None:
        assert stage(H + rest).said.open_record is None


class TestNothingInIt:
    @pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n \r\n"])
    def test_empty(self, stage: Stage, data: bytes) -> None:
        staged = stage(data)
        assert staged.said.state is FileState.EMPTY
        assert staged.rows is None

    @pytest.mark.parametrize("data", [H, H.strip(), H + "\n,,\n"])
    def test_header_only(self, stage: Stage, data: str) -> None:
        staged = stage(data)
        assert staged.said.state is FileState.HEADER_ONLY
        assert staged.said.records == 0

    def test_bad_records_only_is_not_empty(self, stage: Stage) -> None:
        staged = stage(H + "1,A\n2\n")
        assert staged.said.state is FileState.ACCEPTED
        assert staged.said.records == staged.said.rejects == 2


@pytest.mark.parametrize(
    "line",
    ['x",y,"z\n', 'x",' + '""' * 200 + ',"z\n'],
    ids=["closed and opened", "pairs"],
)
def test_time_grows_with_the_bytes_whatever_they_are(stage: Stage, line: str) -> None:
    """Each line leaves a quote open: looking ahead from every one must not read the others again."""
    data = H + line * (200_000 // len(line))
    began = time.process_time()
    stage(data)
    assert time.process_time() - began < 2
