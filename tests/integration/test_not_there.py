"""A night whose students.csv cannot be read, and one whose students.csv is old: no other file is blamed."""

from __future__ import annotations

import pytest

from rostersync.ledger.results import Outcome
from tests.support.two_schools import FULL, TwoSchools, write_upload
from tests.support.uploads import write_csv

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def test_a_night_that_fails_for_one_file_blames_no_other(district: TwoSchools) -> None:
    before = district.tables()
    folder = write_upload(district.fresh(), {"1": ["new1", "new2"], "2": ["new3"]})
    write_csv(folder / "groups.csv", ["school_id", "group_id", "group_name"], [["1", "g", "Chess"]])
    write_csv(
        folder / "group_members.csv", ["school_id", "group_id", "student_id"], [["1", "g", "new1"]]
    )
    students = folder / "students.csv"
    students.write_text(students.read_text().replace("last_name", "lastname", 1))
    result = district.sync_upload(2, folder)
    assert result.outcome is Outcome.REJECTED
    assert {n for n, f in result.files.items() if f.findings} == {"students"}
    assert result.files["parents"].accepted == 3
    assert result.files["group_members"].accepted == 1
    assert district.tables() == before
    again = district.sync(2, FULL)
    assert again.outcome in (Outcome.LOADED, Outcome.IDENTICAL)
