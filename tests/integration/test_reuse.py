"""A student_id that is another child's now waits for a person; contacts never cross over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import psycopg
import pytest

from rostersync.errors import DecisionError
from rostersync.ledger.results import RunResult
from rostersync.pipeline.decisions.approve import approve, discard
from rostersync.pipeline.decisions.restore import restore
from rostersync.pipeline.holds.changes import write_changes
from tests.integration.conftest import After
from tests.support.district import Copy, District
from tests.support.uploads import write_core, write_csv

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

ASPEN = ("s1", "Aspen", "Testkid", "5")
ROWAN = ("s1", "Rowan", "Otherchild", "3")
"""Another child under the same id."""
CLARA = ("s2", "Clara", "Testkid", "5")


class Families(District):
    """One school. Each child has one parent, who has the child's last name."""

    def sync(self, day: int, *children: tuple[str, str, str, str]) -> RunResult:
        folder = write_core(self.fresh(), [child[0] for child in children])
        write_csv(
            folder / "students.csv",
            ["school_id", "student_id", "first_name", "last_name", "grade_level"],
            [["1", *child] for child in children],
        )
        write_csv(
            folder / "parents.csv",
            ["school_id", "student_id", "parent_id", "first_name", "last_name", "email"],
            [
                ["1", s, f"p{last}", "Cedar", last, f"{last}@example.org"]
                for s, _, last, _ in children
            ],
        )
        return self.sync_upload(day, folder)

    def families(self) -> list[tuple[str, str, str]]:
        """As consumers see them: id, the child's first name, the reachable parent's last name."""
        query = (
            "select s.student_id, s.first_name, p.last_name from roster.students s"
            " left join directory.contactable_parents p using (district_id, student_id) order by 1, 3"
        )
        return self.rows(query)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]) -> Families:
    """Its first night, loaded once for all tests."""
    district = Families(tmp_path_factory.mktemp("begun"), fresh_warehouse(), more="limits: off\n")
    district.sync(1, ASPEN, CLARA)
    return district


@pytest.fixture
def district(begun: Families, tmp_path: Path, copy_warehouse: Copy) -> Families:
    return begun.again(tmp_path, copy_warehouse)


def sends_another(district: Families) -> None:
    result = district.sync(3, ROWAN, CLARA)
    assert [(h.entity, h.kind, h.scope, h.count) for h in result.holds] == [
        ("students", "reused", "1", 1)
    ]
    told = [f for f in result.files["students"].findings if f.rule.endswith(".possible_reuse")]
    assert [(f.severity, f.lines) for f in told] == [("warning", (2,))]


def is_another(district: Families) -> None:
    sends_another(district)
    approve(district.run("x"), district.hold(), who="pat", why="Aspen left")


@pytest.fixture
def doubted(after: After, begun: Families) -> Families:
    """Another child came on the third, and waits."""
    return after(sends_another, begun)


@pytest.fixture
def approved(after: After, begun: Families) -> Families:
    """The other child is approved."""
    return after(is_another, begun)


OLD = [("s1", "Aspen", "Testkid"), ("s2", "Clara", "Testkid")]
NEW = [("s1", "Rowan", "Otherchild"), ("s2", "Clara", "Testkid")]


def test_the_known_family_stays_until_somebody_says_it_is_another_child(
    doubted: Families, tmp_path: Path
) -> None:
    assert doubted.families() == OLD
    path = tmp_path / "changes.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        write_changes(doubted.warehouse, doubted.run("x").archive, doubted.hold(), target)
    assert "students,reused,1,s1" in path.read_text(encoding="utf-8-sig")
    approve(doubted.run("x"), doubted.hold(), who="pat", why="Aspen left")
    assert doubted.families() == NEW
    assert doubted.sync(4, ROWAN, CLARA).holds == ()
    assert doubted.families() == NEW


def test_the_same_hold_goes_on_and_a_late_night_moves_it_not(doubted: Families) -> None:
    first = doubted.hold()
    doubted.sync(4, ROWAN, CLARA)
    same = doubted.hold()
    assert (same.hold_id, same.slot) == (first.hold_id, "2026-09-04")
    doubted.sync(2, ASPEN, ("s2", "Clara", "Testkid", "6"))
    assert doubted.families() == OLD
    approve(doubted.run("x"), doubted.hold(), who="pat", why="Aspen left")
    assert doubted.families() == NEW


def test_an_approval_stands_when_its_slot_is_recomputed(approved: Families) -> None:
    late = approved.sync(2, ASPEN, ("s2", "Clara", "Testkid", "6"))
    assert late.recomputed == ("2026-09-03",)
    assert approved.families() == NEW


def test_discarded_the_known_family_stays(doubted: Families) -> None:
    hold = doubted.hold()
    discard(doubted.run("x"), hold, who="pat", why="a slip", until=date(2026, 9, 4))
    assert doubted.families() == OLD
    assert doubted.sync(4, ROWAN, CLARA).holds == ()
    assert doubted.families() == OLD
    assert doubted.sync(5, ASPEN, ("s2", "Clara", "Testkid", "6")).holds == ()
    assert doubted.families() == OLD
    with pytest.raises(DecisionError):
        approve(doubted.run("x"), hold, who="pat", why="too late")


def test_a_reuse_that_only_a_late_night_shows_carries_nobody_across(district: Families) -> None:
    district.sync(3, CLARA, ("s9", "Rowan", "Otherchild", "3"))
    late = district.sync(2, CLARA, ("s9", "Birch", "Testcousin", "4"))
    assert late.recomputed == ("2026-09-03",)
    assert district.families() == [
        ("s2", "Clara", "Testkid"),
        ("s9", "Rowan", "Otherchild"),
    ]


SENT_LATER = ("s2", "Clara", "Testkid", "6")


def restored(district: Families, *entities: str, to: int = 1) -> None:
    slot = f"2026-09-{to:02}"
    restore(district.run(slot), to=slot, entities=entities, who="pat", why="a test")


@pytest.mark.parametrize("entity", ["students", "parents"])
def test_a_part_of_a_child_is_not_restored_to_another(approved: Families, entity: str) -> None:
    with pytest.raises(DecisionError, match="another child"):
        restored(approved, entity)
    assert approved.families() == NEW
    restored(approved)
    assert approved.families() == OLD


def test_while_a_child_waits_only_all_of_the_night_is_restored(district: Families) -> None:
    district.sync(2, ROWAN, SENT_LATER)
    with pytest.raises(DecisionError, match="another child"):
        restored(district, "students")
    assert district.families() == OLD
    hold = district.hold()
    restored(district)
    assert district.families() == OLD
    with pytest.raises(DecisionError):
        approve(district.run("x"), hold, who="pat", why="as it was shown")
    assert district.families() == OLD
    assert [h.kind for h in district.sync(3, ROWAN, CLARA).holds] == ["reused"]


def test_a_restore_of_what_has_no_child_is_not_asked(doubted: Families) -> None:
    with pytest.raises(DecisionError, match="Nothing would differ"):
        restored(doubted, "staff")


def test_a_restored_child_is_in_doubt_while_the_upload_names_another(approved: Families) -> None:
    query = "select student_id from directory.reused_students"
    with psycopg.connect(approved.warehouse) as conn:
        assert conn.execute(query).fetchall() == []
    restored(approved)
    with psycopg.connect(approved.warehouse) as conn:
        assert conn.execute(query).fetchall() == [("s1",)]
