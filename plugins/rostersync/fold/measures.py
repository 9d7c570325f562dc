"""What of a slot's diff the limits look at: counts by school, never a value of a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Counts(NamedTuple):
    """Rows of one entity at one school. ``known``: before, without those carried tonight.

    ``changed``: those in which a name, email or phone that was there differs.
    """

    known: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0


class Creep(NamedTuple):
    """Rows of an earlier state at one school, and those of them that are gone now."""

    known: int
    removed: int


class Known(NamedTuple):
    """Ids known before, and those of them that some record of the upload has, in quarantine or not."""

    known: int
    found: int


@dataclass(frozen=True, slots=True)
class Measures:
    """Measured when the diff was computed; all counts, schools by id ("" for rows without one).

    ``rows``: by entity and school. ``blank``: by entity, columns that were filled and came without any
    value. ``gone``: schools that schools.csv no longer has, with the rows that are carried of them.
    ``unsent``: schools that schools.csv has and students.csv has no record of at all, with the students who
    were at each.
    ``reused``: by school, students under whose id another child seems to be sent; no part of ``changed``.
    ``known``: of schools, students and staff, where their file brought rows. ``grade_up``: students one
    grade up. ``unreachable``: by file, records in quarantine for nothing else, or only because a file
    that they refer to did not come. ``creep``: by entity and
    school, against the state seven slots ago; ``excused``: by file, records in quarantine for nothing but
    waived rules, or those. Neither is kept with the diff, which does not depend on it.
    """

    rows: dict[str, dict[str, Counts]] = field(default_factory=dict)
    blank: dict[str, list[str]] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    unsent: dict[str, int] = field(default_factory=dict)
    reused: dict[str, int] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    grade_up: int = 0
    unreachable: dict[str, int] = field(default_factory=dict)
    creep: dict[str, dict[str, Creep]] = field(default_factory=dict)
    excused: dict[str, int] = field(default_factory=dict)
