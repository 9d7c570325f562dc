"""What a night keeps, takes and removes, a sentence of the contract an entry: the table.

Each entry says the nights before, tonight's upload, and all that must be true after it. ``removed``,
``carried``, ``out``, ``noted`` and ``duplicates`` are complete: what an entry does not name must not happen.
"""

# long: a table, a sentence of the contract an entry.

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rostersync.archive import FileState
from rostersync.spec import ENTITIES, FILES, Domain, files_of
from rostersync.spec.rules import PARENT_QUARANTINED
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

Out = tuple[str, int, str, str]
"""File, line, rule, reason of a record in quarantine. Line 2 is the first record."""

NAMES = {
    "schools": "school_id",
    "students": "student_id",
    "student_schools": "student_id || '@' || school_id",
    "staff": "staff_id || '@' || school_id",
    "sections": "section_id",
    "section_teachers": "section_id || ':' || staff_id",
    "parents": "student_id || ':' || contact_key",
    "rosters": "section_id || ':' || student_id",
    "groups": "group_id",
    "group_members": "group_id || ':' || student_id",
    "group_user_members": "member_key",
    "emergency_contacts": "student_id || ':' || contact_id",
}
"""How entries name an entity's rows."""


@dataclass(frozen=True)
class Sentence:
    """One sentence of the contract.

    ``lives``: all rows of an entity after tonight (see NAMES; of the entities an entry is about). ``values``:
    entity -> (columns, rows). ``noted``: warnings by rule. ``proves``: resolve rules that show in what lives
    and goes, not as a finding.
    """

    says: str
    before: tuple[Upload, ...]
    tonight: Upload
    lives: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, tuple[str, list[tuple[Any, ...]]]] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    carried: dict[str, dict[str, int]] = field(default_factory=dict)
    out: tuple[Out, ...] = ()
    noted: dict[str, int] = field(default_factory=dict)
    duplicates: dict[str, int] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    states: dict[str, FileState] = field(default_factory=dict)
    proves: tuple[str, ...] = ()
    office: tuple[str, ...] = ()

    @property
    def rules(self) -> set[str]:
        """The rules this entry would miss."""
        return {rule for _, _, rule, _ in self.out} | set(self.noted) | set(self.proves)


def wrong(upload: Upload, file: str, line: int, rule: str, column: str | None = None) -> Upload:
    """The upload, and an error that validation found in it."""
    told = copy.copy(upload)
    told.errors = [*upload.errors, (file, line, f"{file}.{rule}", column)]
    return told


def warned(upload: Upload, file: str, line: int, rule: str, column: str | None = None) -> Upload:
    """The upload, and a warning that validation found in it (its value is NULL by then)."""
    told = copy.copy(upload)
    told.warnings = [*upload.warnings, (file, line, f"{file}.{rule}", column)]
    return told


def ragged(upload: Upload, file: str, line: int) -> Upload:
    """The upload, and a record too many that could not be split into fields."""
    told = copy.copy(upload)
    told.ragged = [*upload.ragged, (file, line)]
    return told


def without(upload: Upload, *files: str, state: FileState = FileState.MISSING) -> Upload:
    """The upload with files that bring nothing."""
    kept = {n: rows for n, rows in upload.files.items() if n not in files}
    return Upload(kept, upload.errors, upload.warnings, states=dict.fromkeys(files, state))


NOTHING: tuple[Upload, ...] = ()
BASE = (small_upload(),)
FULL = (full_upload(),)
_TWO_SCHOOLS: dict[str, list[Row]] = {
    "schools": [school("1"), school("2")],
    "students": [student("s1"), student("s2"), student("x1", "2"), student("x2", "2")],
    "parents": [parent("s1", "ps1"), parent("x1", "px1", "2")],
    "staff": [teacher("t1"), teacher("t2", "2")],
    "sections": [section("a", "t1"), section("b", "t2", "2")],
    "rosters": [roster("a", "s1"), roster("b", "x1", "2")],
    "groups": [group("g"), group("h", "2")],
    "group_members": [member("g", "s1"), member("h", "x1", "2")],
    "group_user_members": [
        user_member("g", staff_id="t1"),
        user_member("h", "2", staff_id="t2"),
    ],
    "emergency_contacts": [
        emergency_contact("s1", "e1"),
        emergency_contact("x1", "e2", school_id="2"),
    ],
}
TWO = (Upload(_TWO_SCHOOLS),)


def two_schools(**changes: list[Row]) -> Upload:
    return Upload({**_TWO_SCHOOLS, **changes})


def people(*parents: Row, students: Iterable[str] = ("s1", "s2", "s3")) -> Upload:
    return small_upload(students=[student(s) for s in students], parents=list(parents))


PARENTS = [parent(s, f"p{s}") for s in ("s1", "s2", "s3")]
_WITHOUT_S3 = [student("s1"), student("s2")]
_EACH = {e.name for e in ENTITIES.values() if FILES[e.file].domain is Domain.CORE}

FROZEN = [
    Sentence(
        "A key in quarantine is frozen: its last good version is carried.",
        BASE,
        wrong(
            small_upload(students=[*_WITHOUT_S3, student("s3", last_name=None)]),
            *("students", 4, "last_name.present", "last_name"),
        ),
        lives={"students": ["s1", "s2", "s3"], "student_schools": ["s1@1", "s2@1", "s3@1"]},
        values={"students": ("last_name", [("Testkid",)] * 3)},
        carried={"students": {"frozen": 1}, "student_schools": {"frozen": 1}},
        out=(("students", 4, "students.last_name.present", "invalid"),),
        accepted={"students": 2},
    ),
    Sentence(
        "A child of a frozen parent loads normally.",
        BASE,
        wrong(
            small_upload(
                students=[*_WITHOUT_S3, student("s3", grade_level=None)],
                parents=[*PARENTS, parent("s3", "new")],
                rosters=[roster("a", "s3")],
            ),
            *("students", 4, "grade_level.known", "grade_level"),
        ),
        lives={
            "parents": ["s1:ps1", "s2:ps2", "s3:new", "s3:ps3"],
            "rosters": ["a:s3"],
        },
        removed={"rosters": 2},
        carried={"students": {"frozen": 1}, "student_schools": {"frozen": 1}},
        out=(("students", 4, "students.grade_level.known", "invalid"),),
    ),
    Sentence(
        "A quarantined section keeps its teachers and its class.",
        BASE,
        wrong(
            small_upload(sections=[section("a", "t1", course_name=None)]),
            *("sections", 2, "course_name.present", "course_name"),
        ),
        lives={"section_teachers": ["a:t1"], "rosters": ["a:s1", "a:s2", "a:s3"]},
        values={"section_teachers": ("is_primary", [(True,)])},
        carried={"sections": {"frozen": 1}, "section_teachers": {"frozen": 1}},
        out=(("sections", 2, "sections.course_name.present", "invalid"),),
    ),
    Sentence(
        "A school in quarantine is frozen with its last good version.",
        BASE,
        wrong(small_upload(schools=[school(school_name="x" * 300)]), "schools", 2, "name.length"),
        values={"schools": ("school_name", [("School 1",)])},
        carried={"schools": {"frozen": 1}},
        out=(("schools", 2, "schools.name.length", "invalid"),),
    ),
    Sentence(
        "A key cannot be read, its student can: nothing is removed of that student's contacts.",
        BASE,
        wrong(
            people(parent("s1", None, first_name=None), parent("s3", "ps3")),
            *("parents", 2, "first_name.present", "first_name"),
        ),
        lives={"parents": ["s1:ps1", "s3:ps3"]},
        removed={"parents": 1},
        carried={"parents": {"frozen_unidentified": 1}},
        out=(("parents", 2, "parents.first_name.present", "invalid"),),
    ),
    Sentence(
        "A damaged contact without an id may be any of that student's.",
        BASE,
        wrong(
            people(parent("s1", None, email=None), parent("s3", "ps3")),
            *("parents", 2, "contact.invalid"),
        ),
        lives={"parents": ["s1:ps1", "s3:ps3"]},
        removed={"parents": 1},
        carried={"parents": {"frozen_unidentified": 1}},
        out=(("parents", 2, "parents.contact.invalid", "invalid"),),
    ),
    Sentence(
        "An emergency contact without its id may be any of that student's.",
        FULL,
        wrong(
            full_upload(
                emergency_contacts=[emergency_contact("s1", None), emergency_contact("s3", "es3")]
            ),
            *("emergency_contacts", 2, "contact_id.present", "contact_id"),
        ),
        lives={"emergency_contacts": ["s1:es1", "s3:es3"]},
        removed={"emergency_contacts": 1},
        carried={"emergency_contacts": {"frozen_unidentified": 1}},
        out=(("emergency_contacts", 2, "emergency_contacts.contact_id.present", "invalid"),),
    ),
    Sentence(
        "Else, with a school that is known: nothing is removed of that school's rows of the entity.",
        TWO,
        wrong(
            two_schools(students=[student("s1"), student(None), student("x1", "2")]),  # type: ignore[arg-type]
            *("students", 3, "student_id.present", "student_id"),
        ),
        lives={"students": ["s1", "s2", "x1"]},
        removed={"students": 1, "student_schools": 1},
        carried={
            "students": {"frozen_unidentified": 1},
            "student_schools": {"frozen_unidentified": 1},
        },
        out=(("students", 3, "students.student_id.present", "invalid"),),
    ),
    Sentence(
        "Else nothing is removed of the entity.",
        TWO,
        wrong(
            two_schools(students=[student("s1"), student(None, "99"), student("x1", "2")]),  # type: ignore[arg-type]
            *("students", 3, "student_id.present", "student_id"),
        ),
        lives={"students": ["s1", "s2", "x1", "x2"]},
        carried={
            "students": {"frozen_unidentified": 2},
            "student_schools": {"frozen_unidentified": 2},
        },
        out=(("students", 3, "students.student_id.present", "invalid"),),
    ),
    Sentence(
        "Of a record that cannot be split into fields nothing is known.",
        TWO,
        ragged(two_schools(students=[student("s1"), student("x1", "2")]), "students", 3),
        lives={"students": ["s1", "s2", "x1", "x2"]},
        carried={
            "students": {"frozen_unidentified": 2},
            "student_schools": {"frozen_unidentified": 2},
        },
        out=(("students", 3, "file.record.ragged", "parse"),),
    ),
    Sentence(
        "A student sent with a school that is not known is frozen, with all contacts.",
        BASE,
        small_upload(students=[student("s1", "99"), student("s2"), student("s3")]),
        lives={"parents": ["s1:ps1", "s2:ps2", "s3:ps3"]},
        values={"students": ("student_id, school_id", [("s1", "1"), ("s2", "1"), ("s3", "1")])},
        carried={"students": {"frozen": 1}, "student_schools": {"frozen": 1}},
        out=(("students", 2, "students.school_id.known", "orphan"),),
        proves=("student_schools.school_id.known",),
    ),
]


