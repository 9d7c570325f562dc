"""What a slot's sync waits for: an upload on the server, or a landing that is in the archive already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from rostersync.archive import landing_numbers
from rostersync.config import is_expected, wait_deadline, window
from rostersync.landing import expected_files, last_files, other_names, quiet_seconds
from rostersync.pipeline.land import last_manifest
from rostersync.pipeline.run import Run
from rostersync.warehouse import connect, unusable_landings


@dataclass(frozen=True, slots=True)
class WaitPlan:
    """``landing``: take this one from the archive, nothing to wait for. Else what to look for on the server.

    Times in epoch seconds; ``window``: files changed outside it are of another slot; ``last``: contract
    name, size and mtime of the files of the last accepted landing.
    """

    landing: int | None
    deadline: float
    quiet: float
    files: dict[str, str]
    others: tuple[str, ...]
    last: tuple[tuple[str, int, float], ...]
    window: tuple[float | None, float | None]
    expected: bool


def plan_wait(
    run: Run, *, wait_minutes: int | None = None, now: datetime | None = None
) -> WaitPlan:
    """Plan the wait of a slot.

    The archive's newest landing is taken when the slot has one that no run found unusable: a re-run never
    depends on what lies on the server by then. A slot whose wait is over takes only files that were
    changed in its own window. ``wait_minutes`` replaces the district's end of the wait.
    """
    now = now or datetime.now(UTC)
    with connect(run.warehouse) as conn:
        unusable = unusable_landings(conn, run.district, run.domain, run.slot)
    landed = landing_numbers(run.archive, run.layout)
    newest = landed[-1] if landed and landed[-1] not in unusable else None
    deadline = wait_deadline(run.cfg, run.domain, run.slot)
    opens, closes = window(run.cfg, run.domain, run.slot)
    is_over = closes <= now
    end = deadline.timestamp() if wait_minutes is None else now.timestamp() + 60 * wait_minutes
    last = last_manifest(run)
    return WaitPlan(
        landing=newest,
        deadline=end,
        quiet=quiet_seconds(run.cfg, run.domain),
        files=expected_files(run.cfg, run.domain),
        others=tuple(sorted(other_names(run.cfg, run.domain))),
        last=tuple((n, size, mtime) for n, (size, mtime) in last_files(last).items()),
        window=(opens.timestamp(), closes.timestamp()) if is_over else (None, None),
        expected=is_expected(run.cfg, run.slot),
    )
