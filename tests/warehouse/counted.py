"""What of a night counts for the limits (the contract, §5): rows of two states, and nothing of the SQL.

Of the rows that go, one whose person goes counts nowhere, one that is half of a move is a move, and a contact
whose key alone is another has neither gone nor come. Everything else counts for its own entity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from rostersync.fold import SlotDiff
from rostersync.spec import ENTITIES, Domain, Entity, entities_of
from tests.support.landings import Row
from tests.warehouse.promises import is_same_contact
from tests.warehouse.records import State

_PAIRED = {
    "rosters": ("school_id", "student_id"),
    "section_teachers": ("school_id", "section_id"),
    "group_members": ("school_id", "student_id", "category"),
}


def wrong_counts(diff: SlotDiff, before: dict[str, State], now: dict[str, State]) -> Iterator[str]:
    """Where the numbers that limits look at are not those of the two states."""
    if diff.measures is None:
        return
    for entity in entities_of(Domain.CORE):
        told = diff.measures.rows.get(entity.name, {})
        removed, added = _counted(entity, before, now)
        if {s: c.removed for s, c in told.items() if c.removed} != removed:
            yield f"{entity.name}: other removals are counted than those that count"
        if {s: c.added for s, c in told.items() if c.added} != added:
            yield f"{entity.name}: other additions are counted than those that count"
        known = len(before[entity.name]) - diff.of(entity.name).carried
        if told and sum(c.known for c in told.values()) != known:
            yield f"{entity.name}: limits are shares of another number of rows"


def _counted(
    entity: Entity, before: dict[str, State], now: dict[str, State]
) -> tuple[dict[str, int], dict[str, int]]:
    """By school, the rows removed and added that count."""
    old, new = before[entity.name], now[entity.name]
    gone = [old[key] for key in old.keys() - new.keys()]
    came = [new[key] for key in new.keys() - old.keys()]
    rest = [row for row in gone if not _goes_with_somebody(entity, row, before, now)]
    if entity.name == "parents":
        rest = [r for r in rest if not any(is_same_contact(r, other) for other in came)]
        came = [c for c in came if not any(is_same_contact(c, other) for other in gone)]
    moves: Counter[tuple[Any, ...]] = Counter()
    if by := _PAIRED.get(entity.name):
        moves.update(_place(row, by, now["groups"]) for row in came)
    removed: Counter[str] = Counter()
    for row in rest:
        place = _place(row, by, before["groups"]) if by else ()
        if moves[place] > 0:
            moves[place] -= 1
        else:
            removed[row[entity.scope] or ""] += 1
    return dict(removed), dict(Counter(row[entity.scope] or "" for row in came))


def _goes_with_somebody(
    entity: Entity, row: Row, before: dict[str, State], now: dict[str, State]
) -> bool:
    """Nothing is left of the student, staff member or parent whom it is about."""
    for reference in entity.references:
        sought = tuple(row[c] for c in reference.columns)
        if reference.advisory or None in sought or not ENTITIES[reference.entity].person:
            continue
        was, is_there = (
            any(
                tuple(p[c] for c in reference.to) == sought
                for p in state[reference.entity].values()
            )
            for state in (before, now)
        )
        if was and not is_there:
            return True
    return entity.name == "group_user_members" and _loses_contact(row, before, now)


def _loses_contact(row: Row, before: dict[str, State], now: dict[str, State]) -> bool:
    """A member who is known by an email or mobile alone, of people who have all gone."""
    if row["staff_id"] or row["parent_id"]:
        return False
    contact = (row["email"] or row["mobile"]).lower()
    if any(contact in ways(p) for n in ("staff", "parents") for p in now[n].values()):
        return False
    return any(
        contact in ways(p) and key not in now[n]
        for n in ("staff", "parents")
        for key, p in before[n].items()
    )


def ways(person: Row) -> set[str | None]:
    """The email, in lower case, and the mobile that a person can be told by."""
    return {(person["email"] or "").lower() or None, person["mobile"]}


def _place(row: Row, by: tuple[str, ...], groups: State) -> tuple[Any, ...]:
    group = groups.get((row["school_id"], row.get("group_id")), {})
    return tuple(group.get(c) if c == "category" else row[c] for c in by)
