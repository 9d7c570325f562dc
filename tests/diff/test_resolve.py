"""Resolve, one test per sentence of SPEC §2 "A bad row never deletes a person" and its accounting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rostersync.archive import Archive, FileState, Layout
from rostersync.diff import compute_diff
from rostersync.engine import open_session
from rostersync.ledger import SlotDiff
from rostersync.spec import Domain
from tests.support.landings import (
    AnyRule,
    Upload,
    parent,
    roster,
    school,
    section,
    small_upload,
    student,
    teacher,
    write_upload,
)


class Nights:
    """Resolves uploads one after the other, as slots of one district."""

    office: tuple[str, ...] = ()

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.diffs: list[SlotDiff] = []

    def upload(self, upload: Upload) -> SlotDiff:
        layout = Layout("testville", Domain.CORE, f"2026-09-{len(self.diffs) + 1:02}")
        files = write_upload(self.archive, layout.check(1, "pin"), upload)
        diff = compute_diff(
            self.archive,
            layout,
            landing=1,
            pin="pin",
            files=files,
            findings=f"{layout.check(1, 'pin')}/findings.parquet",
            previous=self.diffs[-1].fingerprints if self.diffs else {},
            rules=AnyRule(),
            district_office=self.office,
        )
        self.diffs.append(diff)
        return diff

    def state(self, entity: str, columns: str) -> list[tuple[Any, ...]]:
        """The newest state's rows, ordered."""
        fingerprint = self.diffs[-1].fingerprints[entity]
        if int(fingerprint, 16) == 0:
            return []
        layout = Layout("testville", Domain.CORE, "x")
        with open_session(self.archive) as session:
            session.view_parquet("s", layout.state(entity, fingerprint))
            return session.con.execute(f"select {columns} from s order by all").fetchall()

    def keys(self, entity: str, column: str = "student_id") -> list[str]:
        return [row[0] for row in self.state(entity, f'"{column}"')]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(Archive(tmp_path))


def test_first_upload_adds_every_entity(nights: Nights) -> None:
    diff = nights.upload(small_upload())
    added = {name: e.added for name, e in diff.entities.items()}
    assert added == {
        "schools": 1,
        "students": 3,
        "student_schools": 3,
        "staff": 1,
        "sections": 1,
        "section_teachers": 1,
        "parents": 3,
        "rosters": 3,
        **dict.fromkeys(("groups", "group_members", "group_user_members", "emergency_contacts"), 0),
    }


def test_same_upload_again_changes_nothing(nights: Nights) -> None:
    first = nights.upload(small_upload())
    second = nights.upload(small_upload())
    assert second.touched == 0
    assert second.fingerprints == first.fingerprints


def test_absent_student_is_removed_with_contacts_and_rosters(nights: Nights) -> None:
    nights.upload(small_upload())
    gone = small_upload(
        students=[student("s1"), student("s2")],
        # the parent and roster rows of s3 are still sent: new orphans, and the stored ones go
    )
    diff = nights.upload(gone)
    assert diff.entities["students"].removed == 1
    assert nights.keys("parents") == ["s1", "s2"]
    assert nights.keys("rosters") == ["s1", "s2"]
    assert diff.files["parents"].quarantined == 1
    assert [f.rule for f in diff.files["parents"].findings] == ["parents.student_id.known"]


@pytest.mark.parametrize(
    "error",
    [
        ("students", 4, "students.last_name.present", "last_name"),
        ("students", 4, "students.grade_level.known", "grade_level"),
    ],
)
def test_a_key_in_quarantine_is_frozen(nights: Nights, error: Any) -> None:
    nights.upload(small_upload())
    bad = small_upload(students=[student("s1"), student("s2"), student("s3", last_name=None)])
    bad.errors.append(error)
    diff = nights.upload(bad)
    assert nights.state("students", "student_id, last_name")[2] == ("s3", "Testkid")
    assert diff.entities["students"].reasons == {"frozen": 1}
    assert diff.entities["student_schools"].reasons == {"frozen": 1}
    # a child of a frozen parent loads normally
    assert nights.keys("rosters") == ["s1", "s2", "s3"]
    assert diff.files["rosters"].quarantined == 0


