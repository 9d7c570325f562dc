"""What waits for a person: slices of a slot's changes, or the whole of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rostersync.documents import Document
from rostersync.fold.restored import Restored

DISTRICT = ""
"""The scope of a slice that is not one school's."""


GONE = "gone"
"""The kind of a slice that asks to remove everything of a school that schools.csv lacks."""


REUSED = "reused"
"""The kind of a slice of students under whose student_id another child seems to be sent."""


REKEY = "rekey"
"""The label of a hold of which most students who are gone seem to be there under a new id."""


@dataclass(frozen=True, slots=True, order=True)
class Slice(Document):
    """Changes of one entity and kind in one scope: what is held, approved or discarded as one.

    ``kind``: added, changed, removed, ``gone`` (everything of a school that schools.csv lacks, of entity
    ``schools``) or ``reused`` (of ``students``; those are not among the changed). ``scope``: a school's id,
    or DISTRICT.
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


@dataclass(frozen=True, slots=True)
class Settled:
    """What a slot is computed with beside its bytes, its pin and the state before.

    It is recorded with the slot, so that a slot that is recomputed comes out the same: what was held stays
    held, what a person approved stays approved.

    ``foreign``: fingerprints of other domains' states in which references are looked for. ``held``: slices
    of which nothing is applied. ``gone``: schools that schools.csv lacks and whose removal was approved.
    ``restored``: what stands as it was after an earlier slot, in the order in which it was decided.
    ``rekeyed``: scopes in which students removed and added were approved as new ids for the same.
    """

    foreign: Mapping[str, str] = field(default_factory=dict)
    held: tuple[Slice, ...] = ()
    gone: tuple[str, ...] = ()
    restored: tuple[Restored, ...] = ()
    rekeyed: tuple[str, ...] = ()

    def decided(self) -> dict[str, Any]:
        """What limits and people decided, as the ledger and the archive keep it; {} for nothing."""
        found: dict[str, Any] = {}
        if self.held or self.gone:
            found = {"held": [s.to_json() for s in self.held], "gone": list(self.gone)}
        if self.restored:  # a slot without one keeps the name it had before there were any
            found["restored"] = [r.to_json() for r in self.restored]
        if self.rekeyed:
            found["rekeyed"] = list(self.rekeyed)
        return found

    @classmethod
    def of(cls, foreign: Mapping[str, str], decided: Mapping[str, Any]) -> Settled:
        """As read back."""
        held = tuple(Slice.from_json(s) for s in decided.get("held", ()))
        restored = tuple(Restored.from_json(r) for r in decided.get("restored", ()))
        gone, rekeyed = (tuple(decided.get(name, ())) for name in ("gone", "rekeyed"))
        return cls(dict(foreign), held, gone, restored, rekeyed)


@dataclass(frozen=True, slots=True)
class HeldSlice:
    """A slice of a slot as it is held. ``count``: rows; ``fingerprint``: names their keys and kinds."""

    slice: Slice
    count: int
    fingerprint: str


def trade_scopes(slices: Iterable[Slice]) -> tuple[str, ...]:
    """Scopes of which students removed and students added are both among the slices, in order."""
    of = {(s.kind, s.scope) for s in slices if s.entity == "students"}
    return tuple(sorted(s for kind, s in of if kind == "removed" and ("added", s) in of))


def slice_name(one: Mapping[str, Any]) -> str:
    """``str`` of a slice that is kept as JSON: ``students:removed:12``."""
    return f"{Slice(one['entity'], one['kind'], one['scope'])}"
