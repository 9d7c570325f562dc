"""Mistakes beside the keys: an error in a column that names nobody, and a teacher's id in another form."""

from __future__ import annotations

import random
from dataclasses import replace

from tests.support.landings import Row, Upload
from tests.warehouse.dice import Dice
from tests.warehouse.histories import World
from tests.warehouse.uploads import SCHOOLS

_ONE_ID = {"staff": "staff_id", "sections": "section_id", "rosters": "section_id"}
_BESIDE_KEYS = {"parents": "language", "students": "grade_level", "staff": "title"}


def with_columns(world: World) -> World:
    """The world with errors in columns of no key, and teachers' ids in another form."""
    landings = dict(world.landings)
    for event, landing in landings.items():
        dice = Dice(random.Random(f"{world.seed}/columns/{event}"))
        files = {name: [dict(row) for row in rows] for name, rows in landing.upload.files.items()}
        errors = list(landing.upload.errors)
        upload = replace(landing.upload, files=files, errors=errors)
        for file, column in _BESIDE_KEYS.items():
            if files.get(file) and dice.draw("an error in a column of no key", 0.3):
                line = 2 + dice.rng.randrange(len(files[file]))
                errors.append((file, line, f"{file}.{column}.known", column))
        if files.get("sections") and dice.draw("a teacher's id in another form", 0.4):
            _other_form(dice.rng, upload)
        _of_a_missing_school(dice, upload)
        landings[event] = replace(landing, upload=upload, drawn=landing.drawn + dice.drawn)
    return replace(world, landings=landings)


def _of_a_missing_school(dice: Dice, upload: Upload) -> None:
    """One more record that cannot be read, at a school that schools.csv lacks: of nothing but that school."""
    missing = set(SCHOOLS) - {row["school_id"] for row in upload.files["schools"]}
    if not missing or not dice.draw(
        "an unreadable record at a school missing from schools.csv", 0.7
    ):
        return
    file = dice.rng.choice([f for f in _ONE_ID if upload.files.get(f)])
    rows, column = upload.files[file], _ONE_ID[file]
    if any(name == file for name, _ in upload.ragged):
        return
    rows.append({**rows[0], "school_id": min(missing), column: None})
    if "student_id" in rows[-1]:
        rows[-1]["student_id"] = None
    upload.errors.append((file, 1 + len(rows), f"{file}.{column}.present", column))


def _other_form(rng: random.Random, upload: Upload) -> None:
    """Of one class, or of all: t1 becomes T1."""
    rows: list[Row] = upload.files["sections"]
    for row in rng.choice((rows, [rng.choice(rows)])):
        if row["staff_id"] is not None:
            row["staff_id"] = row["staff_id"].upper()
