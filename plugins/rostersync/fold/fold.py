"""The fold: a district's slots of one domain, in order."""

from __future__ import annotations

from dataclasses import dataclass

from rostersync.fold.slices import Settled
from rostersync.fold.slots import AppliedSlot, concerning, state_after


class Fold(tuple[AppliedSlot, ...]):
    """The slots the warehouse consists of, oldest first; a part of them is a fold, too."""

    __slots__ = ()

    @property
    def newest(self) -> AppliedSlot | None:
        """The last slot, None where nothing was loaded."""
        return self[-1] if self else None

    @property
    def state(self) -> dict[str, str]:
        """Fingerprints after the last slot: of each entity, day and file's shape the newest there is."""
        state: dict[str, str] = {}
        for slot in self:
            state = state_after(state, slot)
        return state

    @property
    def files(self) -> dict[str, AppliedSlot]:
        """By file, the newest slot in which it could be used."""
        return {name: slot for slot in self for name in slot.sha256}

    def before(self, slot: str) -> Fold:
        """The slots earlier than ``slot``."""
        return Fold(s for s in self if s.slot < slot)

    def after(self, slot: str) -> Fold:
        """The slots later than ``slot``."""
        return Fold(s for s in self if s.slot > slot)

    def at(self, slot: str, landing: int | None = None) -> AppliedSlot | None:
        """The slot, when it is there; with ``landing`` only when it took this one."""
        here = next((s for s in self if s.slot == slot), None)
        return here if here and landing in (None, here.landing) else None

    def state_before(self, slot: str) -> dict[str, str]:
        """The state that ``slot`` is computed against."""
        return self.before(slot).state


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """What a slot's diff depends on. ``previous``: fingerprints of the state before (:attr:`Fold.state`)."""

    slot: str
    landing: int
    pin: str
    previous: dict[str, str]
    settled: Settled

    @classmethod
    def of(cls, here: AppliedSlot, previous: dict[str, str]) -> DiffRequest:
        """What a slot of the fold depends on, on top of another state."""
        return cls(here.slot, here.landing, here.pin, previous, here.settled)

    @classmethod
    def as_applied(cls, here: AppliedSlot, previous: dict[str, str]) -> DiffRequest:
        """What a slot of the fold depended on when it was applied. ``previous``: the state before it now."""
        return cls.of(here, concerning(here, previous))
