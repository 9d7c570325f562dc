"""Compares a current table, as read back from the warehouse, with the archived state it is a copy of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rostersync.archive import Archive, Layout
from rostersync.diff.fingerprints import state_fingerprints
from rostersync.engine import TINY_BYTES, open_session
from rostersync.engine.sql import columns, literal, quote
from rostersync.errors import ArchiveError
from rostersync.fold import DAY_MARK, EMPTY_FINGERPRINT
from rostersync.spec import Entity


def compare_stored(
    archive: Archive,
    layout: Layout,
    entity: Entity,
    *,
    stored: Path,
    fingerprints: Mapping[str, str],
    keys: Path,
) -> tuple[int, int, int]:
    """How many rows are missing from the table, extra in it, and different: 0, 0, 0 when it is the state.

    ``stored``: the table's rows as CSV. ``fingerprints``: of the newest slot. The keys of the rows that
    differ are written to ``keys`` as CSV, if there are any. States are read only where a fingerprint differs.
    Raises ArchiveError when such a state is not in the archive.
    """
    name = entity.name
    expected = _expected(entity, fingerprints)
    is_tiny = stored.stat().st_size <= TINY_BYTES
    with open_session(archive, is_tiny=is_tiny) as session:
        session.run("duckdb/diff/stored_rows.sql", entity=entity, path=str(stored))
        found = state_fingerprints(session, entity, f"state_{name}")
        parts = {day for day in expected | found if expected.get(day) != found.get(day)}
        if not parts:
            return 0, 0, 0
        if entity.day:
            session.con.execute(
                f"delete from {quote('state_' + name)} where {quote(entity.day)}::varchar not in"
                " (select unnest($1::varchar[]))",
                [sorted(parts)],
            )
        states = [layout.state(name, expected[day]) for day in sorted(parts) if day in expected]
        for state in states:
            if not archive.exists(state):
                raise ArchiveError(
                    "The archive lacks the state the warehouse is a copy of",
                    district=layout.district,
                    entity=name,
                    slot=layout.slot,
                    next_step="restore the archive; without it rows can be counted, not compared",
                )
        if states:
            session.view_state(f"prev_{name}", entity, *states)
        else:
            session.run("duckdb/resolve/no_rows.sql", entity=entity, view=f"prev_{name}")
        # from what should be there to what is: added rows are extra, removed ones missing
        session.run("duckdb/diff/changes.sql", entity=entity)
        counted = session.run("duckdb/diff/counts.sql", entities=[entity])
        extra, different, missing = (sum(row[n] for row in counted) for n in (2, 3, 4))
        session.con.execute(
            f"copy (select {columns(entity.key)} from {quote('changes_' + name)})"
            f" to {literal(str(keys))} (format csv, header false, force_quote *)"
        )
        return missing, extra, different


def _expected(entity: Entity, fingerprints: Mapping[str, str]) -> dict[str, str]:
    """The entity's fingerprints by day, or of the whole under ""."""
    if entity.day is None:
        known = {"": fingerprints.get(entity.name, EMPTY_FINGERPRINT)}
    else:
        mark = entity.name + DAY_MARK
        known = {k.removeprefix(mark): f for k, f in fingerprints.items() if k.startswith(mark)}
    return {day: f for day, f in known.items() if f != EMPTY_FINGERPRINT}
