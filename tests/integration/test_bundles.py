"""Whatever waits or is approved: no class list is emptied by half a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.decisions.approve import discard, is_decided
from rostersync.spec import Domain
from tests.integration.conftest import After
from tests.support.district import Copy, District
from tests.support.two_schools import ids, names, write_upload
from tests.support.uploads import TERMS, write_csv

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

Classes = Mapping[str, Iterable[str]]
"""Children by class; a class's name begins with its school and its term."""

PUPILS = {"1": ids("1", 70), "2": ids("2", 60)}
OLD, NEW = "9", "0"


def semester(term: str, children: int | None = None) -> Classes:
    """Six classes a school, everybody in two of them."""
    return {
        f"{school}{term}{n}": [s for i, s in enumerate(pupils[:children]) if n % 3 == i % 3]
        for school, pupils in PUPILS.items()
        for n in range(6)
    }


class School(District):
    """A district of two schools of which the classes are said."""

    def sync(self, day: int, classes: Classes, *, places: Classes | None = None) -> RunResult:
        """``places``: whose classes rosters.csv has; else those of sections.csv."""
        upload = write_upload(self.fresh(), PUPILS)
        write_csv(
            upload / "sections.csv",
            ["school_id", "section_id", "term_id", "staff_id", "course_name"],
            [[c[0], c, c[1], f"t{c[0]}", "Botany"] for c in classes],
        )
        write_csv(
            upload / "rosters.csv",
            ["school_id", "section_id", "student_id"],
            [[c[0], c, s] for c, pupils in (places or classes).items() for s in pupils],
        )
        return self.sync_upload(day, upload)

    def terms(self, day: int, *rows: Sequence[str]) -> RunResult:
        upload = self.fresh()
        write_csv(upload / "terms.csv", TERMS, rows)
        return self.sync_upload(day, upload, Domain.TERMS)

    def lists(self) -> dict[str, int]:
        """How many children each class has."""
        counted = "select section_id, count(*) from roster.rosters group by 1"
        return dict(self.rows(counted))


def sizes(classes: Classes) -> dict[str, int]:
    return {c: len(list(pupils)) for c, pupils in classes.items()}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]) -> School:
    """Its first night, loaded once for all tests."""
    terms = 'terms: {day: sunday, at: "06:00"}\n'
    district = School(tmp_path_factory.mktemp("begun"), fresh_warehouse(), more=terms)
    assert district.sync(1, semester(OLD)).outcome is Outcome.LOADED
    return district


@pytest.fixture
def district(begun: School, tmp_path: Path, copy_warehouse: Copy) -> School:
    return begun.again(tmp_path, copy_warehouse)


def turn(district: School) -> None:
    before = district.lists()
    district.sync(2, semester(NEW, 40))
    assert names(district.hold()) == {
        f"{e}:{k}:"
        for e in ("rosters", "section_teachers", "sections")
        for k in ("added", "removed")
    }
    assert district.lists() == before


@pytest.fixture
def turned(after: After, begun: School) -> School:
    """A new term is sent on the second: it waits."""
    return after(turn, begun)


def plan(district: School) -> None:
    terms = [
        [school, term, "Term", "semester", *dates, "2027"]
        for school in PUPILS
        for term, dates in (
            (OLD, ("2026-06-01", "2026-09-18")),
            (NEW, ("2026-09-21", "2027-01-20")),
        )
    ]
    assert district.terms(2, *terms).outcome is Outcome.LOADED


@pytest.fixture
def planned(after: After, begun: School) -> School:
    """Its terms are known."""
    return after(plan, begun)


def test_sections_without_a_school_wait_with_its_class_lists(district: School) -> None:
    before = district.lists()
    ones = {c: pupils for c, pupils in semester(OLD).items() if c[0] == "1"}
    result = district.sync(2, ones, places=semester(OLD))
    assert result.outcome is Outcome.LOADED
    assert {(h.entity, h.kind, h.count) for h in result.holds} == {
        ("rosters", "removed", 120),
        ("section_teachers", "removed", 6),
        ("sections", "removed", 6),
    }
    assert result.files["rosters"].quarantined == 0
    assert district.lists() == before
    assert len(district.hold().bundles) == 1
    # the next night is the same hold
    first = district.hold()
    district.sync(3, ones, places=semester(OLD))
    assert [(h.hold_id, h.slot) for h in district.holds()] == [(first.hold_id, "2026-09-03")]
    # and after that they are back
    district.sync(4, semester(OLD, 69))
    assert [h.status for h in district.holds()] == ["superseded"]
    assert district.lists() == sizes(semester(OLD, 69))


def test_a_new_term_is_approved_whole_whatever_slice_of_it_is_named(turned: School) -> None:
    hold = turned.hold()
    turned.approve(hold, "rosters:added")
    assert turned.lists() == sizes(semester(NEW, 40))
    assert [h.status for h in turned.holds()] == ["approved"]
    mine = {"who": "pat", "why": "they moved"}
    for named in ("sections:removed", "sections:added", "1"):
        assert is_decided(turned.warehouse, hold, "approve", slices=[named], **mine), named


def test_a_new_term_that_is_discarded_leaves_the_old_one_whole(turned: School) -> None:
    before = turned.lists()
    discard(turned.run(2), turned.hold(), slices=["sections:added"], who="pat", why="too early")
    assert [h.status for h in turned.holds()] == ["discarded"]
    assert turned.lists() == before
    # a late night changes nothing of that
    turned.sync(3, semester(NEW, 40))
    late = turned.sync(2, semester(OLD))
    assert late.outcome is Outcome.IDENTICAL
    assert turned.lists() == before


def test_the_turn_of_a_term_asks_nobody(planned: School) -> None:
    result = planned.sync(4, semester(NEW, 40))
    assert (result.outcome, result.holds) == (Outcome.LOADED, ())
    assert planned.lists() == sizes(semester(NEW, 40))


def test_the_turn_of_a_term_too_early_waits(planned: School) -> None:
    before = planned.lists()
    assert planned.sync(3, semester(NEW, 40)).holds != ()
    assert planned.lists() == before
