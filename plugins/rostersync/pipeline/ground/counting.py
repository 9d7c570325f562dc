"""Which landing of a slot counts: the newest, but a file that says nobody is absent withdraws no event."""

from __future__ import annotations

from rostersync.archive import landing_numbers, says_nobody
from rostersync.diff import FileInput
from rostersync.fold import Fold
from rostersync.pipeline.ground.files import file_inputs
from rostersync.pipeline.ground.resolve import pin_for
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.ground.validate import ensure_checked
from rostersync.spec import Domain


def landing_with_events(run: Run, fold: Fold, landing: int) -> int:
    """The landing whose events the run's slot has when ``landing`` counts for it.

    That very one; where its file of events has a header and no record, the newest before it that has some:
    such a file withdraws no event, in whichever order the two are loaded.
    """
    here = fold.at(run.slot)
    if run.domain is not Domain.ATTENDANCE or (here and here.landing > landing):
        return landing
    files = _files(run, fold, landing)
    if not any(says_nobody(name, f.state) for name, f in files.items()):
        return landing
    earlier = (n for n in landing_numbers(run.archive, run.layout)[::-1] if n < landing)
    with_rows = (n for n in earlier if any(f.brings_rows for f in _files(run, fold, n).values()))
    return next(with_rows, landing)


def _files(run: Run, fold: Fold, landing: int) -> dict[str, FileInput]:
    pin = pin_for(run, fold, landing)
    inputs = run.inputs if pin == run.inputs.pin else run.pinned(pin)
    ensure_checked(run, inputs, run.layout, landing)
    return file_inputs(run, run.layout, landing, pin)
