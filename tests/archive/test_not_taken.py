"""Why a name was not taken, as a manifest keeps it and reports read it back."""

from __future__ import annotations

import pytest

from rostersync.archive import NotTaken, Why, read_not_taken
from rostersync.spec import Domain


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Staff.csv (expected staff.csv)", NotTaken("Staff.csv", Why.MISNAMED, "staff.csv")),
        (
            "staff (1).csv (expected staff (new).csv)",
            NotTaken("staff (1).csv", Why.MISNAMED, "staff (new).csv"),
        ),
        ("terms.csv (terms are off)", NotTaken("terms.csv", Why.OFF, domain=Domain.TERMS)),
        (
            "att.csv (attendance is off)",
            NotTaken("att.csv", Why.OFF, domain=Domain.ATTENDANCE),
        ),
        ("and more names, which were not looked at", NotTaken("", Why.CROWDED)),
        ("staff.csv.part (unfinished)", NotTaken("staff.csv.part", Why.UNFINISHED)),
        ("photos (a folder)", NotTaken("photos (a folder)", Why.UNKNOWN)),
        ("(unfinished)", NotTaken("(unfinished)", Why.UNKNOWN)),
        ("notes.txt", NotTaken("notes.txt", Why.UNKNOWN)),
    ],
)
def test_a_line_is_read_as_it_was_written(line: str, found: NotTaken) -> None:
    assert read_not_taken(line) == found
    assert found.line == line


@pytest.mark.parametrize(
    ("line", "nameless"),
    [
        ("Jo Testkid.csv", "a file"),
        ("Jo Testkid staff.csv (expected staff.csv)", "a file (expected staff.csv)"),
        ("terms.csv (terms are off)", "terms.csv (terms are off)"),
    ],
)
def test_a_name_of_the_district_s_own_is_left_away(line: str, nameless: str) -> None:
    assert read_not_taken(line).nameless == nameless
    assert read_not_taken(nameless).why is read_not_taken(line).why
