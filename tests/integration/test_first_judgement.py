"""What a landing loaded or held when it was first committed is a decision; only a person's word asks anew."""

from __future__ import annotations

import pytest

from rostersync.pipeline.steps.sync import replay
from tests.integration.conftest import After
from tests.support.two_schools import TwoSchools, ids

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SCHOOL_2 = ids("2", 20)
"""Of 50 students; six who go from one school in a night wait."""


def eight_go(district: TwoSchools) -> None:
    assert district.sync(3, {"1": ids("1", 22), "2": SCHOOL_2}).holds


@pytest.fixture
def eight_gone(after: After, two_schools: TwoSchools) -> TwoSchools:
    """On the third: that waits."""
    return after(eight_go, two_schools)


def test_what_was_loaded_loads_though_a_splice_makes_it_many(district: TwoSchools) -> None:
    """Four go, and that is no matter; then a late night before has five more, whom this one lacks, too."""
    four_gone = {"1": ids("1", 26), "2": SCHOOL_2}
    assert not district.sync(3, four_gone).holds
    district.sync(2, {"1": ids("1", 35), "2": SCHOOL_2})
    assert district.students() == {*ids("1", 26), *SCHOOL_2}
    assert not [h for h in district.holds() if h.status == "open"]

    (*_, last) = replay(district.run(3), from_slot="2026-09-03", revalidate=True).values()
    assert {h.entity for h in last.holds} >= {"students"}, "a person asked"
    assert district.students() == {*ids("1", 35), *SCHOOL_2}


def test_what_was_held_waits_though_a_splice_makes_it_few(eight_gone: TwoSchools) -> None:
    """Eight go and wait; then a late night before has four of them gone already."""
    eight_gone.sync(2, {"1": ids("1", 26), "2": SCHOOL_2})
    assert eight_gone.students() == {*ids("1", 26), *SCHOOL_2}

    (*_, last) = replay(eight_gone.run(3), from_slot="2026-09-03", revalidate=True).values()
    assert not last.holds
    assert eight_gone.students() == {*ids("1", 22), *SCHOOL_2}


def test_what_a_person_approved_is_not_asked_again(eight_gone: TwoSchools) -> None:
    eight_gone.approve(eight_gone.hold())
    before = eight_gone.tables()
    replay(eight_gone.run(3), from_slot="2026-09-03", revalidate=True)
    assert eight_gone.students() == {*ids("1", 22), *SCHOOL_2}
    assert eight_gone.tables() == before


def test_a_newer_landing_is_judged_anew(eight_gone: TwoSchools) -> None:
    assert not eight_gone.sync(3, {"1": ids("1", 26), "2": SCHOOL_2}).holds
    assert eight_gone.students() == {*ids("1", 26), *SCHOOL_2}
