"""A night with counts, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rostersync.diff import judge
from rostersync.fold import Counts, EntityDiff, FileResult, Judgement, Measures, SlotDiff
from rostersync.spec import Domain, entities_of

CORE = [e.name for e in entities_of(Domain.CORE)]


def night(
    rows: Mapping[str, Mapping[str, Counts]] | None = None,
    *,
    files: Mapping[str, FileResult] | None = None,
    sha256: Mapping[str, str] | None = None,
    domain: Domain = Domain.CORE,
    **measured: Any,
) -> SlotDiff:
    """A slot's diff with these counts by entity and school."""
    rows = rows or {}
    return SlotDiff(
        slot="2026-09-02",
        landing=1,
        pin="pin",
        base="base",
        entities={
            e.name: EntityDiff(
                "f" * 32,
                0,
                added=sum(c.added for c in rows.get(e.name, {}).values()),
                changed=sum(c.changed for c in rows.get(e.name, {}).values()),
                removed=sum(c.removed for c in rows.get(e.name, {}).values()),
            )
            for e in entities_of(domain)
        },
        files=dict(files or {}),
        sha256=dict(sha256 or {}),
        measures=Measures(rows={e: dict(schools) for e, schools in rows.items()}, **measured),
    )


def judged(diff: SlotDiff, **said: Any) -> Judgement:
    return judge(
        diff,
        **{"limits": "default", "window": None, "first": False, "earlier_sha256": (), **said},
    )
