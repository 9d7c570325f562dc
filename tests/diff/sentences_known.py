"""Sentences of the contract, the table goes on: what is known of a record, whatever else is wrong with it."""

# long: a table, a sentence of the contract an entry.

from __future__ import annotations

from rostersync.spec import ENTITIES
from rostersync.spec.rules import PARENT_QUARANTINED
from tests.diff.sentences import (
    BASE,
    FULL,
    PARENTS,
    TWO,
    Sentence,
    at,
    people,
    ragged,
    two_schools,
    wrong,
)
from tests.support.landings import (
    Row,
    Upload,
    emergency_contact,
    full_upload,
    group,
    member,
    parent,
    roster,
    school,
    section,
    small_upload,
    student,
    teacher,
    user_member,
)

_CHILD = "0012"
_STUDENTS = [student("s1"), student(_CHILD)]


def family(contact: Row | None, *others: Row, **changes: list[Row]) -> Upload:
    """Student 0012 with a contact, and student s1 with one."""
    contacts = [contact] if contact else []
    return small_upload(
        **{
            "students": _STUDENTS,
            "parents": [parent("s1", "ps1"), *contacts, *others],
            "rosters": [roster("a", "s1"), roster("a", _CHILD)],
            **changes,
        }
    )


_PA = parent(_CHILD, None, first_name="Pa", last_name="Lee", email="pa@example.org")
_PA_KEY = f"{_CHILD}:pa lee"
_LOST = "12"
"""0012 without its zeros."""


def two_mistakes(mistake: str, contact: Row, rule: str, column: str | None = None) -> Sentence:
    """The contact's student_id without its zeros, and one more mistake beside it."""
    return Sentence(
        f"Two mistakes in one row lose no contact: a student_id without its zeros, and {mistake}.",
        (family(_PA),),
        wrong(family({**contact, "student_id": _LOST}), "parents", 3, rule, column),
        lives={"parents": sorted(["s1:ps1", _PA_KEY])},
        carried={"parents": {"frozen_unidentified": 1}},
        out=(("parents", 3, f"parents.{rule}", "invalid"),),
    )


