"""What waits for a person: slices of a slot's changes, or the whole of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rostersync.documents import Document
from rostersync.fold.restored import Restored
from rostersync.spec.reasons import Waits

DISTRICT = ""
"""The scope of a slice that is not one school's."""


GONE = "gone"
"""The kind of a slice that asks to remove everything of a school that schools.csv lacks."""


REUSED = "reused"
"""The kind of a slice of students under whose student_id another child seems to be sent."""


IDS = "ids"
"""The kind of a slice that asks whether ids which seem damaged are meant so."""


ASKED = (GONE, IDS)
"""Kinds of slices that hold no changes of their own: approved, they are what the slot is computed with."""
UNSENT = "unsent"
"""The kind of a slice of a school that students.csv has nobody of, and schools.csv has."""


REKEY = "rekey"
"""The label of a hold of which most students who are gone seem to be there under a new id."""


@dataclass(frozen=True, slots=True, order=True)
class Slice(Document):
    """Changes of one entity and kind in one scope: what is held, approved or discarded as one.

    ``kind``: added, changed, removed, ``gone`` (everything of a school that schools.csv lacks, of entity
    ``schools``), ``reused`` (of ``students``; those are not among the changed), ``unsent`` (of ``students``:
    all that would change of who was at a school that students.csv lacks) or ``ids`` (of the entity's file,
    ids that seem damaged). ``scope``: a school's id, or DISTRICT.
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
    while the rest loads. ``label``: what the set looks like, such as ``rollover``. ``bundles``: slices that
    are tied, so decided as one; a slice that is in none is a bundle by itself.
    """

    set_reasons: tuple[str, ...] = ()
    trips: tuple[Trip, ...] = ()
    label: str | None = None
    bundles: tuple[tuple[Slice, ...], ...] = ()

    @property
    def slices(self) -> tuple[Slice, ...]:
        """What is held, once each, in order."""
        return tuple(sorted({t.slice for t in self.trips}))

    @property
    def held(self) -> tuple[Slice, ...]:
        """Those of them that hold changes of their own: what the slot is computed with as held."""
        return tuple(s for s in self.slices if s.kind not in ASKED)

    @property
    def bundle_numbers(self) -> dict[Slice, int]:
        """Which bundle each slice is of, from 1, in the order of the slices."""
        tied = {one: bundle for bundle in self.bundles for one in bundle}
        numbers: dict[tuple[Slice, ...], int] = {}
        return {
            one: numbers.setdefault(tied.get(one, (one,)), len(numbers) + 1) for one in self.slices
        }


@dataclass(frozen=True, slots=True)
class Settled:
    """What a slot is computed with beside its bytes, its pin and the state before.

    It is recorded with the slot, so that a slot that is recomputed comes out the same: what was held stays
    held, what a person approved stays approved.

    ``foreign``: fingerprints of other domains' states in which references are looked for. ``held``: slices
    of which nothing is applied. ``gone``: schools that schools.csv lacks and whose removal was approved.
    ``restored``: what stands as it was after an earlier slot, in the order in which it was decided.
    ``rekeyed``: scopes in which students removed and added were approved as new ids for the same. ``ids``:
    fingerprints of the lists of ids that seem damaged and that a person said are meant so, in this slot or an
    earlier one.
    """

    foreign: Mapping[str, str] = field(default_factory=dict)
    held: tuple[Slice, ...] = ()
    gone: tuple[str, ...] = ()
    restored: tuple[Restored, ...] = ()
    rekeyed: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    def decided(self) -> dict[str, Any]:
        """What limits and people decided, as the ledger and the archive keep it; {} for nothing."""
        found: dict[str, Any] = {}
        if self.held or self.gone:
            found = {"held": [s.to_json() for s in self.held], "gone": list(self.gone)}
        if self.restored:  # a slot without one keeps the name it had before there were any
            found["restored"] = [r.to_json() for r in self.restored]
        if self.rekeyed:
            found["rekeyed"] = list(self.rekeyed)
        if self.ids:
            found["ids"] = list(self.ids)
        return found

    @classmethod
    def of(cls, foreign: Mapping[str, str], decided: Mapping[str, Any]) -> Settled:
        """As read back."""
        held = tuple(Slice.from_json(s) for s in decided.get("held", ()))
        restored = tuple(Restored.from_json(r) for r in decided.get("restored", ()))
        gone, rekeyed, ids = (tuple(decided.get(name, ())) for name in ("gone", "rekeyed", "ids"))
        return cls(dict(foreign), held, gone, restored, rekeyed, ids)


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


def bundles_of(slices: Iterable[Mapping[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """Slices that are kept as JSON, by the number of their bundle.

    Older ones have none: then added and removed of one entity and scope are one, as they were judged.
    """
    kept = [dict(one) for one in slices]
    numbers: dict[Any, int] = {}
    found: dict[int, list[dict[str, Any]]] = {}
    for one in kept:
        number = one.get("bundle")
        if number is None:
            is_part = one["kind"] in ("added", "removed")
            of = (one["entity"], "added or removed" if is_part else one["kind"], one["scope"])
            number = numbers.setdefault(of, len(numbers) + 1)
        found.setdefault(number, []).append({**one, "bundle": number})
    return dict(sorted(found.items()))


def is_only_tied(one: Mapping[str, Any]) -> bool:
    """A slice, as the ledger keeps it, that waits for no reason of its own."""
    return set(str(one["reason"]).split("; ")) <= {Waits.WAITS_WITH, Waits.TIED}


def slice_name(one: Mapping[str, Any]) -> str:
    """``str`` of a slice that is kept as JSON: ``students:removed:12``."""
    return f"{Slice(one['entity'], one['kind'], one['scope'])}"
