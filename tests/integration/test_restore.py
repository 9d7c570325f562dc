"""A person undoes a night: the state goes back, and the next upload moves on from there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rostersync.engine.postgres import connect
from rostersync.errors import DecisionError
from rostersync.ledger.holds import decisions
from rostersync.ledger.results import Outcome
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.decisions.attempt import Moved
from rostersync.pipeline.decisions.restore import RestoreResult, restore
from rostersync.pipeline.watch.drift import find_drift
from rostersync.spec import Domain
from tests.support.district import Copy, District
from tests.support.two_schools import FULL, Schools, TwoSchools, ids, names

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

FEWER: Schools = {"1": ids("1", 28), "2": ids("2", 18)}
"""Two students gone at each school: within the limits."""


class Restorable(TwoSchools):
    """Undoes nights."""

    def restore(self, day: int, **more: Any) -> RestoreResult:
        to = f"2026-09-{day:02}"
        return restore(self.run(to), to=to, who="pat", why="half an export", **more)

    def fingerprints(self) -> dict[str, dict[str, str]]:
        with connect(self.warehouse) as conn:
            fold = applied_slots(conn, self.cfg.id, Domain.CORE)
        return {s.slot: s.fingerprints for s in fold}

    def of(self, table: str, column: str = "student_id") -> set[str]:
        return {value for (value,) in self.rows(f"select {column} from roster.{table}")}

    def has_drift(self) -> bool:
        archive = self.run("2026-09-01").archive
        where = {"district": self.cfg.id, "domain": Domain.CORE}
        return bool(find_drift(self.warehouse, archive, full=True, **where).found)


@pytest.fixture(scope="module")
def begun(
    tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]
) -> Restorable:
    """Its first night, loaded once for all tests."""
    district = Restorable(tmp_path_factory.mktemp("begun"), fresh_warehouse())
    assert district.sync(1, FULL).outcome is Outcome.LOADED
    return district


@pytest.fixture(scope="module")
def halved(
    begun: Restorable, tmp_path_factory: pytest.TempPathFactory, copy_warehouse: Copy
) -> Restorable:
    """Its second night, in which students are missing, loaded once."""
    district = begun.again(tmp_path_factory.mktemp("halved"), copy_warehouse)
    assert district.sync(2, FEWER).outcome is Outcome.LOADED
    return district


@pytest.fixture
def district(begun: Restorable, tmp_path: Path, copy_warehouse: Copy) -> Restorable:
    return begun.again(tmp_path, copy_warehouse)


@pytest.fixture
def fewer(halved: Restorable, tmp_path: Path, copy_warehouse: Copy) -> Restorable:
    """The second night is loaded as well."""
    return halved.again(tmp_path, copy_warehouse)


def everyone(schools: Schools) -> set[str]:
    return {s for students in schools.values() for s in students}


def test_students_wiped_yesterday_come_back_with_contacts_and_roster_rows(
    fewer: Restorable,
) -> None:
    fewer.sync(3, FEWER)
    assert fewer.students() == everyone(FEWER)
    result = fewer.restore(1)
    assert (result.slot, result.target) == ("2026-09-03", "2026-09-01")
    people = ("students", "student_schools", "parents", "rosters")
    assert result.changes == dict.fromkeys(people, Moved(added=4, changed=0, removed=0))
    for table in people:
        assert fewer.of(table) == everyone(FULL)
    states = fewer.fingerprints()
    assert states["2026-09-03"] == states["2026-09-01"] != states["2026-09-02"]
    assert not fewer.has_drift()


def test_the_next_night_moves_on_from_there_and_is_held_to_its_limits(
    district: Restorable,
) -> None:
    half: Schools = {"1": ids("1", 30), "2": ids("2", 14)}
    district.sync(2, {"1": ids("1", 30), "2": ids("2", 16)})
    assert len(district.students()) == 46
    district.restore(1)
    result = district.sync(3, half)
    assert {h.entity for h in result.holds} >= {"students"}, "six of school 2 at once, not two"
    assert district.students() == everyone(FULL)
    result = district.sync(4, {"1": ids("1", 31), "2": ids("2", 19)})
    assert (result.holds, result.changes["students"].added, result.changes["students"].removed) == (
        (),
        1,
        1,
    )


def test_one_school_only(fewer: Restorable) -> None:
    fewer.restore(1, schools=["2"])
    assert fewer.students() == {*FEWER["1"], *FULL["2"]}
    assert fewer.of("parents") == fewer.of("rosters") == fewer.students()
    assert not fewer.has_drift()


def test_one_entity_only_and_nothing_without_its_parent(district: Restorable) -> None:
    district.sync(2, {"1": [*FEWER["1"], "new"], "2": FEWER["2"]})
    result = district.restore(1, entities=["students"])
    assert set(result.changes) == {"students", "student_schools", "parents", "rosters"}
    assert district.students() == district.of("student_schools") == everyone(FULL)
    assert district.of("parents") == everyone(FEWER), "new's parent went, nobody else's came"
    assert district.of("rosters") == everyone(FEWER)


def test_a_late_slot_and_repeated_runs_keep_the_restore(district: Restorable) -> None:
    district.sync(3, FEWER)
    district.restore(1)
    late = district.sync(2, {"1": ids("1", 29), "2": ids("2", 17)})
    assert late.recomputed == ("2026-09-03",)
    assert district.students() == everyone(FULL)
    before = district.tables()
    assert district.sync(3, FEWER).outcome is Outcome.IDENTICAL
    assert district.tables() == before
    assert district.sync(1, {"1": ids("1", 30), "2": ids("2", 19)}).recomputed
    assert district.students() == everyone(FULL), "the restore names the state, not the slot"
    assert not district.has_drift()


def test_restores_of_several_calls_add_up(fewer: Restorable) -> None:
    fewer.restore(1, schools=["1"])
    fewer.restore(1, schools=["2"], entities=["students"])
    assert fewer.students() == everyone(FULL)
    assert fewer.of("parents") == {*FULL["1"], *FEWER["2"]}
    fewer.restore(1, schools=["2"], entities=["parents", "rosters"])
    assert fewer.of("parents") == fewer.of("rosters") == everyone(FULL)


def test_to_the_newest_slot_itself_undoes_the_undo(fewer: Restorable) -> None:
    before = fewer.tables()
    fewer.restore(1)
    fewer.restore(2, schools=["2"])
    assert fewer.students() == {*FULL["1"], *FEWER["2"]}
    fewer.restore(2)
    assert fewer.tables() == before


def test_a_correction_of_the_slot_speaks_again(fewer: Restorable) -> None:
    fewer.restore(1)
    result = fewer.sync(2, {"1": ids("1", 29), "2": ids("2", 20)})
    assert fewer.students() == {*ids("1", 29), *FULL["2"]}
    assert "restore" in result.message


def test_what_waits_of_the_slot_waits_no_more_where_it_is_restored(fewer: Restorable) -> None:
    fewer.sync(3, {"1": ids("1", 20), "2": ids("2", 10)})
    assert fewer.students() == everyone(FEWER)
    result = fewer.restore(1, schools=["2"])
    (hold,) = fewer.holds()
    assert hold.status == "open"
    counts = {s["entity"]: s["count"] for s in hold.slices}
    assert counts["students"] == 8, "school 1's"
    assert {h.entity: h.count for h in result.holds} == counts
    fewer.approve(hold)
    assert fewer.students() == {*ids("1", 20), *FULL["2"]}


def test_a_hold_of_which_all_was_restored_is_superseded(fewer: Restorable) -> None:
    fewer.sync(3, {"1": ids("1", 28)})
    assert "schools:gone:2" in names(fewer.holds()[0])
    assert fewer.restore(1).holds == ()
    assert [h.status for h in fewer.holds()] == ["superseded"]
    assert fewer.students() == everyone(FULL)


def test_who_when_and_why_are_kept_and_a_failed_one_leaves_nothing(fewer: Restorable) -> None:
    before = fewer.tables()

    for stage in ("locked", "merged", "recorded", "before_commit"):

        def stop(reached: str, at: str = stage) -> None:
            if reached == at:
                raise RuntimeError(at)

        with pytest.raises(RuntimeError, match=stage):
            fewer.restore(1, on_stage=stop)
        assert fewer.tables() == before
    assert _decisions(fewer) == []
    fewer.restore(1, schools=["2"])
    ((action, slot, target, who, why, scopes),) = _decisions(fewer)
    assert (action, slot, target) == ("restore", "2026-09-02", "2026-09-01")
    assert (who, why, scopes) == ("pat", "half an export", {"2"})


def _decisions(district: District) -> list[tuple[Any, ...]]:
    with connect(district.warehouse) as conn:
        found = decisions(conn, district.cfg.id, Domain.CORE)
    keys = ("action", "slot", "target", "decided_by", "reason")
    return [(*(d[k] for k in keys), {s["scope"] for s in d["slices"]}) for d in found]


def test_a_dry_run_counts_and_writes_nothing(fewer: Restorable) -> None:
    before = (fewer.tables(), _files(fewer.folder / "archive"))
    told = fewer.restore(1, dry=True)
    assert (fewer.tables(), _files(fewer.folder / "archive")) == before
    assert _decisions(fewer) == []
    assert told.changes == fewer.restore(1).changes


def _files(folder: Path) -> set[Path]:
    return {p for p in folder.rglob("*") if p.is_file()}


def test_what_cannot_be_restored_is_told(fewer: Restorable) -> None:
    before = fewer.tables()
    wrong: list[tuple[int, dict[str, Any], str]] = [
        (9, {}, "No such slot was loaded.*2026-09-02"),
        (2, {}, "Nothing would differ"),
        (1, {"entities": ["groups"]}, "Nothing would differ"),
        (1, {"entities": ["parents"]}, "Nothing would differ.*parents are"),
        (1, {"entities": ["terms"]}, "no such entity.*students"),
        (1, {"schools": ["1", "77"]}, "such a school.*77"),
    ]
    for day, more, words in wrong:
        with pytest.raises(DecisionError, match=words):
            fewer.restore(day, **more)
    assert fewer.tables() == before