TWO_MISTAKES = [
    two_mistakes(
        "its only email is invalid", {**_PA, "email": None}, "contact.invalid", column=None
    ),
    two_mistakes("last_name blank", {**_PA, "last_name": None}, "last_name.present", "last_name"),
    two_mistakes(
        "a parent_id with a space", {**_PA, "parent_id": "P 1"}, "parent_id.clean", "parent_id"
    ),
    Sentence(
        "Two mistakes in one row lose no contact: a student_id without its zeros, and school_id blank.",
        (family(_PA),),
        wrong(
            family({**_PA, "student_id": _LOST, "school_id": None}),
            *("parents", 3, "school_id.present", "school_id"),
        ),
        lives={"parents": sorted(["s1:ps1", _PA_KEY])},
        carried={"parents": {"frozen": 1}},
        out=(("parents", 3, "parents.school_id.present", "invalid"),),
    ),
    Sentence(
        "A parent_id with a space beside a student_id without its zeros: that student's rows stay.",
        (family(parent(_CHILD, "P1"), parent(_CHILD, "P2")),),
        wrong(
            family(parent(_LOST, "P 1"), parent(_CHILD, "P2")),
            *("parents", 3, "parent_id.clean", "parent_id"),
        ),
        lives={"parents": [f"{_CHILD}:P1", f"{_CHILD}:P2", "s1:ps1"]},
        carried={"parents": {"frozen_unidentified": 1}},
        out=(("parents", 3, "parents.parent_id.clean", "invalid"),),
    ),
    Sentence(
        "A contact_id with a space beside a student_id without its zeros: that student's rows stay.",
        (
            family(
                _PA,
                groups=[],
                emergency_contacts=[emergency_contact("s1", "E9"), emergency_contact(_CHILD, "E1")],
            ),
        ),
        wrong(
            family(_PA, groups=[], emergency_contacts=[emergency_contact(_LOST, "E 1")]),
            *("emergency_contacts", 2, "contact_id.clean", "contact_id"),
        ),
        lives={"emergency_contacts": [f"{_CHILD}:E1"]},
        removed={"emergency_contacts": 1},
        carried={"emergency_contacts": {"frozen_unidentified": 1}},
        out=(("emergency_contacts", 2, "emergency_contacts.contact_id.clean", "invalid"),),
    ),
    Sentence(
        "A section_id with a space beside a student_id without its zeros: that student's rows stay.",
        (family(_PA),),
        wrong(
            family(_PA, rosters=[roster("M 1", _LOST)]),
            *("rosters", 2, "section_id.clean", "section_id"),
        ),
        lives={"rosters": [f"a:{_CHILD}"]},
        removed={"rosters": 1},
        carried={"rosters": {"frozen_unidentified": 1}},
        out=(("rosters", 2, "rosters.section_id.clean", "invalid"),),
    ),
    Sentence(
        "A contact's student_id that equals a known one but for its zeros: nothing of that student goes.",
        (family(parent(_CHILD, "P1")),),
        family(parent(_LOST, "P2")),
        lives={"parents": [f"{_CHILD}:P1", "s1:ps1"]},
        carried={"parents": {"frozen_unidentified": 1}},
        out=(("parents", 3, "parents.student_id.known", "orphan"),),
    ),
    Sentence(
        "It is no damage when somebody has that id exactly, of tonight's file too.",
        (family(parent(_CHILD, "P1")),),
        wrong(
            family(
                {**parent(_LOST, "P 2"), "last_name": "Other"},
                students=[*_STUDENTS, student(_LOST)],
            ),
            *("parents", 3, "parent_id.clean", "parent_id"),
        ),
        lives={"parents": ["s1:ps1"]},
        removed={"parents": 1},
        out=(("parents", 3, "parents.parent_id.clean", "invalid"),),
    ),
    Sentence(
        "Of several students whose ids it may be, nothing of any is removed.",
        (
            family(
                parent(_CHILD, "P1"),
                parent("012", "P2"),
                students=[*_STUDENTS, student("012")],
            ),
        ),
        family(parent(_LOST, "P9"), students=[*_STUDENTS, student("012")]),
        lives={"parents": [f"{_CHILD}:P1", "012:P2", "s1:ps1"]},
        carried={"parents": {"frozen_unidentified": 2}},
        out=(("parents", 3, "parents.student_id.known", "orphan"),),
    ),
    Sentence(
        "A student nobody knows, in quarantine: its school's contacts stay.",
        (
            two_schools(
                parents=[parent("s1", "P1"), parent("x1", "P2", "2"), parent("x2", "P3", "2")]
            ),
        ),
        wrong(
            two_schools(parents=[parent("new", None, "2", last_name=None)]),
            *("parents", 2, "last_name.present", "last_name"),
        ),
        lives={"parents": ["x1:P2", "x2:P3"]},
        removed={"parents": 1},
        carried={"parents": {"frozen_unidentified": 2}},
        out=(("parents", 2, "parents.last_name.present", "invalid"),),
    ),
    Sentence(
        "A school is looked up the same way: without its zeros it is that school.",
        (
            small_upload(
                schools=[school("1"), school("02")],
                staff=[teacher("t1"), teacher("t2", "02"), teacher("t3")],
            ),
        ),
        wrong(
            small_upload(
                schools=[school("1"), school("02")],
                staff=[teacher("t1"), teacher("t 2", "2")],
            ),
            *("staff", 3, "staff_id.clean", "staff_id"),
        ),
        lives={"staff": ["t1@1", "t2@02"]},
        removed={"staff": 1},
        carried={"staff": {"frozen_unidentified": 1}},
        out=(("staff", 3, "staff.staff_id.clean", "invalid"),),
    ),
    Sentence(
        "An unreadable row at a school that schools.csv lacks puts only that school's rows in doubt.",
        TWO,
        wrong(
            two_schools(
                schools=[school("1")],
                students=[student("s1"), student(None, "2")],  # type: ignore[arg-type]
                parents=[parent("s1", "ps1")],
                staff=[teacher("t1")],
                sections=[section("a", "t1")],
                rosters=[roster("a", "s1")],
                groups=[],
                group_members=[],
                group_user_members=[],
                emergency_contacts=[],
            ),
            *("students", 3, "student_id.present", "student_id"),
        ),
        lives={"students": ["s1", "x1", "x2"]},
        removed={
            "students": 1,
            "student_schools": 1,
            "groups": 1,
            "group_members": 1,
            "group_user_members": 1,
            "emergency_contacts": 1,
        },
        carried={
            e.name: {"out_of_scope": 2 if e.name.startswith("student") else 1}
            for e in ENTITIES.values()
            if e.name not in ("terms", "attendance")
        },
        out=(("students", 3, "students.student_id.present", "invalid"),),
    ),
    Sentence(
        "A student of a school at which a record cannot be read is in doubt, wherever home is.",
        (at("1", "2"),),
        wrong(
            small_upload(
                schools=[school("1"), school("2")],
                students=[student(None, "2")],  # type: ignore[arg-type]
                parents=[],
                rosters=[],
            ),
            *("students", 2, "student_id.present", "student_id"),
        ),
        lives={"students": ["s1"], "student_schools": ["s1@1", "s1@2"]},
        carried={
            "students": {"frozen_unidentified": 1},
            "student_schools": {"frozen_unidentified": 2},
        },
        out=(("students", 2, "students.student_id.present", "invalid"),),
    ),
]