def test_new_row_in_quarantine_keeps_its_children_out_as_parent_quarantined(
    nights: Nights, tmp_path: Path
) -> None:
    nights.upload(small_upload())
    bad = small_upload(
        students=[student("s1"), student("s2"), student("s3"), student("s4", first_name=None)],
        rosters=[roster("a", s) for s in ("s1", "s2", "s3", "s4", "s9")],
    )
    bad.errors.append(("students", 5, "students.first_name.present", "first_name"))
    diff = nights.upload(bad)
    assert nights.keys("rosters") == ["s1", "s2", "s3"]
    with open_session(nights.archive) as session:
        folder = Layout("testville", Domain.CORE, "2026-09-02").diff(1, "pin", diff.base)
        session.view_parquet("q", f"{folder}/quarantine.parquet")
        reasons = session.con.execute(
            "select _line, reason from q where file = 'rosters' order by 1"
        ).fetchall()
    assert reasons == [(5, "parent_quarantined"), (6, "orphan")]


def test_unreadable_record_freezes_removals_of_the_entity(nights: Nights) -> None:
    nights.upload(small_upload())
    cut = small_upload(students=[student("s1"), student("s2")])
    cut.ragged.append(("students", 3))
    diff = nights.upload(cut)
    assert nights.keys("students") == ["s1", "s2", "s3"]
    assert diff.entities["students"].reasons == {"frozen_unidentified": 1}
    assert diff.files["students"].records == 3


def test_blank_id_with_known_school_freezes_that_school_only(nights: Nights) -> None:
    two = [school("1"), school("2")]
    nights.upload(
        small_upload(
            schools=two,
            students=[student("s1"), student("s2"), student("x1", "2"), student("x2", "2")],
        )
    )
    bad = small_upload(
        schools=two,
        students=[student("s1"), student(None, "1"), student("x1", "2")],  # type: ignore[arg-type]
    )
    bad.errors.append(("students", 3, "students.student_id.present", "student_id"))
    nights.upload(bad)
    assert nights.keys("students") == ["s1", "s2", "x1"]


def test_contact_with_known_student_freezes_that_students_contacts_only(nights: Nights) -> None:
    nights.upload(small_upload())
    bad = small_upload(
        parents=[parent("s1", None, first_name=None, last_name=None), parent("s3", "ps3")]
    )
    bad.errors.append(("parents", 2, "parents.first_name.present", "first_name"))
    diff = nights.upload(bad)
    assert nights.keys("parents") == ["s1", "s3"]
    assert diff.entities["parents"].reasons == {"frozen_unidentified": 1}
    assert diff.entities["parents"].removed == 1


def test_damaged_contact_that_lost_its_id_freezes_that_students_contacts(nights: Nights) -> None:
    nights.upload(small_upload())
    bad = small_upload(parents=[parent("s1", None, email="a b"), parent("s3", "ps3")])
    bad.errors.append(("parents", 2, "parents.contact.invalid", None))
    nights.upload(bad)
    assert nights.keys("parents", "contact_key") == ["ps1", "ps3"]


@pytest.mark.parametrize(
    ("stored", "sent"), [("007", "7"), ("A1", "a1"), ("12", "12.0")], ids=["zeros", "case", "float"]
)
def test_damaged_id_is_quarantined_and_the_old_row_frozen(
    nights: Nights, stored: str, sent: str
) -> None:
    def upload(sid: str) -> Upload:
        return small_upload(
            students=[student("s1"), student(sid)], parents=[parent(sid, "p1")], rosters=[]
        )

    nights.upload(upload(stored))
    diff = nights.upload(upload(sent))
    assert nights.keys("students") == sorted([stored, "s1"])
    assert nights.keys("parents") == [stored]
    assert [f.rule for f in diff.files["students"].findings] == ["students.student_id.damaged"]
    assert diff.entities["students"].reasons == {"frozen": 1}


def test_damaged_ids_that_collide_freeze_every_row_they_may_stand_for(nights: Nights) -> None:
    def upload(*ids: str) -> Upload:
        return small_upload(
            students=[student(i, last_name=f"T{n}") for n, i in enumerate(ids)],
            parents=[],
            rosters=[],
        )

    nights.upload(upload("007", "07", "s1"))
    diff = nights.upload(upload("7", "7", "s1"))
    assert nights.keys("students") == ["007", "07", "s1"]
    assert diff.files["students"].quarantined == 2


