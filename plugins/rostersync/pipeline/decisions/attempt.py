"""What decisions that move the newest state share: their run, and what they moved."""

from __future__ import annotations

import contextlib
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rostersync.archive import OverlayArchive
from rostersync.diff.between import moved_between
from rostersync.fold import EMPTY_FINGERPRINT
from rostersync.pipeline.ground.run import Run
from rostersync.spec import entities_of


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows of one entity that a decision brings in, makes others, and takes out."""

    added: int
    changed: int
    removed: int


@contextlib.contextmanager
def attempt(run: Run, *, dry: bool) -> Iterator[Run]:
    """The run of a decision; a dry one's archive is only read."""
    one = replace(run, run_id=str(uuid.uuid4()), started_at=datetime.now(UTC))
    if not dry:
        yield one
        return
    with tempfile.TemporaryDirectory(prefix="rostersync-dry-run-") as scratch:
        yield replace(one, archive=OverlayArchive(run.archive, scratch))


def moved(run: Run, before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Moved]:
    """What differs between two states, by entity; of those whose state is kept as a whole."""
    found = {}
    for entity in entities_of(run.domain):
        was, now = (state.get(entity.name, EMPTY_FINGERPRINT) for state in (before, after))
        if was != now and not entity.day:
            found[entity.name] = Moved(*moved_between(run.archive, run.layout, entity, was, now))
    return found
