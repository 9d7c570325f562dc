"""A district of two schools, where everybody has a parent and a section: what a limit is tried on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rostersync.ledger.holds import OpenedHold
from rostersync.ledger.results import RunResult
from tests.support.district import District
from tests.support.uploads import write_csv

Schools = Mapping[str, Sequence[str]]


def ids(school: str, count: int, start: int = 0) -> list[str]:
    return [f"{school}s{n:02}" for n in range(start, start + count)]


FULL: Schools = {"1": ids("1", 30), "2": ids("2", 20)}


def write_upload(folder: Path, schools: Schools) -> Path:
    """A core upload: a parent, a teacher's section and roster row of each student of each school."""
    names = ["Aspen", "Testkid"]
    pairs = [(school, s) for school, students in schools.items() for s in students]
    address = ["00501", "1 Example Street", "Testfield", "TX", *names, "p@example.org"]
    columns = "school_id,school_name,school_zip,school_address,school_city,school_state"
    columns += ",principal_first_name,principal_last_name,principal_email,school_phone"
    write_csv(
        folder / "schools.csv",
        columns.split(","),
        [[n, f"Testfield {n}", *address, "2145550100"] for n in schools],
    )
    write_csv(
        folder / "students.csv",
        ["school_id", "student_id", "first_name", "last_name", "grade_level"],
        [[school, s, *names, "3"] for school, s in pairs],
    )
    write_csv(
        folder / "parents.csv",
        ["school_id", "student_id", "parent_id", "first_name", "last_name", "email"],
        [[school, s, f"p{s}", *names, f"{s}@example.org"] for school, s in pairs],
    )
    write_csv(
        folder / "staff.csv",
        ["school_id", "staff_id", "first_name", "last_name", "email"],
        [[n, f"t{n}", "Cedar", "Testteacher", f"t{n}@example.org"] for n in schools],
    )
    write_csv(
        folder / "sections.csv",
        ["school_id", "section_id", "staff_id", "course_name"],
        [[n, "x", f"t{n}", "Botany"] for n in schools],
    )
    write_csv(
        folder / "rosters.csv",
        ["school_id", "section_id", "student_id"],
        [[school, "x", s] for school, s in pairs],
    )
    return folder


class TwoSchools(District):
    """Its upload is said by the students of each school."""

    def sync(self, day: int, schools: Schools) -> RunResult:
        return self.sync_upload(day, write_upload(self.fresh(), schools))


def names(hold: OpenedHold) -> set[str]:
    """What waits, as entity, kind and school."""
    return {f"{s['entity']}:{s['kind']}:{s['scope']}" for s in hold.slices}
