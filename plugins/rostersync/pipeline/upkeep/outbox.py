"""The district is told on its own account how its upload fared."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from rostersync.engine.postgres import connect
from rostersync.errors import RejectedUploadError, SftpConnectionError
from rostersync.fold import Settled
from rostersync.landing import SftpAccount, deliver_report, outbox_name
from rostersync.ledger.results import RunResult
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.files import read_manifest
from rostersync.pipeline.ground.resolve import resolve_landing, settled_for
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.steps.district_report import write_report
from rostersync.pipeline.steps.report import loads_nothing
from rostersync.reporting.district_report import ERRORS, PAGE
from rostersync.reporting.markers import marker_of, upload_name
from rostersync.warehouse import lock_outbox

MOST_LINES = 10_000
"""Lines of one rule and file that a delivered errors.csv lists: it has to arrive within a minute."""


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

    None, and nothing is written, where there is nothing to tell: an error of ours, a day without a file, a
    slot that is loaded and of which the server has no files any more, or the YAML says no. ``result`` may
    lack the findings' words: the archive has them. A connection that breaks is tried once more. Raises as
    :func:`~rostersync.landing.deliver_report`, WarehouseUnavailableError.
    """
    marked = marker_of(result)
    if marked is None or not run.cfg.outbox.send or _newer_report_sent(run, landing):
        return None
    marker, text = marked
    keep_from = (now or datetime.now(UTC)) - timedelta(days=run.cfg.outbox.keep_days)
    previous: Mapping[str, str] = {}
    settled: Settled | None = None
    if landing is not None:
        run, previous, settled = _as_applied(run, landing, loaded=result.outcome.is_success)
        if settled is not None:
            result = _in_words(run, landing, result, previous, settled)
    with tempfile.TemporaryDirectory(prefix="rostersync-outbox-") as folder:
        write_report(
            run,
            landing,
            result,
            Path(folder),
            about=upload_name(run.domain, run.slot),
            known_until=known_until,
            most_lines=MOST_LINES,
            previous=previous,
            settled=settled,
        )
        report = {"summary.html": Path(folder) / PAGE, ERRORS: Path(folder) / ERRORS}
        name = outbox_name(run.domain, run.slot)
        deliver = partial(deliver_report, account, name, report, marker, text, keep_from=keep_from)
        with connect(run.warehouse) as conn, conn.transaction():
            lock_outbox(conn, run.district)  # a report and a decision may end at the same moment
            try:
                asyncio.run(deliver())
            except SftpConnectionError:
                asyncio.run(deliver())
    return marker


def _newer_report_sent(run: Run, landing: int | None) -> bool:
    """A run without an upload does not take the place of what the slot's loaded upload was told."""
    if landing is not None:
        return False
    with connect(run.warehouse) as conn:
        return any(s.slot == run.slot for s in applied_slots(conn, run.district, run.domain))


def _in_words(
    run: Run,
    landing: int,
    result: RunResult,
    previous: Mapping[str, str],
    settled: Settled,
) -> RunResult:
    """A result that came through Airflow, with its findings' sentences and the names not taken."""
    inside = (run, run.layout, landing, run.inputs, previous, settled)
    resolved = resolve_landing(*inside, fails=loads_nothing(result.outcome)).files
    words = {(n, f.rule, f.column): f for n, file in resolved.items() for f in file.findings}
    files = {
        name: replace(
            file, findings=tuple(words.get((name, f.rule, f.column), f) for f in file.findings)
        )
        for name, file in result.files.items()
    }
    ignored = read_manifest(run, run.layout, landing).ignored
    return replace(result, files=files, ignored=ignored)


def _as_applied(
    run: Run, landing: int, *, loaded: bool
) -> tuple[Run, Mapping[str, str], Settled | None]:
    """The run with the inputs its landing was loaded with, and what it was resolved with."""
    with connect(run.warehouse) as conn:
        fold = applied_slots(conn, run.district, run.domain)
        here = fold.at(run.slot, landing)
        if here and loaded and here.pin != run.inputs.pin:  # a person decided later
            run = replace(run, inputs=run.pinned(here.pin))
        with contextlib.suppress(RejectedUploadError):  # what it refers to was never loaded
            previous = fold.state_before(run.slot)
            return run, previous, settled_for(conn, run, fold, landing)
    return run, {}, None
