"""The ledger's copy in the archive, brought up to date at the end of what wrote to the ledger."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from rostersync.errors import loggable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rostersync.pipeline.ground.run import Run

log = logging.getLogger(__name__)


def keep_ledger_now(run: Run, recomputed: Iterable[str] = ()) -> None:
    """Copy what a run wrote; a failure is logged and no more: the next run of the district copies it, too.

    ``recomputed``: other slots that were written.
    """
    from rostersync.pipeline.upkeep.rebuild import keep_ledger

    try:
        keep_ledger(run.warehouse, run.archive, run.district, [run.slot, *recomputed])
    except Exception as error:  # whatever it is, what was done before stands
        log.warning("The archive's copy of the ledger is older than this run: %s", loggable(error))
