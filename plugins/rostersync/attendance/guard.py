"""The mass guard: would a notice tell so many that it is more likely an export's mistake? Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

HELD_FOR = timedelta(minutes=60)
"""A notice that no person has released by then lapses."""

_STUDENTS = 25
_TIMES_USUAL = 3
_PERCENT_OF_SCHOOL = 30


@dataclass(frozen=True, slots=True)
class Reach:
    """Students a notice would tell; ``usual``: the median of its last days, None before there is one.

    ``school``: the one with the largest share of its ``enrolled``, with its ``school_students``.
    """

    students: int
    usual: float | None
    school: str | None = None
    school_students: int = 0
    enrolled: int = 0


def too_many(reach: Reach) -> str | None:
    """Why the notice waits for a person, in words; None when it does not."""
    if (
        reach.usual is not None
        and reach.students > _STUDENTS
        and reach.students > _TIMES_USUAL * reach.usual
    ):
        return f"{reach.students:,} students, usually {reach.usual:g}"
    if reach.enrolled and reach.school_students * 100 > _PERCENT_OF_SCHOOL * reach.enrolled:
        return (
            f"{reach.school_students:,} of the {reach.enrolled:,} students of school {reach.school}"
        )
    return None
