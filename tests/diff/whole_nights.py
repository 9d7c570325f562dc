"""Nights judged as a load judges them: what waits, what waits with it, and the state that is left."""

from __future__ import annotations

from typing import Any

from rostersync.diff import find_ties, is_tied, judge, tie, with_creep
from rostersync.fold import GONE, Judgement
from tests.support.landings import Upload
from tests.support.nights import Nights


def judge_night(
    nights: Nights, upload: Upload, *, week_ago: dict[str, str] | None = None, **said: Any
) -> Judgement:
    """Upload a night after the newest one, and hold what waits of it. ``said``: as of ``judge``."""
    before, held = dict(nights.diffs[-1].fingerprints), nights.held
    nights.held = ()
    diff = nights.upload(upload)
    measured = with_creep(nights.archive, nights.layout(diff.slot), diff, week_ago or {})
    given = {"limits": "default", "window": None, "first": False, "earlier_sha256": (), **said}
    judgement = judge(measured, **given)
    if is_tied(judgement):
        ties = find_ties(nights.archive, nights.layout(diff.slot), diff, before)
        judgement = tie(judgement, ties, adds_only=given["window"] == "adds_only")
    nights.held = tuple(s for s in judgement.slices if s.kind != GONE)
    if nights.held:
        nights.diffs.pop()
        nights.upload(upload)
    nights.held = held
    return judgement


def bundles(judgement: Judgement) -> list[list[str]]:
    """The names of the slices that wait, bundle by bundle."""
    numbers = judgement.bundle_numbers
    return [
        [str(s) for s in judgement.slices if numbers[s] == n] for n in sorted(set(numbers.values()))
    ]
