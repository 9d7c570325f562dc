"""Looking into a fold of slots."""

from __future__ import annotations

from rostersync.archive import Layout
from rostersync.fold import AppliedSlot, SlotDiff
from rostersync.pipeline.ground.run import Run


def diff_of(run: Run, here: AppliedSlot) -> SlotDiff:
    """The archived diff of a slot of the fold."""
    layout = Layout(run.district, run.domain, here.slot)
    folder = layout.diff(here.landing, here.pin, here.base)
    return SlotDiff.from_json(run.archive.read_json(folder.document))
