"""The mass guard: would a notice tell so many that it is more likely an export's mistake? Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rostersync.spec.shown import shown_id

HELD_FOR = timedelta(minutes=60)
"""A notice that no person has released by then lapses."""
DISTRICT = ""
"""The school of a hold that is about every school."""

_STUDENTS = 25
_TIMES_USUAL = 3
_STUDENTS_OF_SCHOOL = 10
_PERCENT_OF_SCHOOL = 30


@dataclass(frozen=True, slots=True)
class SchoolReach:
    """Students of one school that a notice would tell, and the school's ``enrolled`` (active) ones."""

    school: str
    students: int
    enrolled: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Students a notice would tell; ``usual``: the median of its last days, None before there is one."""

    students: int
    usual: float | None
    schools: tuple[SchoolReach, ...] = ()


@dataclass(frozen=True, slots=True)
class Trip:
    """Whose families a notice does not tell before a person has looked: a school's, or the DISTRICT's.

    ``students``: how many they are; ``reason``: why, in words.
    """

    school: str
    students: int
    reason: str


def too_many(reach: Reach) -> tuple[Trip, ...]:
    """What of the notice waits for a person; a whole district's mass is not told school by school."""
    if (
        reach.usual is not None
        and reach.students > _STUDENTS
        and reach.students > _TIMES_USUAL * reach.usual
    ):
        reason = f"{reach.students:,} students, usually {reach.usual:g}"
        return (Trip(DISTRICT, reach.students, reason),)
    return tuple(
        Trip(
            one.school,
            one.students,
            f"{one.students:,} of the {one.enrolled:,} students of school {shown_id(one.school)}",
        )
        for one in reach.schools
        if one.students > _STUDENTS_OF_SCHOOL
        and one.enrolled
        and one.students * 100 > _PERCENT_OF_SCHOOL * one.enrolled
    )
