"""A world in which limits trip: the real ones, so low that a tiny district exceeds them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from rostersync.config import EntityLimits
from rostersync.diff import find_ties, is_tied, judge, tie
from rostersync.fold import (
    GONE,
    DiffRequest,
    Judgement,
    Settled,
    Slice,
    SlotDiff,
    state_after,
)
from rostersync.spec import Domain, entities_of
from tests.warehouse.dice import Dice
from tests.warehouse.fold import PIN, Fold
from tests.warehouse.histories import Landing, World

_SHARES = ((0, 1), (0, 1), (40, 0), (60, 0))
"""(percent, rows). The former trip in the whole district, the latter at a school of it, too."""
_HELD = ("added", "changed", "removed", "reused")


def with_limits(fold: Fold) -> World:
    """The world of ``fold``, in which some landings were judged when they came first, each after the first
    landings of the slots before: what then waited is a decision in every history."""
    world = fold.world
    dice = Dice(random.Random(f"{world.seed}/limits"))
    landings = dict(world.landings)
    state: dict[str, str] = {}
    for slot in sorted({slot for slot, _ in landings}):
        for number in (n for s, n in list(landings) if s == slot):
            landing = landings[(slot, number)]
            if state and not landing.held and dice.rng.random() < 0.5:
                dice.drawn.clear()
                request = DiffRequest(slot, number, PIN, state, Settled())
                judged = _judged(fold, request, _low_limits(dice))
                landings[(slot, number)] = _decided(dice, landing, judged)
        first = DiffRequest(slot, 1, PIN, state, landings[(slot, 1)].settled)
        state = state_after(state, fold.compute(first))
    return replace(world, landings=landings)


def _low_limits(dice: Dice) -> dict[str, EntityLimits]:
    """Of some entities, or of all: what is tied to a slice is then under its own limit, or over it."""
    percent, rows = dice.rng.choice(_SHARES)
    low = {kind: {"percent": percent, "rows": rows} for kind in ("removed", "added", "changed")}
    some = dice.some(entities_of(Domain.CORE), dice.rng.choice((0.2, 0.5, 1.0)))
    return {e.name: EntityLimits.model_validate(low) for e in some}


def _judged(fold: Fold, request: DiffRequest, limits: dict[str, EntityLimits]) -> Judgement:
    """Raises BrokenPromiseError where something else waits than what hangs together."""
    diff: SlotDiff = fold.compute(request)
    tripped = judge(diff, limits=limits, window=None, first=False, earlier_sha256=())
    if not is_tied(tripped):
        return tripped
    archived = replace(diff, pin=f"{fold.release.__name__} {PIN}")
    ties = find_ties(fold.archive, fold.layout(request.slot), archived, request.previous)
    judgement = tie(tripped, ties)
    fold.on_judged(judgement, tripped, diff, request.previous)
    return judgement


def _decided(dice: Dice, landing: Landing, judgement: Judgement) -> Landing:
    """What tripped waits; a person approves some of it, a bundle as one, or none."""
    held = tuple(s for s in judgement.slices if s.kind in _HELD)
    if not held:
        return landing
    dice.count("limits that tripped")
    ticked = [b for b in _choices(judgement, held) if dice.rng.random() < 0.6]
    if not ticked:
        dice.count("discarded")
        settled = Settled(held=held)
    else:
        approved = {s for bundle in ticked for s in bundle}
        still = tuple(s for s in held if s not in approved)
        dice.count("approved in part" if still else "approved")
        gone = tuple(s.scope for s in judgement.slices if s.kind == GONE)
        settled = Settled(held=still, gone=gone if dice.rng.random() < 0.3 else ())
    return replace(landing, held=held, settled=settled, drawn=landing.drawn + dice.drawn)


def _choices(judgement: Judgement, held: Iterable[Slice]) -> list[tuple[Slice, ...]]:
    """What can be ticked: bundles, and slices that are in none."""
    bundles = [tuple(s for s in b if s.kind in _HELD) for b in judgement.bundles]
    tied = {s for bundle in bundles for s in bundle}
    return [*bundles, *((s,) for s in held if s not in tied)]