def damaged(stored: str, sent: str) -> Sentence:
    def upload(sid: str) -> Upload:
        return small_upload(
            students=[student("s1"), student(sid)],
            parents=[parent(sid, "p1")],
            rosters=[roster("a", sid)],
        )

    return Sentence(
        f"A new id that equals a missing one but for zeros, case or .0 is damaged: {stored} as {sent}.",
        (upload(stored),),
        upload(sent),
        lives={
            "students": sorted(["s1", stored]),
            "parents": [f"{stored}:p1"],
            "rosters": [f"a:{stored}"],
        },
        carried={e: {"frozen": 1} for e in ("students", "student_schools", "parents", "rosters")},
        out=(
            ("parents", 2, "parents.student_id.damaged", "id_damaged"),
            ("rosters", 2, "rosters.student_id.damaged", "id_damaged"),
            ("students", 3, "students.student_id.damaged", "id_damaged"),
        ),
    )


def damaged_key(file: str, column: str, rows: list[Row]) -> Sentence:
    """The ``column`` of the last row loses its leading zero; whatever else refers to it stays as sent."""
    sent = [*rows[:-1], {**rows[-1], column: rows[-1][column].lstrip("0")}]
    more = {e.name: {"frozen": 1} for e in ENTITIES.values() if e.file == file}
    return Sentence(
        f"The damaged id of {file}.csv is kept out and the old row is frozen.",
        (full_upload(**{file: rows}),),
        full_upload(**{file: sent}),
        carried=more,
        out=((file, len(rows) + 1, f"{file}.{ENTITIES[file].key[-1]}.damaged", "id_damaged"),),
    )


def _with_ids(school_id: str, student_id: str, section_id: str, group_id: str) -> Upload:
    """Records that say the school_id of school 02, and ids with a leading zero, as they are given."""
    return full_upload(
        schools=[school("1"), school("02")],
        students=[student("s1"), student("07")],
        staff=[teacher("t1"), teacher("t2", school_id)],
        sections=[section("a", "t1"), section("09", "t1"), section("b", "t2", school_id)],
        parents=[parent("s1", "p1")],
        rosters=[roster(section_id, "s1"), roster("b", "s1", school_id)],
        groups=[group("g"), group("05"), group("h", school_id)],
        group_members=[member(group_id, "s1"), member("h", "s1", school_id)],
        group_user_members=[
            user_member(group_id, staff_id="t1"),
            user_member("h", school_id, staff_id="t2"),
        ],
        emergency_contacts=[emergency_contact(student_id, "e1")],
    )


DAMAGED = [
    Sentence(
        "A damaged id is told of the column it stands in.",
        (_with_ids("02", "07", "09", "05"),),
        _with_ids("2", "7", "9", "5"),
        carried={
            **{e: {"frozen": 1} for e in ("staff", "sections", "section_teachers", "groups")},
            **{e: {"frozen": 2} for e in ("rosters", "group_members", "group_user_members")},
            "emergency_contacts": {"frozen": 1},
        },
        out=tuple(
            (file, line, f"{file}.{column}.damaged", "id_damaged")
            for file, line, column in (
                ("staff", 3, "school_id"),
                ("sections", 4, "school_id"),
                ("rosters", 2, "section_id"),
                ("rosters", 3, "school_id"),
                ("groups", 4, "school_id"),
                ("group_members", 2, "group_id"),
                ("group_members", 3, "school_id"),
                ("group_user_members", 2, "group_id"),
                ("group_user_members", 3, "school_id"),
                ("emergency_contacts", 2, "student_id"),
            )
        ),
    ),
    damaged("007", "7"),
    damaged("A1", "a1"),
    damaged("12", "12.0"),
    damaged_key("staff", "staff_id", [teacher("t1"), teacher("09")]),
    damaged_key("sections", "section_id", [section("a", "t1"), section("09", "t1")]),
    damaged_key("groups", "group_id", [group("g"), group("09")]),
    damaged_key(
        "emergency_contacts",
        "contact_id",
        [emergency_contact("s1", "e1"), emergency_contact("s2", "09")],
    ),
    Sentence(
        "A member's damaged student_id and staff_id keep the memberships.",
        (
            full_upload(
                students=[student("s1"), student("s2"), student("03")],
                parents=[parent("s1", "p1")],
                staff=[teacher("t1"), teacher("09")],
                rosters=[],
                group_members=[member("g", "s1"), member("g", "03")],
                group_user_members=[
                    user_member("g", staff_id="t1"),
                    user_member("g", staff_id="09"),
                ],
                emergency_contacts=[],
            ),
        ),
        full_upload(
            students=[student("s1"), student("s2"), student("03")],
            parents=[parent("s1", "p1")],
            staff=[teacher("t1"), teacher("09")],
            rosters=[],
            group_members=[member("g", "s1"), member("g", "3")],
            group_user_members=[user_member("g", staff_id="t1"), user_member("g", staff_id="9")],
            emergency_contacts=[],
        ),
        lives={"group_members": ["g:03", "g:s1"], "group_user_members": ["staff 09", "staff t1"]},
        carried={"group_members": {"frozen": 1}, "group_user_members": {"frozen": 1}},
        out=(
            ("group_members", 3, "group_members.student_id.damaged", "id_damaged"),
            ("group_user_members", 3, "group_user_members.member_key.damaged", "id_damaged"),
        ),
    ),
    Sentence(
        "A damaged school_id in schools.csv removes nothing of the school, and new ids of it stay out.",
        (
            small_upload(
                schools=[school("1"), school("02")],
                students=[student("s1"), student("x1", "02")],
                parents=[],
                rosters=[],
            ),
        ),
        small_upload(
            schools=[school("1"), school("2")],
            students=[student("s1"), student("x1", "2")],
            parents=[],
            rosters=[],
        ),
        lives={"schools": ["02", "1"], "student_schools": ["s1@1", "x1@02"]},
        carried={
            "schools": {"frozen": 1},
            "students": {"frozen": 1},
            "student_schools": {"frozen": 1},
        },
        out=(
            ("schools", 3, "schools.school_id.damaged", "id_damaged"),
            ("students", 3, PARENT_QUARANTINED, "parent_quarantined"),
        ),
    ),
    Sentence(
        "Damaged ids that collide freeze every row they may stand for.",
        (
            small_upload(
                students=[student("007", last_name="A"), student("07", last_name="B")],
                parents=[],
                rosters=[],
            ),
        ),
        small_upload(
            students=[student("7", last_name="A"), student("7", last_name="B")],
            parents=[],
            rosters=[],
        ),
        lives={"students": ["007", "07"]},
        carried={"students": {"frozen": 2}, "student_schools": {"frozen": 2}},
        out=(
            ("students", 2, "students.student_id.damaged", "id_damaged"),
            ("students", 3, "students.student_id.damaged", "id_damaged"),
        ),
    ),
]

