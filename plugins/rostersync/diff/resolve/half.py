"""A hold never takes half, whatever rows a recomputed slot has: no removal goes while its addition waits."""

from __future__ import annotations

from collections.abc import Iterable

from rostersync.diff.resolve.resolution import Resolution
from rostersync.fold import EVERYWHERE, Slice
from rostersync.spec import ENTITIES, Entity


def half_taken(work: Resolution, entities: Iterable[Entity]) -> tuple[Slice, ...]:
    """What must wait, too, after a run: slices in which rows go while others of the same school wait to come.

    Of the district, where what waits to come is the district's. With them the rows that they refer to and
    that go as well: those would take them along. Nothing where a person has restored an entity's rows: that
    is how they are to be.
    """
    more: set[Slice] = set()
    for entity in entities:
        if entity.name not in work.waiting or entity.day:
            continue
        restored = {r.scope for r, _ in work.restored if r.entity == entity.name}
        if EVERYWHERE in restored:
            continue
        everywhere = Slice(entity.name, "added", EVERYWHERE) in work.held and not restored
        schools = work.session.run(
            "duckdb/resolve/half_taken.sql",
            entity=entity,
            everywhere=everywhere,
            of_students="students" in work.waiting
            and any(r.entity == "students" for r in entity.references),
        )
        found = {school for (school,) in schools if school} - restored
        if found:
            _add(work, entity, {EVERYWHERE} if everywhere else found, more)
    return tuple(sorted(more - set(work.held)))


def _add(work: Resolution, entity: Entity, schools: set[str], more: set[Slice]) -> None:
    new = {Slice(entity.name, k, s) for s in schools for k in ("added", "removed")} - more
    if not new:
        return
    more |= new
    for reference in work.references(entity):
        owner = ENTITIES[reference.entity]
        rows = work.session.run(
            "duckdb/resolve/owners_removed.sql",
            {"schools": sorted(schools), "everywhere": EVERYWHERE in schools},
            entity=entity,
            reference=reference,
            owner=owner,
        )
        if found := {school for (school,) in rows if school}:
            _add(work, owner, {EVERYWHERE} if EVERYWHERE in schools else found, more)
