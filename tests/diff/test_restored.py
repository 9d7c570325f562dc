"""A restore brings back what was, for what it names, and never leaves a row without its parent."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive
from rostersync.fold import EVERYWHERE, Restored, Slice, add_up
from rostersync.spec import ENTITIES, Domain, entities_of
from tests.diff.test_held import two_schools, without
from tests.support.landings import (
    Upload,
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

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out

ALL = tuple(e.name for e in entities_of(Domain.CORE))


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    nights = Nights(Archive(tmp_path))
    nights.upload(two_schools())
    return nights


def restore(
    nights: Nights, *entities: str, school: str = EVERYWHERE, to: int = 0
) -> tuple[Restored, ...]:
    """What of the uploads from now on stands as after night ``to``; all entities unless named."""
    then = nights.diffs[to].fingerprints
    return tuple(Restored(name, school, then[name]) for name in entities or ALL)


def moved_on() -> Upload:
    """Another night: two students gone, one new with all that hangs on one, one renamed, school 3 new."""
    upload = without(two_schools(), "a1", "a2")
    upload.files["schools"].append(school("3"))
    upload.files["students"] = [
        {**r, "last_name": "Newname"} if r["student_id"] == "b1" else r
        for r in upload.files["students"]
    ]
    upload.files["students"] += [student("new"), student("n3", "3")]
    upload.files["parents"] += [parent("new", "pnew"), parent("n3", "pn3", "3")]
    upload.files["rosters"].append(roster("x", "new"))
    return upload


def test_all_of_it_is_exactly_what_was(nights: Nights) -> None:
    nights.restored = restore(nights)
    diff = nights.upload(moved_on())
    assert diff.fingerprints == nights.diffs[0].fingerprints
    assert diff.touched == 0
    assert nights.quarantine() == []
    assert all(f.accepted == f.records for f in diff.files.values())


def test_rows_that_were_gone_for_a_night_are_added_again(nights: Nights) -> None:
    nights.upload(without(two_schools(), "a1", "a2"))
    nights.restored = restore(nights)
    diff = nights.upload(without(two_schools(), "a1", "a2"))
    assert diff.fingerprints == nights.diffs[0].fingerprints
    counts = diff.entities["students"]
    assert (counts.added, counts.unchanged, counts.carried, counts.rows) == (2, 2, 0, 4)


def test_one_school_goes_back_and_the_others_move_on(nights: Nights) -> None:
    nights.restored = restore(nights, school="1")
    nights.upload(moved_on())
    assert nights.state("students", "student_id, last_name") == [
        ("a1", "Testkid"),
        ("b1", "Testkid"),
        ("b2", "Testkid"),
        ("n3", "Testkid"),
    ]
    assert nights.keys("parents") == ["a1", "b1", "b2", "n3"]
    assert nights.keys("rosters") == ["a1", "b1", "b2"]


def test_children_of_rows_that_are_gone_by_a_restore_do_not_load(nights: Nights) -> None:
    nights.restored = restore(nights, "students", "student_schools")
    diff = nights.upload(moved_on())
    assert nights.keys("students") == ["a1", "a2", "b1", "b2"]
    assert nights.keys("parents") == ["b1", "b2"], "parents go with the upload, but not new's"
    assert nights.keys("rosters") == ["b1", "b2"]
    assert nights.quarantine() == [], "the district made no mistake"
    assert diff.files["rosters"].accepted == diff.files["rosters"].records == 3


def test_stored_children_of_rows_that_are_gone_by_a_restore_go(nights: Nights) -> None:
    """Also those that are carried: their file is not even in the upload."""
    upload = moved_on()
    nights.upload(upload)
    assert "new" in nights.keys("rosters")
    nights.restored = restore(nights, "students", "student_schools")
    later = moved_on()
    del later.files["rosters"]
    diff = nights.upload(later)
    assert nights.keys("rosters") == ["b1", "b2"]
    counts = diff.entities["rosters"]
    assert (counts.removed, counts.carried, counts.unchanged) == (1, 2, 0)


def test_a_school_that_is_gone_by_a_restore_takes_its_students_along(nights: Nights) -> None:
    nights.upload(moved_on())
    nights.restored = restore(nights, "schools")
    nights.upload(moved_on())
    assert nights.keys("schools", "school_id") == ["1", "2"]
    assert "n3" not in nights.keys("students") + nights.keys("student_schools") + nights.keys(
        "parents"
    )
    assert "new" in nights.keys("rosters")


def test_rows_come_back_only_beside_their_parents(nights: Nights) -> None:
    nights.restored = restore(nights, "parents", "rosters", "section_teachers")
    upload = without(two_schools(), "a1")
    upload.files["staff"] = [teacher("t1")]
    nights.upload(upload)
    assert nights.keys("students") == ["a2", "b1", "b2"]
    assert nights.keys("parents") == nights.keys("rosters") == ["a2", "b1", "b2"]
    assert nights.keys("section_teachers", "staff_id") == ["t1"]


def test_who_cannot_go_back_stays_as_the_upload_has_them(nights: Nights) -> None:
    """a2 has moved to school 1 and school 2 is closed: going back there would lose the student."""
    nights.gone = ("2",)
    upload = two_schools()
    for file, rows in upload.files.items():
        upload.files[file] = [r for r in rows if r["school_id"] == "1"]
    upload.files["students"].append(student("a2"))
    nights.restored = restore(nights, "students", "student_schools")
    nights.upload(upload)
    assert nights.state("students", "student_id, school_id") == [
        ("a1", "1"),
        ("a2", "1"),
        ("b1", "1"),
    ]
    assert nights.keys("student_schools") == ["a1", "a2", "b1"]


def test_a_student_who_moved_counts_at_the_school_they_had(nights: Nights) -> None:
    upload = two_schools()
    upload.files["students"] = [
        {**r, "school_id": "2"} if r["student_id"] == "a1" else r for r in upload.files["students"]
    ]
    nights.restored = restore(nights, "students", school="2")
    nights.upload(upload)
    assert ("a1", "2") in nights.state("students", "student_id, school_id"), "nobody is lost"
    nights.restored = restore(nights, "students", school="1")
    nights.upload(upload)
    assert ("a1", "1") in nights.state("students", "student_id, school_id")


def test_restores_add_up_and_the_latest_counts(nights: Nights) -> None:
    nights.upload(without(two_schools(), "a1"))
    nights.upload(without(two_schools(), "a1", "a2", "b1"))
    first = add_up((), restore(nights, to=1))
    nights.restored = add_up(first, restore(nights, school="1", to=0))
    nights.upload(without(two_schools(), "a1", "a2", "b1"))
    assert nights.keys("students") == ["a1", "a2", "b1", "b2"]
    assert nights.keys("parents") == nights.keys("rosters") == ["a1", "a2", "b1", "b2"]
    nights.restored = add_up(nights.restored, restore(nights, to=1))
    nights.upload(without(two_schools(), "a1", "a2", "b1"))
    assert nights.keys("students") == nights.keys("parents") == ["a2", "b1", "b2"]


def test_a_later_restore_of_one_school_outweighs_that_of_all(nights: Nights) -> None:
    nights.upload(without(two_schools(), "a1"))
    everywhere = restore(nights, to=0)
    nights.restored = add_up(everywhere, restore(nights, school="1", to=1))
    nights.upload(two_schools())
    assert nights.keys("students") == ["a2", "b1", "b2"], "state 0 has a1, but not for school 1"


def test_to_a_night_without_a_row_of_it(nights: Nights) -> None:
    upload = two_schools()
    upload.files["groups"] = [group("g")]
    upload.files["group_members"] = [member("g", "a1")]
    nights.restored = restore(nights, "groups")
    diff = nights.upload(upload)
    assert nights.keys("groups", "group_id") == nights.keys("group_members") == []
    assert diff.files["group_members"].accepted == 1


def test_a_member_told_by_email_goes_with_the_person(nights: Nights) -> None:
    upload = two_schools()
    upload.files["staff"].append(teacher("t9"))
    upload.files["groups"] = [group("g")]
    upload.files["group_user_members"] = [
        user_member("g", email="t9@example.org"),
        user_member("g", email="t1@example.org"),
    ]
    nights.upload(upload)
    nights.restored = restore(nights, "staff")
    nights.upload(upload)
    assert nights.keys("group_user_members", "email") == ["t1@example.org"]
    nights.restored = restore(nights, "group_user_members", to=1)
    upload.files["staff"].pop()
    upload.files["group_user_members"].pop(0)
    nights.upload(upload)
    assert nights.keys("group_user_members", "email") == ["t1@example.org"], "t9 is not back"


def test_nothing_waits_of_what_was_restored_and_the_rest_does(nights: Nights) -> None:
    nights.held = (Slice("students", "added"), Slice("students", "removed"))
    nights.restored = restore(nights, school="1")
    diff = nights.upload(moved_on())
    assert nights.keys("students") == ["a1", "a2", "b1", "b2"], "a2 waits, a1 is back"
    assert nights.keys("parents") == ["a1", "a2", "b1", "b2"]
    assert {str(h.slice): h.count for h in diff.held} == {
        "students:added": 1,
        "students:removed": 1,
    }, "n3 and a2, of schools 3 and 2"


def test_a_held_addition_that_is_restored_loads_with_its_children(nights: Nights) -> None:
    nights.upload(moved_on())
    nights.upload(two_schools())
    nights.held = (Slice("students", "added"),)
    nights.restored = restore(nights, "students", "student_schools", to=1)
    nights.upload(moved_on())
    assert "new" in nights.keys("students")
    assert "new" in nights.keys("rosters")


def test_a_frozen_row_that_is_as_it_was_stays_frozen(nights: Nights) -> None:
    upload = two_schools()
    upload.files["students"][0]["last_name"] = None
    upload.errors.append(("students", 2, "students.last_name.present", "last_name"))
    nights.restored = restore(nights)
    diff = nights.upload(upload)
    assert diff.entities["students"].reasons == {"frozen": 1}
    file = diff.files["students"]
    assert file.records == file.accepted + file.quarantined == 4


def test_a_section_that_is_back_has_its_teacher_only_when_there_is_one(nights: Nights) -> None:
    upload = two_schools()
    upload.files["sections"] = [section("y", "t2", "2")]
    nights.restored = restore(nights, "sections", "section_teachers")
    diff = nights.upload(upload)
    assert nights.state("section_teachers", "section_id, staff_id") == [("x", "t1"), ("x", "t2")]
    assert nights.keys("rosters") == ["a1", "a2", "b1", "b2"], "their section is back"
    assert diff.files["sections"].accepted == 1


def test_a_slot_without_a_restore_keeps_its_name(nights: Nights) -> None:
    assert "restored" not in nights.diffs[0].settled.decided()
    nights.held = (Slice("students", "removed"),)
    assert set(nights.upload(two_schools()).settled.decided()) == {"held", "gone"}


def test_an_optional_file_that_is_neither_sent_nor_stored_comes_back(nights: Nights) -> None:
    grouped = two_schools()
    grouped.files["groups"] = [group("g")]
    grouped.files["group_members"] = [member("g", "a1")]
    nights.upload(grouped)
    nights.restored = restore(nights, to=0)
    nights.upload(grouped)
    assert nights.keys("groups", "group_id") == []
    nights.restored = restore(nights, to=1)
    diff = nights.upload(two_schools())
    assert nights.keys("groups", "group_id") == ["g"]
    assert nights.keys("group_members") == ["a1"]
    assert diff.entities["groups"].added == 1
    states = {name: f for name, f in nights.diffs[1].fingerprints.items() if name in ENTITIES}
    assert diff.fingerprints.items() >= states.items()
