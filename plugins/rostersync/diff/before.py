"""The state before a landing, as far as the landing concerns it, and other domains' states it looks into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rostersync.archive import Archive, FileState, Layout
from rostersync.diff.inputs import FileInput
from rostersync.engine import TINY_ROWS, open_session
from rostersync.engine.sql import quote
from rostersync.fold import EMPTY_FINGERPRINT, LOST_CONTACTS, Restored, day_of
from rostersync.spec import ENTITIES, FILES, Entity


def parts_before(
    archive: Archive, entity: Entity, previous: Mapping[str, str], file: FileInput
) -> dict[str, str]:
    """The fingerprints of the state before, as far as this landing concerns it: by day or as a whole ("")."""
    if entity.day is None:
        whole = previous.get(entity.name, EMPTY_FINGERPRINT)
        return {} if whole == EMPTY_FINGERPRINT else {"": whole}
    if file.clean is None or not file.brings_rows:
        return {}
    with open_session(archive, is_tiny=(file.records or 0) <= TINY_ROWS) as session:
        session.view_parquet("sent", file.clean)
        days = session.con.execute(
            f"select distinct try_cast({quote(entity.day)} as date)::varchar from sent"
        ).fetchall()
    return {
        day: previous.get(day_of(entity.name, day), EMPTY_FINGERPRINT) for (day,) in days if day
    }


def named(parts: Mapping[str, Mapping[str, str]], previous: Mapping[str, str]) -> dict[str, str]:
    """Of the state before, what this landing speaks of."""
    lost = {LOST_CONTACTS: previous[LOST_CONTACTS]} if LOST_CONTACTS in previous else {}
    return lost | {
        day_of(name, day) if day else name: fingerprint
        for name, kept in parts.items()
        for day, fingerprint in kept.items()
    }


def states_before(layout: Layout, parts: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """Where the state before is kept, by entity."""
    return {
        name: [layout.state(name, f) for f in kept.values() if f != EMPTY_FINGERPRINT]
        for name, kept in parts.items()
    }


def foreign_states(layout: Layout, foreign: Mapping[str, str]) -> dict[str, str | None]:
    """Where other domains keep the states that references look into."""
    return {
        name: None
        if fingerprint == EMPTY_FINGERPRINT
        else Layout(layout.district, FILES[ENTITIES[name].file].domain, layout.slot).state(
            name, fingerprint
        )
        for name, fingerprint in foreign.items()
    }


def lost_before(layout: Layout, previous: Mapping[str, str]) -> str | None:
    """Where the state before keeps who last had what members are known by and nobody has."""
    fingerprint = previous.get(LOST_CONTACTS, EMPTY_FINGERPRINT)
    return None if fingerprint == EMPTY_FINGERPRINT else layout.state(LOST_CONTACTS, fingerprint)


def state_of(layout: Layout, one: Restored) -> str | None:
    """Where the state is kept that a restore goes back to; None when the entity had no rows."""
    empty = one.fingerprint == EMPTY_FINGERPRINT
    return None if empty else layout.state(one.entity, one.fingerprint)


def entities_in_upload(
    entities: Sequence[Entity],
    files: Mapping[str, FileInput],
    prev: Mapping[str, Sequence[str]],
    restored: Sequence[Restored],
) -> tuple[Entity, ...]:
    """The entities there is anything to say of: most districts send no groups, and have none.

    An optional file's entity is left out when it is neither sent nor stored nor brought back, unless another
    refers to it.
    """
    concerned: list[Entity] = []
    back = {r.entity for r in restored if r.fingerprint != EMPTY_FINGERPRINT}
    for entity in reversed(entities):
        absent = files[entity.file].state is FileState.MISSING and not prev[entity.name]
        asked_for = back | {r.entity for e in concerned for r in e.references}
        if FILES[entity.file].required or not absent or entity.name in asked_for:
            concerned.insert(0, entity)
    return tuple(concerned)
