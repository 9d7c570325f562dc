"""What is measured of a diff, on real uploads: by school, with what does not count left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive, FileState
from rostersync.diff import judge, with_excused
from rostersync.fold import Counts, Known
from rostersync.spec import Domain
from tests.diff.measured import TWO, again, counts, measured, pupils
from tests.support.landings import (
    Row,
    Upload,
    emergency_contact,
    full_upload,
    parent,
    roster,
    school,
    section,
    small_upload,
    student,
    teacher,
)
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(Archive(tmp_path))


def test_rows_are_counted_at_their_school(nights: Nights) -> None:
    before = [*pupils(4, "1"), *pupils(3, "2")]
    nights.upload(small_upload(schools=TWO, students=before, parents=[], rosters=[]))
    after = [*pupils(2, "1"), *pupils(5, "2", last_name="Testchild")]
    diff = nights.upload(small_upload(schools=TWO, students=after, parents=[], rosters=[]))
    assert counts(diff, "students") == {
        "1": Counts(known=4, removed=2),
        "2": Counts(known=3, added=2, changed=3),
    }
    assert counts(diff, "student_schools") == {
        "1": Counts(known=4),  # where a student was goes with the student
        "2": Counts(known=3, added=2),
    }
    assert counts(diff, "schools") == {"1": Counts(known=1), "2": Counts(known=1)}


def test_contacts_are_counted_at_the_school_of_the_row_before(nights: Nights) -> None:
    nights.upload(full_upload())
    diff = nights.upload(
        full_upload(
            parents=[parent("s1", "ps1"), parent("s2", "ps2", mobile="2145550101", email=None)],
            emergency_contacts=[emergency_contact("s1", "es1", phone="2145550199")],
        )
    )
    assert counts(diff, "parents") == {"1": Counts(known=3, changed=1, removed=1)}
    assert counts(diff, "emergency_contacts") == {"1": Counts(known=3, changed=1, removed=2)}


def test_carried_rows_are_not_among_the_known(nights: Nights) -> None:
    nights.upload(small_upload(students=pupils(5), parents=[], rosters=[]))
    upload = small_upload(students=pupils(4), parents=[], rosters=[])
    upload.errors = [("students", 2, "students.first_name.required", "first_name")]
    diff = nights.upload(upload)
    assert diff.entities["students"].reasons == {"frozen": 1}
    assert counts(diff, "students") == {"1": Counts(known=4, removed=1)}


def test_a_missing_file_leaves_nothing_to_judge(nights: Nights) -> None:
    nights.upload(full_upload())
    upload = full_upload()
    del upload.files["emergency_contacts"]
    assert counts(nights.upload(upload), "emergency_contacts") == {"1": Counts(known=0)}


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ({}, {"cellphone": "2145550123"}, 0),
        ({"cellphone": "2145550123"}, {"cellphone": "2145550124"}, 1),
        ({"cellphone": "2145550123"}, {}, 1),
        ({}, {"last_name": "Testchild"}, 1),
        ({"student_email": "aspen@example.org"}, {"student_email": "Aspen@Example.org"}, 0),
        ({"student_email": "aspen@example.org"}, {"student_email": "birch@example.org"}, 1),
        ({}, {"last_name": "testkid"}, 1),
        ({}, {"grade_level": "4", "status": "0", "city": "Testville", "attributes": "{}"}, 0),
        ({"city": "Testville"}, {"city": "Testtown"}, 0),
    ],
)
def test_changes_count_in_names_and_contact_cells_that_were_there(
    nights: Nights, before: Row, after: Row, changed: int
) -> None:
    rest = pupils(2)
    nights.upload(small_upload(students=[*rest, student("x", **before)], parents=[], rosters=[]))
    diff = nights.upload(
        small_upload(students=[*rest, student("x", **after)], parents=[], rosters=[])
    )
    assert diff.entities["students"].changed == 1
    assert counts(diff, "students") == {"1": Counts(known=3, changed=changed)}


def test_a_student_who_changes_school_is_neither_added_nor_removed(nights: Nights) -> None:
    nights.upload(small_upload(schools=TWO, students=[student("a"), student("b", "2")]))
    moved = [student("a", "2", last_name="Testchild"), student("b", "2")]
    diff = nights.upload(small_upload(schools=TWO, students=moved))
    assert counts(diff, "students") == {"1": Counts(known=1, changed=1), "2": Counts(known=1)}
    assert counts(diff, "student_schools") == {
        "1": Counts(known=1, removed=1),
        "2": Counts(known=1, added=1),
    }


# columns


@pytest.mark.parametrize(("filled", "rows"), [(20, 40), (25, 30)])
def test_a_column_that_was_filled_and_comes_blank_is_told(
    nights: Nights, filled: int, rows: int
) -> None:
    students = [student(str(i), city="Testville" if i < filled else None) for i in range(rows)]
    nights.upload(small_upload(students=students, parents=[], rosters=[]))
    diff = nights.upload(
        small_upload(students=[student(str(i)) for i in range(rows)], parents=[], rosters=[])
    )
    assert measured(diff).blank == {"students": ["city"]}


@pytest.mark.parametrize(("filled", "rows", "still"), [(19, 19, 0), (20, 41, 0), (30, 30, 1)])
def test_a_column_few_had_or_some_still_have_is_not(
    nights: Nights, filled: int, rows: int, still: int
) -> None:
    def students(cities: int) -> list[Row]:
        return [student(str(i), city="Testville" if i < cities else None) for i in range(rows)]

    nights.upload(small_upload(students=students(filled), parents=[], rosters=[]))
    diff = nights.upload(small_upload(students=students(still), parents=[], rosters=[]))
    assert measured(diff).blank == {}


def test_a_carried_row_does_not_hide_a_blank_column(nights: Nights) -> None:
    people = [teacher(f"t{i}", title="Gardener", mobile="2145550100") for i in range(30)]
    nights.upload(small_upload(staff=people))
    upload = small_upload(staff=[teacher(f"t{i}", mobile="2145550100") for i in range(30)])
    upload.errors = [("staff", 2, "staff.first_name.required", "first_name")]
    diff = nights.upload(upload)
    assert diff.entities["staff"].carried == 1
    assert measured(diff).blank == {"staff": ["title"]}


def test_attributes_that_are_gone_are_a_column(nights: Nights) -> None:
    nights.upload(small_upload(students=pupils(20, attributes='{"homeroom":"12"}'), rosters=[]))
    diff = nights.upload(small_upload(students=pupils(20, attributes="{}"), rosters=[]))
    assert measured(diff).blank == {"students": ["attributes"]}


BOTH = '{"homeroom":"12","ssn":"x"}'


def test_attributes_that_are_refused_are_not_missed(nights: Nights) -> None:
    nights.upload(small_upload(students=pupils(20, attributes=BOTH), rosters=[]))
    upload = small_upload(students=pupils(20, attributes="{}"), rosters=[])
    upload.refused = {"students": ("homeroom", "ssn")}
    diff = nights.upload(upload)
    assert diff.entities["students"].changed == 20
    assert measured(diff).blank == {}


def test_attributes_that_are_gone_beside_refused_ones_are(nights: Nights) -> None:
    nights.upload(small_upload(students=pupils(20, attributes=BOTH), rosters=[]))
    upload = small_upload(students=pupils(20, attributes="{}"), rosters=[])
    upload.refused = {"students": ("ssn",)}
    assert measured(nights.upload(upload)).blank == {"students": ["attributes"]}


# schools


def test_a_school_gone_from_schools_is_told_with_its_rows(nights: Nights) -> None:
    whole = small_upload(
        schools=TWO,
        students=[*pupils(3, "1"), *pupils(2, "2")],
        staff=[teacher("t1"), teacher("t2", "2")],
        sections=[section("a", "t1"), section("b", "t2", "2")],
        parents=[],
        rosters=[roster("b", "2-0", "2")],
    )
    nights.upload(whole)
    diff = nights.upload(
        small_upload(students=pupils(3, "1"), parents=[], rosters=[roster("a", "1-0")])
    )
    # itself, two students with their school, a teacher, her section and that she teaches it, a place in it
    assert measured(diff).gone == {"2": 1 + 2 * 2 + 3 + 1}
    assert measured(diff).unsent == {}
    assert counts(diff, "students")["2"] == Counts()


def test_schools_that_never_had_a_row_in_schools_are_not_gone(nights: Nights) -> None:
    contacts = [emergency_contact("s1", "e1", school_id="0")]
    nights.upload(full_upload(emergency_contacts=contacts))
    assert measured(nights.upload(full_upload(emergency_contacts=contacts))).gone == {}


def test_a_school_gone_from_students_is_told(nights: Nights) -> None:
    people = [*pupils(3, "1"), *pupils(2, "2")]
    nights.upload(small_upload(schools=TWO, students=people, parents=[], rosters=[]))
    upload = small_upload(schools=TWO, students=pupils(3, "1"), parents=[], rosters=[])
    assert measured(nights.upload(upload)).unsent == {"2": 2}
    # nothing is left of it: the next night has nothing to tell
    assert measured(nights.upload(upload)).unsent == {}


def test_a_school_whose_students_are_in_quarantine_is_not_gone_from_students(
    nights: Nights,
) -> None:
    people = [*pupils(3, "1"), *pupils(2, "2")]
    nights.upload(small_upload(schools=TWO, students=people, parents=[], rosters=[]))
    upload = small_upload(schools=TWO, students=people[:4], parents=[], rosters=[])
    upload.errors = [("students", 5, "students.first_name.required", "first_name")]
    diff = nights.upload(upload)
    assert diff.entities["students"].removed == 1
    assert measured(diff).unsent == {}


# who is known


def test_known_ids_are_found_in_quarantine_and_at_other_schools(nights: Nights) -> None:
    staff = [teacher("t1"), teacher("t1", "2"), teacher("t2"), teacher("t3")]
    nights.upload(
        small_upload(schools=TWO, students=pupils(4), staff=staff, parents=[], rosters=[])
    )
    upload = small_upload(
        schools=[school("1"), school("3")],
        students=[*pupils(2), student("new")],
        staff=[teacher("t2", "3"), teacher("t3"), teacher("t9")],
        parents=[],
        rosters=[],
    )
    upload.errors = [
        ("students", 2, "students.first_name.required", "first_name"),
        ("staff", 3, "staff.email.one_of", "email"),
    ]
    assert measured(nights.upload(upload)).known == {
        "schools": Known(2, 1),
        "students": Known(4, 2),
        "staff": Known(3, 2),
    }


def test_a_file_that_brings_nothing_says_nothing_of_who_is_known(nights: Nights) -> None:
    nights.upload(small_upload())
    upload = small_upload()
    upload.states = {"staff": FileState.STALE}
    assert set(measured(nights.upload(upload)).known) == {"schools", "students"}


@pytest.mark.parametrize(
    ("before", "now", "counts"),
    [
        ("-4", "-3", True),
        ("-4", "-1", True),
        ("-4", "0", True),
        ("-2", "0", True),
        ("-1", "1", False),
        ("-1", "-1", False),
        ("-1", "-2", False),
        ("0", "1", True),
        ("0", "2", False),
        ("-4", "100", False),
    ],
)
def test_below_kindergarten_any_higher_grade_up_to_it_is_one_up(
    nights: Nights, before: str, now: str, counts: bool
) -> None:
    both = {"parents": [], "rosters": []}
    nights.upload(small_upload(students=pupils(2, grade_level=before), **both))
    after = [*pupils(1, grade_level=now), *pupils(2, grade_level=before)[1:]]
    diff = nights.upload(small_upload(students=after, **both))
    assert measured(diff).grade_up == counts


def test_students_one_grade_up_are_counted(nights: Nights) -> None:
    nights.upload(small_upload(students=pupils(5, grade_level="-1"), parents=[], rosters=[]))
    after = [
        *pupils(3, grade_level="0"),
        student("1-3", grade_level="1"),
        student("new", grade_level="0"),
    ]
    diff = nights.upload(small_upload(students=after, parents=[], rosters=[]))
    assert measured(diff).grade_up == 3
    judgement = judge(diff, limits="default", window=None, first=False, earlier_sha256=())
    assert judgement.label == "rollover"


def test_half_of_the_students_may_be_left_out_by_the_map(nights: Nights) -> None:
    both = {
        "parents": [parent(f"1-{i}", f"p{i}") for i in range(14)],
        "rosters": [roster("a", f"1-{i}") for i in range(14)],
    }
    inactive = [*pupils(14)[:6], *pupils(14, status="drop")[6:]]
    nights.upload(small_upload(students=inactive, **both))
    inactive[0] = student("1-0", last_name="Testchild")
    diff = nights.upload(small_upload(students=inactive, **both))
    assert {n: diff.files[n].quarantined for n in both} == {"parents": 0, "rosters": 0}
    judgement = judge(diff, limits="default", window=None, first=False, earlier_sha256=())
    assert (judgement.set_reasons, judgement.slices) == ((), ())


def test_records_only_without_a_way_to_reach_someone_are_counted(nights: Nights) -> None:
    nights.upload(small_upload())
    people = [parent("s1", "p1", email=None), parent("s2", "p2", email=None), parent("s3", "p3")]
    people += [parent("s3", "p4", email=None, last_name=n) for n in ("Testaunt", "Testuncle")]
    upload = small_upload(parents=people)
    unreachable = "parents.contact.unreachable"
    upload.errors = [
        ("parents", 2, unreachable, None),
        ("parents", 3, unreachable, None),
        ("parents", 3, "parents.first_name.required", "first_name"),
        ("parents", 4, "parents.first_name.required", "first_name"),
        # two who are one by their key: who is in quarantine for this is in no conflict
        ("parents", 5, unreachable, None),
        ("parents", 6, unreachable, None),
    ]
    diff = nights.upload(upload)
    assert diff.files["parents"].quarantined == 5
    assert measured(diff).unreachable == {"parents": 3}


def test_records_only_with_waived_findings_are_counted_when_they_are_asked_for(
    nights: Nights,
) -> None:
    nights.upload(small_upload())
    upload = small_upload()
    upload.errors = [
        ("parents", 2, "parents.first_name.present", "first_name"),
        ("parents", 3, "parents.first_name.present", "first_name"),
        ("parents", 3, "parents.last_name.present", "last_name"),
        ("parents", 4, "parents.contact.unreachable", None),
        ("parents", 4, "parents.first_name.present", "first_name"),
        ("students", 2, "students.last_name.present", "last_name"),
    ]
    diff = nights.upload(upload)
    layout = nights.layout(diff.slot)

    def excused(*waived: str) -> dict[str, int]:
        return measured(with_excused(nights.archive, layout, diff, waived)).excused

    assert excused() == {}
    assert excused("parents.first_name.present") == {"parents": 2}
    assert excused("parents.first_name.present", "parents.last_name.present") == {"parents": 3}
    assert excused("rosters.student_id.known") == {}
    assert again(nights) == diff, "it is no part of the document"


def test_terms_are_measured_and_attendance_is_not(nights: Nights) -> None:
    core = nights.upload(small_upload())
    terms = Nights(nights.archive, domain=Domain.TERMS)
    terms.foreign = {"schools": core.fingerprints["schools"]}
    row = {
        "school_id": "1",
        "term_id": "FALL",
        "term_name": "Fall",
        "start_date": "2026-08-17",
        "end_date": "2026-12-18",
        "school_year": "2027",
    }
    terms.upload(Upload({"terms": [row]}))
    diff = terms.upload(Upload({"terms": [{**row, "term_name": "Autumn"}]}))
    assert measured(diff).rows == {"terms": {"1": Counts(known=1, changed=1)}}
    attendance = Nights(nights.archive, domain=Domain.ATTENDANCE)
    attendance.foreign = {"students": core.fingerprints["students"]}
    event = {
        "school_id": "1",
        "student_id": "s1",
        "date": "2026-09-01",
        "period": "1",
        "code": "A",
    }
    assert measured(attendance.upload(Upload({"attendance": [event]}))).rows == {}
