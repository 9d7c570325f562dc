"""When a notice would tell too many: exactly at a limit it still goes."""

from __future__ import annotations

import pytest

from rostersync.attendance.guard import Reach, too_many


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
    assert bool(too_many(Reach(students, usual))) is held


@pytest.mark.parametrize(
    ("there", "enrolled", "held"),
    [(30, 100, False), (31, 100, True), (1, 3, True), (1, 4, False), (5, 0, False)],
)
def test_more_than_thirty_percent_of_a_school(there: int, enrolled: int, held: bool) -> None:
    assert bool(too_many(Reach(there, None, "1", there, enrolled))) is held
