"""Rules the contract itself demands: keys, references, identity columns, parsing.

Resolve and the warehouse rely on them, so a suite may word them but not drop or change them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rostersync.spec import ENTITIES, FILES, Entity, Kind, Reference

_IDENTITY = {"parents": ("student_id", "parent_id", "first_name", "last_name")}
"""Files whose key is not made of columns of the file (contact_key)."""


@dataclass(frozen=True, slots=True)
class FixedRule:
    """A rule of the resolve phase, as it must stand in the suite of ``file``."""

    rule: str
    severity: str
    type: str
    kwargs: dict[str, Any] = field(default_factory=dict)


def identity_columns(file: str) -> tuple[str, ...]:
    """Columns that say whom a record of ``file`` is about: its key, and what its references need."""
    main = ENTITIES[file]
    needed = [*main.key, *(c for r in main.references if not r.advisory for c in r.columns)]
    names = _IDENTITY.get(file, ()) + tuple(needed)
    return tuple(dict.fromkeys(n for n in names if any(c.name == n for c in FILES[file].columns)))


def identity_rules(file: str) -> tuple[str, ...]:
    """Ids of the value rules that must stand, as error or critical, in the suite of ``file``."""
    rules = []
    for name in identity_columns(file):
        column = FILES[file].column(name)
        if column.needs_value:
            rules.append(f"{file}.{name}.present")
        if column.kind is Kind.ID:
            rules.append(f"{file}.{name}.clean")
    return tuple(rules)


_OF_ONE_FILE = {
    "attendance": (
        FixedRule(
            "attendance.code.known", "warning", "expect_codes_to_be_listed", {"columns": ["code"]}
        ),
        FixedRule(
            "attendance.code.case",
            "warning",
            "expect_codes_to_have_their_case",
            {"columns": ["code"]},
        ),
        FixedRule(
            "attendance.period.unheard",
            "warning",
            "expect_periods_of_notices",
            {"columns": ["period"]},
        ),
        FixedRule(
            "attendance.period.p0_unsaid",
            "warning",
            "expect_p0_to_be_said",
            {"columns": ["period"]},
        ),
        FixedRule(
            "attendance.date.too_old", "warning", "expect_file_to_be_fresh", {"columns": ["date"]}
        ),
        FixedRule(
            "attendance.date.far", "error", "expect_dates_near_the_slot", {"columns": ["date"]}
        ),
        FixedRule(
            "attendance.date.vanishing",
            "warning",
            "expect_events_to_stay",
            {"columns": ["school_id", "date"]},
        ),
    ),
    "students": (
        FixedRule(
            "students.school_id.several",
            "warning",
            "expect_one_school_per_person",
            {"columns": ["student_id"]},
        ),
        FixedRule(
            "students.student_id.possible_reuse",
            "warning",
            "expect_one_person_per_id",
            {"columns": ["student_id"]},
        ),
    ),
    "group_user_members": (
        FixedRule(
            "group_user_members.person.known",
            "error",
            "expect_person_to_exist",
            {"columns": ["email", "mobile"]},
        ),
    ),
}
"""What resolve asks of one file only."""

_HARMLESS = ("section_teachers.staff_id.known",)
"""Losing a class for its teacher's missing record would be worse than a class without one."""


def fixed_rules(file: str) -> tuple[FixedRule, ...]:
    """The resolve rules of all entities that ``file`` feeds."""
    references = (r for e in ENTITIES.values() if e.file == file for r in e.references)
    return (
        *_key_rules(ENTITIES[file]),
        *_OF_ONE_FILE.get(file, ()),
        *(_reference_rule(r) for r in references),
    )


def _key_rules(main: Entity) -> Iterator[FixedRule]:
    yield FixedRule(
        f"{main.name}.key.conflicting_duplicate",
        "warning" if FILES[main.file].first_wins else "error",
        "expect_key_to_be_unique",
        {"columns": list(main.key)},
    )
    # an event is of its day alone: no later one can be a damaged copy of it
    for column in () if main.day else main.key:
        yield FixedRule(
            f"{main.name}.{column}.damaged",
            "error",
            "expect_key_to_keep_its_form",
            {"columns": list(main.key)},
        )


def _reference_rule(reference: Reference) -> FixedRule:
    harmless = reference.advisory or reference.rule in _HARMLESS
    return FixedRule(
        reference.rule,
        "warning" if harmless else "error",
        "expect_reference_to_exist",
        {
            "columns": list(reference.columns),
            "entity": reference.entity,
            "to": list(reference.to),
        },
    )
