"""The diff of any landing against any state, from the archive alone, and what it is computed with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from rostersync.archive import DiffFolder, Layout
from rostersync.config import DistrictConfig
from rostersync.diff import Codes, NoticePeriods, compute_diff
from rostersync.engine.postgres import Connection
from rostersync.errors import RejectedUploadError
from rostersync.fold import EMPTY_FINGERPRINT, AppliedSlot, DiffRequest, Fold, Settled, SlotDiff
from rostersync.ledger.holds import accepted_ids
from rostersync.ledger.slots import foreign_states
from rostersync.pipeline.ground.files import file_inputs
from rostersync.pipeline.ground.required import require_files
from rostersync.pipeline.ground.run import Inputs, Run
from rostersync.pipeline.ground.validate import ensure_checked
from rostersync.spec import Domain, foreign_entities


def compute(run: Run) -> Callable[[DiffRequest], SlotDiff]:
    """The function that gives any slot's diff against a state, from the archive alone."""

    def slot_diff(request: DiffRequest) -> SlotDiff:
        layout = Layout(run.district, run.domain, request.slot)
        inputs = run.inputs if request.pin == run.inputs.pin else run.pinned(request.pin)
        ensure_checked(run, inputs, layout, request.landing)
        if request.slot == run.slot:
            require_files(run, file_inputs(run, layout, request.landing, request.pin))
        return resolve_landing(
            run, layout, request.landing, inputs, request.previous, request.settled
        )

    return slot_diff


def request_diff(conn: Connection, run: Run, fold: Fold, landing: int) -> DiffRequest:
    """What the diff of the run's slot depends on, were it to take this landing.

    Raises as :func:`settled_for`.
    """
    settled = settled_for(conn, run, fold, landing)
    previous = fold.state_before(run.slot)
    return DiffRequest(run.slot, landing, pin_for(run, fold, landing), previous, settled)


def resolve_landing(
    run: Run,
    layout: Layout,
    landing: int,
    inputs: Inputs,
    previous: Mapping[str, str],
    settled: Settled | None = None,
    *,
    fails: bool = False,
) -> SlotDiff:
    """The diff of a checked landing against a state, whatever the landing lacks.

    ``settled``: None looks inside the landing only, as a check does. ``fails``: nothing of it loads, and it
    is resolved for its report alone.
    """
    return compute_diff(
        run.archive,
        layout,
        landing=landing,
        pin=inputs.pin,
        files=file_inputs(run, layout, landing, inputs.pin),
        findings=layout.check(landing, inputs.pin).findings,
        previous=previous,
        rules=inputs.rules(),
        district_office=inputs.cfg.district_office,
        settled=settled or Settled(),
        folder_only=settled is None,
        fails=fails,
        codes=attendance_codes(inputs.cfg, layout.slot[:10] if settled else None),
    )


def settled_for(
    conn: Connection, run: Run, fold: Fold, landing: int, *, again: bool = False
) -> Settled:
    """What the slot is computed with; a landing in the fold keeps what it was applied with.

    ``again``: its decisions only; it looks into other domains' states of today.

    Raises RejectedUploadError when what terms or attendance refer to was never loaded.
    """
    here = fold.at(run.slot, landing)
    if here and not again:
        return here.settled
    wanted = foreign_entities(run.domain)
    if run.domain is Domain.CORE and run.cfg.terms is None:
        wanted = ()
    found = foreign_states(conn, run.district, run.domain, run.slot, wanted, newest=again)
    if run.domain is Domain.CORE:  # terms that are on and not loaded yet: the report says it
        found = {**dict.fromkeys(wanted, EMPTY_FINGERPRINT), **found}
    elif never := [n for n in wanted if n not in found]:
        raise RejectedUploadError(
            f"The district's {' and '.join(never)} were never loaded, so nothing can refer to them",
            district=run.district,
            slot=run.slot,
            domain=run.domain,
            next_step="load a night of the district first (domain core), then run this slot again",
        )
    if here:
        return replace(here.settled, foreign=found)
    return Settled(found, ids=accepted_ids(conn, run.district, run.domain, run.slot))


def attendance_codes(cfg: DistrictConfig, day: str | None = None) -> Codes:
    """The codes of the district's list, what its notices tell, and of which ``day`` (YYYY-MM-DD)."""
    if cfg.attendance is None:
        return Codes(day=day, knows_p0=False)
    notices = cfg.attendance.notices
    return Codes(
        tuple(cfg.attendance.codes),
        tuple(dict.fromkeys(code for n in notices for code in n.codes)),
        tuple(
            NoticePeriods(n.id, None if n.schools == "all" else tuple(n.schools), n.periods)
            for n in notices
        ),
        day,
        knows_p0=cfg.attendance.p0 is not None,
    )


def pin_for(run: Run, fold: Fold, landing: int) -> str:
    """A landing that was applied keeps the inputs it was applied with; any other takes today's."""
    here = fold.at(run.slot, landing)
    return here.pin if here else run.inputs.pin


def diff_of(run: Run, here: AppliedSlot) -> SlotDiff:
    """The archived diff of a slot of the fold."""
    return SlotDiff.from_json(run.archive.read_json(folder_of(run, here).document))


def folder_of(run: Run, here: AppliedSlot | SlotDiff) -> DiffFolder:
    """Where the diff of a slot lies, of the run's district and domain."""
    layout = Layout(run.district, run.domain, here.slot)
    return layout.diff(here.landing, here.pin, here.base)
