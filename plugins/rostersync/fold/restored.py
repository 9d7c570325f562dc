"""What of a slot is not as its upload says but as it was after an earlier slot, because a person said so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rostersync.documents import Document

EVERYWHERE = ""
"""The scope of a restore that is not one school's."""


@dataclass(frozen=True, slots=True)
class Restored(Document):
    """Rows of one entity that are as they were.

    ``scope``: a school's id, or EVERYWHERE. ``fingerprint`` names the state they are taken from (32 hex
    digits), not the slot: a slot that is recomputed later must not move what was decided.
    """

    entity: str
    scope: str
    fingerprint: str


def restored_name(one: Mapping[str, Any]) -> str:
    """A restore that is kept as JSON, in short: ``students`` or ``students:12``."""
    return f"{one['entity']}:{one['scope']}".rstrip(":")


def add_up(before: Iterable[Restored], new: Iterable[Restored]) -> tuple[Restored, ...]:
    """Restores in the order in which they were decided: of one entity and scope the latest counts.

    A restore of every school replaces those of single ones.
    """
    new = tuple(new)
    said = {(r.entity, r.scope) for r in new}
    kept = (
        r for r in before if not {(r.entity, r.scope), (r.entity, EVERYWHERE)}.intersection(said)
    )
    return (*kept, *new)
