"""Random uploads of one small district: changed a little, with anything that goes wrong."""

from __future__ import annotations

import random

from rostersync.archive import FileState
from tests.support.landings import (
    Row,
    Upload,
    emergency_contact,
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

SCHOOLS = ("1", "2")
_STUDENTS = ("s1", "s2", "S2", "7", "007")
"""Two pairs that one could take for each other: an id that lost its case or its zeros is damaged."""
_CHILDREN = (
    {
        "first_name": "Aspen",
        "last_name": "Oak",
        "grade_level": "3",
        "student_email": "a@example.org",
    },
    {
        "first_name": "Aspen",
        "last_name": "Elm",
        "grade_level": "3",
        "student_email": "b@example.org",
    },
    {
        "first_name": "Rowan",
        "last_name": "Elm",
        "grade_level": "2",
        "student_email": "c@example.org",
    },
)
"""Under one id, the last may be another child than the first; under two, each may be the same child."""
_TEACHERS = ("t1", "t2")
_SECTIONS = ("a", "b", "c")
_CARRIED_WHEN_ABSENT = ("sections", "rosters")
_OPTIONAL = ("groups", "group_members", "group_user_members", "emergency_contacts")


def random_district(rng: random.Random) -> dict[str, list[Row]]:
    """Rows by file; about every fourth district sends groups."""
    with_groups = rng.random() < 0.25
    return {
        name: rows for name, rows in _snapshot(rng).items() if with_groups or name not in _OPTIONAL
    }


def random_upload(rng: random.Random, district: dict[str, list[Row]]) -> Upload:
    """The district with some of its files as of another day, and damage. Now and then all of it is new."""
    today = _snapshot(rng)
    share = 1.0 if rng.random() < 0.1 else 0.45
    files = {
        name: today[name] if rng.random() < share else list(rows) for name, rows in district.items()
    }
    upload = Upload(files)
    _repeat(rng, upload)
    _damage(rng, upload)
    _leave_out(rng, upload)
    return upload


def _snapshot(rng: random.Random) -> dict[str, list[Row]]:
    students = [
        student(s, rng.choice(SCHOOLS), **rng.choice(_CHILDREN)) for s in _some(rng, _STUDENTS, 0.7)
    ] or [student("s1")]
    if rng.random() < 0.3:  # one student at a second school
        first = rng.choice(students)
        students.append({**first, "school_id": "2" if first["school_id"] == "1" else "1"})
    return {
        "schools": [
            school(s, school_name=f"S{rng.randint(1, 2)}") for s in _some(rng, SCHOOLS, 0.85)
        ]
        or [school("1")],
        "students": students,
        "staff": [teacher(t, rng.choice(SCHOOLS)) for t in _some(rng, _TEACHERS, 0.8)]
        or [teacher("t1")],
        "sections": [
            section(c, rng.choice((*_TEACHERS, None)), rng.choice(SCHOOLS), is_primary="1")
            for c in _some(rng, _SECTIONS, 0.8)
            for _ in range(rng.randint(1, 2))
        ],
        "parents": [
            parent(
                s, rng.choice(("p1", None)), email=rng.choice(("a@example.org", "b@example.org"))
            )
            for s in _some(rng, _STUDENTS, 0.7)
        ]
        or [parent("s1", "p1")],
        "rosters": [
            roster(c, s, rng.choice(SCHOOLS)) for c in _SECTIONS for s in _some(rng, _STUDENTS, 0.4)
        ],
        "groups": [
            group(g, group_name=rng.choice(("Chess", "Choir"))) for g in _some(rng, ("g", "h"), 0.8)
        ],
        "group_members": [member("g", s) for s in _some(rng, _STUDENTS, 0.5)],
        "group_user_members": [
            user_member("g", **{id_column: who})
            for id_column, who in (("staff_id", "t1"), ("staff_id", "t2"), ("parent_id", "p1"))
            if rng.random() < 0.6
        ],
        "emergency_contacts": [
            emergency_contact(s, rng.choice(("e1", "e2"))) for s in _some(rng, _STUDENTS, 0.5)
        ],
    }


def _repeat(rng: random.Random, upload: Upload) -> None:
    """Exact duplicates collapse; two records of one key that differ are both kept out."""
    if rng.random() < 0.2:
        rows = upload.files[rng.choice(("students", "staff", "parents", "rosters"))]
        if rows:
            rows.append(dict(rng.choice(rows)))
    if rng.random() < 0.2:
        rows = upload.files["students"]
        rows.append({**rng.choice(rows), "first_name": "Birch"})


def _damage(rng: random.Random, upload: Upload) -> None:
    ragged = rng.choice(("students", "rosters")) if rng.random() < 0.15 else None
    if ragged:
        upload.ragged.append((ragged, 2))
    for file, rule, column in (
        ("students", "students.last_name.present", "last_name"),
        ("students", "students.student_id.present", "student_id"),
        ("parents", "parents.contact.unreachable", None),
        ("parents", "parents.student_id.clean", "student_id"),
        ("rosters", "rosters.student_id.present", "student_id"),
    ):
        rows = upload.files[file]
        if rows and file != ragged and rng.random() < 0.25:
            at = rng.randrange(len(rows))
            upload.errors.append((file, 2 + at, rule, column))
            if rule.endswith(".present") and column:
                rows[at] = {**rows[at], column: None}


def _leave_out(rng: random.Random, upload: Upload) -> None:
    """A file that is missing, has no records, or is last night's again."""
    for names in (_CARRIED_WHEN_ABSENT, _OPTIONAL):
        if rng.random() < 0.25:
            file = rng.choice(names)
            if upload.files.pop(file, None) is None:
                continue
            upload.errors = [e for e in upload.errors if e[0] != file]
            upload.ragged = [r for r in upload.ragged if r[0] != file]
            upload.states[file] = rng.choice((FileState.MISSING, FileState.HEADER_ONLY))
    if rng.random() < 0.15:
        file = rng.choice([f for f in upload.files if f != "schools"])
        upload.states[file] = FileState.STALE


def _some(rng: random.Random, of: tuple[str, ...], share: float) -> list[str]:
    return [x for x in of if rng.random() < share]
