"""Attendance: a file of every student and period, and a correction of it a quarter of an hour later."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.spec import Domain
from rostersync.synthetic.generate import generate
from tests.benchmarks.measured import Bench, Measured, OnStep, machine

PERIODS = 8
HEADING = "# Attendance"
_NIGHT = "2026-09-01"
_DAY = "2026-09-02"
SLOTS = {f"{_DAY}T10:15": "the day's first file", f"{_DAY}T10:30": "a correction of 1 %"}
_KNOWN = ("schools", "students", "parents", "staff")
_CONFIG = f"""\
attendance:
  codes: {{A: Absent, T: Tardy, P: Present}}
  notices:
    - {{id: absent, at: "10:30", periods: [{", ".join(f'"{n + 1}"' for n in range(PERIODS))}], codes: [A]}}
"""
_FILE = """\
copy (
    with events as (
        select
            school_id, student_id, period,
            hash(student_id, period) % 100 as luck,
            hash(period, student_id) % 100 = 0 and $corrected as is_corrected
        from read_csv($students, all_varchar = true)
        cross join range(1, $periods + 1) as periods (period)
    )

    select
        school_id, student_id, $day as "date", period,
        case
            when luck < 6 then if(is_corrected, 'T', 'A')
            when luck < 9 then if(is_corrected, 'A', 'T')
            else if(is_corrected, 'A', 'P')
        end as code
    from events
) to '{path}' (format csv, header)
"""


def district(server: EmbeddedPostgres, students: int, on_step: OnStep) -> list[Measured]:
    """Both files of the day, after a night that makes the students known."""
    with tempfile.TemporaryDirectory(prefix="rostersync-bench-") as scratch:
        folder = Path(scratch)
        bench = Bench.begin(server, f"bench_attendance_{students}", folder, _CONFIG)
        on_step(f"generate and load {students:,} students")
        (night,) = generate(folder / "uploads", students=students, files=_KNOWN)
        bench.step("whole night", Domain.CORE, _NIGHT, night)
        return [
            bench.slot(Domain.ATTENDANCE, slot, _write(folder, night, number), on_step)
            for number, slot in enumerate(SLOTS)
        ]


def _write(folder: Path, night: Path, number: int) -> Path:
    """The day's file ``number``: the first, or its correction; the folder it lies in."""
    upload = folder / f"upload-{number}"
    upload.mkdir()
    with duckdb.connect() as con:
        con.execute(
            _FILE.format(path=upload / "attendance.csv"),
            {
                "students": str(night / "students.csv"),
                "periods": PERIODS,
                "day": _DAY,
                "corrected": number > 0,
            },
        )
    return upload


def page(sections: dict[int, list[Measured]]) -> Iterator[str]:
    """The page's part about attendance, in lines. ``sections``: by the number of students."""
    yield from (
        HEADING,
        "",
        'Written by `make bench ARGS="--attendance --write"`. A by-row file names every student in each of'
        f" {PERIODS}",
        "periods: 6 % A, 3 % T, else P; a quarter of an hour later a second one differs in 1 % of its codes.",
        "One notice tells every A, so that more than a third of the students have one, and both files write",
        "it; that many are held by the mass guard. The students are known from a night that is not measured:",
        "schools, students, parents and staff, no sections. Memory is the step's own, not Postgres's.",
        "",
        machine(),
    )
    for students, files in sections.items():
        for kind, file in zip(SLOTS.values(), files, strict=True):
            yield ""
            yield from file.table(f"{students:,} students: {kind}", stage="notices")