READABLE = [
    Sentence(
        "A contact's key without parent_id can be read whatever else is wrong: no other one is in doubt.",
        (people(_B := parent("s1", None, first_name="Bay"), _C := parent("s1", None)),),
        wrong(people({**_C, "school_id": None}), "parents", 2, "school_id.present", "school_id"),
        lives={"parents": ["s1:cedar testparent"]},
        removed={"parents": 1},
        carried={"parents": {"frozen": 1}},
        out=(("parents", 2, "parents.school_id.present", "invalid"),),
    ),
    Sentence(
        "One key, one accepted and one quarantined record: the accepted one is the good version.",
        BASE,
        wrong(
            people(
                parent("s1", "ps1", first_name="New"),
                parent("s1", "ps1", first_name="Bad", school_id=None),
                *PARENTS[1:],
            ),
            *("parents", 3, "school_id.present", "school_id"),
        ),
        values={"parents": ("first_name", [("Cedar",), ("Cedar",), ("New",)])},
        out=(("parents", 3, "parents.school_id.present", "invalid"),),
        accepted={"parents": 3},
    ),
    Sentence(
        "Conflicts are judged among records without another error, a school nobody knows being one.",
        BASE,
        people(
            parent("s1", "ps1", first_name="New"),
            parent("s1", "ps1", "99", first_name="Bad"),
            *PARENTS[1:],
        ),
        values={"parents": ("first_name", [("Cedar",), ("Cedar",), ("New",)])},
        out=(("parents", 3, "parents.school_id.known", "orphan"),),
        accepted={"parents": 3},
    ),
    Sentence(
        "A student with one record in quarantine is carried whole, places included.",
        (at("1", "2"),),
        wrong(
            small_upload(
                schools=[school("1"), school("2"), school("3")],
                students=[student("s1", "3"), student("s1", "2", grade_level=None)],
                parents=[],
                rosters=[],
            ),
            *("students", 3, "grade_level.known", "grade_level"),
        ),
        lives={"student_schools": ["s1@1", "s1@2"]},
        values={"students": ("school_id, grade_level", [("1", 4)])},
        carried={"students": {"frozen": 1}, "student_schools": {"frozen": 2}},
        out=(("students", 3, "students.grade_level.known", "invalid"),),
        accepted={"students": 1},
    ),
]

_A1 = parent("s1", None, email="a@example.org", mobile="2145550101")
_B1 = parent("s1", None, email="b@example.org")
_NAME = "cedar testparent"

BESIDE = [
    Sentence(
        "Nobody is carried beside themselves: a namesake comes while a record cannot be read.",
        (people(_A1),),
        ragged(people(_A1, _B1), "parents", 4),
        lives={"parents": [f"s1:{_NAME} a@example.org", f"s1:{_NAME} b@example.org"]},
        removed={"parents": 1},
        out=(("parents", 4, "file.record.ragged", "parse"),),
    ),
    Sentence(
        "Nobody is carried beside themselves: a district starts to send parent_ids.",
        (people(_A1, parent("s2", None), _B1 | {"first_name": "Bay"}),),
        ragged(people({**_A1, "parent_id": "P1", "email": "A@example.org"}), "parents", 3),
        lives={"parents": ["s1:P1", "s1:bay testparent", f"s2:{_NAME}"]},
        removed={"parents": 1},
        carried={"parents": {"frozen_unidentified": 2}},
        out=(("parents", 3, "file.record.ragged", "parse"),),
    ),
    Sentence(
        "The same mobile tells a contact where either has no email, and another email is another one.",
        (people({**_A1, "email": None}, parent("s2", None, mobile="2145550102")),),
        ragged(
            people(
                {**_A1, "parent_id": "P1"},
                parent("s2", "P2", mobile="2145550102", email="other@example.org"),
            ),
            *("parents", 4),
        ),
        lives={"parents": ["s1:P1", "s2:P2", f"s2:{_NAME}"]},
        removed={"parents": 1},
        carried={"parents": {"frozen_unidentified": 1}},
        out=(("parents", 4, "file.record.ragged", "parse"),),
    ),
    Sentence(
        "One namesake becomes two and the keys grow: nobody is carried beside them, new emails or not.",
        (people(_A1),),
        ragged(people({**_A1, "email": "c@example.org"}, _B1), "parents", 4),
        lives={"parents": [f"s1:{_NAME} b@example.org", f"s1:{_NAME} c@example.org"]},
        removed={"parents": 1},
        out=(("parents", 4, "file.record.ragged", "parse"),),
    ),
    Sentence(
        "A stored contact in quarantine stays while two namesakes come: it was known by its name.",
        (people(_A1),),
        wrong(
            people({**_A1, "school_id": None}, _B1, {**_B1, "email": "c@example.org"}),
            *("parents", 2, "school_id.present", "school_id"),
        ),
        lives={
            "parents": [
                f"s1:{_NAME}",
                f"s1:{_NAME} b@example.org",
                f"s1:{_NAME} c@example.org",
            ],
        },
        carried={"parents": {"frozen": 1}},
        out=(("parents", 2, "parents.school_id.present", "invalid"),),
    ),
    Sentence(
        "Who is stored under the longer key keeps it, also when an email comes beside the mobile.",
        (people({**_A1, "email": None}, _B1),),
        people(_A1, _B1),
        lives={"parents": [f"s1:{_NAME} 2145550101", f"s1:{_NAME} b@example.org"]},
    ),
]

