"""The limits, one table per formula: what goes by itself at the limit, what waits one row above it."""

from __future__ import annotations

from typing import Any

import pytest

from rostersync import paths
from rostersync.archive import FileState
from rostersync.config import EntityLimits, Limit
from rostersync.diff import limits as rules
from rostersync.fold import (
    Counts,
    Creep,
    FileResult,
    Judgement,
    Known,
    Slice,
    SlotDiff,
    Trip,
)
from rostersync.spec import ENTITIES, FILES, Domain, files_of
from rostersync.spec.reasons import Waits
from tests.diff.judged import CORE, judged, night

REQUIRED = [f.name for f in files_of(Domain.CORE) if f.required]
PEOPLE = ("students", "parents", "staff", "emergency_contacts")
OTHERS = ("student_schools", "sections", "section_teachers", "rosters", "groups", "group_members")


def held(diff: SlotDiff, **said: Any) -> list[str]:
    return [str(s) for s in judged(diff, **said).slices]


def one_school(entity: str, **counts: int) -> SlotDiff:
    return night({entity: {"1": Counts(**counts)}})


def _at_the_limit(entity: str, kind: str, known: int, most: int) -> None:
    assert held(one_school(entity, known=known, **{kind: most})) == []
    trips = judged(one_school(entity, known=known, **{kind: most + 1})).trips
    assert trips == (Trip(Slice(entity, kind), most + 1, most, "over_limit"),)


@pytest.mark.parametrize("entity", PEOPLE)
@pytest.mark.parametrize(
    ("known", "most"),
    [
        (6, 5),
        (59, 5),
        (60, 6),
        (1_000, 100),
        (2_500, 250),
        (2_600, 254),
        (10_000, 500),
        (1_000_000, 5_000),
    ],
)
def test_people_removed_of_the_district(entity: str, known: int, most: int) -> None:
    _at_the_limit(entity, "removed", known, most)


@pytest.mark.parametrize(("known", "most"), [(6, 5), (59, 5), (60, 6), (105, 10), (4_000, 400)])
def test_people_removed_of_a_school(known: int, most: int) -> None:
    def diff(removed: int) -> SlotDiff:
        return night({"students": {"1": Counts(1_000_000), "2": Counts(known, removed=removed)}})

    assert held(diff(most)) == []
    assert judged(diff(most + 1)).trips == (
        Trip(Slice("students", "removed", "2"), most + 1, most, "over_limit"),
    )


@pytest.mark.parametrize("entity", OTHERS)
@pytest.mark.parametrize(
    ("known", "most"),
    [
        (11, 10),
        (13, 10),
        (15, 11),
        (20, 15),
        (51, 38),
        (66, 49),
        (67, 50),
        (127, 50),
        (130, 52),
        (10_000, 4_000),
    ],
)
def test_other_rows_removed(entity: str, known: int, most: int) -> None:
    _at_the_limit(entity, "removed", known, most)


@pytest.mark.parametrize("entity", CORE)
@pytest.mark.parametrize(("known", "most"), [(21, 20), (104, 20), (105, 21), (10_000, 2_000)])
def test_changed_names_and_contact_cells(entity: str, known: int, most: int) -> None:
    _at_the_limit(entity, "changed", known, most)


@pytest.mark.parametrize("entity", PEOPLE)
@pytest.mark.parametrize(("known", "most"), [(0, 50), (203, 50), (204, 51), (10_000, 2_500)])
def test_people_added(entity: str, known: int, most: int) -> None:
    _at_the_limit(entity, "added", known, most)


@pytest.mark.parametrize("entity", OTHERS)
def test_other_rows_are_added_without_limit(entity: str) -> None:
    assert held(one_school(entity, known=1, added=1_000_000)) == []


@pytest.mark.parametrize("entity", CORE)
@pytest.mark.parametrize(
    ("known", "most"), [(4, 5), (29, 5), (30, 6), (99, 19), (100, 20), (10_000, 2_000)]
)
def test_removed_since_a_week(entity: str, known: int, most: int) -> None:
    def diff(gone: int, tonight: int = 1) -> SlotDiff:
        rows = {entity: {"1": Counts(known * 10, removed=tonight)}}
        return night(rows, creep={entity: {"1": Creep(known, gone)}})

    assert held(diff(most)) == []
    assert judged(diff(most + 1)).trips == (
        Trip(Slice(entity, "removed"), most + 1, most, "over_week"),
    )
    assert held(diff(known, tonight=0)) == []


def test_a_week_of_removals_is_seen_by_school() -> None:
    rows = {"staff": {"1": Counts(500, removed=1), "2": Counts(500), "3": Counts(20, removed=1)}}
    week = {"staff": {"1": Creep(500, 5), "2": Creep(10, 9), "3": Creep(20, 6)}}
    assert held(night(rows, creep=week)) == ["staff:removed:3"]


def test_every_entity_but_attendance_has_its_limits_by_the_contract() -> None:
    assert {e.name for e in ENTITIES.values() if e.person} == set(PEOPLE)


