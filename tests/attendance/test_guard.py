"""When a notice would tell too many: exactly at a limit it still goes."""

from __future__ import annotations

import pytest

from rostersync.attendance.guard import DISTRICT, Reach, SchoolReach, too_many


@pytest.mark.parametrize(
    ("students", "usual", "held"),
    [
        (26, 8, True),
        (25, 0, False),
        (26, 0, True),
        (30, 10, False),
        (31, 10, True),
        (500, None, False),
    ],
)
def test_more_than_three_times_the_usual(students: int, usual: float | None, held: bool) -> None:
    assert [t.school for t in too_many(Reach(students, usual))] == [DISTRICT] * held


@pytest.mark.parametrize(
    ("there", "enrolled", "held"),
    [
        (30, 100, False),
        (31, 100, True),
        (10, 20, False),
        (11, 20, True),
        (11, 36, True),
        (11, 37, False),
        (15, 0, False),
    ],
)
def test_more_than_thirty_percent_of_a_school_and_ten(
    there: int, enrolled: int, held: bool
) -> None:
    reach = Reach(there + 40, None, (SchoolReach("1", there, enrolled), SchoolReach("2", 40, 400)))
    assert [(t.school, t.students) for t in too_many(reach)] == [("1", there)] * held


def test_a_districts_mass_is_one_hold() -> None:
    reach = Reach(40, 3, (SchoolReach("1", 20, 20), SchoolReach("2", 20, 20)))
    assert [t.school for t in too_many(reach)] == [DISTRICT]


@pytest.mark.parametrize("school", ["[Sign-in](https://x.example)", "@everyone", "9" * 41])
def test_an_id_that_is_more_than_one_is_not_told(school: str) -> None:
    (trip,) = too_many(Reach(60, None, (SchoolReach(school, 20, 20),)))
    assert trip.school == school
    assert school not in trip.reason
    assert "an id of other characters" in trip.reason
