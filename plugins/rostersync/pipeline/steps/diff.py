"""Step diff: what would change."""

from __future__ import annotations

import contextlib
from typing import Any

from rostersync.engine.postgres import connect
from rostersync.errors import UploadHeldError
from rostersync.ledger.holds import approved_slots
from rostersync.ledger.slots import applied_slots
from rostersync.ledger.waivers import waived_rules
from rostersync.pipeline.ground.resolve import compute, request_diff
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.holds.judge import judge_slot


def diff(run: Run, landing: int) -> dict[str, Any]:
    """Compute what a landing would change against the state before its slot; counts by entity.

    Raises what ``validate`` raises; the load asks the same again.
    """
    with connect(run.warehouse) as conn:
        fold = applied_slots(conn, run.district, run.domain)
        request = request_diff(conn, run, fold, landing)
        approved = approved_slots(conn, run.district, run.domain)
        waived = waived_rules(conn, run.district, run.slot)
    slot_diff = compute(run)(request)
    if not any(s.slot == run.slot and s.landing >= landing for s in fold):
        with contextlib.suppress(UploadHeldError):  # no failure: load keeps the hold in the ledger
            judge_slot(run, slot_diff, fold.before(run.slot), approved, waived)
    return {
        name: {"added": e.added, "changed": e.changed, "removed": e.removed, "carried": e.carried}
        for name, e in slot_diff.entities.items()
    }
