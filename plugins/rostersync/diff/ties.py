"""A hold never takes half: what waits with what trips, and what is decided as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from rostersync.archive import Archive, Layout
from rostersync.diff.limits import without_parts
from rostersync.engine import TINY_ROWS, Session, open_session
from rostersync.fold import DISTRICT, EMPTY_FINGERPRINT, Judgement, Slice, SlotDiff, Trip
from rostersync.spec import ENTITIES, Entity, Reference
from rostersync.spec.reasons import Waits

_OTHER = {"added": "removed", "removed": "added"}
_OWN = (Waits.OVER_LIMIT, Waits.OVER_WEEK)
"""Reasons of slices that take with them what is tied to them."""


@dataclass(frozen=True, slots=True)
class Ties:
    """The added and removed rows of a diff, as slices of schools (scope DISTRICT: rows without a school).

    ``rows``: how many. ``links``: which refer to rows of which, both ways.
    """

    rows: Mapping[Slice, int] = field(default_factory=dict)
    links: Mapping[Slice, frozenset[Slice]] = field(default_factory=dict)

    def of(self, one: Slice) -> list[Slice]:
        """The slices of schools that a slice consists of."""
        if one.scope != DISTRICT:
            return [one] if one in self.rows else []
        return [s for s in self.rows if (s.entity, s.kind) == (one.entity, one.kind)]

    def count(self, one: Slice) -> int:
        """The rows of a slice."""
        return sum(self.rows[s] for s in self.of(one))


def is_tied(judgement: Judgement) -> bool:
    """Whether anything of it may take other slices with it."""
    return any(t.slice.kind in _OTHER for t in judgement.trips)


def find_ties(
    archive: Archive, layout: Layout, diff: SlotDiff, previous: Mapping[str, str]
) -> Ties:
    """What of a diff is tied to what. ``previous``: fingerprints of the state before.

    Read from the archive, on the nights only on which something waits.
    """
    moving = [
        ENTITIES[name]
        for name, e in diff.entities.items()
        if (e.added or e.removed) and not ENTITIES[name].day
    ]
    if not moving:
        return Ties()
    with open_session(archive, is_tiny=diff.rows <= TINY_ROWS) as session:
        for entity in moving:
            _look_at(session, layout, entity, diff, previous)
        counted = session.run("duckdb/diff/moved_counts.sql", entities=moving)
        rows = {Slice(*one): count for *one, count in counted}
        links: dict[Slice, set[Slice]] = {}
        names = {e.name for e in moving}
        pairs = [(e, _by_scope(e, r)) for e in moving for r in e.references if r.entity in names]
        for *one, entity, kind, scope in (
            session.run("duckdb/diff/ties.sql", tied=pairs) if pairs else ()
        ):
            here, there = Slice(*one), Slice(entity, kind, scope)
            links.setdefault(here, set()).add(there)
            links.setdefault(there, set()).add(here)
    return Ties(rows, {one: frozenset(others) for one, others in links.items()})


def _look_at(
    session: Session, layout: Layout, entity: Entity, diff: SlotDiff, previous: Mapping[str, str]
) -> None:
    changes = diff.of(entity.name).changes
    if changes is None:
        raise ValueError(f"{entity.name} has changes without a file of them")
    wanted = {c for r in entity.references for c in _by_scope(entity, r).columns}
    names = sorted(wanted - {*entity.key, "_scope"})
    stored = previous.get(entity.name, EMPTY_FINGERPRINT)
    is_stored = bool(names or entity.scope not in entity.key) and stored != EMPTY_FINGERPRINT
    session.view_state(f"changes_{entity.name}", entity, changes, beside={"op": "varchar"})
    if is_stored:
        session.view_state(f"prev_{entity.name}", entity, layout.state(entity.name, stored))
    session.run(
        "duckdb/diff/moved.sql", entity=entity, names=names, has_school=False, is_stored=is_stored
    )


def _by_scope(entity: Entity, reference: Reference) -> Reference:
    """The reference with the school that a row counts for in place of a column that only rows after have."""
    columns = tuple(
        "_scope" if c == entity.scope and c not in entity.key else c for c in reference.columns
    )
    return replace(reference, columns=columns)


def tie(judgement: Judgement, ties: Ties, *, adds_only: bool = False) -> Judgement:
    """The judgement with all that waits with what trips, and with what of it is decided as one.

    ``adds_only``: in such a window removals wait for their own reason and take no additions with them.
    """
    tripped = {
        t.slice
        for t in judgement.trips
        if t.slice.kind in _OTHER and (t.reason in _OWN or t.reason == Waits.ADDS_ONLY)
    }
    graph = _Graph(ties, {s.entity for s in tripped if s.scope == DISTRICT}, adds_only)
    reached = graph.reach(tripped)
    trips = [
        # of a school whose district waits for another reason, its own reason stays
        *(
            replace(t, slice=w) if (w := graph.fit(t.slice)) not in tripped else t
            for t in judgement.trips
        ),
    ]
    known = {t.slice for t in trips}
    trips += [_with(s, ties, tripped) for s in reached - known]
    found = tuple(sorted(without_parts(trips), key=lambda t: (t.slice, t.reason)))
    held = {t.slice for t in found}
    bundles = (tuple(sorted(held.intersection(b))) for b in graph.components(reached))
    return replace(judgement, trips=found, bundles=tuple(sorted(b for b in bundles if b)))


def _with(one: Slice, ties: Ties, tripped: Iterable[Slice]) -> Trip:
    is_other = replace(one, kind=_OTHER[one.kind]) in tripped
    return Trip(one, ties.count(one), 0, Waits.WAITS_WITH if is_other else Waits.TIED)


class _Graph:
    """Slices and what ties them. ``whole``: entities of which the district's slice waits, not a school's."""

    def __init__(self, ties: Ties, whole: set[str], adds_only: bool) -> None:
        self.ties = ties
        self.whole = whole
        self.adds_only = adds_only

    def reach(self, tripped: Iterable[Slice]) -> set[Slice]:
        """The slices, and all that is tied to them, directly or not."""
        while True:
            known = set(self.whole)
            reached = spread({self.fit(s) for s in tripped}, self._tied_to)
            self.whole |= {s.entity for s in reached if s.scope == DISTRICT}
            if self.whole == known:
                return reached

    def components(self, reached: Iterable[Slice]) -> list[set[Slice]]:
        """The slices that were reached, apart where nothing ties them."""
        left = set(reached)
        both: dict[Slice, set[Slice]] = {s: set() for s in left}
        for one in left:
            for other in self._tied_to(one):
                both[one].add(other)
                both[other].add(one)
        found = []
        while left:
            found.append(spread({left.pop()}, lambda s: both[s]))
            left -= found[-1]
        return found

    def _tied_to(self, one: Slice) -> set[Slice]:
        is_removal = self.adds_only and one.kind == "removed"
        linked = {s for part in self.ties.of(one) for s in self.ties.links.get(part, ())}
        found = {s for s in linked if not is_removal or s.kind == "removed"}
        if one.scope == DISTRICT:
            found = {replace(s, scope=DISTRICT) for s in found}
        other = replace(one, kind=_OTHER[one.kind])
        if not is_removal and self.ties.of(other):
            found.add(other)
        return {self.fit(s) for s in found}

    def fit(self, one: Slice) -> Slice:
        """The district's slice where that is what waits."""
        is_part = one.entity in self.whole and one.kind in _OTHER
        return replace(one, scope=DISTRICT) if is_part else one


def spread(start: set[Slice], tied_to: Callable[[Slice], Iterable[Slice]]) -> set[Slice]:
    """``start`` and all that can be reached from it."""
    reached, left = set(start), list(start)
    while left:
        new = set(tied_to(left.pop())) - reached
        reached |= new
        left += new
    return reached
