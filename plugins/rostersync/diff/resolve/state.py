"""An entity's state: what was accepted and carried, without the changes that are held."""

from __future__ import annotations

from rostersync.diff.resolve.resolution import Resolution
from rostersync.diff.resolve.restore import find_target, restore
from rostersync.spec import FILES, Entity


def make_state(work: Resolution, entity: Entity) -> None:
    """The state, without the changes that are held, and what references may look into."""
    held_parents = [r for r in work.references(entity) if r.entity in work.waiting]
    hold = bool(held_parents) or any(s.entity == entity.name for s in work.held)
    if hold or work.restored or entity.name == "students":
        work.sql("held", entity=entity, hold=hold, references=held_parents)
    if work.restored:
        find_target(work, entity)
    if hold:
        work.waiting.add(entity.name)
        for r in work.references(entity):
            known = work.known(FILES[entity.file], r.entity)
            work.sql("held_orphaned", entity=entity, reference=r, known=known)
        work.drop_of_replaced(entity, "held")
        work.add_carried(entity, work.count("carried_held", entity=entity))
        for r in work.references(entity):  # one that may not move, and whose place is gone
            known = work.known(FILES[entity.file], r.entity)
            work.sql("orphaned", entity=entity, reference=r, known=known)
    _stand(work, entity, hold=hold)
    if work.restored:
        restore(work, entity)
    if entity.name == "student_schools":
        _keep_at_home(work, entity, hold=hold)
    if hold or work.restored:
        work.sql("referable", entity=entity, hold=hold, restored=bool(work.restored))
        work.referables.add(entity.name)


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
