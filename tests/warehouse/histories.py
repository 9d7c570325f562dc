"""Random histories of a small district: landings by slot, some corrected, some damaged."""

from __future__ import annotations

import random
from dataclasses import dataclass

from rostersync.archive import FileState
from rostersync.ledger import Settled, Slice
from tests.support.landings import (
    Row,
    Upload,
    parent,
    roster,
    school,
    section,
    student,
    teacher,
)

Event = tuple[str, int]
"""(slot, landing number)."""

_STUDENTS = ("s1", "s2", "s3", "s4", "s5")
_SCHOOLS = ("1", "2")
_CHILDREN = (
    {
        "first_name": "Aspen",
        "last_name": "Oak",
        "grade_level": "3",
        "student_email": "a@example.org",
    },
    {
        "first_name": "Aspen",
        "last_name": "Elm",
        "grade_level": "3",
        "student_email": "b@example.org",
    },
    {
        "first_name": "Rowan",
        "last_name": "Elm",
        "grade_level": "2",
        "student_email": "c@example.org",
    },
)
"""Under one id, the last may be another child than the first; under two, each may be the same child."""
_TEACHERS = ("t1", "t2")
_SECTIONS = ("a", "b", "c")


@dataclass
class History:
    """What a district uploaded, and what was decided about it.

    ``landings``: the content of each landing. ``held``: what was held of it when it came. ``decided``: what
    is held and approved after a person has decided.
    """

    landings: dict[Event, Upload]
    held: dict[Event, tuple[Slice, ...]]
    decided: dict[Event, Settled]

    @property
    def final(self) -> list[Event]:
        """Each slot's highest landing, in slot order: the fold."""
        newest: dict[str, int] = {}
        for slot, landing in self.landings:
            newest[slot] = max(landing, newest.get(slot, 0))
        return sorted(newest.items())

    def arrivals(self, rng: random.Random) -> list[Event]:
        """A random order of all landings with repeats; a slot's own landings arrive as numbered."""
        events = list(self.landings)
        rng.shuffle(events)
        numbers: dict[str, int] = {}
        ordered = []
        for slot, _ in events:
            numbers[slot] = numbers.get(slot, 0) + 1
            ordered.append((slot, numbers[slot]))
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(ordered))
            ordered.insert(rng.randint(at + 1, len(ordered)), ordered[at])
        return ordered


def random_history(rng: random.Random) -> History:
    """Two to four slots; about every third is corrected by a second landing."""
    landings: dict[Event, Upload] = {}
    for night in range(1, rng.choice((2, 3, 3, 4)) + 1):
        for landing in range(1, 3 if rng.random() < 0.3 else 2):
            landings[(f"2026-09-{night:02}", landing)] = random_upload(rng)
    held = {event: _random_slices(rng) if rng.random() < 0.4 else () for event in landings}
    decided = {event: _decision(rng, slices) for event, slices in held.items()}
    return History(landings, held, decided)


def _random_slices(rng: random.Random) -> tuple[Slice, ...]:
    """One or two entities of which something waits; what was added and what was removed wait together."""
    slices = set()
    for _ in range(rng.randint(1, 2)):
        entity = rng.choice(("students", "staff", "sections", "parents", "rosters", "schools"))
        scope = rng.choice(("", *_SCHOOLS))
        kinds = rng.choice((("changed",), ("added", "removed")))
        if entity == "students" and rng.random() < 0.5:
            kinds = ("reused",)
        slices |= {Slice(entity, kind, scope) for kind in kinds}
    return tuple(sorted(slices))


def _decision(rng: random.Random, held: tuple[Slice, ...]) -> Settled:
    """Some slices approved, some discarded, some as new ids; now and then a school that is gone may go."""
    still = tuple(s for s in held if rng.random() < 0.5)
    gone = (rng.choice(_SCHOOLS),) if rng.random() < 0.15 else ()
    rekeyed = rng.choice(((), ("",), _SCHOOLS[:1]))
    return Settled(held=still, gone=gone, rekeyed=rekeyed)


def random_upload(rng: random.Random) -> Upload:
    """A snapshot with anything SPEC §2 speaks of: absences, bad rows, cut records, missing files."""
    schools = [school(s, school_name=f"S{rng.randint(1, 2)}") for s in _some(rng, _SCHOOLS, 0.85)]
    students = [
        student(s, rng.choice(_SCHOOLS), **rng.choice(_CHILDREN))
        for s in _some(rng, _STUDENTS, 0.7)
    ]
    if students and rng.random() < 0.3:  # one student at a second school
        first = rng.choice(students)
        students.append({**first, "school_id": "2" if first["school_id"] == "1" else "1"})
    files: dict[str, list[Row]] = {
        "schools": schools or [school("1")],
        "students": students or [student("s1")],
        "staff": [teacher(t, rng.choice(_SCHOOLS)) for t in _some(rng, _TEACHERS, 0.8)],
        "sections": [
            section(c, rng.choice((*_TEACHERS, None)), rng.choice(_SCHOOLS), is_primary="1")
            for c in _some(rng, _SECTIONS, 0.8)
            for _ in range(rng.randint(1, 2))
        ],
        "parents": [
            parent(
                s, rng.choice(("p1", None)), email=rng.choice(("a@example.org", "b@example.org"))
            )
            for s in _some(rng, _STUDENTS, 0.7)
        ],
        "rosters": [
            roster(c, s, rng.choice(_SCHOOLS))
            for c in _SECTIONS
            for s in _some(rng, _STUDENTS, 0.5)
        ],
    }
    upload = Upload(files)
    _damage(rng, upload)
    return upload


def _damage(rng: random.Random, upload: Upload) -> None:
    ragged = rng.choice(("students", "rosters")) if rng.random() < 0.15 else None
    if ragged:
        upload.ragged.append((ragged, 2))
    for file, rule, column in (
        ("students", "students.last_name.present", "last_name"),
        ("students", "students.student_id.present", "student_id"),
        ("parents", "parents.contact.unreachable", None),
        ("parents", "parents.student_id.clean", "student_id"),
        ("rosters", "rosters.student_id.present", "student_id"),
    ):
        rows = upload.files[file]
        if rows and file != ragged and rng.random() < 0.25:
            at = rng.randrange(len(rows))
            upload.errors.append((file, 2 + at, rule, column))
            if rule.endswith(".present") and column:
                rows[at] = {**rows[at], column: None}
    if rng.random() < 0.2:
        file = rng.choice(("sections", "rosters"))
        del upload.files[file]
        upload.errors = [e for e in upload.errors if e[0] != file]
        upload.ragged = [r for r in upload.ragged if r[0] != file]
        upload.states[file] = rng.choice((FileState.MISSING, FileState.HEADER_ONLY))


def _some(rng: random.Random, of: tuple[str, ...], share: float) -> list[str]:
    return [x for x in of if rng.random() < share]
