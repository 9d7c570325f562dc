"""What holds of the limits whatever the counts of a night are."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rostersync.fold import Counts, Slice
from tests.diff.judged import CORE, judged, night


def _counts(known: int) -> st.SearchStrategy[Counts]:
    rows = st.integers(0, known)
    return st.builds(Counts, st.just(known), st.integers(0, 200), rows, rows)


COUNTS = st.integers(0, 400).flatmap(_counts)
SCHOOLS = st.dictionaries(st.sampled_from(["", "1", "2", "3"]), COUNTS, min_size=1)
NIGHTS = st.dictionaries(st.sampled_from(CORE), SCHOOLS, min_size=1)
WINDOWS = st.sampled_from([None, "rollover", "summer_pause", "adds_only"])


def _covers(held_slices: tuple[Slice, ...], part: Slice) -> bool:
    return part in held_slices or Slice(part.entity, part.kind) in held_slices


@given(NIGHTS, st.data(), WINDOWS)
def test_more_removals_never_let_go_what_waits(rows: Any, data: st.DataObject, window: Any) -> None:
    entity = data.draw(st.sampled_from(sorted(rows)))
    school = data.draw(st.sampled_from(sorted(rows[entity])))
    counts = rows[entity][school]
    more = data.draw(st.integers(counts.removed, max(counts.known, counts.removed)))
    after = {**rows, entity: {**rows[entity], school: counts._replace(removed=more)}}
    waits = judged(night(after), window=window).slices
    assert all(_covers(waits, s) for s in judged(night(rows), window=window).slices)


@given(NIGHTS, WINDOWS)
def test_a_slice_has_rows_and_is_no_part_of_another(rows: Any, window: Any) -> None:
    judgement = judged(night(rows), window=window)
    for part in judgement.slices:
        assert part.scope == "" or Slice(part.entity, part.kind) not in judgement.slices
        there = rows[part.entity]
        scope = there.values() if part.scope == "" else [there[part.scope]]
        assert sum(getattr(c, part.kind) for c in scope) > 0
    assert all(t.count > t.limit for t in judgement.trips)
