"""The limits: given a diff, what waits for a person and why (docs/holds.md in plain words)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isqrt
from typing import Literal

from rostersync.config import EntityLimits
from rostersync.diff.measure import CREEP_PERCENT
from rostersync.fold import (
    DISTRICT,
    GONE,
    REUSED,
    UNSENT,
    Counts,
    Judgement,
    Measures,
    Slice,
    SlotDiff,
    Trip,
)
from rostersync.spec import ENTITIES, FILES, required_of
from rostersync.spec.reasons import Waits

Limits = Literal["default", "off"] | Mapping[str, EntityLimits]
"""What a district's YAML says under ``limits``."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many rows go by themselves: ``percent`` of those known, or ``rows`` where that is more.

    ``root``: not more than so many times the square root of the rows known either (a large district's
    ten percent is a school). ``either``: nor more than this allows (half of many rows is much, and so is
    nearly all of few).
    """

    percent: float
    rows: int
    root: int | None = None
    either: Share | None = None

    def allowed(self, known: int) -> int:
        """The most rows that do not trip; whole, so it is exact at the limit."""
        share = int(Decimal(str(self.percent)) * known / 100)
        if self.root is not None:
            share = min(share, isqrt(self.root**2 * known))
        most = max(self.rows, share)
        return most if self.either is None else min(most, self.either.allowed(known))


PEOPLE_REMOVED = Share(10, 5, root=5)
PEOPLE_REMOVED_AT_SCHOOL = Share(10, 5)
OTHERS_REMOVED = Share(40, 50, either=Share(75, 10))
CHANGED = Share(20, 20)
PEOPLE_ADDED = Share(25, 50)
CREEP = Share(CREEP_PERCENT, 5)
"""Removed against the state seven slots ago; a handful is no creep."""

HALF = 50
"""Percent. Less of the known people and schools, or more of a file in quarantine, holds the whole set."""

ROLLOVER_STAY = 40
"""Percent of the students who at least stay over a summer."""

PAUSED = ("sections", "section_teachers", "rosters")
"""Entities that a summer pause lets go."""

_KINDS = ("added", "changed", "removed")


def judge(
    diff: SlotDiff,
    *,
    limits: Limits,
    window: str | None,
    first: bool,
    earlier_sha256: Sequence[Mapping[str, str]],
) -> Judgement:
    """What of a slot waits for a person by itself; what waits with it: :func:`rostersync.diff.tie`.

    ``diff``: without any change held. ``limits``: the district's; ``off`` lets every number go, but
    neither set holds nor what always waits. ``window``: the mode of the calendar window the slot lies in.
    ``first``: the district has no slot before; then nothing trips. ``earlier_sha256``: by file, of the
    slots applied before, oldest first. A set hold's trips are there as well: they say what would wait
    if the set is approved.
    """
    measures = diff.measures
    if first or measures is None or any(ENTITIES[e].day for e in diff.entities):
        return Judgement()
    trips = [*_slices(measures, limits, window), *_always(diff, measures)]
    if window == "adds_only":
        trips += _adds_only(diff)
    return Judgement(
        set_reasons=tuple(_set_reasons(diff, measures, earlier_sha256)),
        trips=tuple(sorted(without_parts(trips), key=lambda t: (t.slice, t.reason))),
        label="rollover" if _is_rollover(diff, measures) else None,
    )


def _slices(measures: Measures, limits: Limits, window: str | None) -> Iterator[Trip]:
    """Slices over their numbers."""
    if limits == "off" or window == "rollover":
        return
    for entity, schools in measures.rows.items():
        own = limits.get(entity) if not isinstance(limits, str) else None
        scopes = {DISTRICT: _sum(schools), **{s: c for s, c in schools.items() if s != DISTRICT}}
        trips = [t for kind in _KINDS for t in _kind(entity, kind, scopes, own)]
        trips += _creep(entity, measures, scopes, own)
        if window == "summer_pause" and entity in PAUSED:
            trips = [t for t in trips if t.slice.kind != "removed"]
        yield from trips


def _sum(schools: Mapping[str, Counts]) -> Counts:
    return Counts(*(sum(column) for column in zip(*schools.values(), strict=True)))


def limit_of(entity: str, kind: str, scope: str, own: EntityLimits | None = None) -> Share | None:
    """The limit of a kind of change in one scope, None where there is none. ``own``: the district's."""
    if own is not None and (number := getattr(own, kind)) is not None:
        return Share(number.percent, number.rows)
    person = ENTITIES[entity].person
    if kind == "changed":
        return CHANGED
    if kind == "added":
        return PEOPLE_ADDED if person else None
    if not person:
        return OTHERS_REMOVED
    return PEOPLE_REMOVED_AT_SCHOOL if scope else PEOPLE_REMOVED


