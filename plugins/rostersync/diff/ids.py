"""Damaged ids: which there are, as the slices that ask whether they are meant so."""

from __future__ import annotations

from rostersync.archive import Layout
from rostersync.diff.resolve import Resolver, owners_of
from rostersync.engine.sql import literal
from rostersync.fold import IDS, HeldSlice, Slice
from rostersync.spec import ENTITIES


def damaged_ids(resolver: Resolver, layout: Layout) -> tuple[HeldSlice, ...]:
    """A slice for each entity whose ids seem damaged; their pairs are archived under its fingerprint.

    ``resolver``: after its run.
    """
    if not resolver.damaged:
        return ()
    session = resolver.session
    entities = [ENTITIES[name] for name in sorted(resolver.damaged)]
    session.run("duckdb/diff/id_pairs.sql", damaged=[(e, owners_of(e)) for e in entities])
    found = session.run("duckdb/diff/id_slices.sql")
    for entity, _, fingerprint in found:
        name = layout.ids(fingerprint)
        if not session.archive.exists(name):
            pairs = (
                f"select owner, former_id, new_id from id_pairs where entity = {literal(entity)}"
            )
            session.write_parquet(pairs, name, order="order by all")
    return tuple(
        HeldSlice(Slice(entity, IDS), count, fingerprint) for entity, count, fingerprint in found
    )