CASCADE = [
    Sentence(
        "References resolve against the state this slot produces: also against what is carried.",
        BASE,
        without(small_upload(rosters=[roster("a", "s1")]), "sections", "students"),
        lives={"rosters": ["a:s1"]},
        removed={"rosters": 2},
        carried={
            "sections": {"file_missing": 1},
            "section_teachers": {"file_missing": 1},
            "students": {"file_missing": 3},
            "student_schools": {"file_missing": 3},
        },
    ),
    Sentence(
        "What may be in a file that did not come is quarantined as one finding, and rejects no file.",
        FULL,
        without(
            full_upload(
                parents=[*PARENTS, parent("s9", "p9")],
                rosters=[*(roster("a", s) for s in ("s1", "s2", "s3", "s9")), roster("z", "s9")],
                group_members=[member("g", "s8"), member("g", "s9")],
            ),
            *("students", "sections"),
        ),
        lives={"parents": ["s1:ps1", "s2:ps2", "s3:ps3"], "rosters": ["a:s1", "a:s2", "a:s3"]},
        removed={"group_members": 3},
        carried={
            "sections": {"file_missing": 1},
            "section_teachers": {"file_missing": 1},
            "students": {"file_missing": 3},
            "student_schools": {"file_missing": 3},
        },
        out=(
            ("group_members", 2, "file.record.unresolved", "unresolved"),
            ("group_members", 3, "file.record.unresolved", "unresolved"),
            ("parents", 5, "file.record.unresolved", "unresolved"),
            ("rosters", 5, "file.record.unresolved", "unresolved"),
            ("rosters", 6, "file.record.unresolved", "unresolved"),
            ("rosters", 6, "file.record.unresolved", "unresolved"),
        ),
        states={"group_members": FileState.ACCEPTED},
    ),
    Sentence(
        "So is a member whose person may be in a file that did not come.",
        FULL,
        without(
            full_upload(
                group_user_members=[
                    user_member("g", staff_id="t1", role="owner"),
                    user_member("g", staff_id="t9"),
                    user_member("g", parent_id="p9"),
                    user_member("g", email="nobody@example.org"),
                ],
            ),
            "staff",
        ),
        removed={"group_user_members": 2},
        carried={"staff": {"file_missing": 1}},
        out=(
            ("group_user_members", 3, "file.record.unresolved", "unresolved"),
            ("group_user_members", 4, "group_user_members.parent_id.known", "orphan"),
            ("group_user_members", 5, "file.record.unresolved", "unresolved"),
        ),
    ),
    Sentence(
        "Children of a parent removed tonight: stored ones go, those still sent are orphans.",
        FULL,
        full_upload(students=_WITHOUT_S3),
        lives={"parents": ["s1:ps1", "s2:ps2"], "rosters": ["a:s1", "a:s2"]},
        removed={
            "students": 1,
            "student_schools": 1,
            "parents": 1,
            "rosters": 1,
            "group_members": 1,
            "emergency_contacts": 1,
        },
        out=(
            ("emergency_contacts", 4, "emergency_contacts.student_id.known", "orphan"),
            ("group_members", 4, "group_members.student_id.known", "orphan"),
            ("parents", 4, "parents.student_id.known", "orphan"),
            ("rosters", 4, "rosters.student_id.known", "orphan"),
        ),
    ),
    Sentence(
        "What is in quarantine of a parent that is removed tonight, or was never known, freezes nothing.",
        FULL,
        wrong(
            wrong(
                wrong(
                    full_upload(
                        students=_WITHOUT_S3,
                        parents=[*PARENTS[:2], parent("s3", "ps3", last_name=None)],
                        emergency_contacts=[
                            emergency_contact("s1", "es1"),
                            emergency_contact("s2", "es2"),
                            emergency_contact("s3", "es3", last_name=None),
                            emergency_contact("s9", "es9", last_name=None),
                        ],
                        rosters=[roster("a", "s1"), roster("a", "s2")],
                        group_members=[member("g", "s1"), member("g", "s2")],
                    ),
                    *("parents", 4, "last_name.present", "last_name"),
                ),
                *("emergency_contacts", 4, "last_name.present", "last_name"),
            ),
            *("emergency_contacts", 5, "last_name.present", "last_name"),
        ),
        lives={"parents": ["s1:ps1", "s2:ps2"], "emergency_contacts": ["s1:es1", "s2:es2"]},
        removed={
            "students": 1,
            "student_schools": 1,
            "parents": 1,
            "rosters": 1,
            "group_members": 1,
            "emergency_contacts": 1,
        },
        out=(
            ("emergency_contacts", 4, "emergency_contacts.last_name.present", "invalid"),
            ("emergency_contacts", 5, "emergency_contacts.last_name.present", "invalid"),
            ("parents", 4, "parents.last_name.present", "invalid"),
        ),
    ),
    Sentence(
        "A new member of a group in quarantine is parent_quarantined, of a frozen group it loads.",
        FULL,
        wrong(
            wrong(
                full_upload(
                    groups=[group("g", group_name=None), group("new", group_name=None)],
                    group_members=[
                        *(member("g", s) for s in ("s1", "s2", "s3")),
                        member("new", "s1"),
                    ],
                    group_user_members=[
                        user_member("g", staff_id="t1", role="owner"),
                        user_member("g", parent_id="ps1"),
                        user_member("g", parent_id="ps2"),
                        user_member("g", email="cedar@example.org"),
                    ],
                ),
                *("groups", 2, "group_name.present", "group_name"),
            ),
            *("groups", 3, "group_name.present", "group_name"),
        ),
        lives={
            "group_user_members": [
                "email cedar@example.org",
                "parent ps1",
                "parent ps2",
                "staff t1",
            ]
        },
        carried={"groups": {"frozen": 1}},
        out=(
            ("group_members", 5, PARENT_QUARANTINED, "parent_quarantined"),
            ("groups", 2, "groups.group_name.present", "invalid"),
            ("groups", 3, "groups.group_name.present", "invalid"),
        ),
    ),
    Sentence(
        "Stored children of a removed parent go also when their own file is carried.",
        FULL,
        without(
            full_upload(students=_WITHOUT_S3),
            *("parents", "rosters", "group_members", "emergency_contacts"),
        ),
        lives={"parents": ["s1:ps1", "s2:ps2"], "emergency_contacts": ["s1:es1", "s2:es2"]},
        removed={
            "students": 1,
            "student_schools": 1,
            "parents": 1,
            "rosters": 1,
            "group_members": 1,
            "emergency_contacts": 1,
        },
        carried={
            "parents": {"file_missing": 2},
            "rosters": {"file_missing": 2},
            "group_members": {"file_missing": 2},
            "emergency_contacts": {"file_missing": 2},
        },
    ),
    Sentence(
        "A section, a group or a person that goes takes its classes and memberships along.",
        FULL,
        without(
            full_upload(
                sections=[section("b", None)],
                groups=[group("h")],
                staff=[teacher("t2")],
                parents=[parent("s1", "other", email="other@example.org")],
            ),
            *("rosters", "group_members", "group_user_members"),
        ),
        lives={"rosters": [], "section_teachers": [], "group_user_members": []},
        removed={
            "staff": 1,
            "sections": 1,
            "section_teachers": 1,
            "parents": 3,
            "rosters": 3,
            "groups": 1,
            "group_members": 3,
            "group_user_members": 3,
        },
        proves=("section_teachers.section_id.known",),
    ),
    Sentence(
        "A carried membership goes with its person, by whatever the person was told.",
        FULL,
        without(
            full_upload(
                staff=[teacher("t2")],
                sections=[],
                rosters=[],
                parents=[parent("s1", "other", email="other@example.org")],
            ),
            "group_user_members",
        ),
        lives={"group_user_members": []},
        removed={
            "staff": 1,
            "sections": 1,
            "section_teachers": 1,
            "parents": 3,
            "rosters": 3,
            "group_user_members": 3,
        },
    ),
    Sentence(
        "A new child of a parent in quarantine is parent_quarantined, of an unknown one orphan.",
        BASE,
        wrong(
            small_upload(
                students=[*_WITHOUT_S3, student("s3"), student("s4", first_name=None)],
                rosters=[roster("a", s) for s in ("s1", "s2", "s3", "s4", "s9")],
            ),
            *("students", 5, "first_name.present", "first_name"),
        ),
        lives={"rosters": ["a:s1", "a:s2", "a:s3"]},
        out=(
            ("rosters", 5, PARENT_QUARANTINED, "parent_quarantined"),
            ("rosters", 6, "rosters.student_id.known", "orphan"),
            ("students", 5, "students.first_name.present", "invalid"),
        ),
    ),
    Sentence(
        "Records of a school, section or group that is not known are orphans.",
        FULL,
        full_upload(
            staff=[teacher("t1"), teacher("t9", "99")],
            sections=[section("a", "t1"), section("z", "t1", "99")],
            parents=[*PARENTS, parent("s1", "p9", "99")],
            rosters=[*(roster("a", s) for s in ("s1", "s2", "s3")), roster("z", "s1")],
            groups=[group("g"), group("z", "99")],
            group_members=[*(member("g", s) for s in ("s1", "s2", "s3")), member("z", "s1")],
            group_user_members=[
                user_member("g", staff_id="t1", role="owner"),
                user_member("g", parent_id="ps1"),
                user_member("g", email="cedar@example.org"),
                user_member("z", staff_id="t1"),
            ],
        ),
        # what refers to an orphan refers to nothing that was sent in full
        out=(
            ("group_members", 5, "group_members.group_id.known", "orphan"),
            ("group_user_members", 5, "group_user_members.group_id.known", "orphan"),
            ("groups", 3, "groups.school_id.known", "orphan"),
            ("parents", 5, "parents.school_id.known", "orphan"),
            ("rosters", 5, "rosters.section_id.known", "orphan"),
            ("sections", 3, "sections.school_id.known", "orphan"),
            ("staff", 3, "staff.school_id.known", "orphan"),
        ),
    ),
]


