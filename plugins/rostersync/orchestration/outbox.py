"""The report to the district, at the end of a run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from rostersync.errors import ReadOnlyAccountError, loggable
from rostersync.orchestration.districts import find_district
from rostersync.orchestration.trigger import find_account

if TYPE_CHECKING:
    from rostersync.ledger.results import RunResult
    from rostersync.pipeline.ground.run import Run

log = logging.getLogger(__name__)


def tell_district_now(run: Run, landing: int | None, result: RunResult) -> None:
    """Write the district's report to its account. A failure is logged and no more: the run has ended."""
    from rostersync.pipeline.decisions.waivers import waivers_of
    from rostersync.pipeline.upkeep.outbox import tell_district

    try:
        where = find_district(run.district).sftp  # today's: an old night's account may be gone
        account = find_account(where.conn_id, where.folder)
        known = {rule: waiver.until for rule, waiver in waivers_of(run).items()}
        marker = tell_district(run, account, landing, result, known_until=known)
    except ReadOnlyAccountError as error:  # nothing unusual
        log.info("The district was not told: %s", error)
    except Exception as error:  # whatever it is, what was done before stands
        log.warning("The district was not told: %s", loggable(error))
    else:
        if marker:
            log.info("The district was told: %s", marker)
