"""An entity's state: what was accepted and carried, without the changes that are held."""

from __future__ import annotations

from rostersync.diff.resolve.members import drop_gone, waiting_people
from rostersync.diff.resolve.resolution import MEMBERS, Resolution, scope_of
from rostersync.diff.resolve.restore import find_target, restore
from rostersync.fold import UNSENT
from rostersync.spec import ENTITIES, FILES, Entity

_OF_STUDENTS = ("students", "student_schools")
"""Entities of which nothing changes at a school that students.csv lacks, until that is approved."""


def make_state(work: Resolution, entity: Entity) -> None:
    """The state, without the changes that are held, and what references may look into."""
    held_parents = [r for r in work.references(entity) if r.entity in work.waiting]
    scope = _where_a_school_is_missing(work, entity)
    hold = bool(held_parents or scope) or any(s.entity == entity.name for s in work.held)
    if hold or work.restored or entity.name == "students":
        contacts = entity.name == MEMBERS and bool(waiting_people(work))
        unsent = entity.name in _OF_STUDENTS and any(s.kind == UNSENT for s in work.held)
        work.sql(
            "held",
            entity=entity,
            hold=hold,
            references=held_parents,
            unsent=unsent,
            contacts=contacts,
            scope=scope,
            has_slices=bool(work.held),
        )
        if hold:
            _hold_who_comes_elsewhere(work, entity)
    if work.restored:
        find_target(work, entity)
    if hold:
        work.waiting.add(entity.name)
        for r in work.references(entity):
            known = work.known(FILES[entity.file], r.entity)
            work.sql("held_orphaned", entity=entity, reference=r, known=known)
        if entity.name == MEMBERS:
            drop_gone(work, f"held_{entity.name}")
        work.drop_of_replaced(entity, "held")
        work.add_carried(entity, work.count("carried_held", entity=entity))
        for r in work.references(entity):  # one that may not move, and whose place is gone
            known = work.known(FILES[entity.file], r.entity)
            work.sql("orphaned", entity=entity, reference=r, known=known)
    if entity.name == "section_teachers" and entity.name in work.carried:
        _let_tonights_be_primary(work, entity, hold=hold)
    _stand(work, entity, hold=hold)
    if work.restored:
        restore(work, entity)
    if entity.name == "student_schools":
        _keep_at_home(work, entity, hold=hold)
    if hold or work.restored:
        work.sql("referable", entity=entity, hold=hold, restored=bool(work.restored))
        work.referables.add(entity.name)


def _hold_who_comes_elsewhere(work: Resolution, entity: Entity) -> None:
    """Nobody goes under one key, or at one school, while they wait to come under another."""
    for ids in _ids_alone(entity):
        work.sql("held_movers", entity=entity, ids=ids)
    if entity.name == "parents":
        work.sql("held_renamed", entity=entity)


def _ids_alone(entity: Entity) -> set[tuple[str, ...]]:
    """By which part of its key other entities refer to a row: staff are people, at one school or several."""
    references = (r for e in ENTITIES.values() for r in e.references if r.entity == entity.name)
    return {r.to for r in references if set(r.to) < set(entity.key)}


def _where_a_school_is_missing(work: Resolution, entity: Entity) -> str | None:
    """The relation of tonight's schools where a known one is missing: all that is of that school waits."""
    if not work.is_out_of_scope or entity.name == "schools":
        return None
    return scope_of(FILES[entity.file])


def _let_tonights_be_primary(work: Resolution, entity: Entity, *, hold: bool) -> None:
    if work.files[entity.file].brings_rows:
        work.demoted = work.count("not_primary", hold=hold)


def _stand(work: Resolution, entity: Entity, *, hold: bool) -> None:
    """The state; where something is restored, the state without that."""
    work.sql(
        "state",
        entity=entity,
        hold=hold,
        view=f"{'tonight' if work.restored else 'state'}_{entity.name}",
        has_carried=bool(work.restored) or entity.name in work.carried,
        kind="view" if work.restored else work.session.kept_as,
    )


def _keep_at_home(work: Resolution, entity: Entity, *, hold: bool) -> None:
    """A student who stays is at their own school, whatever else made that place go."""
    if work.restored:
        work.sql("home_places", relation=f"returned_{entity.name}", with_reason=False)
        return
    relation = f"carried_{entity.name}"
    if work.count("home_places", relation=relation, with_reason=True):
        work.carried.add(entity.name)
        _stand(work, entity, hold=hold)
