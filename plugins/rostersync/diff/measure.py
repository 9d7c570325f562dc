"""Measure a diff for the limits: counts of what changes, what is missing, what was blanked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rostersync.archive import Archive, Layout
from rostersync.diff.counted import Counted, TermsAt
from rostersync.diff.inputs import FileInput
from rostersync.engine import TINY_ROWS, Session, open_session
from rostersync.fold import (
    EMPTY_FINGERPRINT,
    Counts,
    Creep,
    EntityDiff,
    Known,
    Measures,
    SlotDiff,
)
from rostersync.spec import ENTITIES, Domain, Entity, Kind

BLANK_ROWS, BLANK_PERCENT = 20, 50
"""A column that so many rows, and so much of them, had a value in is missed when it comes blank."""

CREEP_PERCENT = 20
"""Of the rows of some slots ago; fewer that are gone are no creep, whatever a district allows."""

PEOPLE_AND_PLACES = {"schools": "school_id", "students": "student_id", "staff": "staff_id"}
"""By whose ids an upload is known to be the district's own, of this year. Staff are people, not places."""


def measure(
    session: Session,
    files: Mapping[str, FileInput],
    diffs: Mapping[str, EntityDiff],
    *,
    has_reused: bool,
    unreachable: Mapping[str, int],
    terms: TermsAt | None = None,
    gone: Sequence[str] = (),
) -> Measures:
    """Measure the diff whose tables the session holds (``prev_``, ``carried_``, ``state_``, ``changes_``).

    ``files``: as resolve left them. ``diffs``: of the entities there is anything to say of. ``has_reused``:
    some student's id seems to be another child's. ``unreachable``: by file, records that name no way to reach
    the person. ``terms``: those last loaded, where the session has them. ``gone``: schools of which
    everything may go. Attendance has its own limits and is passed over.
    """
    judged = [ENTITIES[name] for name in diffs if not ENTITIES[name].day]
    rows, carried = _rows(session, judged, diffs, terms)
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
            if diffs[e.name].changed and (columns := _blank(session, e, _refused(files, e)))
        },
        gone={school: carried[school] for school in _gone(session, rows)},
        unsent=_unsent(session, diffs, gone) if students else {},
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

    Only entities that lose rows tonight are: without a removal there is nothing to hold. And only where so
    many are gone that they may be over a limit, it is looked which of them count.
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
    with open_session(archive, is_tiny=diff.rows <= TINY_ROWS) as session:
        week = _Week(session, layout, diff, week_ago)
        for entity in losing:
            week.view(entity.name)
            rows = session.run("duckdb/diff/creep.sql", entity=entity)
            creep[entity.name] = {school or "": Creep(known, gone) for school, known, gone in rows}
        if many := [e for e in losing if _are_many(creep[e.name])]:
            counted = week.counted()
            for entity in many:
                for school, (removed, _) in counted.of(entity).items():
                    known, gone = creep[entity.name].get(school, (0, 0))
                    creep[entity.name][school] = Creep(known, gone - removed)
    return replace(diff, measures=replace(diff.measures, creep=creep))


def _are_many(schools: Mapping[str, Creep]) -> bool:
    """Whether so many rows are gone, of the district or of a school, that a limit may be passed."""
    district = Creep(*(sum(column) for column in zip(*schools.values(), strict=True)))
    return any(c.removed * 100 > c.known * CREEP_PERCENT for c in (district, *schools.values()))