def test_unreachable_contact_is_removed_but_one_with_an_invalid_value_is_frozen(
    nights: Nights,
) -> None:
    nights.upload(small_upload())
    blanked = small_upload(
        parents=[
            parent("s1", "ps1", email=None),
            parent("s2", "ps2", email=None),
            parent("s3", "ps3"),
        ]
    )
    blanked.errors.append(("parents", 2, "parents.contact.unreachable", None))
    blanked.errors.append(("parents", 3, "parents.contact.invalid", None))
    diff = nights.upload(blanked)
    assert nights.keys("parents") == ["s2", "s3"]
    assert diff.files["parents"].quarantined == 2


def test_a_a_b_on_one_key_is_one_duplicate_and_two_quarantined(nights: Nights) -> None:
    twin = parent("s1", "ps1")
    diff = nights.upload(small_upload(parents=[twin, twin, parent("s1", "ps1", first_name="Fir")]))
    file = diff.files["parents"]
    assert (file.records, file.accepted, file.duplicates, file.quarantined) == (3, 0, 1, 2)


def test_student_at_two_schools_is_one_person_with_last_slots_home(nights: Nights) -> None:
    two = [school("1"), school("2")]
    nights.upload(small_upload(schools=two, students=[student("s1", "2")], parents=[], rosters=[]))
    diff = nights.upload(
        small_upload(
            schools=two,
            students=[student("s1", "1", grade_level="4"), student("s1", "2")],
            parents=[],
            rosters=[],
        )
    )
    assert nights.state("students", "student_id, school_id, grade_level") == [("s1", "2", 3)]
    assert nights.state("student_schools", "school_id, grade_level") == [("1", 4), ("2", 3)]
    assert diff.files["students"].accepted == 2
    assert [f.rule for f in diff.files["students"].findings] == ["students.school_id.several"]


def test_one_bad_record_among_several_schools_does_not_move_the_home(nights: Nights) -> None:
    two = [school("1"), school("2")]
    nights.upload(small_upload(schools=two, students=[student("s1", "2")], parents=[], rosters=[]))
    bad = small_upload(
        schools=two,
        students=[student("s1", "1"), student("s1", "2", grade_level="99")],
        parents=[],
        rosters=[],
    )
    bad.errors.append(("students", 3, "students.grade_level.known", "grade_level"))
    diff = nights.upload(bad)
    assert nights.state("students", "student_id, school_id, grade_level") == [("s1", "2", 3)]
    assert diff.entities["students"].reasons == {"frozen": 1}


def test_student_rows_that_differ_in_name_conflict(nights: Nights) -> None:
    two = [school("1"), school("2")]
    diff = nights.upload(
        small_upload(
            schools=two,
            students=[student("s1", "1"), student("s1", "2", last_name="Othertest")],
            parents=[],
            rosters=[],
        )
    )
    assert diff.files["students"].quarantined == 2
    assert nights.keys("students") == []


def test_school_gone_from_schools_csv_is_carried_with_everything_of_it(nights: Nights) -> None:
    nights.upload(
        small_upload(
            schools=[school("1"), school("2")], students=[student("s1"), student("x1", "2")]
        )
    )
    diff = nights.upload(small_upload(students=[student("s1")], parents=[], rosters=[]))
    assert nights.keys("schools", "school_id") == ["1", "2"]
    assert nights.keys("students") == ["s1", "x1"]
    assert diff.entities["schools"].reasons == {"out_of_scope": 1}


