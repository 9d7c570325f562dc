"""A district's first upload waits for a person, and the person's word is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rostersync.engine.postgres import connect
from rostersync.errors import DecisionError
from rostersync.ledger.holds import decisions
from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.decisions.approve import approve, discard
from rostersync.pipeline.steps.sync import sync_folder
from tests.support.district import Copy, District
from tests.support.uploads import write_core, write_csv

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


class New(District):
    """A new district whose first upload waits."""

    def sync(self, slot: str, students: int) -> RunResult:
        return self.sync_upload(slot, write_core(self.fresh(), [f"s{n}" for n in range(students)]))

    def decisions(self) -> list[dict[str, Any]]:
        run = self.run("2026-09-01")
        with connect(self.warehouse) as conn:
            return decisions(conn, self.cfg.id, run.domain)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]) -> New:
    """Its first upload, which waits, came once for all tests."""
    district = New(tmp_path_factory.mktemp("begun"), fresh_warehouse(), first_load="approve")
    result = district.sync("2026-09-01", 40)
    assert result.outcome is Outcome.HELD
    assert result.changes["students"].held == 40
    return district


@pytest.fixture
def held(begun: New, tmp_path: Path, copy_warehouse: Copy) -> New:
    return begun.again(tmp_path, copy_warehouse)


@pytest.fixture
def district(tmp_path: Path, warehouse: str) -> New:
    return New(tmp_path, warehouse, first_load="approve")


def test_nothing_exists_until_somebody_has_approved_it(held: New) -> None:
    assert len(held.students()) == 0
    (hold,) = held.holds()
    assert (hold.kind, hold.status, hold.counts["students"]) == ("first_load", "open", 40)
    loaded = approve(held.run(hold.slot), hold, who="pat", why="counts are right")
    assert loaded.outcome is Outcome.LOADED
    assert len(held.students()) == 40
    (decided,) = held.decisions()
    assert (decided["action"], decided["decided_by"], decided["reason"]) == (
        "approve",
        "pat",
        "counts are right",
    )
    assert held.holds()[0].status == "approved"
    assert held.sync("2026-09-02", 41).outcome is Outcome.LOADED


def test_the_approval_is_for_the_newest_upload_while_the_counts_hold(held: New) -> None:
    (first,) = held.holds()
    held.sync("2026-09-02", 41)
    (same,) = held.holds()
    assert (same.hold_id, same.slot, same.first_slot) == (
        first.hold_id,
        "2026-09-02",
        "2026-09-01",
    )
    assert same.counts["students"] == 40, "what was shown"
    with pytest.raises(DecisionError, match="waits no more as it was shown"):
        approve(held.run(first.slot), first, who="pat", why="seen the day before")
    approve(held.run(same.slot), same, who="pat", why="right")
    assert len(held.students()) == 41


def test_counts_that_moved_have_to_be_looked_at_again(held: New) -> None:
    held.sync("2026-09-02", 43)
    old, new = held.holds()
    assert (old.status, new.status, new.counts["students"]) == ("superseded", "open", 43)


def test_a_discarded_first_upload_waits_again_the_next_night(held: New) -> None:
    (hold,) = held.holds()
    discard(held.run(hold.slot), hold, who="pat", why="not theirs")
    assert len(held.students()) == 0
    assert held.sync("2026-09-02", 40).outcome is Outcome.HELD
    assert [h.status for h in held.holds()] == ["discarded", "open"]


def test_a_person_sees_how_many_families_can_be_reached_and_which_codes_are_not_mapped(
    district: New,
) -> None:
    upload = write_core(district.folder / "upload", [f"s{n}" for n in range(40)])
    write_csv(
        upload / "parents.csv",
        ["school_id", "student_id", "parent_id", "first_name", "last_name", "email", "language"],
        [
            [
                "1",
                f"s{n}",
                f"p{n}",
                "Aspen",
                "Testkid",
                f"p{n}@example.org",
                "zz9" if n < 3 else "es",
            ]
            for n in range(1, 40)
        ],
    )
    sync_folder(district.run("2026-09-01"), upload)
    (hold,) = district.holds()
    assert hold.reasons == [
        "39 of 40 students have a parent who can be reached by email or phone",
        "parents.language.known: 2 records with a code that is not mapped",
    ]


def test_an_upload_of_which_no_parent_can_be_taken_reaches_nobody(district: New) -> None:
    upload = write_core(district.folder / "upload", [f"s{n}" for n in range(40)])
    write_csv(
        upload / "parents.csv",
        ["school_id", "student_id", "parent_id", "first_name", "last_name", "email"],
        [["1", f"s{n}", f"p{n}", "", "", f"p{n}@example.org"] for n in range(40)],
    )
    sync_folder(district.run("2026-09-01"), upload)
    (hold,) = district.holds()
    assert hold.reasons == ["No family can be reached: the upload has no students or no parents"]