def silent(file: str, record: Row, others: list[Row]) -> list[Sentence]:
    """The first stored person of a file: sent with nothing to be reached by, and with an invalid value."""
    upload = full_upload(**{file: [record, *others]})
    goes: dict[str, int] = {file: 1}
    if file == "staff":
        goes |= {"section_teachers": 1, "group_user_members": 1}
    if file == "parents":
        goes |= {"group_user_members": 1}
    members = [user_member("g", email="cedar@example.org")]
    if file != "staff":
        members.append(user_member("g", staff_id="t1", role="owner"))
    if file != "parents":
        members.append(user_member("g", parent_id="ps1"))
    kept = {**upload.files, "group_user_members": members}
    return [
        Sentence(
            f"Blanking is a decision: {file} sent with no email and no phone are removed if stored.",
            FULL,
            wrong(Upload(kept), file, 2, "contact.unreachable"),
            removed=goes,
            out=((file, 2, f"{file}.contact.unreachable", "unreachable"),),
            noted={"section_teachers.staff_id.known": 1} if file == "staff" else {},
            accepted={file: len(others)},
        ),
        Sentence(
            f"Damage is not: {file} whose only value is invalid are frozen.",
            FULL,
            wrong(upload, file, 2, "contact.invalid"),
            carried={file: {"frozen": 1}},
            out=((file, 2, f"{file}.contact.invalid", "invalid"),),
        ),
    ]


UNREACHABLE = [
    *silent("parents", parent("s1", "ps1", email=None), PARENTS[1:]),
    *silent("staff", teacher("t1", email=None), [teacher("t2")]),
    *silent(
        "emergency_contacts",
        emergency_contact("s1", "es1", phone=None),
        [emergency_contact("s2", "es2"), emergency_contact("s3", "es3")],
    ),
    Sentence(
        "A new person without any way to be reached is not synced.",
        NOTHING,
        wrong(
            people(*PARENTS, parent("s1", "new", email=None)),
            *("parents", 5, "contact.unreachable"),
        ),
        lives={"parents": ["s1:ps1", "s2:ps2", "s3:ps3"]},
        out=(("parents", 5, "parents.contact.unreachable", "unreachable"),),
    ),
    Sentence(
        "Another way to be reached is enough: an invalid value beside it is a warning.",
        BASE,
        warned(
            people(parent("s1", "ps1", email=None, mobile="2145550101"), *PARENTS[1:]),
            *("parents", 2, "email.valid", "email"),
        ),
        values={
            "parents": (
                "email, mobile",
                [("cedar@example.org", None)] * 2 + [(None, "2145550101")],
            )
        },
        noted={"parents.email.valid": 1},
        accepted={"parents": 3},
    ),
]


def brings_nothing(state: FileState, reason: str) -> list[Sentence]:
    """Every file by itself in one state: nothing is removed but by the other files' word."""
    made = []
    for file in files_of(Domain.CORE):
        fed = {e.name for e in ENTITIES.values() if e.file == file.name}
        rows = {e: len(FULL_ROWS[e]) for e in fed}
        made.append(
            Sentence(
                f"A file that is {state} never deletes anything: {file.csv}.",
                FULL,
                without(full_upload(), file.name, state=state),
                lives=FULL_ROWS,
                carried={e: {reason: n} for e, n in rows.items()},
                states={file.name: state},
            )
        )
    return made


FULL_ROWS = {
    "schools": ["1"],
    "students": ["s1", "s2", "s3"],
    "student_schools": ["s1@1", "s2@1", "s3@1"],
    "staff": ["t1@1"],
    "sections": ["a"],
    "section_teachers": ["a:t1"],
    "parents": ["s1:ps1", "s2:ps2", "s3:ps3"],
    "rosters": ["a:s1", "a:s2", "a:s3"],
    "groups": ["g"],
    "group_members": ["g:s1", "g:s2", "g:s3"],
    "group_user_members": ["email cedar@example.org", "parent ps1", "staff t1"],
    "emergency_contacts": ["s1:es1", "s2:es2", "s3:es3"],
}
"""The rows of the full upload."""

