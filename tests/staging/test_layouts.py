"""attendance.csv in both layouts: by row, and by column with p0, p1 and so on."""

from __future__ import annotations

import json

import pytest

from rostersync.archive import FileState
from rostersync.spec import FILES
from rostersync.staging import shape_of
from tests.staging.conftest import Stage

BY_COLUMN = "school_id,student_id,date,p0,p1,p12\n"


def codes(staged: object) -> list[dict[str, str | None]]:
    return [json.loads(c) for c in staged.column("codes")]  # type: ignore[attr-defined]


def test_by_row_a_record_is_an_event(stage: Stage) -> None:
    staged = stage("school_id,student_id,date,period,code\n1,s1,9/1/2026,all_day,A\n", "attendance")
    assert staged.column("date") == ["2026-09-01"]
    assert (staged.column("period"), staged.column("code")) == (["all_day"], ["A"])
    assert staged.column("codes") == [None]


def test_by_column_a_record_has_a_code_for_each_period_also_blank_ones(stage: Stage) -> None:
    staged = stage(BY_COLUMN + "1,s1,9/1/2026,, A ,T\n1,s2,9/1/2026,,,\n", "attendance")
    assert codes(staged) == [
        {"all_day": None, "1": "A", "12": "T"},
        {"all_day": None, "1": None, "12": None},
    ]
    assert staged.column("period") == staged.column("code") == [None, None]
    assert staged.said.findings == ()


def test_placeholders_in_the_columns_are_blank_and_told(stage: Stage) -> None:
    staged = stage(BY_COLUMN + "1,s1,9/1/2026,NULL, #N/A,T\n", "attendance")
    assert codes(staged) == [{"all_day": None, "1": None, "12": "T"}]
    (found,) = staged.said.findings
    assert (found.rule, found.severity, found.count) == ("file.values.placeholder", "warning", 2)


def test_p0_may_be_period_zero(stage: Stage) -> None:
    says = {"codes": {"A": "Absent"}, "p0": "zero_period"}
    staged = stage(BY_COLUMN + "1,s1,9/1/2026,A,,\n", "attendance", attendance=says)
    assert codes(staged) == [{"0": "A", "1": None, "12": None}]


def test_p0_may_be_the_first_period_and_the_others_come_after_it(stage: Stage) -> None:
    says = {"codes": {"A": "Absent"}, "p0": "period_1"}
    staged = stage(BY_COLUMN + "1,s1,9/1/2026,A,T,\n", "attendance", attendance=says)
    assert codes(staged) == [{"1": "A", "2": "T", "13": None}]
    near = "school_id,student_id,date,period_1,p1\n1,s1,9/1/2026,A,T\n"
    rejected = stage(near, "attendance", attendance=says)
    assert "must be written p0" in rejected.message("file.header.missing_column")


@pytest.mark.parametrize(
    ("header", "rule", "told"),
    [
        ("school_id,student_id,date,period,code,p1", "two_layouts", "period and code"),
        ("school_id,student_id,date,code,p1", "two_layouts", "code belong"),
        (
            "school_id,student_id,date,P1,P2",
            "missing_column",
            '"P1", "P2" of attendance.csv must be written p1, p2, exactly so',
        ),
        ("school_id,student_id,date,p_1", "missing_column", "must be written p1"),
        ("school_id,student_id,date,p0,P1", "missing_column", "must be written p1"),
        ("school_id,student_id,date,p0,p01", "missing_column", "must be written p1"),
        ("school_id,student_id,date,p 0,p1", "missing_column", "must be written p0"),
        ("school_id,student_id,date,period_1", "missing_column", "must be written p1"),
        ("school_id,student_id,date,period,code,P1", "missing_column", "must be written p1"),
        ("school_id,student_id,date", "missing_column", "no column period"),
        ("school_id,student_id,p1,p2", "missing_column", "no column date"),
        ("school_id,student_id,date,p1,p1", "duplicate_column", 'called "p1"'),
    ],
)
def test_a_header_of_neither_layout_rejects_the_file(
    stage: Stage, header: str, rule: str, told: str
) -> None:
    width = header.count(",") + 1
    staged = stage(f"{header}\n{','.join(['1'] * width)}\n", "attendance")
    assert staged.said.state is FileState.REJECTED
    assert told in staged.message(f"file.header.{rule}")


def test_the_periods_of_a_header_are_part_of_what_it_looks_like() -> None:
    header = ("school_id", "student_id", "date", "p2", "p1")
    shape = shape_of(FILES["attendance"], header, {}, ends_with_newline=True)
    assert (shape.columns, shape.wide) == (("school_id", "student_id", "date"), ("p1", "p2"))


def test_days_before_months_reject_the_file(stage: Stage) -> None:
    staged = stage(BY_COLUMN + "1,s1,13/1/2026,A,,\n1,s1,1/2/2026,A,,\n", "attendance")
    assert staged.said.state is FileState.REJECTED
    assert staged.rules == {"file.dates.day_first"}