_DROPPED = small_upload(
    students=[
        student("s1"),
        student("s2"),
        student("7", status="drop", last_name=None),
        student("7", status="drop"),
        student("s2", status="drop", first_name="Other"),
    ],
    parents=PARENTS[:2],
    rosters=[],
)

_OF_DROPPED = full_upload(
    students=[student("s1"), student("s2", status="drop"), student("s3", status="drop")],
    parents=[
        parent("s1", "ps1"),
        parent("s2", "ps2", last_name=None, email="oak@example.org"),
        parent("s3", "ps3", mobile="2145550103"),
        parent("s3", "ps3", first_name="Other"),
    ],
    emergency_contacts=[emergency_contact("s1", "es1"), emergency_contact("s2", "es2")],
    rosters=[roster("a", "s1"), roster("a", "s2")],
    groups=[group("g")],
    group_members=[member("g", "s1"), member("g", "s3")],
    group_user_members=[
        user_member("g", parent_id="ps3"),
        user_member("g", email="Oak@example.org"),
        user_member("g", mobile="2145550103"),
    ],
)
LEFT_OUT = [
    Sentence(
        "What a map leaves out is accepted: no duplicate, no conflict, no damaged id, no error.",
        (
            small_upload(
                students=[student("s1"), student("s2"), student("007")], parents=PARENTS[:2]
            ),
        ),
        wrong(_DROPPED, "students", 4, "last_name.present", "last_name"),
        lives={"students": ["s1", "s2"]},
        removed={"students": 1, "student_schools": 1, "rosters": 2},
        accepted={"students": 5},
    ),
    Sentence(
        "What refers to a student whom the map leaves out is no orphan: accepted, and it loads nothing.",
        (),
        wrong(_OF_DROPPED, "parents", 3, "last_name.present", "last_name"),
        lives={
            "students": ["s1"],
            "parents": ["s1:ps1"],
            "emergency_contacts": ["s1:es1"],
            "rosters": ["a:s1"],
            "group_members": ["g:s1"],
            "group_user_members": [],
        },
        accepted={
            **{"students": 3, "parents": 4, "emergency_contacts": 2, "rosters": 2},
            **{"group_members": 2, "group_user_members": 3},
        },
    ),
    Sentence(
        "Stored rows of a student whom the map leaves out go with the student, and freeze nothing.",
        FULL,
        wrong(_OF_DROPPED, "parents", 3, "last_name.present", "last_name"),
        lives={
            "students": ["s1"],
            "parents": ["s1:ps1"],
            "emergency_contacts": ["s1:es1"],
            "rosters": ["a:s1"],
        },
        removed={
            **dict.fromkeys(("students", "student_schools", "parents", "emergency_contacts"), 2),
            **{"rosters": 2, "group_members": 2, "group_user_members": 3},
        },
        accepted={"parents": 4, "rosters": 2},
    ),
    Sentence(
        "A member known by the email of one who is left out and of another is that other's.",
        (),
        wrong(
            full_upload(
                students=[student("s1"), student("s2", status="drop")],
                parents=[
                    parent("s2", "ps2", email="oak@example.org", mobile="2145550103"),
                    parent("s1", "ps1", email="oak@example.org"),
                    parent("s1", "ps3", last_name=None, mobile="2145550103"),
                ],
                emergency_contacts=[],
                rosters=[],
                group_members=[],
                group_user_members=[
                    user_member("g", email="oak@example.org"),
                    user_member("g", mobile="2145550103"),
                ],
            ),
            *("parents", 4, "last_name.present", "last_name"),
        ),
        lives={"parents": ["s1:ps1"], "group_user_members": ["email oak@example.org"]},
        out=(
            ("group_user_members", 3, PARENT_QUARANTINED, "parent_quarantined"),
            ("parents", 4, "parents.last_name.present", "invalid"),
        ),
    ),
    Sentence(
        "A student with another record, in quarantine, is not left out; nor is one whose id is nearly so.",
        (),
        wrong(
            small_upload(
                students=[
                    student("s1"),
                    student("s2", status="drop"),
                    student("s2", last_name=None),
                    student("s3", status="drop"),
                    student("S3"),
                ],
                parents=[parent("s1", "ps1"), parent("s2", "ps2"), parent("03", "ps3")],
                rosters=[roster("a", "s1"), roster("a", "S3")],
            ),
            *("students", 4, "last_name.present", "last_name"),
        ),
        lives={"students": ["S3", "s1"], "parents": ["s1:ps1"], "rosters": ["a:S3", "a:s1"]},
        out=(
            ("students", 4, "students.last_name.present", "invalid"),
            ("parents", 3, PARENT_QUARANTINED, "parent_quarantined"),
            ("parents", 4, "parents.student_id.known", "orphan"),
        ),
        accepted={"students": 4, "parents": 1},
    ),
]


