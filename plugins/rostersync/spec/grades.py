"""The grades of students.csv, as the public source of the layouts names them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NO_GRADE = 100

GRADES: Mapping[int, str] = MappingProxyType(
    {
        -4: "PreK 1",
        -3: "PreK 2",
        -2: "Junior Kindergarten",
        -1: "Transitional Kindergarten",
        0: "Kindergarten",
        1: "1st Grade",
        2: "2nd Grade",
        3: "3rd Grade",
        **{grade: f"{grade}th Grade" for grade in range(4, 13)},
        NO_GRADE: "No grades",
    }
)
"""Value -> name. Below 0 they are no ladder: whoever gets a higher one, up to 0, is one grade up."""
