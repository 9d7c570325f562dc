"""Random uploads of one small district: changed a little from night to night."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

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
from tests.warehouse.dice import FILES_WITHOUT_A_SCHOOL, Dice
from tests.warehouse.mistakes import make_mistakes

SCHOOLS = ("1", "2")
_STUDENTS = ("s1", "s2", "S2", "7", "007", "0012")
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
_SECTIONS = ("a", "B", "c")
_CARRIED_WHEN_ABSENT = ("sections", "rosters")
_OPTIONAL = ("groups", "group_members", "group_user_members", "emergency_contacts")
_OPTIONAL_COLUMNS = {
    "students": ("student_email",),
    "parents": ("parent_id", "mobile"),
    "sections": ("is_primary",),
    "staff": ("mobile",),
}


@dataclass(frozen=True)
class District:
    """What a district sends by habit.

    ``files``: rows by file. ``ids_from``: the night from which on it sends parent_ids. ``namesake_from``: the
    night from which on a student has two contacts of one name, both without an id; None: never.
    """

    files: dict[str, list[Row]]
    ids_from: int
    namesake_from: int | None


def random_district(rng: random.Random) -> District:
    """About every fourth district sends groups."""
    dice = Dice(rng)
    with_groups = rng.random() < 0.25
    files = {
        name: rows
        for name, rows in _snapshot(dice, night=1).items()
        if with_groups or name not in _OPTIONAL
    }
    return District(files, rng.choice((1, 1, 2, 3, 9)), rng.choice((None, 1, 2, 3)))


def random_upload(dice: Dice, district: District, night: int) -> Upload:
    """The district with some of its files as of another day, and damage. Now and then all of it is new."""
    rng = dice.rng
    today = _snapshot(dice, night)
    share = 1.0 if rng.random() < 0.1 else 0.4
    files = {
        name: today[name] if rng.random() < share else [dict(row) for row in rows]
        for name, rows in district.files.items()
    }
    if any(_other_child(dice, row, district) for row in files["students"]):
        dice.count("another child under an id")
    _by_habit(dice, files["parents"], district, night)
    _leave_out_a_school(dice, files)
    upload = Upload(files)
    _leave_out_columns(dice, upload)
    _repeat(dice, upload)
    make_mistakes(dice, upload)
    _end(dice, upload)
    _leave_out(dice, upload)
    return upload


def _snapshot(dice: Dice, night: int) -> dict[str, list[Row]]:
    rng = dice.rng
    students = [
        student(s, rng.choice(SCHOOLS), **rng.choice(_CHILDREN)) for s in dice.some(_STUDENTS, 0.65)
    ] or [student("s1")]
    if dice.draw("a student at a second school", 0.3):
        first = rng.choice(students)
        students.append({**first, "school_id": "2" if first["school_id"] == "1" else "1"})
    return {
        "schools": [school(s, school_name=f"S{rng.randint(1, 2)}") for s in SCHOOLS],
        "students": students,
        "staff": [teacher(t, rng.choice(SCHOOLS)) for t in dice.some(_TEACHERS, 0.8)]
        or [teacher("t1")],
        "sections": [
            section(c, rng.choice((*_TEACHERS, None)), rng.choice(SCHOOLS), is_primary="1")
            for c in dice.some(_SECTIONS, 0.8)
            for _ in range(rng.randint(1, 2))
        ],
        "parents": [_a_parent(rng, s) for s in dice.some(_STUDENTS, 0.7)] or [parent("s1", "p1")],
        "rosters": [
            roster(c, s, rng.choice(SCHOOLS)) for c in _SECTIONS for s in dice.some(_STUDENTS, 0.35)
        ],
        "groups": [
            group(g, group_name=rng.choice(("Chess", "Choir"))) for g in dice.some(("g", "h"), 0.8)
        ],
        "group_members": [member("g", s) for s in dice.some(_STUDENTS, 0.5)],
        "group_user_members": [
            user_member("g", **{id_column: who})
            for id_column, who in (("staff_id", "t1"), ("staff_id", "t2"), ("parent_id", "p1"))
            if rng.random() < 0.6
        ],
        "emergency_contacts": [
            emergency_contact(s, rng.choice(("e1", "E2"))) for s in dice.some(_STUDENTS, 0.5)
        ],
    }


def _a_parent(rng: random.Random, student_id: str) -> Row:
    email = rng.choice(("a@example.org", "b@example.org"))
    mobile = rng.choice((None, None, "2145550101"))
    return parent(student_id, "p1", rng.choice(SCHOOLS), email=email, mobile=mobile)


def _by_habit(dice: Dice, parents: list[Row], district: District, night: int) -> None:
    """With or without ids; with a second contact of a name."""
    sends_ids = night >= district.ids_from
    if sends_ids and district.ids_from > 1:
        dice.count("parent_ids that were not sent before")
    for row in parents:
        if not sends_ids:
            row["parent_id"] = None
    if district.namesake_from is not None and night >= district.namesake_from:
        later = district.namesake_from > 1
        dice.count("a namesake who comes later" if later else "a namesake")
        other = {**parents[0], "email": "z@example.org", "mobile": None}
        if other["parent_id"] is not None:
            other["parent_id"] = "p2"
        parents.append(other)


def _other_child(dice: Dice, row: Row, district: District) -> bool:
    names = ("first_name", "last_name")
    return any(
        one["student_id"] == row["student_id"] and all(one[n] != row[n] for n in names)
        for one in district.files["students"]
    )


def _leave_out_a_school(dice: Dice, files: dict[str, list[Row]]) -> None:
    for file in FILES_WITHOUT_A_SCHOOL:
        lacking = dice.rng.choice(SCHOOLS)
        rest = [row for row in files[file] if row["school_id"] != lacking]
        is_possible = rest and len(rest) < len(files[file])
        if is_possible and dice.draw(f"a school missing from {file}.csv", 0.15):
            files[file] = rest


def _leave_out_columns(dice: Dice, upload: Upload) -> None:
    for file, columns in _OPTIONAL_COLUMNS.items():
        upload.optional[file] = columns
        if dice.draw("a column gone", 0.07):
            column = dice.rng.choice(columns)
            upload.optional[file] = tuple(c for c in columns if c != column)
            for row in upload.files[file]:
                row[column] = None
    if dice.draw("a column of the district's own", 0.15):
        upload.beside["students"] = ("Bus",)
        for row in upload.files["students"]:
            row["attributes"] = json.dumps({"Bus": "7"})


def _repeat(dice: Dice, upload: Upload) -> None:
    """Exact duplicates collapse; two records of one key that differ are both kept out."""
    rng = dice.rng
    rows = upload.files[rng.choice(("students", "staff", "parents", "rosters"))]
    if rows and dice.draw("a record twice", 0.2):
        rows.append(dict(rng.choice(rows)))
    if dice.draw("records in conflict", 0.15):
        rows = upload.files["students"]
        rows.append({**rng.choice(rows), "first_name": "Birch"})


def _end(dice: Dice, upload: Upload) -> None:
    """A record with too many or too few fields, at the end of its file; files without a last line end."""
    for file, rows in upload.files.items():
        if not rows:
            continue
        is_ragged = dice.draw("a ragged record", 0.06)
        if is_ragged:
            upload.ragged.append((file, 2 + len(rows)))
        if dice.draw("a last record without a line end", 0.12):
            upload.open_ends.add(file)
            if is_ragged:
                dice.count("a last record that is cut")


def _leave_out(dice: Dice, upload: Upload) -> None:
    """A file that is missing, has no records, or is last night's again."""
    rng = dice.rng
    for names in (_CARRIED_WHEN_ABSENT, _OPTIONAL):
        if rng.random() < 0.2:
            file = rng.choice(names)
            if upload.files.pop(file, None) is None:
                continue
            upload.errors = [e for e in upload.errors if e[0] != file]
            upload.warnings = [e for e in upload.warnings if e[0] != file]
            upload.ragged = [r for r in upload.ragged if r[0] != file]
            upload.open_ends.discard(file)
            upload.states[file] = rng.choice((FileState.MISSING, FileState.HEADER_ONLY))
            is_missing = upload.states[file] is FileState.MISSING
            dice.count("a file that is not sent" if is_missing else "a file without records")
    if dice.draw("a stale file", 0.15):
        file = rng.choice([f for f in upload.files if f != "schools"])
        upload.states[file] = FileState.STALE
