"""What is held stays as it was, with all that depends on it; the rest of the upload loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive
from rostersync.fold import Slice
from tests.support.landings import (
    Upload,
    parent,
    roster,
    school,
    section,
    small_upload,
    student,
    teacher,
)
from tests.support.nights import Nights


def two_schools() -> Upload:
    """Two students with a parent and a roster row at each of two schools."""
    ids = [(s, n) for n in ("1", "2") for s in (f"a{n}", f"b{n}")]
    return small_upload(
        schools=[school("1"), school("2")],
        students=[student(s, n) for s, n in ids],
        parents=[parent(s, f"p{s}", n) for s, n in ids],
        staff=[teacher("t1"), teacher("t2", "2")],
        sections=[section("x", "t1"), section("x", "t2", "2")],
        rosters=[roster("x", s, n) for s, n in ids],
    )


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    nights = Nights(Archive(tmp_path))
    nights.upload(two_schools())
    return nights


def without(upload: Upload, *students: str) -> Upload:
    for file in ("students", "parents", "rosters"):
        upload.files[file] = [r for r in upload.files[file] if r["student_id"] not in students]
    return upload


def test_a_held_removal_keeps_the_person_and_all_that_hangs_on_it(nights: Nights) -> None:
    nights.held = (Slice("students", "removed", "1"),)
    diff = nights.upload(without(two_schools(), "a1", "a2"))
    assert nights.keys("students") == ["a1", "b1", "b2"], (
        "school 2's student went, school 1's stays"
    )
    assert nights.keys("parents") == nights.keys("rosters") == ["a1", "b1", "b2"]
    assert {n: e.held for n, e in diff.entities.items() if e.held} == {
        "students": 1,
        "student_schools": 1,
        "parents": 1,
        "rosters": 1,
    }
    assert diff.entities["students"].reasons == {"held": 1}
    assert diff.entities["students"].removed == 1


def test_who_waits_at_one_school_does_not_go_at_the_other(nights: Nights) -> None:
    """Their classes would have a teacher whom nobody knows."""
    nights.held = (Slice("staff", "added", "1"),)
    moved = two_schools()
    moved.files["staff"] = [teacher("t1"), teacher("t2", "1")]
    nights.upload(moved)
    assert nights.state("staff", "staff_id, school_id") == [("t1", "1"), ("t2", "2")]
    assert nights.keys("section_teachers", "staff_id") == ["t1", "t2"]
    nights.held = ()
    nights.upload(moved)
    assert nights.state("staff", "staff_id, school_id") == [("t1", "1"), ("t2", "1")]


@pytest.mark.parametrize("waits", [Slice("parents", "added"), Slice("parents", "added", "1")])
def test_a_contact_whose_new_key_waits_stays_under_the_old_one(
    nights: Nights, waits: Slice
) -> None:
    """Sent under an id of the other school: no limit counts either row, and no tie says so."""
    renamed = two_schools()
    renamed.files["parents"][-1] = parent("b2", None, "2")
    nights.upload(renamed)
    nights.held = (waits,)
    came = two_schools()
    came.files["parents"][-1] = parent("b2", "new", "1")
    nights.upload(came)
    assert ("b2", "cedar testparent") in nights.state("parents", "student_id, contact_key")
    assert len(nights.keys("parents")) == 4
    nights.held = ()
    nights.upload(came)
    assert ("b2", "new") in nights.state("parents", "student_id, contact_key")
    assert len(nights.keys("parents")) == 4


def test_a_held_removal_whose_parent_is_really_gone_goes_with_it(nights: Nights) -> None:
    nights.held = (Slice("parents", "removed"), Slice("rosters", "removed"))
    upload = without(two_schools(), "a1")
    upload.files["parents"] = [r for r in upload.files["parents"] if r["student_id"] != "b1"]
    diff = nights.upload(upload)
    assert nights.keys("students") == ["a2", "b1", "b2"]
    assert nights.keys("parents") == ["a2", "b1", "b2"], "b1's parent waits, a1's goes with a1"
    assert nights.keys("rosters") == ["a2", "b1", "b2"]
    assert diff.entities["parents"].held == 1


def test_held_additions_wait_with_their_children_and_nobody_calls_them_orphans(
    nights: Nights,
) -> None:
    nights.held = (Slice("students", "added"),)
    upload = two_schools()
    upload.files["students"].append(student("new"))
    upload.files["parents"].append(parent("new", "pnew"))
    upload.files["rosters"].append(roster("x", "new"))
    diff = nights.upload(upload)
    assert nights.keys("students") == ["a1", "a2", "b1", "b2"]
    assert "new" not in nights.keys("parents") + nights.keys("rosters")
    assert nights.quarantine() == []
    assert diff.files["rosters"].accepted == diff.files["rosters"].records == 5
    assert diff.entities["rosters"].held == 1
    nights.held = ()
    nights.upload(upload)
    assert nights.keys("rosters") == ["a1", "a2", "b1", "b2", "new"]


def test_a_section_waits_not_for_its_teacher_but_the_link_does(nights: Nights) -> None:
    nights.held = (Slice("staff", "added", "1"),)
    upload = two_schools()
    upload.files["staff"].append(teacher("t9"))
    upload.files["sections"].append(section("y", "t9"))
    diff = nights.upload(upload)
    assert nights.state("sections", "section_id, school_id") == [("x", "1"), ("x", "2"), ("y", "1")]
    assert nights.keys("section_teachers", "staff_id") == ["t1", "t2"]
    assert diff.files["sections"].findings == ()


def test_a_student_who_moves_is_at_the_new_school_although_its_new_places_wait(
    nights: Nights,
) -> None:
    nights.held = (Slice("student_schools", "added", "2"),)
    upload = two_schools()
    upload.files["students"] = [
        {**r, "school_id": "2"} if r["student_id"] == "a1" else r for r in upload.files["students"]
    ]
    diff = nights.upload(upload)
    assert ("a1", "2") in nights.state("students", "student_id, school_id")
    assert ("a1", "2") in nights.state("student_schools", "student_id, school_id")
    places = diff.entities["student_schools"]
    assert (places.held, places.added, places.carried) == (0, 1, 0)


def test_held_changes_keep_the_version_before(nights: Nights) -> None:
    nights.held = (Slice("students", "changed", "2"),)
    upload = two_schools()
    upload.files["students"] = [{**r, "last_name": "Newname"} for r in upload.files["students"]]
    diff = nights.upload(upload)
    assert nights.state("students", "student_id, last_name") == [
        ("a1", "Newname"),
        ("a2", "Testkid"),
        ("b1", "Newname"),
        ("b2", "Testkid"),
    ]
    assert (diff.entities["students"].changed, diff.entities["students"].held) == (2, 2)


def test_a_school_that_is_gone_stays_until_its_removal_is_approved(nights: Nights) -> None:
    upload = two_schools()
    for file, rows in upload.files.items():
        upload.files[file] = [r for r in rows if r["school_id"] == "1"]
    nights.upload(upload)
    assert nights.keys("students") == ["a1", "a2", "b1", "b2"]
    nights.gone = ("2",)
    nights.upload(upload)
    assert nights.keys("schools", "school_id") == ["1"]
    assert nights.keys("students") == nights.keys("rosters") == ["a1", "b1"]
    assert nights.keys("staff", "staff_id") == ["t1"]


def test_what_is_held_is_kept_apart_for_the_person_who_decides(nights: Nights) -> None:
    nights.held = (Slice("students", "removed"),)
    diff = nights.upload(without(two_schools(), "a1"))
    folder = nights.layout(diff.slot).diff(1, "pin", diff.base)
    assert nights._read(f"{folder}/held/students.parquet", "op, student_id") == [("D", "a1")]