class _Week:
    """The state of some slots ago as ``prev_``, tonight's as ``state_``: what went and came between them."""

    def __init__(
        self, session: Session, layout: Layout, diff: SlotDiff, week_ago: Mapping[str, str]
    ) -> None:
        self.session = session
        self.layout = layout
        self.diff = diff
        self.week_ago = week_ago
        self._viewed: set[str] = set()

    def view(self, name: str) -> None:
        """Make both states of an entity readable."""
        if name in self._viewed:
            return
        self._viewed.add(name)
        self._view(f"prev_{name}", name, self.week_ago.get(name, EMPTY_FINGERPRINT))
        self._view(f"state_{name}", name, self.diff.of(name).fingerprint)

    def counted(self) -> Counted:
        """What of it no limit counts."""
        for name in self.diff.entities:
            self.view(name)
        losing = [
            name
            for name in self.diff.entities
            if self.session.run("duckdb/diff/is_losing.sql", entity=ENTITIES[name])
        ]
        return Counted(self.session, self._find, losing, self._terms(), has_changes=False)

    def _find(self, entity: Entity, names: Collection[str]) -> None:
        self.session.run("duckdb/diff/moved_since.sql", entity=entity, names=names)

    def _terms(self) -> TermsAt | None:
        terms = self.diff.settled.foreign.get("terms", EMPTY_FINGERPRINT)
        if terms == EMPTY_FINGERPRINT or "sections" not in self.diff.entities:
            return None
        layout = Layout(self.layout.district, Domain.TERMS, self.layout.slot)
        self.session.view_state("state_terms", ENTITIES["terms"], layout.state("terms", terms))
        return TermsAt(self.diff.slot, is_tonight=False)

    def _view(self, relation: str, name: str, fingerprint: str) -> None:
        if fingerprint == EMPTY_FINGERPRINT:
            self.session.run("duckdb/resolve/no_rows.sql", entity=ENTITIES[name], view=relation)
        else:
            state = self.layout.state(name, fingerprint)
            self.session.view_state(relation, ENTITIES[name], state)


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


def _unsent(
    session: Session, diffs: Mapping[str, EntityDiff], gone: Sequence[str]
) -> dict[str, int]:
    """Schools that students.csv lacks, with their students; {} where nothing of a student moves."""
    places = diffs["student_schools"]
    if not (diffs["students"].changed or places.removed or places.held):
        return {}
    found = session.run("duckdb/diff/schools_without_students.sql", {"gone": list(gone)})
    return dict(found)


def _rows(
    session: Session,
    judged: Sequence[Entity],
    diffs: Mapping[str, EntityDiff],
    terms: TermsAt | None,
) -> tuple[dict[str, dict[str, Counts]], dict[str, int]]:
    """What counts, by entity and school; and by school the rows that are carried."""
    rows: dict[str, dict[str, Counts]] = {e.name: {} for e in judged}
    carried: dict[str, int] = {}
    for entity, school, *counts, count in _by_school(session, judged, diffs):
        rows[entity][school or ""] = Counts(*counts)
        carried[school] = carried.get(school, 0) + count

    def find(entity: Entity, names: Collection[str]) -> None:
        stored = bool(names) and diffs[entity.name].removed > 0
        session.run(
            "duckdb/diff/moved.sql", entity=entity, names=names, has_school=True, is_stored=stored
        )

    losing = {e.name for e in judged if diffs[e.name].removed}
    counted = Counted(session, find, losing, terms, has_changes=True)
    for entity in judged:
        for school, (removed, added) in counted.of(entity).items():
            here = rows[entity.name][school]
            rows[entity.name][school] = here._replace(
                removed=here.removed - removed, added=here.added - added
            )
    return rows, carried


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


def _refused(files: Mapping[str, FileInput], entity: Entity) -> list[str]:
    """Columns of the entity's file that are kept no more: by a decision, so nobody misses them."""
    has_attributes = any(c.kind is Kind.JSON for c in entity.values)
    return list(files[entity.file].refused) if has_attributes and entity.file in files else []


def _blank(session: Session, entity: Entity, refused: Sequence[str]) -> list[str]:
    """Columns that were filled and are blank in every row the file brings."""
    (_, known, *before), (_, _, *after) = session.run(
        "duckdb/diff/filled.sql",
        {"refused": refused} if refused else None,
        entity=entity,
        is_refused=bool(refused),
    )
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
