"""Chance, and how often it drew what once found a fault."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

FILES_WITHOUT_A_SCHOOL = ("schools", "students", "parents", "staff", "sections", "rosters")
"""Of these one school may be missing while the others have it."""

OF_UPLOADS = (
    "a last record without a line end",
    "a last record that is cut",
    "a column gone",
    "a column of the district's own",
    "a ragged record",
    "a mistake",
    "two mistakes in a record",
    "an id that is damaged",
    "two mistakes, one of them a damaged id",
    "a parent with an invalid email",
    "a parent who cannot be reached",
    "a namesake",
    "a namesake who comes later",
    "parent_ids that were not sent before",
    "a student at a second school",
    *(f"a school missing from {file}.csv" for file in FILES_WITHOUT_A_SCHOOL),
    "a file that is not sent",
    "a file without records",
    "a stale file",
    "a record twice",
    "records in conflict",
    "another child under an id",
    "an error in a column of no key",
    "a teacher's id in another form",
    "an unreadable record at a school missing from schools.csv",
)
OF_HISTORIES = (
    "a late slot",
    "a correction",
    "a landing run again",
    "a step that failed",
    "an upgrade",
    "limits that tripped",
    "slices held that no limit asked for",
    "additions that wait alone",
    "approved",
    "approved in part",
    "discarded",
    "restored",
    "a slot taken out",
    "a slot put back",
)
DRAWN = (*OF_UPLOADS, *OF_HISTORIES)
"""Everything that a run of enough histories must have drawn."""


class Dice:
    """Draws by chance and counts by name. ``drawn``: how often each name came."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.drawn: Counter[str] = Counter()

    def draw(self, name: str, share: float) -> bool:
        """True with a chance of ``share``; then it counts as drawn."""
        came = self.rng.random() < share
        if came:
            self.count(name)
        return came

    def count(self, name: str) -> None:
        """It was drawn. Raises ValueError for a name that is not in the table."""
        if name not in DRAWN:
            raise ValueError(name)
        self.drawn[name] += 1

    def some(self, of: Sequence[T], share: float) -> list[T]:
        """A part of them, in their order."""
        return [x for x in of if self.rng.random() < share]


def table(drawn: Counter[str]) -> list[str]:
    """Lines that say how often each was drawn."""
    return [f"{drawn[name]:>9,}  {name}" for name in DRAWN]
