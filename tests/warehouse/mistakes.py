"""What may be wrong in a record, as staging and validation leave it: the values, and what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.landings import Row, Upload
from tests.warehouse.dice import Dice

Found = list[tuple[str, str | None]]
"""(rule without its file, column) of each error."""


@dataclass(frozen=True)
class Mistake:
    """``column``: where it is made. ``make``: changes the row; what validation finds in it."""

    column: str
    make: Callable[[Row, str], Found]
    is_of_an_id: bool = False


def _blank(row: Row, column: str) -> Found:
    row[column] = None
    return [(f"{column}.present", column)]


def _space(row: Row, column: str) -> Found:
    value = row[column]
    if value is None:
        return []
    row[column] = f"{value[:1]} {value[1:]}"
    return [(f"{column}.clean", column)]


def _other_form(row: Row, column: str) -> Found:
    """It lost its zeros, its case, or got a trailing .0: no rule of a value is broken."""
    value = row[column]
    if value is None:
        return []
    forms = (value.lstrip("0"), value.lower(), value.upper(), f"0{value}")
    row[column] = next(form for form in forms if form != value)
    return []


def _invalid(row: Row, column: str) -> Found:
    """What was sent is no email: it is blanked, and when nothing is left the record is in error."""
    row[column] = None
    return [] if row.get("mobile") else [("contact.invalid", None)]


def _unreachable(row: Row, column: str) -> Found:
    row["email"] = row["mobile"] = None
    return [("contact.unreachable", None)]


_SCHOOL = (Mistake("school_id", _blank), Mistake("school_id", _space))
_STUDENT = (
    Mistake("student_id", _blank),
    Mistake("student_id", _space),
    Mistake("student_id", _other_form, is_of_an_id=True),
    Mistake("student_id", _other_form, is_of_an_id=True),
)
_NAMES = (Mistake("last_name", _blank), Mistake("first_name", _blank))
_REACH = (
    Mistake("email", _invalid),
    Mistake("email", _unreachable),
    Mistake("email", _invalid),
    Mistake("email", _unreachable),
)
MISTAKES: dict[str, tuple[Mistake, ...]] = {
    "students": (*_SCHOOL, *_STUDENT, *_NAMES),
    "parents": (
        *_SCHOOL,
        *_STUDENT,
        *_NAMES,
        *_REACH,
        Mistake("parent_id", _space),
        Mistake("parent_id", _other_form, is_of_an_id=True),
    ),
    "staff": (
        *_SCHOOL,
        *_NAMES,
        *_REACH,
        Mistake("staff_id", _space),
        Mistake("staff_id", _other_form, is_of_an_id=True),
    ),
    "sections": (
        *_SCHOOL,
        Mistake("course_name", _blank),
        Mistake("section_id", _space),
        Mistake("section_id", _other_form, is_of_an_id=True),
    ),
    "rosters": (
        *_SCHOOL,
        *_STUDENT,
        Mistake("section_id", _space),
        Mistake("section_id", _other_form, is_of_an_id=True),
    ),
    "emergency_contacts": (
        *_STUDENT,
        *_NAMES,
        Mistake("contact_id", _space),
        Mistake("contact_id", _other_form, is_of_an_id=True),
    ),
    "group_members": (*_SCHOOL, *_STUDENT),
}


def make_mistakes(dice: Dice, upload: Upload) -> None:
    """In about one file of three a record with a mistake, in about every third of these with two."""
    for file, possible in MISTAKES.items():
        rows = upload.files.get(file)
        if not rows or not dice.draw("a mistake", 0.3):
            continue
        at = dice.rng.randrange(len(rows))
        rows[at] = dict(rows[at])
        mistakes = _choose(dice, possible)
        for mistake in mistakes:
            _make(dice, upload, file, at, mistake)
        has_damaged_id = any(m.is_of_an_id for m in mistakes)
        if has_damaged_id:
            dice.count("an id that is damaged")
        if len(mistakes) > 1:
            dice.count("two mistakes in a record")
        if len(mistakes) > 1 and has_damaged_id:
            dice.count("two mistakes, one of them a damaged id")


def _choose(dice: Dice, possible: tuple[Mistake, ...]) -> list[Mistake]:
    """One or two, in columns of their own."""
    chosen = [dice.rng.choice(possible)]
    if dice.rng.random() < 0.4:
        rest = [m for m in possible if m.column != chosen[0].column]
        chosen.append(dice.rng.choice(rest))
    return chosen


def _make(dice: Dice, upload: Upload, file: str, at: int, mistake: Mistake) -> None:
    found = mistake.make(upload.files[file][at], mistake.column)
    for rule, column in found:
        upload.errors.append((file, 2 + at, f"{file}.{rule}", column))
    if mistake.make is _invalid:
        upload.warnings.append((file, 2 + at, f"{file}.email.valid", "email"))
        dice.count("a parent with an invalid email")
    if mistake.make is _unreachable:
        dice.count("a parent who cannot be reached")
