"""What waits for a person: slices of a slot's changes, or the whole of it (SPEC §5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DISTRICT = ""
"""The scope of a slice that is not one school's."""


@dataclass(frozen=True, slots=True, order=True)
class Slice:
    """Changes of one entity and kind in one scope: what is held, approved or discarded as one.

    ``kind``: added, changed, removed, or ``gone`` (everything of a school that schools.csv lacks, of entity
    ``schools``). ``scope``: a school's id, or DISTRICT.
    """

    entity: str
    kind: str
    scope: str = DISTRICT

    def __str__(self) -> str:
        return f"{self.entity}:{self.kind}" + (f":{self.scope}" if self.scope else "")


@dataclass(frozen=True, slots=True)
class Trip:
    """Why a slice is held: ``count`` rows where at most ``limit`` go by themselves.

    ``reason``: which rule (diff.limits names them).
    """

    slice: Slice
    count: int
    limit: int
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the limits say of a slot.

    ``set_reasons``: why nothing of it may load (words for people, no value of a row). ``trips``: what is held
    while the rest loads. ``label``: what the set looks like, such as ``rollover``.
    """

    set_reasons: tuple[str, ...] = ()
    trips: tuple[Trip, ...] = ()
    label: str | None = None

    @property
    def slices(self) -> tuple[Slice, ...]:
        """What is held, once each, in order."""
        return tuple(sorted({t.slice for t in self.trips}))


def slice_to_json(s: Slice) -> dict[str, Any]:
    """As the ledger and the archive keep it."""
    return {"entity": s.entity, "kind": s.kind, "scope": s.scope}


def slice_from_json(d: dict[str, Any]) -> Slice:
    """As read back."""
    return Slice(d["entity"], d["kind"], d["scope"])
