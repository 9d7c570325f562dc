"""What waits with what a limit holds (the contract, §5: a hold never takes half), row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from rostersync.fold import Judgement, Slice
from rostersync.spec import Domain, Entity, entities_of
from tests.support.landings import Row
from tests.warehouse.records import State

_OTHER = {"added": "removed", "removed": "added"}


class _Move(NamedTuple):
    """A row that comes or goes. ``of``: the slice of its school."""

    of: Slice
    entity: Entity
    row: Row


def wrong_ties(
    judgement: Judgement, tripped: Judgement, before: dict[str, State], now: dict[str, State]
) -> Iterator[str]:
    """Where something else waits, or is decided as one, than what hangs together.

    ``tripped``: what waits for its own number. ``now``: the state where nothing is held.
    """
    start = {s for s in tripped.slices if s.kind in _OTHER}
    waits = {s for s in judgement.slices if s.kind in _OTHER}
    moves = list(_moves(before, now))
    pairs = _pairs(moves)
    whole = {s.entity for s in start if not s.scope}
    while True:
        links = _links(moves, pairs, whole)
        expected = _reached({_fit(s, whole) for s in start}, links)
        # where the district's slice waits, so do the district's of what is tied to it
        grown = whole | {
            other.entity for s in expected if not s.scope for other in links.get(s, ())
        }
        if grown == whole:
            break
        whole = grown
    if waits != expected:
        missing = sorted({s.kind for s in expected - waits})
        yield (
            f"a hold takes half: {', '.join(missing)} rows are not held"
            if missing
            else ("more is held than what is tied")
        )
    bundles = {frozenset(s for s in b if s.kind in _OTHER) for b in judgement.bundles} - {
        frozenset()
    }
    if waits == expected and bundles != set(_components(expected, links)):
        yield "slices that are tied are not decided as one"


def _moves(before: dict[str, State], now: dict[str, State]) -> Iterator[_Move]:
    for entity in entities_of(Domain.CORE):
        old, new = before[entity.name], now[entity.name]
        for kind, one, other in (("removed", old, new), ("added", new, old)):
            for key in one.keys() - other.keys():
                row = one[key]
                yield _Move(Slice(entity.name, kind, row[entity.scope] or ""), entity, row)


def _pairs(moves: list[_Move]) -> list[tuple[Slice, Slice]]:
    """Slices of which a row of the one refers to a row of the other."""
    by_key: dict[tuple[Any, ...], set[Slice]] = {}
    wanted = {(r.entity, r.to) for m in moves for r in m.entity.references if not r.advisory}
    for move in moves:
        for name, to in wanted:
            if move.entity.name == name:
                by_key.setdefault((name, to, *(move.row[c] for c in to)), set()).add(move.of)
    found = set()
    for move in moves:
        for r in move.entity.references:
            key = (r.entity, r.to, *(move.row[c] for c in r.columns))
            found |= {(move.of, there) for there in by_key.get(key, ())}
    return sorted(found)


def _fit(one: Slice, whole: set[str]) -> Slice:
    return Slice(one.entity, one.kind) if one.entity in whole else one


def _links(
    moves: list[_Move], pairs: list[tuple[Slice, Slice]], whole: set[str]
) -> dict[Slice, set[Slice]]:
    """What is tied to each slice, as it waits: the other half, and what refers to it or it refers to."""
    there = {_fit(m.of, whole) for m in moves}
    links: dict[Slice, set[Slice]] = {s: set() for s in there}
    for one in there:
        other = Slice(one.entity, _OTHER[one.kind], one.scope)
        if other in there:
            links[one].add(other)
    for one, other in pairs:
        links[_fit(one, whole)].add(_fit(other, whole))
        links[_fit(other, whole)].add(_fit(one, whole))
    return links


def _reached(start: set[Slice], links: dict[Slice, set[Slice]]) -> set[Slice]:
    reached = set(start)
    while True:
        more = {o for s in reached for o in links.get(s, ())} - reached
        if not more:
            return reached
        reached |= more


def _components(slices: set[Slice], links: dict[Slice, set[Slice]]) -> Iterator[frozenset[Slice]]:
    left = set(slices)
    while left:
        one = _reached({min(left)}, links) & slices
        yield frozenset(one)
        left -= one
