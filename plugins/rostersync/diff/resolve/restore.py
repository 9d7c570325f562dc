"""What a restore puts back, and what hangs on rows that are gone by it."""

from __future__ import annotations

from rostersync.diff.resolve.resolution import Resolution
from rostersync.engine.sql import pairs, quote
from rostersync.spec import FILES, Entity, Reference


def find_target(work: Resolution, entity: Entity) -> None:
    """The rows a restore goes back to, and which of them can stand: their parents do."""
    places = {n: state for n, (r, state) in enumerate(work.restored) if r.entity == entity.name}
    for place, state in places.items():
        if state is not None:
            work.session.view_state(f"then_{place}", entity, state)
    kept = [place for place, state in places.items() if state is not None]
    work.sql("restore/kept", entity=entity, places=kept)
    work.sql("restore/target", entity=entity)
    if kept:
        work.sql("restore/closed", entity=entity, standing=_standing(work, entity))
        if entity.name == "group_user_members":
            work.sql("restore/closed_members")
    work.sql("restore/absent", entity=entity, rows=f"held_{entity.name}")
    work.sql("restore/settled", entity=entity)


def restore(work: Resolution, entity: Entity) -> None:
    """The state with what was restored, and without what hangs on a row that is gone by it."""
    work.sql("restore/absent", entity=entity, rows=f"tonight_{entity.name}")
    work.sql(
        "restore/undone",
        entity=entity,
        standing=_standing(work, entity),
        members=entity.name == "group_user_members",
    )
    work.sql("restore/returned", entity=entity)
    work.session.con.execute(
        f"delete from {quote('carried_' + entity.name)} as c using {quote('undone_' + entity.name)} as u"
        f" where {pairs(entity.key, 'c', 'u')}"
    )
    work.sql("restore/state", entity=entity)
    if {"staff", "parents"} <= work.available and entity.name == "parents":
        people = ["state_staff", "state_parents"]
        work.sql("people_contacts", view="standing_contacts", people=people, hold=False)


def _standing(work: Resolution, entity: Entity) -> list[tuple[Reference, str]]:
    """The entity's references, each with the relation of the parents that stand."""
    return [
        (r, work.known(FILES[entity.file], r.entity, standing=True))
        for r in work.references(entity)
    ]
