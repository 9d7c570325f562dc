"""A school that is missing from students.csv for a night: one hold of that school, and the rest loads."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from rostersync.ledger.results import Outcome, RunResult
from tests.integration.conftest import After
from tests.support.district import Copy
from tests.support.two_schools import FULL, TwoSchools, ids, names, write_upload

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

DUAL = "2s00"
"""At home at school 2, and at school 1, too."""


class Families(TwoSchools):
    """Every child of school 2 has three parents: most of parents.csv is of that school."""

    def night(self, day: int, *, of: str = "12", extra: tuple[str, ...] = ()) -> RunResult:
        """All files whole, but for students.csv: only the schools of ``of``, and more of its lines."""
        folder = write_upload(self.fresh(), FULL)
        with (folder / "parents.csv").open("a", newline="") as f:
            csv.writer(f).writerows(
                ["2", s, f"p{s}{n}", "Cedar", "Testkid", f"{s}{n}@example.org"]
                for s in FULL["2"]
                for n in ("x", "y")
            )
        path = folder / "students.csv"
        header, *lines = path.read_text().splitlines()
        kept = [line for line in lines if line[0] in of]
        path.write_text("\n".join([header, *kept, f"1,{DUAL},Aspen,Testkid,3", *extra, ""]))
        return self.sync_upload(day, folder)

    def places(self) -> list[str]:
        return sorted(
            f"{student}@{school}"
            for student, school in self.rows(
                "select student_id, school_id from roster.student_schools"
            )
        )


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]) -> Families:
    district = Families(tmp_path_factory.mktemp("begun"), fresh_warehouse())
    assert district.night(1).outcome is Outcome.LOADED
    return district


def sends_one(district: Families) -> None:
    district.night(2, of="1")


@pytest.fixture
def one_school(after: After, begun: Families) -> Families:
    """On the second, students.csv has one school only."""
    return after(sends_one, begun)


@pytest.fixture
def district(begun: Families, tmp_path: Path, copy_warehouse: Copy) -> Families:
    return begun.again(tmp_path, copy_warehouse)


def test_one_school_waits_and_no_other_file_is_blamed(district: Families) -> None:
    before = district.places()
    result = district.night(2, of="1", extra=("1,1new,Rowan,Testkid,3",))
    assert result.outcome is Outcome.LOADED
    assert result.changes["students"].added == 1, "the rest of the upload loads"
    (hold,) = district.holds()
    assert names(hold) == {"students:unsent:2"}
    assert hold.slices[0]["count"] == len(FULL["2"])
    assert {n: f.quarantined for n, f in result.files.items() if f.quarantined} == {}
    assert set(district.places()) == {*before, "1new@1"}
    (home,) = district.rows(f"select school_id from roster.students where student_id = '{DUAL}'")
    assert home == ("2",)


def test_when_the_school_is_back_nothing_has_changed(one_school: Families) -> None:
    before = one_school.places()
    result = one_school.night(3, extra=("1,1new,Rowan,Testkid,3",))
    assert result.changes["students"].touched == 1
    assert one_school.places() == sorted([*before, "1new@1"])
    assert [h.status for h in one_school.holds()] == ["superseded"]


def test_the_same_school_the_next_night_is_the_same_hold(one_school: Families) -> None:
    (first,) = one_school.holds()
    one_school.night(3, of="1", extra=("1,1new,Rowan,Testkid,3",))
    (same,) = one_school.holds()
    assert (same.hold_id, same.slot) == (first.hold_id, "2026-09-03")


def test_who_is_elsewhere_moves_once_it_is_approved(one_school: Families) -> None:
    one_school.approve(one_school.hold())
    assert one_school.students() == {*ids("1", 30), DUAL}
    assert f"{DUAL}@1" in one_school.places()
    assert f"{DUAL}@2" not in one_school.places()
    assert one_school.rows("select count(*) from roster.parents") == [(30 + 3,)]
    late = one_school.night(1)  # again: the decision stands
    assert late.outcome is Outcome.IDENTICAL
    assert one_school.students() == {*ids("1", 30), DUAL}
