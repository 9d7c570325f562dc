"""Whether what waits is what waited the night before: then it keeps its id and age, and is no news."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rostersync.archive import DiffFolder
from rostersync.diff.inputs import HELD
from rostersync.engine import open_session
from rostersync.errors import UploadHeldError
from rostersync.fold import ASKED, GONE, IDS, UNSENT, Fold, SlotDiff, is_only_tied, slice_name
from rostersync.ledger.holds import OpenedHold
from rostersync.pipeline.ground.resolve import folder_of
from rostersync.pipeline.ground.run import Run
from rostersync.spec import ENTITIES

_OPS = {"added": "I", "changed": "U", "removed": "D", "reused": "R"}
_OF_A_SCHOOL = (GONE, UNSENT)
"""Kinds of slices that are about one school as a whole: the same while the school is."""
SAME_KEYS = 0.9
"""A hold goes on under its id when at least this share of its keys is the same the next night."""
SAME_COUNTS = 0.05
"""The first upload's hold goes on while no count moved by more than this share since it was shown."""


def is_same(
    run: Run,
    before: OpenedHold,
    slices: Sequence[Mapping[str, Any]],
    diff: SlotDiff,
    fold: Fold,
) -> bool:
    """Nearly the same keys wait, of the same entities; what only waits with them is no news."""
    if before.slot == diff.slot:
        return True
    gone_then, gone_now = (
        {slice_name(s) for s in of if s["kind"] in _OF_A_SCHOOL} for of in (before.slices, slices)
    )
    if gone_then != gone_now:
        return False
    here = fold.at(before.slot)
    if here is None:
        return False
    then, now = folder_of(run, here), folder_of(run, diff)
    if any(
        _share_of_ids(run, *lists) < SAME_KEYS for lists in _lists_of_ids(before.slices, slices)
    ):
        return False
    own = [
        [s for s in of if s["kind"] not in (*ASKED, UNSENT) and not is_only_tied(s)]
        for of in (before.slices, slices)
    ]
    entities = sorted({s["entity"] for of in own for s in of})
    return all(_share(run, entity, then, now, own) >= SAME_KEYS for entity in entities)


def _lists_of_ids(
    then: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]
) -> list[tuple[str, str]]:
    """The lists of damaged ids of then and now, by the slice that asks about them; "" for none."""
    asked = [
        {slice_name(s): s["fingerprint"] for s in of if s["kind"] == IDS} for of in (then, now)
    ]
    return [(asked[0].get(n, ""), asked[1].get(n, "")) for n in sorted({*asked[0], *asked[1]})]


def _share_of_ids(run: Run, then: str, now: str) -> float:
    """How much of the larger of two lists is in both."""
    if then == now or not (then and now):
        return float(then == now)
    with open_session(run.archive) as session:
        for name, fingerprint in (("ids_then", then), ("ids_now", now)):
            session.view_parquet(name, run.layout.ids(fingerprint))
        ((both, most),) = session.run("duckdb/diff/ids_share.sql")
    return float(both) / float(most)


def still_waits(before: OpenedHold, held: UploadHeldError, counts: Mapping[str, int]) -> bool:
    """The whole upload waits for the same reasons as before; no count of a first one moved much."""
    if before.kind == "set":
        return before.reasons == held.reasons
    return all(
        abs(counts.get(name, 0) - shown) <= SAME_COUNTS * max(shown, 1)
        for name, shown in before.counts.items()
    )


def _share(
    run: Run,
    entity: str,
    then: DiffFolder,
    now: DiffFolder,
    own: Sequence[Sequence[Mapping[str, Any]]],
) -> float:
    """How much of the larger of two slots' held rows is in both, by key and kind.

    ``own``: the slices of both that wait for a reason of their own; of other kinds nothing is looked at.
    """
    of = [[s for s in slices if s["entity"] == entity] for slices in own]
    there = [f"{entity}.parquet" in run.archive.list_names(f.held_folder) for f in (then, now)]
    if not any(there):  # rows that are in place while what they refer to waits
        fewer, more = sorted(sum(s["count"] for s in slices) for slices in of)
        return fewer / more if more else 1.0
    if not all(there):
        return 0.0
    ops = sorted({_OPS[s["kind"]] for slices in of for s in slices})
    with open_session(run.archive) as session:
        for name, folder in (("held_then", then), ("held_now", now)):
            session.view_state(name, ENTITIES[entity], folder.held(entity), beside=HELD)
        ((both, most),) = session.run(
            "duckdb/diff/held_share.sql", {"ops": ops}, entity=ENTITIES[entity]
        )
    return float(both) / float(most) if most else 1.0
