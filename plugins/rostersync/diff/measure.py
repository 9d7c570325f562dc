"""Measure a diff for the limits: counts of what changes, what is missing, what was blanked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rostersync.archive import Archive, Layout
from rostersync.diff.inputs import FileInput
from rostersync.engine import Session, open_session
from rostersync.fold import (
    EMPTY_FINGERPRINT,
    Counts,
    Creep,
    EntityDiff,
    Known,
    Measures,
    SlotDiff,
)
from rostersync.spec import ENTITIES, Entity

BLANK_ROWS, BLANK_PERCENT = 20, 50
"""A column that so many rows, and so much of them, had a value in is missed when it comes blank."""

PEOPLE_AND_PLACES = {"schools": "school_id", "students": "student_id", "staff": "staff_id"}
"""By whose ids an upload is known to be the district's own, of this year. Staff are people, not places."""


def measure(
    session: Session,
    files: Mapping[str, FileInput],
    diffs: Mapping[str, EntityDiff],
    *,
    has_reused: bool,
    unreachable: Mapping[str, int],
) -> Measures:
    """Measure the diff whose tables the session holds (``prev_``, ``carried_``, ``state_``, ``changes_``).

    ``files``: as resolve left them. ``diffs``: of the entities there is anything to say of. ``has_reused``:
    some student's id seems to be another child's. ``unreachable``: by file, records that name no way to reach
    the person. Attendance has its own limits and is passed over.
    """
    judged = [ENTITIES[name] for name in diffs if not ENTITIES[name].day]
    rows: dict[str, dict[str, Counts]] = {e.name: {} for e in judged}
    carried: dict[str, int] = {}
    for entity, school, *counted, count in _by_school(session, judged, diffs):
        rows[entity][school or ""] = Counts(*counted)
        carried[school] = carried.get(school, 0) + count
    sent = {n for n, f in files.items() if f.brings_rows}
    students = "students" in rows and "students" in sent
    changes = diffs["students"] if students else EntityDiff(EMPTY_FINGERPRINT, 0)
    reused = dict(session.run("duckdb/diff/reused.sql")) if students and has_reused else {}
    for school, count in reused.items():
        counts = rows["students"][school]
        rows["students"][school] = counts._replace(changed=counts.changed - count)
    return Measures(
        rows=rows,
        blank={
            e.name: columns
            for e in judged
            if diffs[e.name].changed and (columns := _blank(session, e))
        },
        gone={school: carried[school] for school in _gone(session, rows)},
        no_students=_column(session, "duckdb/diff/schools_without_students.sql")
        if changes.removed
        else [],
        reused=reused,
        known={
            name: _known(session, ENTITIES[name], id_column)
            for name, id_column in PEOPLE_AND_PLACES.items()
            if name in rows and name in sent
        },
        grade_up=session.run("duckdb/diff/grade_up.sql")[0][0] if changes.changed else 0,
        unreachable={n: count for n, count in unreachable.items() if n in sent and count},
    )


def with_creep(
    archive: Archive, layout: Layout, diff: SlotDiff, week_ago: Mapping[str, str]
) -> SlotDiff:
    """The diff, measured against an earlier state too, given by fingerprints as a slot keeps them.

    Only entities that lose rows tonight are: without a removal there is nothing to hold.
    """
    losing = [
        ENTITIES[name]
        for name, e in diff.entities.items()
        if e.removed
        and not ENTITIES[name].day
        and week_ago.get(name, EMPTY_FINGERPRINT) != EMPTY_FINGERPRINT
    ]
    if not losing or diff.measures is None:
        return diff
    creep = {}
    with open_session(archive) as session:
        for entity in losing:
            session.view_state(
                f"week_{entity.name}", entity, layout.state(entity.name, week_ago[entity.name])
            )
            now = diff.of(entity.name).fingerprint
            if now == EMPTY_FINGERPRINT:
                session.run("duckdb/resolve/no_rows.sql", entity=entity, view=f"now_{entity.name}")
            else:
                session.view_state(f"now_{entity.name}", entity, layout.state(entity.name, now))
            counted = session.run("duckdb/diff/creep.sql", entity=entity)
            creep[entity.name] = {
                school or "": Creep(known, gone) for school, known, gone in counted
            }
    return replace(diff, measures=replace(diff.measures, creep=creep))


def with_excused(
    archive: Archive, layout: Layout, diff: SlotDiff, waived: Collection[str]
) -> SlotDiff:
    """The diff, measured with rules that are waived for the district: what they alone keep out is known."""
    if not waived or diff.measures is None:
        return diff
    with open_session(archive) as session:
        folder = layout.diff(diff.landing, diff.pin, diff.base)
        session.view_parquet("quarantine", folder.quarantine)
        counts = session.run("duckdb/diff/excused.sql", {"rules": list(waived)})
    return replace(diff, measures=replace(diff.measures, excused=dict(counts)))


def _column(session: Session, sql: str) -> list[str]:
    return [value for (value,) in session.run(sql)]


def _by_school(
    session: Session, entities: Sequence[Entity], diffs: Mapping[str, EntityDiff]
) -> list[tuple[Any, ...]]:
    """Rows of (entity, school, known, added, changed, removed, carried)."""
    if not entities:
        return []
    return session.run(
        "duckdb/diff/measure.sql",
        entities=entities,
        carried=[e.name for e in entities if diffs[e.name].carried],
        changed=[e.name for e in entities if diffs[e.name].touched],
    )


def _blank(session: Session, entity: Entity) -> list[str]:
    """Columns that were filled and are blank in every row the file brings."""
    (_, known, *before), (_, _, *after) = session.run("duckdb/diff/filled.sql", entity=entity)
    return [
        column.name
        for column, had, has in zip(entity.values, before, after, strict=True)
        if had >= BLANK_ROWS and had * 100 >= known * BLANK_PERCENT and not has
    ]


def _gone(session: Session, rows: Mapping[str, object]) -> list[str]:
    if "schools" not in rows:
        return []
    kept = "select school_id from carried_schools where _reason = 'out_of_scope' order by 1"
    return [school for (school,) in session.con.execute(kept).fetchall()]


def _known(session: Session, entity: Entity, id_column: str) -> Known:
    ((known, absent),) = session.run("duckdb/diff/known.sql", entity=entity, id=id_column)
    return Known(known, known - absent)