def test_the_district_trips_as_a_sum_where_no_school_does() -> None:
    schools = {str(i): Counts(100, removed=6) for i in range(100)}
    assert held(night({"students": schools})) == ["students:removed"]


def test_rows_without_a_school_count_for_the_district_only() -> None:
    assert held(night({"parents": {"": Counts(40, removed=6)}})) == ["parents:removed"]
    some = {"": Counts(10, removed=6), "1": Counts(1_000)}
    assert held(night({"parents": some})) == []


def test_changes_wait_alone() -> None:
    diff = one_school("parents", known=100, added=3, changed=21, removed=3)
    assert held(diff) == ["parents:changed"]


# what waits whatever the numbers are


ALWAYS = night(
    {
        "students": {"1": Counts(1_000, changed=1), "2": Counts(900, removed=1)},
        "staff": {"1": Counts(100)},
    },
    gone={"3": 12},
    unsent={"2": 4},
    blank={"students": ["cellphone", "city"], "staff": ["mobile"]},
)


@pytest.mark.parametrize("said", [{}, {"limits": "off"}, {"window": "rollover"}])
def test_gone_schools_and_blank_columns_wait_always(said: dict[str, Any]) -> None:
    assert judged(ALWAYS, **said).trips == (
        Trip(Slice("schools", "gone", "3"), 12, 0, "school_gone"),
        Trip(Slice("students", "changed"), 1, 0, "blank_column:cellphone,city"),
        Trip(Slice("students", "unsent", "2"), 4, 0, "no_students"),
    )


# the district's own numbers, and windows


def test_own_numbers_replace_one_kind_of_one_entity() -> None:
    own = {"students": EntityLimits(removed=Limit(percent=12.5, rows=2))}
    assert held(one_school("students", known=80, removed=10), limits=own) == []
    assert held(one_school("students", known=80, removed=11), limits=own) == ["students:removed"]
    assert held(one_school("students", known=8, removed=3), limits=own) == ["students:removed"]
    assert held(one_school("students", known=80, changed=21), limits=own) == ["students:changed"]
    assert held(one_school("staff", known=80, removed=9), limits=own) == ["staff:removed"]


def test_own_numbers_can_limit_what_has_no_limit() -> None:
    own = {"sections": EntityLimits(added=Limit(percent=10, rows=0))}
    assert held(one_school("sections", known=50, added=6), limits=own) == ["sections:added"]


def test_who_allows_more_in_a_night_allows_it_in_a_week() -> None:
    diff = night(
        {"sections": {"1": Counts(100, removed=30)}}, creep={"sections": {"1": Creep(100, 30)}}
    )
    assert held(diff) == ["sections:removed"]
    assert held(diff, limits={"sections": EntityLimits(removed=Limit(percent=30, rows=0))}) == []
    assert held(diff, limits={"sections": EntityLimits(removed=Limit(percent=5, rows=30))}) == []
    few = night(
        {"sections": {"1": Counts(1_000, removed=1)}}, creep={"sections": {"1": Creep(100, 20)}}
    )
    # a lower number for a night does not lower the week's
    assert held(few, limits={"sections": EntityLimits(removed=Limit(percent=5, rows=0))}) == []


EVERYTHING = night(
    {
        e: {"1": Counts(100, added=60, changed=60, removed=60), "2": Counts(1, removed=1)}
        for e in CORE
    },
    creep={e: {"1": Creep(100, 90), "2": Creep(1, 1)} for e in CORE},
)


def test_off_and_rollover_let_every_number_go() -> None:
    assert len(held(EVERYTHING)) == 2 * len(CORE) + len(PEOPLE)
    assert held(EVERYTHING, limits="off") == []
    assert held(EVERYTHING, window="rollover") == []


def test_a_summer_pause_lets_classes_go_and_nothing_else() -> None:
    free = {"sections:removed", "section_teachers:removed", "rosters:removed"}
    assert set(held(EVERYTHING)) - set(held(EVERYTHING, window="summer_pause")) == free
    own = {"rosters": EntityLimits(added=Limit(percent=0, rows=0))}
    assert "rosters:added" in held(EVERYTHING, window="summer_pause", limits=own)


@pytest.mark.parametrize("limits", ["default", "off"])
@pytest.mark.parametrize("entity", CORE)
def test_adds_only_holds_every_removal_and_change(entity: str, limits: str) -> None:
    diff = one_school(entity, known=10_000, added=5, changed=1, removed=1)
    trips = judged(diff, window="adds_only", limits=limits).trips
    assert trips == (
        Trip(Slice(entity, "changed"), 1, 0, "adds_only"),
        Trip(Slice(entity, "removed"), 1, 0, "adds_only"),
    )


def test_adds_only_still_limits_what_is_added() -> None:
    diff = one_school("staff", known=100, added=51)
    assert held(diff, window="adds_only") == ["staff:added"]


# set holds


