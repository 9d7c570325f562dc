"""The slots of the fold: what each changes, and the state it leaves."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Self

from rostersync.documents import Document
from rostersync.fold.files import FileResult
from rostersync.fold.measures import Measures
from rostersync.fold.slices import HeldSlice, Settled, Slice


@dataclass(frozen=True, slots=True)
class EntityDiff:
    """One entity of one slot against the slot before.

    ``fingerprint`` names the state's content (32 hex digits); ``rows`` its size; ``changes`` the archived
    change set, None when there is none; ``reasons``: carried rows by reason. ``days``: of an entity whose
    state is kept day by day, the fingerprints of the days this landing speaks of, also those without an
    event (``rows`` counts those days).
    """

    fingerprint: str
    rows: int
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    carried: int = 0
    held: int = 0
    changes: str | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)

    @property
    def touched(self) -> int:
        """Rows that differ from the slot before."""
        return self.added + self.changed + self.removed


EMPTY_FINGERPRINT = "0" * 32
"""The fingerprint of an entity without rows."""


LOST_CONTACTS = "lost_contacts"
"""Beside entities among fingerprints: who last had a value that group members are known by and nobody has."""


DAY_MARK = "@"


def day_of(entity: str, day: str) -> str:
    """The name of one day's state among fingerprints: ``attendance@2026-09-01``."""
    return f"{entity}{DAY_MARK}{day}"


FILE_MARK = ".csv"


def shape_of_file(name: str) -> str:
    """The name of a file's shape among fingerprints: ``parents.csv``."""
    return f"{name}{FILE_MARK}"


def base_of(fingerprints: dict[str, str], settled: Settled = Settled()) -> str:  # noqa: B008
    """A name for what a diff was computed against: a domain's whole state, and what was settled."""
    known: Any = {k: v for k, v in sorted(fingerprints.items()) if v != EMPTY_FINGERPRINT}
    if settled != Settled():
        known = [known, dict(sorted(settled.foreign.items())), settled.decided()]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SlotDiff(Document):
    """slice(N) = diff(state(N-1), state(N)) of one slot, with the accounting of its files."""

    slot: str
    landing: int
    pin: str
    base: str
    entities: dict[str, EntityDiff]
    files: dict[str, FileResult]
    sha256: dict[str, str]
    """sha256 of each accepted file by its contract name."""
    settled: Settled = field(default_factory=Settled)
    held: tuple[HeldSlice, ...] = ()
    """The slices of ``settled.held`` as they came out; what depends on them is held, too."""
    tied: tuple[Slice, ...] = ()
    """What waits beside ``settled.held``, of schools: rows would go there while others wait to come."""
    damaged: tuple[HeldSlice, ...] = ()
    """The slices that ask about ids that seem damaged; the archived list has the fingerprint's name."""
    measures: Measures | None = None
    """What the limits look at; None in documents written before there were any."""
    rekeyed: dict[str, int] = field(default_factory=dict)
    """By school of the former id, students who wait and seem to have a new one."""
    aliases: str | None = None
    """The archived new ids of students that a person has approved, None when there are none."""
    reused: str | None = None
    """The archived ids of students who stand although another child seems to be sent; None: none do."""
    shapes: dict[str, str] = field(default_factory=dict)
    """By file that was sent, the fingerprint of the newest accepted one's shape: this one, or one before."""
    lost: str | None = None
    """Names the archived list of LOST_CONTACTS; None: there is none, and none was before."""

    def of(self, entity: str) -> EntityDiff:
        """One entity's part; an empty one of an entity that the document was written without."""
        return self.entities.get(entity, EntityDiff(EMPTY_FINGERPRINT, 0))

    @property
    def fingerprints(self) -> dict[str, str]:
        """The state this slot produces, as far as it speaks of it: see :attr:`Fold.state`."""
        whole = {name: e.fingerprint for name, e in self.entities.items() if not e.days}
        days = {day_of(n, d): f for n, e in self.entities.items() for d, f in e.days.items()}
        shapes = {shape_of_file(n): f for n, f in self.shapes.items()}
        lost = {} if self.lost is None else {LOST_CONTACTS: self.lost}
        return {**whole, **days, **shapes, **lost}

    @property
    def rows(self) -> int:
        """Rows of the states after it, and those that it removes."""
        return sum(e.rows + e.removed for e in self.entities.values())

    @property
    def waiting(self) -> dict[Slice, HeldSlice]:
        """What is held, and what is asked about damaged ids, as it came out."""
        return {h.slice: h for h in (*self.held, *self.damaged)}

    @property
    def touched(self) -> int:
        """Rows that differ from the slot before, all entities."""
        return sum(e.touched for e in self.entities.values())

    def to_json(self) -> dict[str, Any]:
        """As written to the archive."""
        settled = {"foreign": dict(self.settled.foreign), "decided": self.settled.decided()}
        return {**super(SlotDiff, self).to_json(), "settled": settled}

    @classmethod
    def from_json(cls, document: Any) -> Self:
        """As read from the archive; documents of older versions lack what came later."""
        settled = document.get("settled", {"foreign": {}, "decided": {}})
        settled = Settled.of(settled["foreign"], settled["decided"])
        return super(SlotDiff, cls).from_json({**document, "settled": settled})


@dataclass(frozen=True, slots=True)
class AppliedSlot:
    """A slot that is part of the warehouse's fold: which landing it took and the state it left."""

    slot: str
    landing: int
    pin: str
    base: str
    run_id: str
    fingerprints: dict[str, str]
    sha256: dict[str, str]
    """sha256 by file name, of the landing applied."""
    settled: Settled = field(default_factory=Settled)


def base_before(later: AppliedSlot, state: dict[str, str]) -> str:
    """The base a slot would have on top of ``state``."""
    return base_of(concerning(later, state), later.settled)


def concerning(slot: AppliedSlot, state: dict[str, str]) -> dict[str, str]:
    """What of a state an applied slot depends on: not on days and files' shapes that it does not speak of."""
    return {
        k: v
        for k, v in state.items()
        if k in slot.fingerprints or not (DAY_MARK in k or k.endswith(FILE_MARK))
    }


def state_after(state: dict[str, str], slot: AppliedSlot | SlotDiff) -> dict[str, str]:
    """The state that a slot leaves on top of another.

    What a file looked like that a release without shapes applied is not known from here: an earlier one's
    shape is not taken for it.
    """
    found = state | slot.fingerprints
    unknown = {shape_of_file(name) for name in slot.sha256} - slot.fingerprints.keys()
    return {k: v for k, v in found.items() if k not in unknown}
