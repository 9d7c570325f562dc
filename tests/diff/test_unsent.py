"""A school gone from students.csv: nothing of it changes until a person decides; the rest changes as sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive
from rostersync.fold import Slice, SlotDiff
from tests.diff.test_measure import measured
from tests.support.landings import (
    Row,
    Upload,
    full_upload,
    group,
    member,
    parent,
    roster,
    school,
    section,
    student,
    teacher,
    user_member,
)
from tests.support.nights import Nights

DUAL = "d1"
"""At home at school 1, and at school 2 as well."""


def upload(*students: Row, **changes: list[Row]) -> Upload:
    """Two schools; school 1 has a1, b1 and the dual-enrolled d1."""
    return full_upload(
        **{
            "schools": [school("1"), school("2")],
            "students": list(students),
            "parents": [parent(s, f"p{s}", s[1]) for s in ("a1", "b1", "d1", "a2")],
            "staff": [teacher("t1"), teacher("t2", "2")],
            "sections": [section("x", "t1"), section("x", "t2", "2")],
            "rosters": [
                *(roster("x", s) for s in ("a1", "b1", DUAL)),
                *(roster("x", s, "2") for s in (DUAL, "a2")),
            ],
            "groups": [group("g"), group("h", "2")],
            "group_members": [member("g", "a1"), member("h", DUAL, "2")],
            "group_user_members": [user_member("g", parent_id="pa1")],
            "emergency_contacts": [],
            **changes,
        }
    )


AT_ONE = [student("a1"), student("b1"), student(DUAL)]
AT_TWO = [student(DUAL, "2"), student("a2", "2")]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    nights = Nights(Archive(tmp_path))
    nights.upload(upload(*AT_ONE, *AT_TWO))
    return nights


def waiting(nights: Nights, tonight: Upload, *schools: str) -> SlotDiff:
    """The night while these schools wait."""
    nights.held = tuple(Slice("students", "unsent", s) for s in schools)
    return nights.upload(tonight)


def homes(nights: Nights) -> dict[str, str]:
    return dict(nights.state("students", "student_id, school_id"))


def places(nights: Nights) -> list[str]:
    return [p for (p,) in nights.state("student_schools", "student_id || '@' || school_id")]


ALL_PLACES = ["a1@1", "a2@2", "b1@1", "d1@1", "d1@2"]


def test_a_school_without_a_record_is_told_with_its_students(nights: Nights) -> None:
    diff = nights.upload(upload(*AT_TWO))
    assert measured(diff).unsent == {"1": 3}
    assert diff.entities["students"].removed == 2, "without a hold they would go"


def test_it_is_told_as_well_while_it_waits(nights: Nights) -> None:
    assert measured(waiting(nights, upload(*AT_TWO), "1")).unsent == {"1": 3}


def test_a_school_that_only_has_others_students_is_told_too(nights: Nights) -> None:
    diff = nights.upload(upload(*AT_ONE, student("a2", "1")))
    assert measured(diff).unsent == {"2": 2}


def test_while_it_waits_nothing_of_it_changes(nights: Nights) -> None:
    diff = waiting(nights, upload(*AT_TWO), "1")
    assert homes(nights) == {"a1": "1", "b1": "1", DUAL: "1", "a2": "2"}
    assert places(nights) == ALL_PLACES
    assert diff.touched == 0
    assert nights.quarantine() == [], "what refers to them refers to somebody"


def test_who_is_sent_with_another_school_keeps_the_home_and_is_there_too(nights: Nights) -> None:
    moved = student("a1", "2", last_name="Renamed")
    waiting(nights, upload(moved, *AT_TWO), "1")
    assert homes(nights)["a1"] == "1"
    assert places(nights) == sorted([*ALL_PLACES, "a1@2"])
    assert {name for (name,) in nights.state("students", "last_name")} == {"Testkid"}


def test_who_is_also_at_a_school_that_waits_stays(nights: Nights) -> None:
    """Home is not the only school a student is of."""
    waiting(nights, upload(student("a1"), student("b1")), "2")
    assert homes(nights) == {"a1": "1", "b1": "1", DUAL: "1", "a2": "2"}
    assert places(nights) == ALL_PLACES


def test_other_schools_change_as_they_are_sent(nights: Nights) -> None:
    waiting(nights, upload(student(DUAL, "2"), student("b2", "2")), "1")
    assert homes(nights) == {"a1": "1", "b1": "1", DUAL: "1", "b2": "2"}
    assert places(nights) == ["a1@1", "b1@1", "b2@2", "d1@1", "d1@2"]


def test_what_refers_to_its_students_changes_as_it_is_sent(nights: Nights) -> None:
    diff = waiting(
        nights,
        upload(
            *AT_TWO,
            parents=[parent(s, f"p{s}", s[1]) for s in ("b1", "d1", "a2")] + [parent("b1", "new")],
            rosters=[roster("x", "b1"), roster("x", DUAL, "2"), roster("x", "a2", "2")],
            group_members=[member("g", "b1"), member("h", DUAL, "2")],
            group_user_members=[user_member("g", parent_id="new")],
        ),
        "1",
    )
    assert [k for (k,) in nights.state("parents", "student_id || ':' || contact_key")] == [
        "a2:pa2",
        "b1:new",
        "b1:pb1",
        "d1:pd1",
    ]
    assert nights.state("rosters", "student_id, school_id") == [
        ("a2", "2"),
        ("b1", "1"),
        (DUAL, "2"),
    ]
    assert nights.keys("group_members") == ["b1", DUAL]
    assert nights.keys("group_user_members", "member_key") == ["parent new"]
    assert {n: e.held for n, e in diff.entities.items() if e.held} == {
        "students": 3,
        "student_schools": 3,
    }
    assert nights.quarantine() == []


def test_the_slice_counts_the_students_of_the_school(nights: Nights) -> None:
    (one,) = waiting(nights, upload(*AT_TWO), "1").held
    assert (str(one.slice), one.count) == ("students:unsent:1", 3)


def test_the_slice_counts_those_who_are_at_home_elsewhere(nights: Nights) -> None:
    (one,) = waiting(nights, upload(*AT_ONE, student("a2", "1")), "2").held
    assert one.count == 2
    assert homes(nights) == {"a1": "1", "b1": "1", DUAL: "1", "a2": "2"}


def test_once_approved_it_goes_and_who_is_elsewhere_moves(nights: Nights) -> None:
    nights.upload(upload(*AT_TWO))
    assert homes(nights) == {DUAL: "2", "a2": "2"}
    assert places(nights) == ["a2@2", "d1@2"]


def test_a_school_whose_removal_was_approved_is_not_asked_about_again(nights: Nights) -> None:
    nights.gone = ("1",)
    diff = nights.upload(upload(*AT_TWO, schools=[school("2")]))
    assert measured(diff).unsent == {}


def test_a_school_with_a_record_in_quarantine_is_not_gone(nights: Nights) -> None:
    tonight = upload(student("a1", first_name=None), *AT_TWO)
    tonight.errors = [("students", 2, "students.first_name.present", "first_name")]
    assert measured(nights.upload(tonight)).unsent == {}
