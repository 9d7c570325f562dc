"""A look for drift for a person at a terminal: one line per domain, one per table that differs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from rostersync.ledger.drift import Drift

_NEXT = "Next: look at why (docs/runbooks/drift.md), then run it again with --repair."


def drift_view(district: str, found: Sequence[Drift]) -> Group:
    """What was found in each domain, and what to do."""
    parts: list[RenderableType] = []
    for drift in found:
        line = Text(f"{district} {drift.domain}: ")
        parts.append(line)
        if not drift.found:
            line.append(_clean(drift), "green")
            continue
        line.append(
            "repaired" if drift.is_repaired else "drift", "green" if drift.is_repaired else "red"
        )
        line.append(
            f" in {len(drift.found)} of {len(drift.entities)} tables, against {drift.newest}"
        )
        for name, entity in drift.found.items():
            parts.append(Padding(Text(f"{name}: {entity.words()}"), (0, 0, 0, 4), expand=False))
    if any(d.found and not d.is_repaired for d in found):
        parts.append(Text(f"\n{_NEXT}"))
    return Group(*parts)


def _clean(drift: Drift) -> str:
    if drift.newest is None:
        return "no drift, nothing was loaded yet"
    how = "every row is as loaded" if drift.is_full else "counts and writers are as loaded"
    return f"no drift, {how} up to {drift.newest}"