CARRIED_FILES = [
    *brings_nothing(FileState.MISSING, "file_missing"),
    *(
        Sentence(
            f"A file that is {state} never deletes anything.",
            FULL,
            without(full_upload(), "sections", "emergency_contacts", state=state),
            lives=FULL_ROWS,
            carried={
                "sections": {reason: 1},
                "section_teachers": {reason: 1},
                "emergency_contacts": {reason: 3},
            },
            states={"sections": state, "emergency_contacts": state},
        )
        for state, reason in (
            (FileState.EMPTY, "file_missing"),
            (FileState.HEADER_ONLY, "file_missing"),
            (FileState.REJECTED, "file_rejected"),
        )
    ),
    Sentence(
        "A stale file never deletes anything: its records are the last landing's.",
        FULL,
        Upload(full_upload(students=[student("s1")]).files, states={"students": FileState.STALE}),
        lives=FULL_ROWS,
        carried={"students": {"file_stale": 3}, "student_schools": {"file_stale": 3}},
        states={"students": FileState.STALE},
    ),
    Sentence(
        "The same upload again changes nothing.",
        FULL,
        full_upload(),
        lives=FULL_ROWS,
    ),
    Sentence(
        "An optional file of which every row is an orphan counts as rejected.",
        FULL,
        full_upload(group_members=[member("g", "x1"), member("other", "s1")]),
        lives=FULL_ROWS,
        carried={"group_members": {"file_rejected": 3}},
        noted={
            "file.records.orphaned": 2,
            "group_members.group_id.known": 1,
            "group_members.student_id.known": 1,
        },
        states={"group_members": FileState.REJECTED},
    ),
    Sentence(
        "Duplicates and bad rows among orphans do not make an optional file usable.",
        FULL,
        wrong(
            full_upload(group_members=[member("g", x) for x in ("x1", "x1", "x2", "x3")]),
            *("group_members", 5, "student_id.clean", "student_id"),
        ),
        lives=FULL_ROWS,
        carried={"group_members": {"file_rejected": 3}},
        noted={
            "file.records.orphaned": 4,
            "group_members.student_id.known": 2,
        },
        states={"group_members": FileState.REJECTED},
    ),
    Sentence(
        "An optional file with one known record is used.",
        FULL,
        full_upload(group_members=[member("g", "x1"), member("g", "s1")]),
        lives={"group_members": ["g:s1"]},
        removed={"group_members": 2},
        out=(("group_members", 2, "group_members.student_id.known", "orphan"),),
        states={"group_members": FileState.ACCEPTED},
    ),
]

SCOPE = [
    Sentence(
        "A school missing from schools.csv: everything of it is carried, and of the others nothing.",
        TWO,
        Upload(
            {
                **{
                    f: [r for r in rows if r["school_id"] == "1"]
                    for f, rows in _TWO_SCHOOLS.items()
                },
                "students": [student("s1")],
            }
        ),
        lives={
            "schools": ["1", "2"],
            "students": ["s1", "x1", "x2"],
            "staff": ["t1@1", "t2@2"],
            "section_teachers": ["a:t1", "b:t2"],
        },
        removed={"students": 1, "student_schools": 1},
        carried={e: {"out_of_scope": 2 if e.startswith("student") else 1} for e in _EACH},
    ),
    Sentence(
        "A school missing from schools.csv: nothing that is sent of it loads, be it new or changed.",
        TWO,
        two_schools(
            schools=[school("1")],
            students=[
                student("s1"),
                student("s2", "2"),
                student("x1", "2", last_name="Newname"),
                student("x2", "1"),
                student("x3", "2"),
            ],
            parents=[
                parent("s1", "ps1"),
                parent("x1", "px1", "2", email="new@example.org"),
                parent("x3", "px3", "2"),
                parent("x3", "p1"),
            ],
            staff=[teacher("t1"), teacher("t1", "2"), teacher("t2", "2", title="Dean")],
            sections=[section("a", "t1"), section("b", "t2", "2", course_name="Zoology")],
            rosters=[roster("a", "s1"), roster("b", "x1", "2"), roster("b", "s1", "2")],
            groups=[group("g"), group("h", "2", category="Clubs")],
            group_members=[member("g", "s1"), member("h", "x1", "2"), member("h", "s1", "2")],
            group_user_members=[
                user_member("g", staff_id="t1"),
                user_member("h", "2", staff_id="t2"),
                user_member("h", "2", staff_id="t1"),
            ],
            emergency_contacts=[
                emergency_contact("s1", "e1"),
                emergency_contact("x1", "e2", school_id="2", phone="2145550111"),
            ],
        ),
        lives={
            "students": ["s1", "s2", "x1", "x2"],
            # a place at a school that is there is not of the one that is missing
            "student_schools": ["s1@1", "s2@1", "x1@2", "x2@1", "x2@2"],
            "parents": ["s1:ps1", "x1:px1"],
            "staff": ["t1@1", "t2@2"],
            "rosters": ["a:s1", "b:x1"],
            "group_members": ["g:s1", "h:x1"],
            "group_user_members": ["staff t1", "staff t2"],
        },
        values={
            "students": (
                "student_id, school_id, last_name",
                [(s, "1", "Testkid") for s in ("s1", "s2")]
                + [(s, "2", "Testkid") for s in ("x1", "x2")],
            ),
            "parents": ("distinct email", [("cedar@example.org",)]),
            "staff": ("distinct title", [(None,)]),
            "sections": ("distinct course_name", [("Botany",)]),
            "groups": ("distinct category", [(None,)]),
            "emergency_contacts": ("distinct phone", [("2145550100",)]),
        },
        carried={
            "students": {"out_of_scope": 3},
            "student_schools": {"out_of_scope": 2},
            **{
                e: {"out_of_scope": 1}
                for e in ("schools", "parents", "staff", "sections", "groups", "emergency_contacts")
            },
        },
        accepted={"students": 5, "parents": 4, "rosters": 3},
    ),
    Sentence(
        "A school present in schools.csv but absent from another file: its rows of that entity go.",
        TWO,
        two_schools(
            rosters=[roster("a", "s1")],
            group_members=[member("g", "s1")],
            emergency_contacts=[emergency_contact("s1", "e1")],
        ),
        lives={"rosters": ["a:s1"], "students": ["s1", "s2", "x1", "x2"]},
        removed={"rosters": 1, "group_members": 1, "emergency_contacts": 1},
    ),
    Sentence(
        "Without a usable schools.csv the scope is what was known.",
        TWO,
        without(two_schools(students=[student("s1"), student("x1", "2")]), "schools"),
        lives={"students": ["s1", "x1"]},
        removed={"students": 2, "student_schools": 2},
        carried={"schools": {"file_missing": 2}},
    ),
    Sentence(
        "A student of two schools is of the missing one too: carried, at the own school as well.",
        (
            small_upload(
                schools=[school("1"), school("2")],
                students=[student("s1"), student("s1", "2"), student("s2")],
                parents=[parent("s2", "ps2")],
                rosters=[],
            ),
        ),
        small_upload(students=[student("s2")], parents=[parent("s2", "ps2")], rosters=[]),
        lives={"students": ["s1", "s2"], "student_schools": ["s1@1", "s1@2", "s2@1"]},
        carried={
            "schools": {"out_of_scope": 1},
            "students": {"out_of_scope": 1},
            "student_schools": {"out_of_scope": 2},
        },
    ),
    Sentence(
        "Only a school that was known can be missing: a contact of any other can be removed.",
        (
            full_upload(
                emergency_contacts=[
                    emergency_contact("s1", "odd", school_id="0"),
                    emergency_contact("s2", "e2"),
                ]
            ),
        ),
        full_upload(emergency_contacts=[emergency_contact("s2", "e2")]),
        lives={"emergency_contacts": ["s2:e2"]},
        removed={"emergency_contacts": 1},
    ),
    Sentence(
        "The district office counts as known for staff and groups, and its rows can be removed.",
        (
            full_upload(
                staff=[teacher("t1"), teacher("boss", "HQ"), teacher("clerk", "HQ")],
                groups=[group("g"), group("all", "HQ")],
                group_members=[member("g", "s1"), member("all", "s1", "HQ")],
            ),
        ),
        full_upload(
            staff=[teacher("t1"), teacher("boss", "HQ")],
            groups=[group("g"), group("all", "HQ")],
            group_members=[member("g", "s1"), member("all", "s1", "HQ")],
        ),
        lives={"staff": ["boss@HQ", "t1@1"], "group_members": ["all:s1", "g:s1"]},
        removed={"staff": 1},
        office=("HQ",),
    ),
    Sentence(
        "The district office is no school of students.",
        BASE,
        small_upload(students=[*_WITHOUT_S3, student("s3"), student("s4", "HQ")]),
        out=(("students", 5, "students.school_id.known", "orphan"),),
        office=("HQ",),
    ),
]


def conflict(file: str, one: Row, other: Row) -> Sentence:
    rule = f"{file}.key.conflicting_duplicate"
    before = full_upload(**{file: [one]})
    kept = {e.name: {"frozen": 1} for e in ENTITIES.values() if e.file == file}
    if file == "students":  # the others' records refer to students and staff that are not in it
        before = small_upload(students=[one], parents=[], rosters=[])
    if file == "staff":
        before = small_upload(staff=[one], sections=[], rosters=[])
    tonight = Upload({**before.files, file: [one, one, other]})
    return Sentence(
        f"A,A,B on one key is 1 duplicate and 2 quarantined, and the stored row stays: {file}.",
        (before,),
        tonight,
        carried=kept,
        out=(
            (file, 2, rule, "conflicting_duplicate"),
            (file, 4, rule, "conflicting_duplicate"),
        ),
        duplicates={file: 1},
        accepted={file: 0},
    )


