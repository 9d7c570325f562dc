"""What a slot's sync waits for: an upload on the server, or a landing that is in the archive already."""

from __future__ import annotations

from datetime import UTC, datetime

from rostersync.archive import Manifest, landing_numbers
from rostersync.attendance import dues_of_slot, taken_from, usable_from, wait_until
from rostersync.config import is_expected, wait_deadline, window
from rostersync.engine.postgres import connect
from rostersync.errors import MissingLandingError
from rostersync.landing import (
    LandedFile,
    Source,
    WaitPlan,
    expected_files,
    files_off,
    last_files,
    other_names,
    quiet_seconds,
)
from rostersync.ledger.landings import unusable_landings
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.steps.land import last_manifest
from rostersync.spec import Domain


def plan_wait(
    run: Run,
    *,
    source: Source = Source.AUTO,
    wait_minutes: int | None = None,
    now: datetime | None = None,
) -> WaitPlan:
    """Plan the wait of a slot.

    Once the wait is over, ``auto`` takes a landing that no run found unusable without a look at the server:
    what a re-run does never depends on what lies there by then. Until then a newer upload corrects the slot.
    A slot whose wait is over takes only files that were changed in its own window. ``wait_minutes`` replaces
    the district's end of the wait.

    Raises MissingLandingError: ``archive`` or ``folder`` was asked for, and there is no such landing.
    """
    now = now or datetime.now(UTC)
    landings = [
        Manifest.from_json(run.archive.read_json(run.layout.manifest(number)))
        for number in landing_numbers(run.archive, run.layout)
    ]
    opens, closes = window(run.cfg, run.domain, run.slot)
    deadline = wait_deadline(run.cfg, run.domain, run.slot)
    is_attendance = run.domain is Domain.ATTENDANCE
    if is_attendance:
        deadline = closes = wait_until(run.cfg, run.slot)
        # a file from before then says nothing of the notice's time
        opens = usable_from(run.cfg, run.slot) or opens
    is_over = closes <= now
    looks, landing = _choose(run, source, landings, is_over=is_over)
    seen = next((m for m in reversed(landings) if m.source == "server"), None)
    end = deadline.timestamp() if wait_minutes is None else now.timestamp() + 60 * wait_minutes
    return WaitPlan(
        looks=looks,
        landing=landing,
        landed=_files(seen),
        deadline=end,
        quiet=quiet_seconds(run.cfg, run.domain),
        files=expected_files(run.cfg, run.domain),
        others=tuple(sorted(other_names(run.cfg, run.domain))),
        off=files_off(run.cfg, run.domain),
        last=_files(last_manifest(run)),
        window=(opens.timestamp(), closes.timestamp())
        if is_over or is_attendance
        else (None, None),
        expected=_is_expected(run),
        not_before=_not_before(run) if wait_minutes is None else None,
    )


def _is_expected(run: Run) -> bool:
    """Whether a slot without anything new is a failure.

    Terms change a few times a year, and senders skip what has not changed: they are missed only until there
    are some.
    """
    if run.domain is Domain.TERMS:
        return last_manifest(run) is None
    if run.domain is Domain.ATTENDANCE:
        return bool(dues_of_slot(run.cfg, run.slot))  # in the evening there may be nothing new
    return is_expected(run.cfg, run.slot)


def _not_before(run: Run) -> float | None:
    """A notice is told from the newest file at its time: one that came early waits for a correction."""
    if run.domain is not Domain.ATTENDANCE:
        return None
    moment = taken_from(run.cfg, run.slot)
    return moment.timestamp() if moment else None


def _choose(
    run: Run, source: Source, landings: list[Manifest], *, is_over: bool
) -> tuple[bool, int | None]:
    """Whether to look at the server, and the landing to take when that has nothing newer."""
    if source is Source.SERVER:
        return True, None
    if source is Source.FOLDER:
        landings = [m for m in landings if m.source == "folder"]
    newest = landings[-1].number if landings else None
    if source is not Source.AUTO:
        if newest is None:
            raise _no_landing(run, source)
        return False, newest
    if newest is None or not is_over:
        return True, newest
    with connect(run.warehouse) as conn:
        unusable = unusable_landings(conn, run.district, run.domain, run.slot)
    return newest in unusable, newest


def _no_landing(run: Run, source: Source) -> MissingLandingError:
    put_there = f"rostersync land FOLDER --config {run.district}.yaml --slot {run.slot}"
    return MissingLandingError(
        "The archive has no landing of this slot"
        + (" that came from a folder" if source is Source.FOLDER else ""),
        district=run.district,
        domain=run.domain,
        slot=run.slot,
        source=source,
        next_step=f"put the files there (`{put_there}`), or run the slot with source"
        f" {Source.SERVER if source is Source.ARCHIVE else Source.ARCHIVE}",
    )


def _files(manifest: Manifest | None) -> tuple[LandedFile, ...]:
    return tuple((n, size, mtime) for n, (size, mtime) in last_files(manifest).items())
