"""Small uploads as CSV files, written by hand: one school, a few students."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from rostersync.spec import FILES


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return path


def write_core(
    folder: Path, students: Sequence[str] = ("s1", "s2", "s3"), terms: Sequence[str] = ("",)
) -> Path:
    """A core upload: a parent, and a roster row in the section of each term, for each student."""
    address = ["00501", "1 Example Street", "Testfield", "TX"]
    principal = ["Aspen", "Testkid", "office@example.org", "2145550100"]
    write_csv(
        folder / "schools.csv",
        [c.name for c in FILES["schools"].columns],
        [[n, f"Testfield {n}", *address, *principal] for n in ("1", "2")],
    )
    names = ["Aspen", "Testkid"]
    write_csv(
        folder / "students.csv",
        ["school_id", "student_id", "first_name", "last_name", "grade_level"],
        [["1", s, *names, "3"] for s in students],
    )
    write_csv(
        folder / "parents.csv",
        ["school_id", "student_id", "parent_id", "first_name", "last_name", "email"],
        [["1", s, f"p{s}", *names, f"{s}@example.org"] for s in students],
    )
    write_csv(
        folder / "staff.csv",
        ["school_id", "staff_id", "first_name", "last_name", "email"],
        [["1", "t1", "Cedar", "Testteacher", "t1@example.org"]],
    )
    sections = [f"a{n}" for n, _ in enumerate(terms)]
    write_csv(
        folder / "sections.csv",
        ["school_id", "section_id", "term_id", "staff_id", "course_name"],
        [["1", s, term, "t1", "Botany"] for s, term in zip(sections, terms, strict=True)],
    )
    write_csv(
        folder / "rosters.csv",
        ["school_id", "section_id", "student_id"],
        [["1", section, s] for section in sections for s in students],
    )
    return folder


TERMS = ("school_id", "term_id", "term_name", "portion", "start_date", "end_date", "school_year")
EVENTS = ("school_id", "student_id", "date", "period", "code")
