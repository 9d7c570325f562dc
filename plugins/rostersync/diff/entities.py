"""What changes of each entity: counted, summed up, and written to the archive."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rostersync.archive import DiffFolder, Layout
from rostersync.diff.fingerprints import moved_by, state_fingerprints
from rostersync.diff.resolve import Resolver
from rostersync.engine import Session
from rostersync.engine.sql import columns, literal, quote
from rostersync.fold import EMPTY_FINGERPRINT, LOST_CONTACTS, UNSENT, EntityDiff, HeldSlice, Slice
from rostersync.spec import ENTITIES, Entity


def entity_diffs(
    session: Session,
    layout: Layout,
    folder: DiffFolder,
    concerned: Sequence[Entity],
    parts: Mapping[str, Mapping[str, str]],
    resolver: Resolver,
) -> dict[str, EntityDiff]:
    """Compare each entity's state with the one before, count, and write what differs.

    ``parts``: fingerprints of the state before.
    """
    sizes: dict[str, dict[str | None, int]] = {e.name: {} for e in concerned}
    for name, reason, count in session.run(
        "duckdb/diff/sizes.sql", entities=concerned, carried=resolver.carried
    ):
        sizes[name][reason] = count
    moving = [e for e in concerned if session.run("duckdb/diff/changes.sql", entity=e) != [(0,)]]
    counted: dict[str, list[tuple[Any, ...]]] = {e.name: [] for e in concerned}
    if moving:
        for name, *counts in session.run("duckdb/diff/counts.sql", entities=moving):
            counted[name].append(tuple(counts))
    return {
        e.name: _entity(
            session,
            layout,
            folder,
            e,
            parts[e.name],
            counted[e.name],
            sizes[e.name],
            waiting=resolver.waiting,
            demoted=resolver.demoted if e.name == "section_teachers" else 0,
            whole=e.name in resolver.outgrown,
        )
        for e in concerned
    }


def _entity(
    session: Session,
    layout: Layout,
    folder: DiffFolder,
    entity: Entity,
    previous: Mapping[str, str],
    counted: Sequence[tuple[Any, ...]],
    sizes: Mapping[str | None, int],
    *,
    waiting: Collection[str],
    demoted: int,
    whole: bool,
) -> EntityDiff:
    """``counted``: rows of diff/counts.sql; ``sizes``: of the state (None), and of carried rows by reason.

    ``demoted``: rows that are carried and change all the same. ``whole``: what the state before sums up to
    says nothing of the one after: that is summed up anew.
    """
    name = entity.name
    added, changed, removed = (sum(row[n] for row in counted) for n in (1, 2, 3))
    moved = {
        str(day or ""): moved_by(previous.get(str(day or ""), EMPTY_FINGERPRINT), lower, upper)
        for day, _, _, _, lower, upper in counted
    }
    parts = {**previous, **moved}
    if whole:
        found = state_fingerprints(session, entity, f"state_{name}")
        parts = moved = {day: found.get(day, EMPTY_FINGERPRINT) for day in parts}
    rows = sizes[None]
    reasons = {reason: count for reason, count in sizes.items() if reason}
    changes = None
    if counted:
        changes = folder.changes(name)
        ours = "_school, _core, _p_lower, _p_upper, _s_lower, _s_upper"
        # in key order: sorted keys go into Postgres' indexes several times faster than random ones
        session.write_parquet(
            f"select * exclude ({ours}) from {quote('changes_' + name)}",
            changes,
            order="order by " + columns(entity.key),
        )
    held = _writeheld_slice(session, folder, entity) if name in waiting else 0
    if reasons:
        session.write_parquet(f"from {quote('carried_' + name)}", folder.carried(name))
    for day, fingerprint in moved.items():
        _keep_state(session, layout, entity, day, fingerprint)
    return EntityDiff(
        fingerprint=parts.get("", EMPTY_FINGERPRINT),
        days={day: f for day, f in parts.items() if day},
        rows=rows,
        added=added,
        changed=changed,
        removed=removed,
        unchanged=rows - added - changed - sum(reasons.values()) + demoted,
        carried=sum(reasons.values()),
        held=held or reasons.get("held", 0),
        changes=changes,
        reasons=reasons,
    )


def _writeheld_slice(session: Session, folder: DiffFolder, entity: Entity) -> int:
    """Write the changes that are held, if there are any; how many."""
    relation = quote("held_" + entity.name)
    held = int(session.scalar(f"select count(*) from {relation}"))
    if held:
        session.write_parquet(
            f"from {relation}",
            folder.held(entity.name),
            order="order by op, " + columns(entity.key),
        )
    return held


def _keep_state(
    session: Session, layout: Layout, entity: Entity, day: str, fingerprint: str
) -> None:
    """Write the new state (of one day) under its content's name, once."""
    state = layout.state(entity.name, fingerprint)
    if fingerprint == EMPTY_FINGERPRINT or session.archive.exists(state):
        return
    query = f"select * exclude (_line) from {quote('state_' + entity.name)}"
    if entity.day and day:
        query += f" where {quote(entity.day)} = date {literal(day)}"
    session.write_parquet(query, state)


def held_slice(session: Session, one: Slice, concerned: Sequence[Entity]) -> HeldSlice:
    """What a held slice holds, by count and by the sum of its keys' hashes (so order is no matter)."""
    if ENTITIES[one.entity] not in concerned:
        return HeldSlice(one, 0, EMPTY_FINGERPRINT)
    if one.kind == UNSENT:
        held = session.run("duckdb/diff/held_unsent.sql", {"scope": one.scope})
    else:
        held = session.run(
            "duckdb/diff/held_slice.sql",
            {"kind": one.kind, "scope": one.scope},
            entity=ENTITIES[one.entity],
        )
    ((count, lower, upper),) = held
    return HeldSlice(one, count, moved_by(EMPTY_FINGERPRINT, lower, upper))


def keep_reused(session: Session, folder: DiffFolder) -> str | None:
    """Write which students stand although tonight's file seems to name another child; None when none do.

    Held, in quarantine or undone by a restore: what the district says of such an id may not be of the child
    we know.
    """
    [(count,)] = session.run(
        "duckdb/resolve/reused_students.sql",
        reused="doubted_students",
        sent="rows_students",
        state="state_students",
    )
    if not count:
        return None
    name = folder.reused
    session.write_parquet("select student_id from doubted_students", name, order="order by all")
    return name


def keep_lost(session: Session, layout: Layout, resolver: Resolver) -> str | None:
    """Write who last had what members are known by and nobody has; None: there is nothing to say of it."""
    if not resolver.lost:
        return EMPTY_FINGERPRINT if resolver.prev_lost else None
    ((fingerprint,),) = session.run("duckdb/diff/lost_contacts.sql")
    name = layout.state(LOST_CONTACTS, fingerprint)
    if not session.archive.exists(name):
        session.write_parquet("from lost_contacts", name, order="order by all")
    return str(fingerprint)
