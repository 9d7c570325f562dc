"""Step report: what the run says of itself, also when it failed, and the failure's row in the ledger."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rostersync.archive import FileState
from rostersync.engine.postgres import connect
from rostersync.errors import (
    MissingUploadError,
    RejectedUploadError,
    RosterSyncError,
    UploadTooLargeError,
)
from rostersync.fold import FileResult, FindingSummary, Settled
from rostersync.ledger.results import Outcome, RunResult
from rostersync.ledger.runs import record_run
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.files import read_manifest
from rostersync.pipeline.ground.resolve import resolve_landing, settled_for
from rostersync.pipeline.ground.run import Run
from rostersync.spec import files_of, required_of


def outcome_of(error: BaseException | None) -> Outcome:
    """The outcome a failure stands for."""
    if isinstance(error, MissingUploadError):
        return Outcome.MISSING
    if isinstance(error, RejectedUploadError):
        return Outcome.REJECTED
    return Outcome.ERROR


NOTHING_FOUND: Mapping[str, FileResult] = MappingProxyType({})


def oversized(error: BaseException | None) -> dict[str, FileResult]:
    """The files that an upload was refused for before they were fetched, each with its finding."""
    if not isinstance(error, UploadTooLargeError):
        return {}
    message = f"{error.what}: {error.found}, {error.expected}; {error.next_step}"
    finding = FindingSummary("file.size.too_large", "critical", None, 1, message=message)
    names = error.where["file"].split(", ")  # text, whichever process it comes from
    result = FileResult(FileState.REJECTED, rejected=None, findings=(finding,))
    return {name.removesuffix(".csv"): result for name in names}


def loads_nothing(outcome: Outcome) -> bool:
    """The upload's files are at fault: none of them is held against another that cannot be read."""
    return outcome in (Outcome.MISSING, Outcome.REJECTED)


@dataclass(frozen=True, slots=True)
class Waited:
    """What lay on the server when a wait ended without a usable upload; contract names.

    ``new``: files of this slot. ``stale``: as in the last landing, or of another slot's time. ``ignored``:
    names that are not taken.
    """

    new: frozenset[str] = frozenset()
    stale: frozenset[str] = frozenset()
    ignored: tuple[str, ...] = ()


def run_result(
    run: Run,
    landing: int | None,
    outcome: Outcome,
    message: str,
    previous: Mapping[str, str] | None = None,
    settled: Settled | None = None,
    waited: Waited | None = None,
    too_large: Mapping[str, FileResult] = NOTHING_FOUND,
) -> RunResult:
    """The result of a run that loaded nothing, with its files' accounting as far as it goes.

    What can be read is resolved against ``previous`` all the same: the district is told everything that
    is wrong with its upload at once. Without ``settled``, references look inside the landing only.
    ``waited``: without a landing, what was there; nobody has read it. ``too_large``: see :func:`oversized`.
    """
    if landing is None:
        if outcome is not Outcome.MISSING:
            return RunResult(outcome, dict(too_large), message=message)
        there = waited or Waited()
        return RunResult(outcome, _not_there(run, there), message=message, ignored=there.ignored)
    found: dict[str, FileResult] = {}
    if outcome is not Outcome.ERROR:  # then there is no more to say than the error does
        inside = (run, run.layout, landing, run.inputs, previous or {}, settled)
        found = resolve_landing(*inside, fails=loads_nothing(outcome)).files
    ignored = read_manifest(run, run.layout, landing).ignored
    return RunResult(outcome, found, message=message, ignored=ignored)


def _not_there(run: Run, there: Waited) -> dict[str, FileResult]:
    return {
        name: FileResult(FileState.STALE if name in there.stale else FileState.MISSING)
        for name in required_of(f.name for f in files_of(run.domain))
        if name not in there.new
    }


def record_result(run: Run, result: RunResult) -> None:
    """Write the ledger's row of a run that came to its end without a landing."""
    with connect(run.warehouse) as conn:
        record_run(conn, run.row, result, pin=run.inputs.pin)


def record_failure(
    run: Run,
    landing: int | None,
    error: BaseException | None,
    *,
    message: str = "",
    waited: Waited | None = None,
) -> RunResult:
    """Write a failed run's row to the ledger and return its result.

    ``waited``: see :func:`run_result`. Raises WarehouseUnavailableError when the ledger cannot be reached.
    """
    result = failure_result(run, landing, error, message=message, waited=waited)
    with connect(run.warehouse) as conn:
        record_run(conn, run.row, result, landing=landing, pin=run.inputs.pin)
    return result


def failure_result(
    run: Run,
    landing: int | None,
    error: BaseException | None,
    *,
    message: str = "",
    waited: Waited | None = None,
) -> RunResult:
    """A failed run's result. Raises WarehouseUnavailableError when the ledger cannot be read."""
    text = error.message() if isinstance(error, RosterSyncError) else message
    with connect(run.warehouse) as conn:
        fold = applied_slots(conn, run.district, run.domain)
        previous = fold.state_before(run.slot)
        settled = Settled()
        if landing is not None:
            with contextlib.suppress(RejectedUploadError):  # often the very failure
                settled = settled_for(conn, run, fold, landing)
    outcome, refused = outcome_of(error), oversized(error)
    return run_result(run, landing, outcome, text, previous, settled, waited, refused)