ACCOUNTING = [
    conflict("students", student("s1"), student("s1", last_name="Othertest")),
    conflict("parents", parent("s1", "ps1"), parent("s1", "ps1", first_name="Fir")),
    conflict("staff", teacher("t1"), teacher("t1", title="Dean")),
    conflict("groups", group("g"), group("g", category="Clubs")),
    conflict(
        "group_user_members",
        user_member("g", staff_id="t1"),
        user_member("g", staff_id="t1", role="owner"),
    ),
    conflict(
        "emergency_contacts",
        emergency_contact("s1", "e1"),
        emergency_contact("s1", "e1", phone="2145550111"),
    ),
    Sentence(
        "Exact duplicates collapse.",
        NOTHING,
        full_upload(
            **{
                name: [row for row in rows for _ in range(2)]
                for name, rows in FULL[0].files.items()
            }
        ),
        lives=FULL_ROWS,
        duplicates={name: len(rows) for name, rows in FULL[0].files.items()},
        accepted={name: len(rows) for name, rows in FULL[0].files.items()},
        # rows that are nothing but key cannot conflict
        proves=("rosters.key.conflicting_duplicate", "group_members.key.conflicting_duplicate"),
    ),
    Sentence(
        "Of schools with one id the first in file order stays.",
        BASE,
        small_upload(schools=[school(), school(school_name="Other"), school()]),
        values={"schools": ("school_id, school_name", [("1", "School 1")])},
        noted={"schools.key.conflicting_duplicate": 1},
        duplicates={"schools": 2},
        accepted={"schools": 1},
    ),
    Sentence(
        "Of sections that differ in course, term, period or number the first stays, with all teachers.",
        BASE,
        small_upload(
            staff=[teacher("t1"), teacher("t2")],
            sections=[
                section("a", "t1", is_primary="1"),
                section("a", "t2", course_name="Zoology"),
                section("a", "t1", course_name="Zoology"),
            ],
        ),
        lives={"section_teachers": ["a:t1", "a:t2"]},
        values={"sections": ("section_id, course_name", [("a", "Botany")])},
        noted={"sections.key.conflicting_duplicate": 1},
        duplicates={"sections": 1},
        accepted={"sections": 2},
    ),
    Sentence(
        "Records that a district's map leaves out count as accepted, and the student goes.",
        BASE,
        small_upload(
            students=[*_WITHOUT_S3, student("s3", status="drop")],
            parents=PARENTS[:2],
            rosters=[roster("a", "s1"), roster("a", "s2")],
        ),
        lives={"students": ["s1", "s2"]},
        removed={"students": 1, "student_schools": 1, "parents": 1, "rosters": 1},
        accepted={"students": 3},
    ),
    Sentence(
        "What a map leaves out is a decision about that student, whatever cannot be read beside it.",
        BASE,
        ragged(
            small_upload(
                students=[student("s1"), student("s2", status="drop")],
                parents=PARENTS[:1],
                rosters=[roster("a", "s1")],
            ),
            *("students", 4),
        ),
        lives={"students": ["s1", "s3"]},
        removed={"students": 1, "student_schools": 1, "parents": 2, "rosters": 2},
        carried={
            "students": {"frozen_unidentified": 1},
            "student_schools": {"frozen_unidentified": 1},
        },
        out=(("students", 4, "file.record.ragged", "parse"),),
        accepted={"students": 2},
    ),
    Sentence(
        "A value shared by two persons never quarantines.",
        BASE,
        warned(
            warned(
                small_upload(
                    students=[
                        student("s1", student_email="twin@example.org"),
                        student("s2", student_email="twin@example.org"),
                        student("s3"),
                    ]
                ),
                *("students", 2, "student_email.shared", "student_email"),
            ),
            *("students", 3, "student_email.shared", "student_email"),
        ),
        values={
            "students": (
                "student_email",
                [("twin@example.org",), ("twin@example.org",), (None,)],
            )
        },
        noted={"students.student_email.shared": 2},
        accepted={"students": 3},
    ),
]

_AT_TWO: dict[str, list[Row]] = {
    "schools": [school("1"), school("2")],
    "parents": [],
    "rosters": [],
}


def at(*schools: str, **values: str) -> Upload:
    """One student at some schools, in this order; of grade 4 at the first."""
    rows = [student("s1", s, grade_level="4" if not n else "3") for n, s in enumerate(schools)]
    return small_upload(**_AT_TWO, students=rows)


SEVERAL = [
    Sentence(
        "Home is the first school in the file, and all of them are in student_schools.",
        NOTHING,
        at("2", "1"),
        lives={"student_schools": ["s1@1", "s1@2"]},
        values={"students": ("school_id, grade_level", [("2", 4)])},
        noted={"students.school_id.several": 2},
        accepted={"students": 2},
    ),
    Sentence(
        "Attributes may differ from school to school: those of the home school's row count.",
        NOTHING,
        small_upload(
            **_AT_TWO,
            students=[
                student("s1", "2", attributes='{"bus": "4"}'),
                student("s1", "1", attributes='{"bus": "7"}'),
            ],
        ),
        lives={"student_schools": ["s1@1", "s1@2"]},
        values={"students": ("school_id, attributes::varchar", [("2", '{"bus": "4"}')])},
        noted={"students.school_id.several": 2},
        accepted={"students": 2},
    ),
    Sentence(
        "Two attributes at one school are a conflict.",
        NOTHING,
        small_upload(
            **_AT_TWO,
            students=[
                student("s1", "1", attributes='{"bus": "4"}'),
                student("s1", "1", attributes='{"bus": "7"}'),
                student("s2", "2"),
            ],
        ),
        lives={"students": ["s2"]},
        out=tuple(
            ("students", n, "students.key.conflicting_duplicate", "conflicting_duplicate")
            for n in (2, 3)
        ),
    ),
    Sentence(
        "Home is last slot's school if the student is still there.",
        (at("2"),),
        at("1", "2"),
        lives={"student_schools": ["s1@1", "s1@2"]},
        values={"students": ("school_id, grade_level", [("2", 3)])},
        noted={"students.school_id.several": 2},
    ),
    Sentence(
        "Home moves when the student is no longer there.",
        (at("2", "1"),),
        at("1"),
        lives={"student_schools": ["s1@1"]},
        values={"students": ("school_id", [("1",)])},
        removed={"student_schools": 1},
    ),
    Sentence(
        "One bad record among several schools' does not move the home.",
        (at("2"),),
        wrong(at("1", "2"), "students", 3, "grade_level.known", "grade_level"),
        values={"students": ("school_id, grade_level", [("2", 4)])},
        carried={"students": {"frozen": 1}, "student_schools": {"frozen": 1}},
        out=(("students", 3, "students.grade_level.known", "invalid"),),
    ),
    Sentence(
        "Two grades at one school are a conflict, not two schools: that school's rows stay out.",
        NOTHING,
        at("1", "1", "2"),
        lives={"students": ["s1"], "student_schools": ["s1@2"]},
        out=tuple(
            ("students", n, "students.key.conflicting_duplicate", "conflicting_duplicate")
            for n in (2, 3)
        ),
    ),
    Sentence(
        "A student_schools row goes with its student.",
        (at("1", "2"),),
        without(small_upload(**_AT_TWO, students=[student("s2")]), "sections"),
        lives={"student_schools": ["s2@1"]},
        removed={"students": 1, "student_schools": 2},
        carried={"sections": {"file_missing": 1}, "section_teachers": {"file_missing": 1}},
        proves=("student_schools.student_id.known",),
    ),
    Sentence(
        "A staff member is one row per school.",
        BASE,
        small_upload(schools=[school("1"), school("2")], staff=[teacher("t1"), teacher("t1", "2")]),
        lives={"staff": ["t1@1", "t1@2"]},
        accepted={"staff": 2},
    ),
]

