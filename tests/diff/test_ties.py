"""A hold never takes half: what is tied to what trips waits with it, and is decided as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostersync.archive import Archive
from rostersync.diff import Ties, tie
from rostersync.fold import DISTRICT, Counts, Judgement, Slice, Trip
from tests.diff.judged import judged, night
from tests.diff.whole_nights import bundles, judge_night
from tests.support.landings import (
    Row,
    Upload,
    group,
    parent,
    roster,
    school,
    section,
    small_upload,
    student,
    teacher,
    user_member,
)
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out


def part(name: str) -> Slice:
    """``students:removed:1`` as a slice."""
    entity, kind, scope = f"{name}:".split(":")[:3]
    return Slice(entity, kind, scope)


def ties(rows: dict[str, int], *links: tuple[str, str]) -> Ties:
    both = [(part(a), part(b)) for a, b in links]
    both += [(b, a) for a, b in both]
    told = {one: frozenset(b for a, b in both if a == one) for one, _ in both}
    return Ties({part(name): count for name, count in rows.items()}, told)


def tripping(*names: str, reason: str = "over_limit") -> Judgement:
    return Judgement(trips=tuple(Trip(part(n), 9, 5, reason) for n in names))


ROWS = {
    "students:added:1": 3,
    "students:removed:1": 11,
    "students:removed:2": 4,
    "rosters:added:1": 20,
    "rosters:removed:1": 30,
    "rosters:removed:2": 8,
    "sections:removed:2": 1,
    "sections:added:1": 2,
    "staff:changed:1": 1,
}
LINKS = (
    ("students:removed:1", "rosters:removed:1"),
    ("students:removed:2", "rosters:removed:2"),
    ("sections:removed:2", "rosters:removed:2"),
    ("sections:added:1", "rosters:added:1"),
)


def test_of_a_school_its_added_and_removed_rows_and_what_refers_to_them_wait() -> None:
    found = tie(tripping("students:removed:1"), ties(ROWS, *LINKS))
    assert bundles(found) == [
        [
            "rosters:added:1",
            "rosters:removed:1",
            "sections:added:1",
            "students:added:1",
            "students:removed:1",
        ]
    ]
    told = {str(t.slice): (t.count, t.limit, t.reason) for t in found.trips}
    assert told["students:removed:1"] == (9, 5, "over_limit")
    assert told["students:added:1"] == (3, 0, "waits_with")
    assert told["rosters:removed:1"] == (30, 0, "tied")


def test_where_the_district_trips_all_that_is_tied_is_the_districts() -> None:
    found = tie(tripping("students:removed"), ties(ROWS, *LINKS))
    assert bundles(found) == [
        [
            "rosters:added",
            "rosters:removed",
            "sections:added",
            "sections:removed",
            "students:added",
            "students:removed",
        ]
    ]
    assert {str(t.slice): t.count for t in found.trips}["rosters:removed"] == 38


def test_what_nothing_ties_is_decided_by_itself() -> None:
    rows = {**ROWS, "rosters:removed:3": 5, "staff:added:1": 60}
    trips = tripping("students:removed:1", "rosters:removed:3", "staff:added:1", "staff:changed:1")
    found = tie(trips, ties(rows, *LINKS))
    assert [b for b in bundles(found) if len(b) == 1] == [
        ["rosters:removed:3"],
        ["staff:added:1"],
        ["staff:changed:1"],
    ]


def test_changed_rows_are_never_tied() -> None:
    trips = tripping("students:changed", "schools:gone:1", "students:reused:1")
    assert tie(trips, ties(ROWS, *LINKS)).slices == trips.slices


def test_a_school_that_trips_in_a_district_that_waits_keeps_its_reason() -> None:
    found = tie(tripping("students:removed", "rosters:removed:1"), ties(ROWS, *LINKS))
    reasons = {str(t.slice): t.reason for t in found.trips}
    assert reasons["rosters:removed"] == "over_limit"
    assert reasons["sections:removed"] == "tied"
    assert "rosters:removed:1" not in reasons


def test_two_schools_that_a_row_ties_are_one_bundle() -> None:
    """A child of school 1 has a place at school 2."""
    links = (*LINKS, ("students:removed:1", "rosters:removed:2"))
    (bundle,) = bundles(
        tie(tripping("students:removed:1", "students:removed:2"), ties(ROWS, *links))
    )
    assert {"students:removed:1", "students:removed:2", "sections:removed:2"} <= set(bundle)


def test_rows_without_a_school_make_it_the_districts() -> None:
    rows = {**ROWS, "parents:added": 2, "parents:removed:2": 1}
    links = (*LINKS, ("students:added:1", "parents:added"))
    found = tie(tripping("students:removed:1"), ties(rows, *links))
    assert {"parents:added", "parents:removed"} <= {str(s) for s in found.slices}


def test_where_only_additions_are_allowed_removals_take_none_with_them() -> None:
    removals = tripping(
        "students:removed", "rosters:removed", "sections:removed", reason="adds_only"
    )
    found = tie(removals, ties(ROWS, *LINKS), adds_only=True)
    assert bundles(found) == [["rosters:removed", "sections:removed", "students:removed"]]
    both = Judgement(trips=(*removals.trips, *tripping("students:added").trips))
    found = tie(both, ties(ROWS, *LINKS), adds_only=True)
    assert bundles(found) == [
        ["rosters:removed", "sections:removed", "students:added", "students:removed"]
    ]


NAMES = [
    f"{e}:{k}:{s}"
    for e in ("students", "rosters", "sections", "staff")
    for k in ("added", "removed")
    for s in "12"
]


@given(
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 9), min_size=1),
    st.data(),
)
def test_whatever_is_tied_no_hold_takes_half(rows: dict[str, int], data: st.DataObject) -> None:
    names = sorted(rows)
    pairs = st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)))
    links = data.draw(pairs)
    tripped = data.draw(st.lists(st.sampled_from(names), min_size=1))
    tripped = [n.rpartition(":")[0] if data.draw(st.booleans()) else n for n in tripped]
    found = tie(tripping(*tripped), ties(rows, *links))
    numbers = found.bundle_numbers

    def bundle(name: str) -> int | None:
        one = part(name)
        return numbers.get(one, numbers.get(Slice(one.entity, one.kind, DISTRICT)))

    for a, b in links:
        assert bundle(a) == bundle(b), "a link is inside a bundle, or outside of all"
    for name in names:
        other = name.replace("added", "x").replace("removed", "added").replace("x", "removed")
        assert other not in names or bundle(name) == bundle(other)
    for name in tripped:
        assert bundle(name) is not None
    whole = {numbers[s] for s in found.slices if s.scope == DISTRICT}
    assert all(s.scope == DISTRICT for s, n in numbers.items() if n in whole)


def test_the_counts_of_a_night_alone_tie_nothing() -> None:
    """``judge`` says what trips; ties need the rows."""
    assert [
        str(s) for s in judged(night({"staff": {"1": Counts(9, added=3, removed=9)}})).slices
    ] == ["staff:removed"]


# from uploads


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(Archive(tmp_path))


TWO = [school("1"), school("2")]


def year(names: dict[str, list[str]], **files: list[Row]) -> Upload:
    """Two schools with a teacher each, children by school, and one class of each school for all of them."""
    of = list(names.items())
    return small_upload(
        **{
            "schools": TWO,
            "students": [student(c, s) for s, kids in of for c in kids],
            "parents": [
                parent(c, f"p{c}", s, email=f"{c}@example.org") for s, kids in of for c in kids
            ],
            "staff": [teacher(f"t{s}", s) for s, _ in of],
            "sections": [section(f"x{s}", f"t{s}", s) for s, _ in of],
            "rosters": [roster(f"x{s}", c, s) for s, kids in of for c in kids],
            **files,
        }
    )


def kids(school_id: str, *numbers: int) -> list[str]:
    return [f"{school_id}c{n:02}" for n in range(*numbers)]


FULL = {"1": kids("1", 100), "2": kids("2", 20)}


def keys(nights: Nights) -> dict[str, Any]:
    return {
        "students": set(nights.keys("students")),
        "parents": nights.keys("parents"),
        "rosters": nights.keys("rosters"),
    }


def test_a_child_who_comes_to_a_school_that_waits_waits_with_its_parents_and_places(
    nights: Nights,
) -> None:
    nights.upload(year(FULL))
    before = keys(nights)
    judgement = judge_night(nights, year({"1": FULL["1"], "2": [*kids("2", 10), "new"]}))
    entities = ("parents", "rosters", "student_schools", "students")
    assert bundles(judgement) == [[f"{e}:{k}:2" for e in entities for k in ("added", "removed")]]
    assert keys(nights) == before
    assert nights.quarantine() == []


def test_the_other_school_loads(nights: Nights) -> None:
    nights.upload(year(FULL))
    there = {"1": [*kids("1", 98), "one"], "2": [*kids("2", 10), "two"]}
    judge_night(nights, year(there))
    assert keys(nights)["students"] == {*there["1"], *FULL["2"]}
    assert nights.keys("parents").count("one") == 1


def test_held_rows_and_their_ties_cross_schools_by_a_place_elsewhere(nights: Nights) -> None:
    """A child of school 2 has a place at school 1; with it goes half of school 2."""
    elsewhere = roster("x1", "2c19", "1")
    full = year(FULL)
    full.files["rosters"].append(elsewhere)
    nights.upload(full)
    fewer = year({"1": [*kids("1", 99), "one"], "2": kids("2", 10)})
    judgement = judge_night(nights, fewer)
    (bundle,) = bundles(judgement)
    assert {
        "students:removed:2",
        "rosters:removed:1",
        "rosters:added:1",
        "students:added:1",
    } <= set(bundle)
    assert "one" not in keys(nights)["students"]
    assert len(nights.keys("rosters")) == 121


def test_a_new_school_waits_with_the_children_who_come_with_it(nights: Nights) -> None:
    nights.upload(year({"1": FULL["1"]}, schools=TWO[:1]))
    judgement = judge_night(nights, year({"1": FULL["1"], "2": kids("2", 60)}))
    (bundle,) = bundles(judgement)
    assert {"schools:added", "staff:added", "sections:added", "section_teachers:added"} <= set(
        bundle
    )
    assert nights.keys("schools", "school_id") == ["1"]
    assert nights.quarantine() == []


def test_members_of_a_district_that_had_none_are_tied_too(nights: Nights) -> None:
    """There is no state before to look into."""
    nights.upload(year({"1": FULL["1"]}))
    joins = [user_member("g", staff_id="t9"), user_member("g", parent_id="p1c00")]
    staff = [teacher("t1"), *(teacher(f"t{n}") for n in range(9, 69))]
    more = year({"1": FULL["1"]}, staff=staff, groups=[group("g")], group_user_members=joins)
    judgement = judge_night(nights, more)
    assert bundles(judgement) == [["group_user_members:added", "groups:added", "staff:added"]]
    assert nights.keys("group_user_members", "member_key") == []


def test_members_go_with_the_staff_they_are(nights: Nights) -> None:
    staff, joins = zip(
        *((teacher(t), user_member("g", staff_id=t)) for t in "abcdefg"), strict=True
    )
    one = {"sections": [], "rosters": [], "groups": [group("g")]}
    nights.upload(small_upload(staff=[*staff], group_user_members=[*joins], **one))
    left = small_upload(staff=[staff[0]], group_user_members=[joins[0]], **one)
    assert bundles(judge_night(nights, left)) == [["group_user_members:removed", "staff:removed"]]


# a slot that is recomputed


def nothing_half(nights: Nights) -> None:
    """Of no entity and school rows go while others wait to come."""
    diff = nights.diffs[-1]
    folder = nights.layout(diff.slot).diff(1, "pin", diff.base)
    for entity, counts in diff.entities.items():
        if not counts.held:
            continue
        waits = nights._read(folder.held(entity), "_scope, op")
        assert diff.measures is not None
        rows = diff.measures.rows.get(entity, {})
        gone = {s for s, c in rows.items() if c.removed}
        assert gone.isdisjoint(s for s, op in waits if op == "I"), entity


@pytest.mark.parametrize(
    "held", ["students:added", "students:added:2", "sections:added:2", "staff:added:2"]
)
def test_whatever_was_held_no_removal_goes_while_its_addition_waits(
    nights: Nights, held: str
) -> None:
    nights.upload(year(FULL))
    before = keys(nights)
    nights.held = (part(held),)
    there = [*kids("2", 19), "new"]
    nights.upload(
        year(
            {"1": FULL["1"], "2": there},
            staff=[teacher("t1"), teacher("t9", "2")],
            sections=[section("x1", "t1"), section("y2", "t9", "2")],
            rosters=[
                *(roster("x1", c) for c in FULL["1"]),
                *(roster("y2", c, "2") for c in there),
            ],
        )
    )
    nothing_half(nights)
    after = keys(nights)
    assert "new" not in after["rosters"]
    assert len(after["rosters"]) == len(before["rosters"]), "nobody lost a place"
    assert {s.kind for s in nights.diffs[-1].tied} == {"added", "removed"}


def test_while_a_districts_additions_wait_nothing_of_them_goes_at_any_school(
    nights: Nights,
) -> None:
    nights.upload(year(FULL))
    nights.held = (part("students:added"),)
    diff = nights.upload(year({"1": kids("1", 99), "2": [*FULL["2"], "new"]}))
    assert keys(nights)["students"] == {*FULL["1"], *FULL["2"]}
    assert part("students:removed") in diff.tied


def test_what_waits_by_itself_ties_nothing_more(nights: Nights) -> None:
    nights.upload(year(FULL))
    nights.held = (part("students:removed:2"),)
    diff = nights.upload(year({"1": kids("1", 99), "2": kids("2", 10)}))
    assert diff.tied == ()


def test_a_child_whose_changes_wait_holds_no_other_child(nights: Nights) -> None:
    """It stays at its school and is at the new one, too, until somebody says which."""
    nights.upload(year(FULL))
    nights.held = (part("students:changed"),)
    there = {"1": [*kids("1", 100), "2c00"], "2": kids("2", 1, 19)}
    nights.upload(year(there))
    assert nights.diffs[-1].tied == ()
    assert "2c19" not in keys(nights)["students"]
    places = [s for c, s in nights.state("student_schools", "student_id, school_id") if c == "2c00"]
    assert places == ["1", "2"]


def test_rows_of_an_entity_that_had_none_are_tied_as_others_are(nights: Nights) -> None:
    """The first members of a district's first groups come in the night in which nine students go."""
    many = [student(f"s{n}") for n in range(20)]
    nights.upload(small_upload(students=many, parents=[], rosters=[]))
    groups = {
        "groups": [group("g")],
        "group_user_members": [user_member("g", staff_id="t1")],
    }
    judgement = judge_night(
        nights, small_upload(students=many[:11], parents=[], rosters=[], **groups)
    )
    assert part("students:removed") in judgement.slices
    assert nights.keys("group_user_members", "staff_id") == ["t1"]
