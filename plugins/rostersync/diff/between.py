"""Two archived states beside each other: what a person's decision moves from one to the other."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager

from rostersync.archive import Archive, Layout
from rostersync.engine import TINY_BYTES, Session, open_session
from rostersync.engine.sql import quote
from rostersync.fold import EMPTY_FINGERPRINT
from rostersync.spec import ENTITIES, Entity


def moved_between(
    archive: Archive, layout: Layout, entity: Entity, before: str, after: str
) -> tuple[int, int, int]:
    """How many rows are added, changed and removed from state to state, both named by their fingerprints.

    Not of an entity whose state is kept day by day. Raises ArchiveError when one is not in the archive.
    """
    states = [(entity.name, before), (entity.name, after)]
    with _open(archive, layout, states) as session:
        _view(session, layout, entity, f"prev_{entity.name}", before)
        _view(session, layout, entity, "after", after)
        session.con.execute(
            f"create view {quote('state_' + entity.name)} as select null::bigint as _line, * from after"
        )
        session.run("duckdb/diff/changes.sql", entity=entity)
        ((_, _, added, changed, removed, *_),) = session.run(
            "duckdb/diff/counts.sql", entities=[entity]
        )
        return added, changed, removed


def schools_in(archive: Archive, layout: Layout, states: Iterable[tuple[str, str]]) -> set[str]:
    """The schools that rows of the states (entity, fingerprint) are of."""
    found: set[str] = set()
    with _open(archive, layout, states := list(states)) as session:
        for number, (name, fingerprint) in enumerate(sorted(set(states))):
            entity, view = ENTITIES[name], f"looked_at_{number}"
            _view(session, layout, entity, view, fingerprint)
            rows = session.con.execute(f"select distinct {quote(entity.scope)} from {view}")
            found.update(school for (school,) in rows.fetchall() if school is not None)
    return found


def other_children(archive: Archive, layout: Layout, before: str, after: str) -> int:
    """How many student_ids have another first and another last name in the one state than in the other."""
    students = ENTITIES["students"]
    with _open(archive, layout, [("students", before), ("students", after)]) as session:
        _view(session, layout, students, "before", before)
        _view(session, layout, students, "after", after)
        ((count,),) = session.run("duckdb/diff/other_children.sql")
        return int(count)


def _open(
    archive: Archive, layout: Layout, states: Iterable[tuple[str, str]]
) -> AbstractContextManager[Session]:
    """A session for these states, by entity and fingerprint."""
    names = {layout.state(name, f) for name, f in states if f != EMPTY_FINGERPRINT}
    return open_session(archive, is_tiny=sum(map(archive.size, names)) <= TINY_BYTES)


def _view(session: Session, layout: Layout, entity: Entity, view: str, fingerprint: str) -> None:
    if fingerprint == EMPTY_FINGERPRINT:
        session.run("duckdb/resolve/no_rows.sql", entity=entity, view="empty")
        session.con.execute(
            f"create or replace view {quote(view)} as select * exclude (_line) from empty"
        )
    else:
        session.view_state(view, entity, layout.state(entity.name, fingerprint))
