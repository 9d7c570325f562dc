"""The district is told on its own account how its upload fared."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rostersync.errors import RejectedUploadError
from rostersync.landing import SftpAccount, deliver_report, outbox_name
from rostersync.ledger import RunResult, Settled, state_after
from rostersync.pipeline.district_report import write_report
from rostersync.pipeline.fold import before_slot
from rostersync.pipeline.load import settled_for
from rostersync.pipeline.run import Run
from rostersync.reporting.district_report import ERRORS, PAGE
from rostersync.reporting.outbox import marker_of
from rostersync.warehouse import applied_slots, connect


def tell_district(
    run: Run,
    account: SftpAccount,
    landing: int | None,
    result: RunResult,
    *,
    known_until: Mapping[str, date],
    now: datetime | None = None,
) -> str | None:
    """Write the report of a run to ``outbox/<slot>/`` of the district's account; its marker.

    None, and nothing is written, where there is nothing to tell: an error of ours, a day without a file, or
    the YAML says no. Raises as :func:`~rostersync.landing.deliver_report`, WarehouseUnavailableError.
    """
    told = marker_of(result)
    if told is None or not run.cfg.outbox.send:
        return None
    marker, text = told
    today = (now or datetime.now(UTC)).astimezone(run.cfg.zone).date()
    keep_from = today - timedelta(days=run.cfg.outbox.keep_days)
    previous, settled = _resolved_with(run, landing)
    with tempfile.TemporaryDirectory(prefix="rostersync-outbox-") as folder:
        write_report(
            run,
            landing,
            result,
            Path(folder),
            known_until=known_until,
            previous=previous,
            settled=settled,
        )
        report = {"summary.html": Path(folder) / PAGE, ERRORS: Path(folder) / ERRORS}
        name = outbox_name(run.domain, run.slot)
        asyncio.run(deliver_report(account, name, report, marker, text, keep_from=keep_from))
    return marker


def _resolved_with(run: Run, landing: int | None) -> tuple[Mapping[str, str], Settled | None]:
    if landing is None:
        return {}, None
    with connect(run.warehouse) as conn:
        fold = applied_slots(conn, run.district, run.domain)
        with contextlib.suppress(RejectedUploadError):  # what it refers to was never loaded
            return state_after(before_slot(fold, run.slot)), settled_for(conn, run, fold, landing)
    return {}, None