def _kind(
    entity: str, kind: str, scopes: Mapping[str, Counts], own: EntityLimits | None
) -> Iterator[Trip]:
    for scope, counts in scopes.items():
        limit = limit_of(entity, kind, scope, own)
        if limit is not None:
            count = getattr(counts, kind)
            yield from _trip(
                Slice(entity, kind, scope), count, limit.allowed(counts.known), Waits.OVER_LIMIT
            )


def _creep(
    entity: str, measures: Measures, scopes: Mapping[str, Counts], own: EntityLimits | None
) -> Iterator[Trip]:
    """Removed night by night. A district that allows more in one night allows it in a week, too."""
    limit = CREEP
    if own is not None and own.removed is not None:
        limit = Share(max(CREEP.percent, own.removed.percent), own.removed.rows)
    schools = measures.creep.get(entity, {})
    district = (sum(c.known for c in schools.values()), sum(c.removed for c in schools.values()))
    week = {**{s: (c.known, c.removed) for s, c in schools.items()}, DISTRICT: district}
    for scope, (known, removed) in week.items():
        if scope in scopes and scopes[scope].removed:  # else there is nothing tonight to hold
            yield from _trip(
                Slice(entity, "removed", scope), removed, limit.allowed(known), Waits.OVER_WEEK
            )


def _trip(part: Slice, count: int, allowed: int, reason: str) -> Iterator[Trip]:
    if count > allowed:
        yield Trip(part, count, allowed, reason)


def _always(diff: SlotDiff, measures: Measures) -> Iterator[Trip]:
    """What waits whatever the numbers are."""
    for school, rows in measures.gone.items():
        yield Trip(Slice("schools", GONE, school), rows, 0, Waits.SCHOOL_GONE)
    for school, students in measures.unsent.items():
        yield Trip(Slice("students", UNSENT, school), students, 0, Waits.NO_STUDENTS)
    for school, students in measures.reused.items():
        yield Trip(Slice("students", REUSED, school), students, 0, Waits.POSSIBLE_REUSE)
    for asked in diff.damaged:
        yield Trip(asked.slice, asked.count, 0, Waits.DAMAGED_IDS)
    for entity, columns in measures.blank.items():
        if changed := diff.of(entity).changed:
            yield Trip(
                Slice(entity, "changed"), changed, 0, f"{Waits.BLANK_COLUMN}:{','.join(columns)}"
            )


def _adds_only(diff: SlotDiff) -> Iterator[Trip]:
    """Every removal and change waits, of whatever cells, in this window."""
    for entity, counts in diff.entities.items():
        yield from _trip(Slice(entity, "removed"), counts.removed, 0, Waits.ADDS_ONLY)
        yield from _trip(Slice(entity, "changed"), counts.changed, 0, Waits.ADDS_ONLY)


def without_parts(trips: Iterable[Trip]) -> Iterator[Trip]:
    """Where the district's slice waits, its schools' are part of it; what always waits keeps its reason."""
    trips = list(trips)
    whole = {(t.slice.entity, t.slice.kind) for t in trips if t.slice.scope == DISTRICT}
    for trip in trips:
        if trip.slice.scope == DISTRICT or (trip.slice.entity, trip.slice.kind) not in whole:
            yield trip


def _set_reasons(
    diff: SlotDiff, measures: Measures, earlier: Sequence[Mapping[str, str]]
) -> Iterator[str]:
    for entity, ids in measures.known.items():
        if ids.found * 100 < ids.known * HALF:
            yield (
                f"{ids.found} of the {ids.known} {entity} known are in the upload: it may be of another"
                " district or school year"
            )
    if _is_of_before(diff, earlier):
        yield "the files are, byte for byte, those of an earlier upload that is not the last one"
    for name in required_of(diff.files):
        file = diff.files[name]
        known = measures.excused.get(name, measures.unreachable.get(name, 0))
        damaged = file.quarantined - known
        if file.records and damaged * 100 > file.records * HALF:
            yield f"{damaged} of {file.records} records of {FILES[name].csv} are in quarantine"


def _is_of_before(diff: SlotDiff, earlier: Sequence[Mapping[str, str]]) -> bool:
    """All required files with bytes are those of one earlier slot, and not those of the last."""
    sent = {n: diff.sha256[n] for n in required_of(diff.files) if n in diff.sha256}
    if not sent or not earlier:
        return False
    *before, last = ({n: slot.get(n) for n in sent} for slot in earlier)
    return sent != last and sent in before


def _is_rollover(diff: SlotDiff, measures: Measures) -> bool:
    """The same schools, many students who stay, and most of these one grade up."""
    students = _sum(measures.rows.get("students", {}))
    stay = students.known - students.removed
    return (
        students.known > 0
        and not measures.gone
        and not diff.of("schools").added
        and stay * 100 >= students.known * ROLLOVER_STAY
        and measures.grade_up * 2 > stay
    )