TEACHERS = [
    Sentence(
        "A section loads without a teacher that is blank, unknown or in quarantine.",
        BASE,
        wrong(
            small_upload(
                staff=[teacher("t1"), teacher("t2", last_name=None)],
                sections=[
                    section("a", "t1", is_primary="1"),
                    section("a", "nobody"),
                    section("b", "t2"),
                    section("c", None),
                ],
            ),
            *("staff", 3, "last_name.present", "last_name"),
        ),
        lives={"sections": ["a", "b", "c"], "section_teachers": ["a:t1"]},
        out=(("staff", 3, "staff.last_name.present", "invalid"),),
        noted={"section_teachers.staff_id.known": 2},
        accepted={"sections": 4},
    ),
    Sentence(
        "A stored teacher in quarantine stays the section's teacher.",
        BASE,
        wrong(
            small_upload(staff=[teacher("t1", last_name=None)]),
            *("staff", 2, "last_name.present", "last_name"),
        ),
        lives={"section_teachers": ["a:t1"]},
        carried={"staff": {"frozen": 1}},
        out=(("staff", 2, "staff.last_name.present", "invalid"),),
    ),
    Sentence(
        "More than one primary: none is primary, also when only one of them is known.",
        BASE,
        small_upload(
            staff=[teacher("t1"), teacher("t2")],
            sections=[
                section("a", "t1", is_primary="1"),
                section("a", "t2", is_primary="1"),
                section("b", "t1", is_primary="1"),
                section("b", "nobody", is_primary="1"),
                section("c", "t1", is_primary="1"),
                section("c", "t2", is_primary="0"),
            ],
        ),
        values={
            "section_teachers": (
                "section_id, staff_id, is_primary",
                [
                    ("a", "t1", False),
                    ("a", "t2", False),
                    ("b", "t1", False),
                    ("c", "t1", True),
                    ("c", "t2", False),
                ],
            )
        },
        noted={"section_teachers.staff_id.known": 1},
    ),
    *(
        Sentence(
            f"A teacher's id that equals a stored link's but for zeros, case or .0 keeps it: {sent}.",
            (
                small_upload(
                    staff=[teacher("t1"), teacher("0A7")],
                    sections=[section("a", "0A7", is_primary="1"), section("b", "t1")],
                ),
            ),
            small_upload(
                staff=[teacher("t1"), teacher("0A7")],
                sections=[section("a", sent, is_primary="1"), section("b", "t1")],
            ),
            values={
                "section_teachers": (
                    "section_id, staff_id, is_primary",
                    [("a", "0A7", True), ("b", "t1", None)],
                )
            },
            carried={"section_teachers": {"frozen": 1}},
            noted={"section_teachers.staff_id.known": 1},
        )
        for sent in ("A7", "0a7", "0A7.0")
    ),
    Sentence(
        "A teacher's id that is another's keeps no link, nor does one of another section's teacher.",
        (
            small_upload(
                staff=[teacher("t1"), teacher("07"), teacher("7")],
                sections=[section("a", "07"), section("b", "t1")],
            ),
        ),
        small_upload(
            staff=[teacher("t1"), teacher("07"), teacher("7")],
            sections=[section("a", "7"), section("b", "007")],
        ),
        lives={"section_teachers": ["a:7"]},
        removed={"section_teachers": 2},
        noted={"section_teachers.staff_id.known": 1},
    ),
    Sentence(
        "A stored link goes with its teacher, whatever is like its id.",
        (small_upload(staff=[teacher("t1"), teacher("07")], sections=[section("a", "07")]),),
        small_upload(sections=[section("a", "7")]),
        lives={"section_teachers": []},
        removed={"staff": 1, "section_teachers": 1},
        noted={"section_teachers.staff_id.known": 1},
    ),
    Sentence(
        "A carried link is not primary beside a primary of tonight's file.",
        (
            small_upload(
                staff=[teacher("t1"), teacher("07"), teacher("t3")],
                sections=[
                    section("a", "07", is_primary="1"),
                    section("b", "07", is_primary="1"),
                    section("c", "07", is_primary="1"),
                ],
            ),
        ),
        small_upload(
            staff=[teacher("t1"), teacher("07"), teacher("t3")],
            sections=[
                section("a", "7"),
                section("a", "t1", is_primary="1"),
                section("b", "7", is_primary="1"),
                section("b", "t1", is_primary="0"),
                section("c", "7"),
                section("c", "t1"),
            ],
        ),
        values={
            "section_teachers": (
                "section_id, staff_id, is_primary",
                [
                    ("a", "07", False),
                    ("a", "t1", True),
                    ("b", "07", True),
                    ("b", "t1", False),
                    ("c", "07", True),
                    ("c", "t1", None),
                ],
            )
        },
        carried={"section_teachers": {"frozen": 3}},
        noted={"section_teachers.staff_id.known": 3},
    ),
    Sentence(
        "A section sent twice without a teacher is a duplicate.",
        NOTHING,
        small_upload(sections=[section("a", None), section("a", None)]),
        lives={"sections": ["a"]},
        duplicates={"sections": 1},
        accepted={"sections": 1},
    ),
]

_LONG = "x" * 800 + "@example.org"


def told_by(*members: Row, **changes: list[Row]) -> Upload:
    """Members of group g beside one that every such file has."""
    return full_upload(group_user_members=[user_member("g", staff_id="t1"), *members], **changes)