def _faculty(*staff: Row, sections: list[Row], rosters: list[Row]) -> Upload:
    return small_upload(
        schools=[school("1"), school("2")],
        students=[student("s1"), student("s2", "2")],
        parents=[parent("s1", "p1")],
        staff=list(staff),
        sections=sections,
        rosters=rosters,
    )


_STAFF = [teacher("t1"), teacher("t3"), teacher("t2", "2"), teacher("t4", "2")]
_CLASSES = [
    section("a", "t1"),
    section("a", "t3"),
    section("c", "t1"),
    section("b", "t2", "2"),
    section("d", "t4", "2"),
]
_PLACES = [roster("a", "s1"), roster("c", "s1"), roster("b", "s2", "2")]
_SCHOOLS = (_faculty(*_STAFF, sections=_CLASSES, rosters=_PLACES),)

SCHOOLS = [
    Sentence(
        "A staff record without an id keeps the staff of its school: no class, and no other school's.",
        _SCHOOLS,
        wrong(
            _faculty(
                teacher("t1"),
                teacher(None),  # type: ignore[arg-type]
                teacher("t2", "2"),
                sections=[section("a", "t1"), section("b", "t2", "2")],
                rosters=[roster("a", "s1"), roster("b", "s2", "2")],
            ),
            *("staff", 3, "staff_id.present", "staff_id"),
        ),
        lives={
            "staff": ["t1@1", "t2@2", "t3@1"],
            "sections": ["a", "b"],
            "section_teachers": ["a:t1", "b:t2"],
        },
        removed={"staff": 1, "sections": 2, "section_teachers": 3, "rosters": 1},
        carried={"staff": {"frozen_unidentified": 1}},
        out=(("staff", 3, "staff.staff_id.present", "invalid"),),
    ),
    Sentence(
        "A section without an id keeps the school's sections and their teachers, and no place in one.",
        _SCHOOLS,
        wrong(
            _faculty(
                *_STAFF,
                sections=[
                    section("a", "t1"),
                    section(None, "t1"),  # type: ignore[arg-type]
                    section("b", "t2", "2"),
                ],
                rosters=[roster("a", "s1"), roster("b", "s2", "2")],
            ),
            *("sections", 3, "section_id.present", "section_id"),
        ),
        lives={
            "sections": ["a", "b", "c"],
            "section_teachers": ["a:t1", "a:t3", "b:t2", "c:t1"],
            "rosters": ["a:s1", "b:s2"],
        },
        removed={"sections": 1, "section_teachers": 1, "rosters": 1},
        carried={
            "sections": {"frozen_unidentified": 1},
            "section_teachers": {"frozen_unidentified": 2},
        },
        out=(("sections", 3, "sections.section_id.present", "invalid"),),
    ),
]

KNOWN = [*TWO_MISTAKES, *READABLE, *BESIDE, *LEFT_OUT, *SCHOOLS]
