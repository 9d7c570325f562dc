"""The form each kind of value is brought into; the text as sent stays beside it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from rostersync.archive import FileState
from rostersync.spec import FILES
from tests.staging.conftest import Stage


def _one(stage: Stage, file: str, column: str, cells: list[str], **config: Any) -> list[Any]:
    """Normalised values of ``column`` for the cells; the file's other required columns hold "x"."""
    names = [c.name for c in FILES[file].columns]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows(
        [cell if c.name == column else "x" * c.required for c in FILES[file].columns]
        for cell in cells
    )
    staged = stage(out.getvalue(), file, **config)
    assert staged.column(f"{column}__raw") == cells
    return staged.column(column)


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("007", "007"),
        ("  a b\t", "a b"),
        ("\u00a0x\u2003", "x"),
        ("   ", None),
        ("\u00a0", None),
        ("", None),
        ("NULL", "NULL"),
        ("#N/A", "#N/A"),
        ("=x", "=x"),
        ("e\u0301", "e\u0301"),
        ("\u200bx", "\u200bx"),
    ],
)
def test_required_text(stage: Stage, sent: str, value: str | None) -> None:
    assert _one(stage, "students", "last_name", [sent]) == [value]


def test_excel_leftovers_are_blank_in_optional_columns(stage: Stage) -> None:
    cells = ["NULL", " #N/A ", "#REF!", "#VALUE!", "null", "NULLA"]
    assert _one(stage, "students", "city", cells) == [None] * 4 + ["null", "NULLA"]


def test_emails(stage: Stage) -> None:
    assert _one(stage, "parents", "email", [" Aspen@Example.ORG", "", "no mail"]) == [
        "aspen@example.org",
        None,
        "no mail",
    ]


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("5550100199", "5550100199"),
        ("(555) 010-0199", "5550100199"),
        ("555.010.0199", "5550100199"),
        ("+1 555 010 0199", "5550100199"),
        ("15550100199", "5550100199"),
        ("555-010-0199 x123", "5550100199"),
        ("555-010-0199EXT. 5", "5550100199"),
        ("555-010-0199, extension 12", "5550100199"),
        ("1-555-010-0199x1", "5550100199"),
        ("555-010-0199\u00a0x123", "5550100199"),
        ("555-010-0199 (ext. 5)", "5550100199"),
        ("555-010-0199 - X5", "5550100199"),
        ("555-010-0199 #12", "5550100199"),
        ("+1 (555) 010-0199#1", "5550100199"),
        ("555-010-0199 ext. #12", "5550100199"),
        ("#555-010-0199", "5550100199"),
        ("555-010-0199#", "5550100199"),
        ("555-010 #0199", "555010#0199"),
        ("010-0199 #12", "0100199#12"),
        ("#12", "12"),
        ("+1 (555) 010-0199 x 12", "5550100199"),
        ("555-010-0199 x", "5550100199x"),
        ("010-0199 x5", "0100199x5"),
        ("555\u00a0010\u20110199", "5550100199"),
        ("010-0199", "0100199"),
        ("25550100199", "25550100199"),
        ("+44 20 7946 0958", "442079460958"),
        ("5.55E+09", "555E09"),
        ("555-CALL-ME", "555CALLME"),
        ("---", "---"),
        ("x123", "x123"),
        ("", None),
    ],
)
def test_phones(stage: Stage, sent: str, value: str | None) -> None:
    assert _one(stage, "parents", "mobile", [sent]) == [value]


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("010-0199", "0100199"),
        ("010-0199 x5", "0100199"),
        ("010-0199 #5", "0100199"),
        ("010 0199, extension 12", "0100199"),
        ("555-010-0199 x123", "5550100199"),
        ("1-555-010-0199x1", "5550100199"),
        ("1 010-0199", "10100199"),
        ("10-0199 x5", "100199x5"),
        ("25550100199", "25550100199"),
        ("---", "---"),
        ("", None),
    ],
)
def test_phones_of_a_district_that_sends_them_without_area_code(
    stage: Stage, sent: str, value: str | None
) -> None:
    assert _one(stage, "parents", "mobile", [sent], phone_digits={"mobile": 7}) == [value]


def test_phones_without_area_code_are_of_the_columns_that_are_named(stage: Stage) -> None:
    short = {"phone_digits": {"mobile": 7}}
    assert _one(stage, "parents", "secondary_phone", ["010-0199 x5"], **short) == ["0100199x5"]


def test_grades(stage: Stage) -> None:
    maps = {"grades": {"PK": -4, "K": 0, "13": 12}}
    cells = [
        "03",
        "-1",
        "-01",
        "00",
        "0",
        "-0",
        "12",
        "100",
        " PK ",
        "K",
        "k",
        "13",
        "1.0",
        "",
        "+3",
    ]
    expected = [
        "3",
        "-1",
        "-1",
        "0",
        "0",
        "0",
        "12",
        "100",
        "-4",
        "0",
        "k",
        "12",
        "1.0",
        None,
        "+3",
    ]
    assert _one(stage, "students", "grade_level", cells, maps=maps) == expected


def test_status(stage: Stage) -> None:
    maps = {"status": {"I": "drop", "A": 1, "P": 0}}
    cells = ["", "1", "0", "I", "A", "P", "Z", "#N/A", "drop"]
    expected = ["1", "1", "0", "drop", "1", "0", "Z", "1", "DROP"]
    assert _one(stage, "students", "status", cells, maps=maps) == expected


def test_a_file_without_status_holds_active_students(stage: Stage) -> None:
    staged = stage(
        "school_id,student_id,first_name,last_name,grade_level\n1,a,Aspen,Testkid,3\n", "students"
    )
    assert (staged.column("status"), staged.column("status__raw")) == (["1"], [None])


def test_languages(stage: Stage) -> None:
    cells = ["es", "EN", "spa", "chi", "ZHO", "spanish", "Español", "español", "Tiếng Việt"]
    cells += ["SP", "sp", "Klingon?", "", "NULL", "Haitian Creole", "中文", "espan\u0303ol"]
    expected = ["es", "en", "es", "zh", "zh", "es", "es", "es", "vi"]
    expected += ["es", "sp", "Klingon?", None, None, "ht", "zh", "es"]
    cells += ["hmn", "FIL", "Hawaiian", "Farsi", "Cantonese", "H", "Spanish (MX)"]
    expected += ["hmn", "fil", "haw", "fa", "zh", "hmn", "Spanish (MX)"]
    maps = {"languages": {"SP": "spa", "H": "hmn"}}
    assert _one(stage, "parents", "language", cells, maps=maps) == expected


def test_dates(stage: Stage) -> None:
    cells = ["1/2/2026", "12/31/2026", "2026-01-02", "2/30/2026", "1/2/26", "45000", "2026-1-2"]
    expected = ["2026-01-02", "2026-12-31", *cells[2:]]
    assert _one(stage, "terms", "start_date", cells) == expected


def test_dates_that_can_only_be_day_first_reject_the_file(stage: Stage) -> None:
    head = "school_id,term_id,term_name,start_date,end_date,school_year\n"
    staged = stage(head + "1,F,Fall,01/09/2026,18/12/2026,2026\n", "terms")
    assert staged.said.state is FileState.REJECTED
    assert staged.rules == {"file.dates.day_first"}
    assert staged.said.records == 1
    assert staged.rows is None
    mixed = stage(head + "1,F,Fall,09/13/2026,18/12/2026,2026\n", "terms")
    assert mixed.said.state is FileState.ACCEPTED