MEMBERS = [
    Sentence(
        "A member key is a kind of identity and its value: staff_id, else parent_id, email or mobile.",
        NOTHING,
        told_by(
            user_member("g", parent_id="ps1", email="cedar@example.org"),
            user_member("g", email="Cedar@Example.org", mobile="2145550101"),
            user_member("g", mobile="2145550101"),
            parents=[parent("s1", "ps1", mobile="2145550101")],
        ),
        lives={
            "group_user_members": [
                "email cedar@example.org",
                "mobile 2145550101",
                "parent ps1",
                "staff t1",
            ]
        },
    ),
    Sentence(
        "Staff 4001 and parent 4001 are two members, and no two records of one.",
        NOTHING,
        full_upload(
            staff=[teacher("4001")],
            sections=[section("a", "4001")],
            parents=[parent("s1", "4001")],
            group_user_members=[
                user_member("g", staff_id="4001", role="owner"),
                user_member("g", parent_id="4001"),
            ],
        ),
        lives={"group_user_members": ["parent 4001", "staff 4001"]},
    ),
    Sentence(
        "A staff member's id that lost its zeros is damaged, and no parent's.",
        (
            full_upload(
                staff=[teacher("t1"), teacher("04001")],
                parents=[parent("s1", "04001")],
                group_user_members=[user_member("g", parent_id="04001")],
            ),
        ),
        full_upload(
            staff=[teacher("t1"), teacher("04001")],
            parents=[parent("s1", "04001")],
            group_user_members=[user_member("g", staff_id="04001")],
        ),
        lives={"group_user_members": ["staff 04001"]},
        removed={"group_user_members": 1},
    ),
    Sentence(
        "A member nobody knows is no such person.",
        FULL,
        told_by(
            user_member("g", staff_id="no-staff"),
            user_member("g", parent_id="no-parent"),
            user_member("g", email="nobody@example.org"),
            user_member("g", mobile="9995550100"),
        ),
        lives={"group_user_members": ["staff t1"]},
        removed={"group_user_members": 2},
        out=(
            ("group_user_members", 3, "group_user_members.staff_id.known", "orphan"),
            ("group_user_members", 4, "group_user_members.parent_id.known", "orphan"),
            ("group_user_members", 5, "group_user_members.person.known", "orphan"),
            ("group_user_members", 6, "group_user_members.person.known", "orphan"),
        ),
    ),
    Sentence(
        "A member told by the email or mobile of someone in quarantine is parent_quarantined.",
        NOTHING,
        wrong(
            wrong(
                told_by(
                    user_member("g", email="New@example.org"),
                    user_member("g", mobile="2145550102"),
                    user_member("g", staff_id="t2"),
                    user_member("g", email="t2@example.org"),
                    user_member("g", email="nobody@example.org"),
                    staff=[teacher("t1"), teacher("t2", last_name=None)],
                    parents=[
                        *PARENTS,
                        parent(
                            *("s1", "new"),
                            **{
                                "last_name": None,
                                "email": "new@Example.org",
                                "mobile": "2145550102",
                            },
                        ),
                    ],
                ),
                *("parents", 5, "last_name.present", "last_name"),
            ),
            *("staff", 3, "last_name.present", "last_name"),
        ),
        lives={"group_user_members": ["staff t1"]},
        out=(
            ("group_user_members", 3, PARENT_QUARANTINED, "parent_quarantined"),
            ("group_user_members", 4, PARENT_QUARANTINED, "parent_quarantined"),
            ("group_user_members", 5, PARENT_QUARANTINED, "parent_quarantined"),
            ("group_user_members", 6, PARENT_QUARANTINED, "parent_quarantined"),
            ("group_user_members", 7, "group_user_members.person.known", "orphan"),
            ("parents", 5, "parents.last_name.present", "invalid"),
            ("staff", 3, "staff.last_name.present", "invalid"),
        ),
    ),
    Sentence(
        "A member is found by an email of any length.",
        NOTHING,
        told_by(
            user_member("g", email=_LONG.upper()),
            user_member("g", email="y" + _LONG),
            parents=[parent("s1", "ps1", email=_LONG)],
        ),
        values={"group_user_members": ("coalesce(length(email), 0)", [(0,), (len(_LONG),)])},
        out=(("group_user_members", 4, "group_user_members.person.known", "orphan"),),
    ),
    Sentence(
        "A membership told by an email of any length is carried with its person.",
        (
            told_by(
                user_member("g", email=_LONG), parents=[*PARENTS, parent("s1", "long", email=_LONG)]
            ),
        ),
        without(
            full_upload(parents=[*PARENTS, parent("s1", "long", email=_LONG)]),
            "group_user_members",
        ),
        carried={"group_user_members": {"file_missing": 2}},
    ),
    Sentence(
        "A damaged email of a member deletes no membership.",
        (told_by(user_member("g", email="cedar@example.org")),),
        warned(
            told_by(
                user_member("g", email=None, mobile="2145550177"),
                parents=[*PARENTS, parent("s1", "p9", mobile="2145550177")],
            ),
            *("group_user_members", 3, "email.valid", "email"),
        ),
        lives={"group_user_members": ["email cedar@example.org", "mobile 2145550177", "staff t1"]},
        carried={"group_user_members": {"frozen_unidentified": 1}},
        noted={"group_user_members.email.valid": 1},
    ),
    Sentence(
        "A damaged email of the person deletes no membership.",
        (told_by(user_member("g", email="cedar@example.org")),),
        warned(
            told_by(
                user_member("g", email="cedar@example.org"),
                parents=[parent("s1", "ps1", email=None, mobile="2145550100")],
            ),
            *("parents", 2, "email.valid", "email"),
        ),
        lives={"group_user_members": ["email cedar@example.org", "staff t1"]},
        removed={"parents": 2},
        carried={"group_user_members": {"frozen": 1}},
        out=(("group_user_members", 3, "group_user_members.person.known", "orphan"),),
        noted={"parents.email.valid": 1},
    ),
    Sentence(
        "A name that looks like an id is none: a parent without one is no member by it.",
        NOTHING,
        told_by(
            user_member("g", parent_id="cedar"),
            parents=[parent("s1", None, last_name="T")],
        ),
        lives={"group_user_members": ["staff t1"]},
        out=(("group_user_members", 3, "group_user_members.parent_id.known", "orphan"),),
    ),
]

_NAME = "cedar testparent"
_A = parent("s1", None, email="a@example.org", mobile="2145550101")
_B = parent("s1", None, email="b@example.org")
_TWINS = (people(_A, _B),)
_BOTH = [f"s1:{_NAME} a@example.org", f"s1:{_NAME} b@example.org"]


def spoiled(contact: Row) -> Row:
    """The contact after its invalid email became NULL."""
    return {**contact, "email": None}


NAMESAKES = [
    Sentence(
        "A contact key is the parent_id, else the lower-cased names, with email or mobile for namesakes.",
        NOTHING,
        people(
            parent("s1", "p1"),
            _A,
            _B,
            parent("s2", None, first_name="CEDAR"),
            parent("s3", None, email=None, mobile="2145550103"),
            parent("s3", None, email=None, mobile="2145550104"),
        ),
        lives={
            "parents": [
                *_BOTH,
                "s1:p1",
                f"s2:{_NAME}",
                f"s3:{_NAME} 2145550103",
                f"s3:{_NAME} 2145550104",
            ]
        },
    ),
    Sentence(
        "A damaged email of a namesake freezes the stored contact, and loads no second one.",
        _TWINS,
        warned(people(spoiled(_A), _B), *("parents", 2, "email.valid", "email")),
        lives={"parents": _BOTH},
        carried={"parents": {"frozen": 1}},
        out=(("parents", 2, "parents.contact_key.damaged", "id_damaged"),),
        noted={"parents.email.valid": 1},
    ),
    Sentence(
        "Also where what is left is the other namesake's.",
        (people(_A, parent("s1", None, email=None, mobile="2145550101")),),
        warned(
            people(parent("s1", None, email=None, mobile="2145550101"), spoiled(_A)),
            *("parents", 3, "email.valid", "email"),
        ),
        lives={"parents": [f"s1:{_NAME} 2145550101", f"s1:{_NAME} a@example.org"]},
        carried={"parents": {"frozen": 1}},
        noted={"parents.email.valid": 1},
        duplicates={"parents": 1},
    ),
    Sentence(
        "A damaged mobile by which a namesake is told freezes it too.",
        (people(parent("s1", None, email=None, mobile="2145550101"), _B),),
        wrong(
            warned(
                people(parent("s1", None, email=None, mobile=None), _B),
                *("parents", 2, "mobile.valid", "mobile"),
            ),
            *("parents", 2, "contact.invalid"),
        ),
        lives={"parents": [f"s1:{_NAME} 2145550101", f"s1:{_NAME} b@example.org"]},
        carried={"parents": {"frozen_unidentified": 1}},
        out=(("parents", 2, "parents.contact.invalid", "invalid"),),
        noted={"parents.mobile.valid": 1},
    ),
    Sentence(
        "A damaged email beside a stored name changes the contact and no key.",
        (people(_A),),
        warned(people(spoiled(_A)), *("parents", 2, "email.valid", "email")),
        values={"parents": ("contact_key, email, mobile", [(_NAME, None, "2145550101")])},
        noted={"parents.email.valid": 1},
    ),
    Sentence(
        "A new namesake with a damaged email loads: there is none it may stand for.",
        NOTHING,
        warned(people(spoiled(_A), _B), *("parents", 2, "email.valid", "email")),
        lives={"parents": [f"s1:{_NAME} 2145550101", f"s1:{_NAME} b@example.org"]},
        noted={"parents.email.valid": 1},
    ),
    Sentence(
        "A namesake that was blanked goes, and the other stays as it is stored.",
        _TWINS,
        wrong(
            people({**_A, "email": None, "mobile": None}, _B),
            *("parents", 2, "contact.unreachable"),
        ),
        lives={"parents": _BOTH[1:]},
        removed={"parents": 1},
        out=(("parents", 2, "parents.contact.unreachable", "unreachable"),),
    ),
    Sentence(
        "A new namesake without any way to be reached keeps no one out, and renames nobody.",
        NOTHING,
        wrong(
            people({**_A, "email": None, "mobile": None}, _B),
            *("parents", 2, "contact.unreachable"),
        ),
        lives={"parents": [f"s1:{_NAME}"]},
        out=(("parents", 2, "parents.contact.unreachable", "unreachable"),),
    ),
    Sentence(
        "A namesake that is gone does not rename the other.",
        _TWINS,
        people(_B),
        lives={"parents": _BOTH[1:]},
        removed={"parents": 1},
    ),
    Sentence(
        "A namesake in quarantine does not rename the stored contact.",
        (people(_A),),
        wrong(people(_A, {**_B, "relationship": None}), *("parents", 3, "relationship.length")),
        lives={"parents": [f"s1:{_NAME}"]},
        out=(("parents", 3, "parents.relationship.length", "invalid"),),
    ),
]

SENTENCES = [
    *FROZEN,
    *DAMAGED,
    *CASCADE,
    *UNREACHABLE,
    *CARRIED_FILES,
    *SCOPE,
    *ACCOUNTING,
    *SEVERAL,
    *TEACHERS,
    *MEMBERS,
    *NAMESAKES,
]