def test_student_of_unknown_school_is_quarantined_and_the_stored_one_stays(nights: Nights) -> None:
    nights.upload(small_upload())
    diff = nights.upload(small_upload(students=[student("s1", "99"), student("s2"), student("s3")]))
    assert nights.state("students", "student_id, school_id")[0] == ("s1", "1")
    assert diff.files["students"].quarantined == 1
    assert diff.files["parents"].quarantined == 0


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (FileState.MISSING, "file_missing"),
        (FileState.HEADER_ONLY, "file_missing"),
        (FileState.REJECTED, "file_rejected"),
        (FileState.STALE, "file_stale"),
    ],
)
def test_file_that_brings_nothing_is_carried(nights: Nights, state: FileState, reason: str) -> None:
    nights.upload(small_upload())
    hollow = small_upload(students=[student("s1"), student("s2")])
    del hollow.files["rosters"]
    hollow.states["rosters"] = state
    diff = nights.upload(hollow)
    # the removed student's roster row goes with its parent, the others are carried
    assert nights.keys("rosters") == ["s1", "s2"]
    assert diff.entities["rosters"].reasons == {reason: 2}


def test_section_loads_without_its_unknown_teacher(nights: Nights) -> None:
    diff = nights.upload(
        small_upload(sections=[section("a", "t1"), section("a", "nobody"), section("b", None)])
    )
    assert nights.keys("sections", "section_id") == ["a", "b"]
    assert nights.keys("section_teachers", "staff_id") == ["t1"]
    found = {f.rule: f.count for f in diff.files["sections"].findings}
    assert found == {"section_teachers.staff_id.known": 1}
    assert diff.files["sections"].accepted == 3


def test_of_two_primary_teachers_none_is_primary(nights: Nights) -> None:
    nights.upload(
        small_upload(
            staff=[teacher("t1"), teacher("t2")],
            sections=[section("a", "t1", is_primary="1"), section("a", "t2", is_primary="1")],
        )
    )
    assert nights.state("section_teachers", "staff_id, is_primary") == [
        ("t1", False),
        ("t2", False),
    ]


def test_first_of_two_schools_with_one_id_wins(nights: Nights) -> None:
    diff = nights.upload(small_upload(schools=[school("1"), school("1", school_name="Other")]))
    assert nights.state("schools", "school_id, school_name") == [("1", "School 1")]
    assert (diff.files["schools"].accepted, diff.files["schools"].duplicates) == (1, 1)


def test_namesakes_without_ids_are_told_apart_by_contact(nights: Nights) -> None:
    nights.upload(
        small_upload(
            parents=[
                parent("s1", None),
                parent("s1", None, email="other@example.org"),
                parent("s2", None),
            ]
        )
    )
    assert nights.keys("parents", "contact_key") == [
        "cedar testparent",
        "cedar testparent cedar@example.org",
        "cedar testparent other@example.org",
    ]


def test_quarantined_namesake_does_not_rename_the_contact_that_is_stored(nights: Nights) -> None:
    nights.upload(small_upload(parents=[parent("s1", None)]))
    bad = small_upload(
        parents=[parent("s1", None), parent("s1", None, email="other@example.org", primary="x")]
    )
    bad.errors.append(("parents", 3, "parents.primary.known", "primary"))
    diff = nights.upload(bad)
    assert nights.keys("parents", "contact_key") == ["cedar testparent"]
    assert diff.entities["parents"].touched == 0


def test_repeated_section_without_a_teacher_is_a_duplicate(nights: Nights) -> None:
    diff = nights.upload(small_upload(sections=[section("a", None), section("a", None)]))
    file = diff.files["sections"]
    assert (file.records, file.accepted, file.duplicates) == (2, 1, 1)
    assert nights.keys("sections", "section_id") == ["a"]


@pytest.mark.parametrize("separator", ["\x1f", "|", ""], ids=["unit", "bar", "none"])
def test_values_that_move_between_cells_are_another_state(nights: Nights, separator: str) -> None:
    def named(name: str, zip_code: str) -> Upload:
        return small_upload(schools=[school(school_name=name, school_zip=zip_code)])

    first = nights.upload(named(f"A{separator}B", "C"))
    second = nights.upload(named("A", f"B{separator}C"))
    assert first.fingerprints["schools"] != second.fingerprints["schools"]


def test_student_left_out_by_the_districts_map_counts_as_accepted_and_is_removed(
    nights: Nights,
) -> None:
    nights.upload(small_upload())
    diff = nights.upload(
        small_upload(
            students=[student("s1"), student("s2"), student("s3", status="drop")],
            parents=[],
            rosters=[],
        )
    )
    assert nights.keys("students") == ["s1", "s2"]
    assert diff.files["students"].accepted == 3
