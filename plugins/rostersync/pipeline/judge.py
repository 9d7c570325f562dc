"""What of a slot may load by itself, what waits for a person, and what loads not at all."""

from __future__ import annotations

from typing import Any

from rostersync.archive import FileState
from rostersync.diff import check_guards
from rostersync.errors import FirstLoadHeldError, RejectedUploadError
from rostersync.ledger import AppliedSlot, Judgement, SlotDiff
from rostersync.pipeline.run import Run
from rostersync.spec import Domain


def judge_slot(run: Run, slot_diff: SlotDiff, before: list[AppliedSlot]) -> Judgement:
    """Judge a landing that was never applied. ``before``: the fold up to the slot.

    Raises:
        UploadHeldError: nothing of it loads until a person has said so.
        RejectedUploadError: its required file refers to nothing known.
    """
    where: dict[str, Any] = {"district": run.district, "slot": run.slot}
    if run.domain is Domain.CORE and not before and run.cfg.first_load == "approve":
        raise FirstLoadHeldError(
            "The district's first upload waits for a person",
            **where,
            found=", ".join(f"{n} {e.added}" for n, e in slot_diff.entities.items()),
            next_step="look at the counts; when they are right: rostersync holds approve",
        )
    of_nobody = [f"{n}.csv" for n, f in slot_diff.files.items() if f.state is FileState.REJECTED]
    if of_nobody and run.domain is not Domain.CORE:  # core's required files were judged before
        raise RejectedUploadError(
            f"A required file cannot be used: {', '.join(of_nobody)}",
            **where,
            found="every record refers to something that is not known",
            next_step="ask the district whether the file is its own, of this school year",
        )
    if before and run.cfg.limits != "off":
        check_guards(slot_diff, district=run.district)
    return Judgement()
