"""A new SIS sends the same students under new ids: a person sees which is which, and it is remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.holds.changes import write_changes
from rostersync.pipeline.upkeep.explain import explain
from rostersync.reporting.explain_text import explain_view
from rostersync.spec import ENTITIES
from tests.integration.conftest import After
from tests.support.district import Copy, District
from tests.support.uploads import write_core, write_csv

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

COUNT, ALL = 40, 100
"""Students with a new id, and students of the district."""

Rename = Callable[[int], str]


def old(n: int) -> str:
    return f"s{n:03}"


def new(n: int) -> str:
    """The first ones come under a new id."""
    return f"n{n:03}" if n < COUNT else old(n)


class Renamed(District):
    """A hundred students of two schools, each with a parent."""

    def sync(
        self,
        day: int,
        ids: Rename = old,
        *,
        names: Callable[[int], str] = lambda n: f"Child{n}",
        grades: Callable[[int], int] = lambda n: 3,
        students: Sequence[int] = range(ALL),
    ) -> RunResult:
        folder = write_core(self.fresh(), [ids(n) for n in students])
        write_csv(
            folder / "students.csv",
            ["school_id", "student_id", "first_name", "last_name", "grade_level"],
            [["12"[n % 2], ids(n), names(n), "Testkid", grades(n)] for n in students],
        )
        write_csv(
            folder / "parents.csv",
            ["school_id", "student_id", "parent_id", "first_name", "last_name", "email"],
            [
                ["12"[n % 2], ids(n), f"p{n}", "Cedar", "Testparent", f"{names(n)}@example.org"]
                for n in students
            ],
        )
        return self.sync_upload(day, folder)

    def aliases(self) -> dict[str, str]:
        """Former id -> id of today, as consumers see them."""
        query = "select former_student_id, student_id from directory.student_aliases"
        return dict(self.rows(query))

    def told(self, entity: str, *key: str, values: bool = False) -> Any:
        return explain(
            self.warehouse,
            self.run("x").archive,
            district=self.cfg.id,
            entity=ENTITIES[entity],
            key=key,
            values=values,
        )


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]) -> Renamed:
    """Its first night, loaded once for all tests."""
    district = Renamed(tmp_path_factory.mktemp("begun"), fresh_warehouse())
    assert district.sync(1).outcome is Outcome.LOADED
    return district


@pytest.fixture
def district(begun: Renamed, tmp_path: Path, copy_warehouse: Copy) -> Renamed:
    return begun.again(tmp_path, copy_warehouse)


SAME = {old(n): new(n) for n in range(COUNT)}


def rename(district: Renamed) -> None:
    assert district.sync(2, new).outcome is Outcome.LOADED


def rename_and_approve(district: Renamed) -> None:
    rename(district)
    district.approve(district.hold())


@pytest.fixture
def renamed(after: After, begun: Renamed) -> Renamed:
    """On the second forty have new ids: they wait."""
    return after(rename, begun)


@pytest.fixture
def approved(after: After, begun: Renamed) -> Renamed:
    """The new ids of the second are approved."""
    return after(rename_and_approve, begun)


def test_new_ids_are_proposed_and_remembered_once_approved(
    renamed: Renamed, tmp_path: Path
) -> None:
    hold = renamed.hold()
    assert (hold.label, hold.rekeyed) == ("rekey", {"1": 20, "2": 20})
    assert renamed.students() == {old(n) for n in range(ALL)}, "all of it waits"
    path = tmp_path / "changes.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        write_changes(renamed.warehouse, renamed.run("x").archive, hold, target)
    rows = [r.split(",") for r in path.read_text(encoding="utf-8-sig").splitlines()]
    assert rows[0] == ["entity", "change", "school_id", "key", "new_key"]
    removed = {
        key: to
        for entity, change, _, key, to in rows
        if (entity, change) == ("students", "removed")
    }
    assert removed == SAME
    assert {
        to for entity, change, *_, to in rows[1:] if (entity, change) != ("students", "removed")
    } == {""}

    renamed.approve(hold)
    assert renamed.students() == {new(n) for n in range(ALL)}
    assert renamed.aliases() == SAME
    renamed.sync(3, new, grades=lambda n: 4)
    assert renamed.aliases() == SAME, "a later night leaves them"


def test_explain_tells_what_was_under_the_former_id(district: Renamed) -> None:
    district.sync(2, grades=lambda n: 4 if n == 0 else 3)
    district.sync(3, new, grades=lambda n: 4 if n == 0 else 3)
    district.approve(district.hold())
    found = district.told("students", new(0))
    assert [(v.slot, v.op, v.columns, v.is_former) for v in found.versions] == [
        ("2026-09-01", "added", (), True),
        ("2026-09-02", "changed", ("grade_level",), True),
        ("2026-09-03", "added", (), False),
    ]
    assert found.is_present
    parents = district.told("parents", new(0), "p0")
    assert [(v.slot, v.op, v.is_former) for v in parents.versions] == [
        ("2026-09-01", "added", True),
        ("2026-09-03", "added", False),
    ]
    assert old(0) not in _text(found) + str(found.to_json()), "no id unless it was asked for"
    assert "an id the student had before" in _text(found)
    with_values = district.told("students", new(0), values=True)
    assert f'"{old(0)}"' in _text(with_values)
    assert with_values.to_json()["versions"][0]["former_id"] == old(0)
    assert [v.op for v in district.told("students", old(0)).versions] == [
        "added",
        "changed",
        "removed",
    ]


def _text(found: Any) -> str:
    from rich.console import Console

    console = Console(width=300)
    with console.capture() as captured:
        console.print(explain_view(found))
    return captured.get()


def test_other_students_are_no_new_ids(district: Renamed) -> None:
    district.sync(2, new, names=lambda n: f"Other{n}" if n < COUNT else f"Child{n}")
    hold = district.hold()
    assert {s["kind"] for s in hold.slices if s["entity"] == "students"} == {"added", "removed"}
    assert (hold.label, hold.rekeyed) == (None, {})
    district.approve(hold)
    assert district.students() == {new(n) for n in range(ALL)}
    assert district.aliases() == {}


def test_a_whole_upload_of_new_ids_is_called_that_and_then_shown_one_by_one(
    district: Renamed,
) -> None:
    def everyone(n: int) -> str:
        return f"n{n:03}"

    assert district.sync(2, everyone).outcome is Outcome.HELD
    whole = district.hold()
    assert (whole.kind, whole.label, whole.rekeyed) == ("set", "rekey", {"1": 50, "2": 50})
    district.approve(whole)
    slices = district.hold()
    assert (slices.kind, slices.label) == ("slices", "rekey")
    district.approve(slices)
    assert district.aliases() == {old(n): everyone(n) for n in range(ALL)}


def test_another_districts_upload_is_not_called_new_ids(district: Renamed) -> None:
    assert district.sync(2, lambda n: f"n{n}", names=lambda n: f"Other{n}").outcome is Outcome.HELD
    assert (district.hold().label, district.hold().rekeyed) == (None, {})


def test_contacts_with_new_ids_cannot_be_approved_without_their_students(renamed: Renamed) -> None:
    """They are one bundle: who names the parents has their students under new ids, and their aliases."""
    hold = renamed.hold()
    assert len(hold.bundles) == 1
    renamed.approve(hold, "parents:added")
    assert renamed.aliases() == SAME


def test_a_recomputed_slot_has_them_again(district: Renamed) -> None:
    district.sync(3, new)
    district.approve(district.hold())
    late = district.sync(2, students=range(ALL - 1))
    assert late.recomputed == ("2026-09-03",)
    assert district.aliases() == SAME
    late = district.sync(2, students=range(1, ALL))
    assert late.recomputed == ("2026-09-03",)
    assert district.aliases() == {k: v for k, v in SAME.items() if k != old(0)}, (
        "who was gone the night before has no former id"
    )


def test_ids_that_change_twice_lead_to_todays(approved: Renamed) -> None:
    def newer(n: int) -> str:
        return f"m{n:03}" if n < COUNT else old(n)

    approved.sync(3, newer)
    approved.approve(approved.hold())
    expected = {old(n): newer(n) for n in range(COUNT)} | {new(n): newer(n) for n in range(COUNT)}
    assert approved.aliases() == expected
    former = [v.slot for v in approved.told("students", newer(0)).versions if v.is_former]
    assert former == ["2026-09-01", "2026-09-02"]
    without = [n for n in range(ALL) if n]
    approved.sync(4, newer, students=without)
    assert old(0) not in approved.aliases(), "who left has no id of today"
    approved.sync(5, newer, names=lambda n: f"Child{n}" if n else "Stranger")
    assert old(0) not in approved.aliases(), "another child has it now"


def test_the_hold_goes_on_under_its_label(renamed: Renamed) -> None:
    first = renamed.hold()
    renamed.sync(3, new, students=range(1, ALL))
    same = renamed.hold()
    assert (same.hold_id, same.label) == (first.hold_id, "rekey")
    renamed.sync(4, old, grades=lambda n: 4)
    assert renamed.hold().status == "superseded", "everybody is there as before"
