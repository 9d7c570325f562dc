"""A person undoes a night: the state goes back, and the next upload moves on from there (SPEC §5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from rostersync.engine.postgres import connect
from rostersync.errors import DecisionError
from rostersync.ledger.holds import decisions
from rostersync.ledger.results import Outcome
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.decisions.restore import Moved, RestoreResult, restore
from rostersync.pipeline.watch.drift import find_drift
from rostersync.spec import Domain
from tests.integration.test_holds import FULL, District, Schools, ids, names

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

FEWER: Schools = {"1": ids("1", 28), "2": ids("2", 18)}
"""Two students gone at each school: within the limits."""


class Restorable(District):
    """Undoes nights."""

    def restore(self, day: int, **more: Any) -> RestoreResult:
        to = f"2026-09-{day:02}"
        return restore(self.run(to), to=to, who="pat", why="half an export", **more)

    def fingerprints(self) -> dict[str, dict[str, str]]:
        with connect(self.warehouse) as conn:
            fold = applied_slots(conn, self.cfg.id, Domain.CORE)
        return {s.slot: s.fingerprints for s in fold}

    def of(self, table: str, column: str = "student_id") -> set[str]:
        with psycopg.connect(self.warehouse) as conn:
            return {row[0] for row in conn.execute(f"select {column} from roster.{table}")}

    def has_drift(self) -> bool:
        archive = self.run("2026-09-01").archive
        where = {"district": self.cfg.id, "domain": Domain.CORE}
        return bool(find_drift(self.warehouse, archive, full=True, **where).found)


@pytest.fixture
def district(tmp_path: Path, warehouse: str) -> Restorable:
    district = Restorable(tmp_path, warehouse)
    assert district.sync(1, FULL).outcome is Outcome.LOADED
    return district


def everyone(schools: Schools) -> set[str]:
    return {s for students in schools.values() for s in students}


def test_students_wiped_yesterday_come_back_with_contacts_and_roster_rows(
    district: Restorable,
) -> None:
    district.sync(2, FEWER)
    district.sync(3, FEWER)
    assert district.students() == everyone(FEWER)
    result = district.restore(1)
    assert (result.slot, result.target) == ("2026-09-03", "2026-09-01")
    people = ("students", "student_schools", "parents", "rosters")
    assert result.changes == dict.fromkeys(people, Moved(added=4, changed=0, removed=0))
    for table in people:
        assert district.of(table) == everyone(FULL)
    states = district.fingerprints()
    assert states["2026-09-03"] == states["2026-09-01"] != states["2026-09-02"]
    assert not district.has_drift()


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


def test_one_school_only(district: Restorable) -> None:
    district.sync(2, FEWER)
    district.restore(1, schools=["2"])
    assert district.students() == {*FEWER["1"], *FULL["2"]}
    assert district.of("parents") == district.of("rosters") == district.students()
    assert not district.has_drift()


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


def test_restores_of_several_calls_add_up(district: Restorable) -> None:
    district.sync(2, FEWER)
    district.restore(1, schools=["1"])
    district.restore(1, schools=["2"], entities=["students"])
    assert district.students() == everyone(FULL)
    assert district.of("parents") == {*FULL["1"], *FEWER["2"]}
    district.restore(1, schools=["2"], entities=["parents", "rosters"])
    assert district.of("parents") == district.of("rosters") == everyone(FULL)


def test_to_the_newest_slot_itself_undoes_the_undo(district: Restorable) -> None:
    district.sync(2, FEWER)
    before = district.tables()
    district.restore(1)
    district.restore(2, schools=["2"])
    assert district.students() == {*FULL["1"], *FEWER["2"]}
    district.restore(2)
    assert district.tables() == before


def test_a_correction_of_the_slot_speaks_again(district: Restorable) -> None:
    district.sync(2, FEWER)
    district.restore(1)
    result = district.sync(2, {"1": ids("1", 29), "2": ids("2", 20)})
    assert district.students() == {*ids("1", 29), *FULL["2"]}
    assert "restore" in result.message


def test_what_waits_of_the_slot_waits_no_more_where_it_is_restored(district: Restorable) -> None:
    district.sync(2, FEWER)
    district.sync(3, {"1": ids("1", 20), "2": ids("2", 10)})
    assert district.students() == everyone(FEWER)
    result = district.restore(1, schools=["2"])
    (hold,) = district.holds()
    assert hold.state == "open"
    counts = {s["entity"]: s["count"] for s in hold.slices}
    assert counts["students"] == 8, "school 1's"
    assert {h.entity: h.count for h in result.holds} == counts
    district.approve(hold)
    assert district.students() == {*ids("1", 20), *FULL["2"]}


def test_a_hold_of_which_all_was_restored_is_superseded(district: Restorable) -> None:
    district.sync(2, FEWER)
    district.sync(3, {"1": ids("1", 28)})
    assert "schools:gone:2" in names(district.holds()[0])
    assert district.restore(1).holds == ()
    assert [h.state for h in district.holds()] == ["superseded"]
    assert district.students() == everyone(FULL)


def test_who_when_and_why_are_kept_and_a_failed_one_leaves_nothing(district: Restorable) -> None:
    district.sync(2, FEWER)
    before = district.tables()

    for stage in ("locked", "merged", "recorded", "before_commit"):

        def stop(reached: str, at: str = stage) -> None:
            if reached == at:
                raise RuntimeError(at)

        with pytest.raises(RuntimeError, match=stage):
            district.restore(1, on_stage=stop)
        assert district.tables() == before
    assert _decisions(district) == []
    district.restore(1, schools=["2"])
    ((action, slot, target, who, why, scopes),) = _decisions(district)
    assert (action, slot, target) == ("restore", "2026-09-02", "2026-09-01")
    assert (who, why, scopes) == ("pat", "half an export", {"2"})


def _decisions(district: District) -> list[tuple[Any, ...]]:
    with connect(district.warehouse) as conn:
        found = decisions(conn, district.cfg.id, Domain.CORE)
    keys = ("action", "slot", "target", "decided_by", "reason")
    return [(*(d[k] for k in keys), {s["scope"] for s in d["slices"]}) for d in found]


def test_a_dry_run_counts_and_writes_nothing(district: Restorable) -> None:
    district.sync(2, FEWER)
    before = (district.tables(), _files(district.folder / "archive"))
    told = district.restore(1, dry=True)
    assert (district.tables(), _files(district.folder / "archive")) == before
    assert _decisions(district) == []
    assert told.changes == district.restore(1).changes


def _files(folder: Path) -> set[Path]:
    return {p for p in folder.rglob("*") if p.is_file()}


def test_what_cannot_be_restored_is_told(district: Restorable) -> None:
    district.sync(2, FEWER)
    before = district.tables()
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
            district.restore(day, **more)
    assert district.tables() == before