@pytest.mark.parametrize("entity", ["schools", "students", "staff"])
@pytest.mark.parametrize(("known", "fewest"), [(1, 1), (2, 1), (99, 50), (100, 50)])
def test_half_of_the_known_must_be_in_the_upload(entity: str, known: int, fewest: int) -> None:
    assert judged(night(known={entity: Known(known, fewest)})).set_reasons == ()
    (reason,) = judged(night(known={entity: Known(known, fewest - 1)})).set_reasons
    assert f"{fewest - 1} of the {known} {entity}" in reason


def test_bytes_of_an_earlier_upload_hold_unless_they_are_the_last_ones() -> None:
    def upload(mark: str, **other: str) -> dict[str, str]:
        return {**{name: f"{mark}-{name}" for name in REQUIRED}, **other}

    def reasons(tonight: dict[str, str], *earlier: dict[str, str]) -> tuple[str, ...]:
        files = {n: FileResult(FileState.ACCEPTED, 10, 10) for n in tonight}
        return judged(night(files=files, sha256=tonight), earlier_sha256=earlier).set_reasons

    a, b = upload("a"), upload("b")
    assert len(reasons(a, a, b)) == 1
    assert len(reasons({**a, "groups": "new"}, a, b)) == 1  # optional files may differ
    assert reasons(b, a, b) == ()
    assert reasons(a, a, b, a) == ()
    assert reasons(a, a) == ()
    assert reasons(a) == ()
    assert reasons(upload("a", rosters="new"), a, b) == ()
    # each file is of an earlier upload, but not all of one
    assert reasons(upload("a", rosters="b-rosters"), a, b, upload("c")) == ()


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize(("records", "most"), [(1, 0), (10, 5), (11, 5)])
def test_half_of_a_required_file_may_be_in_quarantine(name: str, records: int, most: int) -> None:
    def reasons(quarantined: int, unreachable: int = 0) -> tuple[str, ...]:
        file = FileResult(FileState.ACCEPTED, records, records - quarantined, quarantined)
        return judged(night(files={name: file}, unreachable={name: unreachable})).set_reasons

    assert reasons(most) == ()
    (reason,) = reasons(most + 1)
    assert FILES[name].csv in reason
    assert reasons(most + 1, unreachable=1) == ()


def test_an_optional_file_in_quarantine_holds_nothing() -> None:
    files = {
        "students": FileResult(FileState.ACCEPTED, 10, 10),
        "groups": FileResult(FileState.ACCEPTED, 10, 0, 10),
    }
    assert judged(night(files=files)).set_reasons == ()


def test_of_terms_the_only_file_counts() -> None:
    file = FileResult(FileState.ACCEPTED, 10, 4, 6)
    assert judged(night(files={"terms": file}, domain=Domain.TERMS)).set_reasons != ()


@pytest.mark.parametrize("said", [{"limits": "off"}, {"window": "rollover"}])
def test_nothing_switches_set_holds_off(said: dict[str, Any]) -> None:
    assert judged(night(known={"staff": Known(10, 1)}), **said).set_reasons != ()


def test_the_first_slot_and_attendance_are_not_judged() -> None:
    assert judged(EVERYTHING, first=True) == Judgement()
    attendance = night(
        files={"attendance": FileResult(FileState.ACCEPTED, 10, 0, 10)}, domain=Domain.ATTENDANCE
    )
    assert judged(attendance) == Judgement()


# the label


@pytest.mark.parametrize(
    ("removed", "grade_up", "label"),
    [(60, 21, "rollover"), (60, 20, None), (61, 39, None), (0, 51, "rollover"), (0, 50, None)],
)
def test_a_rollover_is_told_by_who_stays_and_moves_up(
    removed: int, grade_up: int, label: str | None
) -> None:
    rows = {"students": {"1": Counts(100, removed=removed)}}
    assert judged(night(rows, grade_up=grade_up)).label == label


def test_a_rollover_has_the_same_schools() -> None:
    students = {"students": {"1": Counts(100)}}
    assert judged(night(students, grade_up=90, gone={"2": 5})).label is None
    new = {**students, "schools": {"2": Counts(added=1)}}
    assert judged(night(new, grade_up=90)).label is None


# what holds for any night


def test_the_page_for_data_ops_says_these_numbers() -> None:
    page = (paths.home() / "docs" / "holds.md").read_text()
    people, school = rules.PEOPLE_REMOVED, rules.PEOPLE_REMOVED_AT_SCHOOL
    assert f"{people.percent} % of the rows, or {people.root}·√rows" in page
    assert f"and more than {people.rows} rows" in page
    assert f"more than {school.percent} % and more than {school.rows} rows" in page
    for share in (rules.OTHERS_REMOVED, rules.CHANGED, rules.PEOPLE_ADDED):
        assert f"more than {share.percent} % and more than {share.rows} rows" in page
    assert f"more than {rules.CREEP.percent} % and more than {rules.CREEP.rows} rows gone" in page
    for reason in Waits:
        assert f"`{reason}" in page
