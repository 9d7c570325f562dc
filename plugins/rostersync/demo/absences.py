"""A day's attendance.csv of a demo district, and whom its notices tell, counted without the pipeline."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rostersync.demo.table import Table
from rostersync.spec import ALL_DAY, FILES

if TYPE_CHECKING:
    from rostersync.config import DistrictConfig

_ABSENT = 17
"""Of each school one in this many is absent, and so is who has nobody to be told."""
_MASS_SHARE, _MASS_STUDENTS = 0.3, 10
"""A notice that would tell more of a school waits for a person, for that school."""
_CONTACTS = ("email", "mobile")


def write_absences(cfg: DistrictConfig, roster: Path, path: Path, day: date) -> int:
    """Write the whole-day codes of a day; the number of records.

    Some of each school are absent (A). Half of one school is late (T): its clock was wrong, and nobody should
    be told before a person has looked.

    ``cfg``: the district's. ``roster``: folder of the newest upload that loads. ``path``: written. ``day``:
    of the file.
    """
    students = Table(roster, cfg, FILES["students"])
    silent = _without_contact(cfg, roster)
    late_school = min(students.values("school_id"))
    places: Counter[str] = Counter()
    events = []
    for school, student in sorted(
        zip(students.values("school_id"), students.values("student_id"), strict=True)
    ):
        place = places[school]
        places[school] += 1
        if place % _ABSENT == 0 or student in silent:
            events.append([school, student, day.isoformat(), ALL_DAY, "A"])
        elif school == late_school and place % 2:
            events.append([school, student, day.isoformat(), ALL_DAY, "T"])
    with path.open("w", encoding="utf-8", newline="") as f:
        header = [column.name for column in FILES["attendance"].columns]
        csv.writer(f, lineterminator="\n").writerows([header, *events])
    return len(events)


def expected_notices(
    cfg: DistrictConfig, roster: Path, attendance: Path
) -> dict[str, dict[str, int]]:
    """Notice -> state -> students, when all is as it should be; states without any are left out."""
    assert cfg.attendance is not None  # noqa: S101  # for the type checker
    silent = _without_contact(cfg, roster)
    enrolled = Counter(Table(roster, cfg, FILES["students"]).values("school_id"))
    with attendance.open(encoding="utf-8", newline="") as f:
        events = list(csv.DictReader(f))
    expected = {}
    for notice in cfg.attendance.notices:
        named = {
            e["student_id"]: e["school_id"]
            for e in events
            if e["code"] in notice.codes and e["period"] in notice.periods
        }
        reached = Counter(school for student, school in named.items() if student not in silent)
        held = sum(
            n
            for school, n in reached.items()
            if n > _MASS_SHARE * enrolled[school] and n > _MASS_STUDENTS
        )
        counts = {
            "held": held,
            "pending": reached.total() - held,
            "unreachable": len(silent & named.keys()),
        }
        expected[notice.id] = {state: n for state, n in counts.items() if n}
    return expected


def _without_contact(cfg: DistrictConfig, roster: Path) -> set[str]:
    """Students of an upload without a parent who has an email or a mobile."""
    parents = Table(roster, cfg, FILES["parents"])
    contacts = zip(*(parents.values(c) for c in ("student_id", *_CONTACTS)), strict=True)
    reachable = {student for student, *ways in contacts if any(ways)}
    return set(Table(roster, cfg, FILES["students"]).values("student_id")) - reachable
