"""What is over a limit waits for a person while the rest loads; the person's word stays (SPEC §5)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rostersync.engine.postgres import connect
from rostersync.errors import DecisionError, DriftError
from rostersync.ledger.holds import OpenedHold, close_hold, find_holds
from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.decisions.approve import EXPIRES, approve, discard, expire, is_decided
from rostersync.pipeline.ground.run import Run, new_run
from rostersync.pipeline.holds.changes import write_changes
from rostersync.pipeline.steps.sync import sync_folder
from rostersync.spec import Domain
from rostersync.warehouse import lock_fold
from tests.support.districts import write_config
from tests.support.uploads import write_csv
from tests.warehouse.fold import everything

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

Schools = Mapping[str, Sequence[str]]


def ids(school: str, count: int, start: int = 0) -> list[str]:
    return [f"{school}s{n:02}" for n in range(start, start + count)]


FULL: Schools = {"1": ids("1", 30), "2": ids("2", 20)}


def write_upload(folder: Path, schools: Schools) -> Path:
    """A core upload: a parent, a teacher's section and roster row of each student of each school."""
    names = ["Aspen", "Testkid"]
    pairs = [(school, s) for school, students in schools.items() for s in students]
    address = ["00501", "1 Example Street", "Testfield", "TX", *names, "p@example.org"]
    columns = "school_id,school_name,school_zip,school_address,school_city,school_state"
    columns += ",principal_first_name,principal_last_name,principal_email,school_phone"
    write_csv(
        folder / "schools.csv",
        columns.split(","),
        [[n, f"Testfield {n}", *address, "2145550100"] for n in schools],
    )
    write_csv(
        folder / "students.csv",
        ["school_id", "student_id", "first_name", "last_name", "grade_level"],
        [[school, s, *names, "3"] for school, s in pairs],
    )
    write_csv(
        folder / "parents.csv",
        ["school_id", "student_id", "parent_id", "first_name", "last_name", "email"],
        [[school, s, f"p{s}", *names, f"{s}@example.org"] for school, s in pairs],
    )
    write_csv(
        folder / "staff.csv",
        ["school_id", "staff_id", "first_name", "last_name", "email"],
        [[n, f"t{n}", "Cedar", "Testteacher", f"t{n}@example.org"] for n in schools],
    )
    write_csv(
        folder / "sections.csv",
        ["school_id", "section_id", "staff_id", "course_name"],
        [[n, "x", f"t{n}", "Botany"] for n in schools],
    )
    write_csv(
        folder / "rosters.csv",
        ["school_id", "section_id", "student_id"],
        [[school, "x", s] for school, s in pairs],
    )
    return folder


class District:
    """Two schools; every sync has a folder of its own."""

    def __init__(self, folder: Path, warehouse: str) -> None:
        self.folder = folder
        self.warehouse = warehouse
        self.cfg = write_config(folder / "districts")
        self._numbers = itertools.count(1)

    def run(self, slot: str) -> Run:
        return new_run(self.cfg, slot, archive=self.folder / "archive", warehouse=self.warehouse)

    def sync(self, day: int, schools: Schools) -> RunResult:
        upload = write_upload(self.folder / f"upload-{next(self._numbers)}", schools)
        return sync_folder(self.run(f"2026-09-{day:02}"), upload)

    def holds(self) -> list[OpenedHold]:
        """Oldest first."""
        with connect(self.warehouse) as conn:
            return find_holds(conn, district=self.cfg.id)[::-1]

    def approve(self, hold: OpenedHold, *slices: str) -> RunResult:
        return approve(
            self.run(hold.slot), hold, slices=slices or None, who="pat", why="they moved"
        )

    def students(self) -> set[str]:
        with psycopg.connect(self.warehouse) as conn:
            rows = conn.execute("select student_id from roster.students").fetchall()
        return {row[0] for row in rows}

    def tables(self) -> dict[str, Any]:
        """What consumers see, without run ids."""
        with psycopg.connect(self.warehouse) as conn:
            seen = everything(conn, self.cfg.id)
        return {
            table: sorted(
                ({k: v for k, v in row.items() if not k.endswith("run_id")} for row in rows),
                key=repr,
            )
            for table, rows in seen.items()
        }


@pytest.fixture
def district(tmp_path: Path, warehouse: str) -> District:
    district = District(tmp_path, warehouse)
    assert district.sync(1, FULL).outcome is Outcome.LOADED
    return district


def names(hold: OpenedHold) -> set[str]:
    return {f"{s['entity']}:{s['kind']}:{s['scope']}" for s in hold.slices}


def test_a_school_that_is_missing_stays_until_somebody_says_it_is_gone(district: District) -> None:
    result = district.sync(2, {"1": ids("1", 32)})
    assert result.outcome is Outcome.LOADED
    assert result.changes["students"].added == 2, "additions elsewhere load"
    assert district.students() == {*ids("1", 32), *ids("2", 20)}
    (hold,) = district.holds()
    assert names(hold) == {"schools:gone:2"}
    district.approve(hold)
    assert district.students() == set(ids("1", 32))
    assert district.holds()[0].state == "approved"
    assert district.sync(3, {"1": ids("1", 32)}).holds == ()


def test_exactly_the_approved_slices_are_applied(district: District) -> None:
    result = district.sync(2, {"1": ids("1", 20), "2": ids("2", 12)})
    assert district.students() == {*FULL["1"], *FULL["2"]}
    held = {h.entity for h in result.holds}
    assert {"students", "parents"} <= held
    (hold,) = district.holds()
    chosen = [str(n) for n in _slices(hold, "students")]
    mine: dict[str, Any] = {"who": "pat", "why": "they moved"}
    assert not is_decided(district.warehouse, hold, "approve", slices=chosen, **mine)
    district.approve(hold, *chosen)
    assert district.students() == {*ids("1", 20), *ids("2", 12)}
    # Who was interrupted after it was done may ask; another's decision is not theirs.
    assert is_decided(district.warehouse, hold, "approve", slices=chosen, **mine)
    assert not is_decided(district.warehouse, hold, "approve", **mine)
    assert not is_decided(district.warehouse, hold, "discard", slices=chosen, **mine)
    mine["who"] = "sam"
    assert not is_decided(district.warehouse, hold, "approve", slices=chosen, **mine)
    with pytest.raises(DecisionError, match="waits no more"):
        district.approve(hold)


def _slices(hold: OpenedHold, entity: str) -> list[str]:
    parts = [(s["entity"], s["kind"], s["scope"]) for s in hold.slices if s["entity"] == entity]
    return [":".join(p for p in part if p) for part in parts]


def test_the_same_hold_goes_on_the_next_night_and_another_supersedes_it(district: District) -> None:
    fewer = {"1": ids("1", 30), "2": ids("2", 10)}
    district.sync(2, fewer)
    (first,) = district.holds()
    district.sync(3, {"1": ids("1", 31), "2": ids("2", 10)})
    (same,) = district.holds()
    assert (same.hold_id, same.first_slot, same.slot) == (first.hold_id, "2026-09-02", "2026-09-03")
    district.sync(4, {"1": ids("1", 31), "2": ids("2", 20)})
    assert [h.state for h in district.holds()] == ["superseded"], "nothing is missing any more"
    assert district.students() == {*ids("1", 31), *FULL["2"]}


def test_a_discarded_slice_keeps_the_old_rows_and_may_be_silent_for_a_while(
    district: District,
) -> None:
    fewer = {"1": ids("1", 30), "2": ids("2", 10)}
    district.sync(2, fewer)
    (hold,) = district.holds()
    discard(district.run(hold.slot), hold, who="pat", why="half an export", until=date(2026, 9, 3))
    assert district.sync(3, fewer).holds == ()
    assert district.students() == {*FULL["1"], *FULL["2"]}
    assert district.sync(4, fewer).holds != ()
    assert [h.state for h in district.holds()] == ["discarded", "open"]


def test_the_upload_of_another_district_loads_nothing(district: District) -> None:
    before = district.tables()
    result = district.sync(2, {"8": ids("8", 30), "9": ids("9", 20)})
    assert result.outcome is Outcome.HELD
    assert district.tables() == before
    (hold,) = district.holds()
    assert (hold.kind, hold.state) == ("set", "open")
    assert any("students" in reason for reason in hold.reasons)


def test_a_decision_stands_when_its_slot_is_recomputed(district: District) -> None:
    fewer = {"1": ids("1", 30), "2": ids("2", 10)}
    district.sync(3, fewer)
    (hold,) = district.holds()
    district.approve(hold)
    assert district.students() == {*FULL["1"], *ids("2", 10)}
    late = district.sync(2, {"1": ids("1", 31), "2": ids("2", 20)})
    assert late.recomputed == ("2026-09-03",)
    assert district.students() == {*FULL["1"], *ids("2", 10)}
    assert [h.state for h in district.holds()] == ["approved"]


def test_an_approval_heeds_todays_word_on_drift_not_that_of_the_night(
    district: District,
) -> None:
    """The night's own inputs are used; what no pin covers is of the day of the answer."""
    district.sync(2, {"1": ids("1", 30), "2": ids("2", 10)})
    (hold,) = district.holds()
    with psycopg.connect(district.warehouse) as conn:
        conn.execute("delete from roster.rosters where student_id like '1s0%'")
    district.cfg = district.cfg.model_copy(update={"drift": "fail"})
    with pytest.raises(DriftError):
        district.approve(hold)
    assert [h.state for h in district.holds()] == ["open"]


def test_a_late_slot_leaves_what_waits_of_the_newest_one(district: District) -> None:
    fewer = {"1": ids("1", 30), "2": ids("2", 10)}
    district.sync(4, fewer)
    (before,) = district.holds()
    late = district.sync(2, {"8": ids("8", 30), "9": ids("9", 20)})
    assert late.outcome is Outcome.HELD
    assert "Nobody can approve it any more" in late.message
    district.sync(3, {"1": ids("1", 30), "2": ids("2", 19)})
    (hold,) = district.holds()
    assert (hold.hold_id, hold.slot, hold.state) == (before.hold_id, "2026-09-04", "open")
    counts = {s["entity"]: s["count"] for s in hold.slices}
    assert counts["students"] == 9, "one of the ten went with the late night"
    district.approve(hold)
    assert district.students() == {*FULL["1"], *ids("2", 10)}


def test_an_approved_set_still_leaves_slices_waiting(district: District) -> None:
    old = {"8": ids("8", 30), "9": ids("9", 25)}
    district.sync(2, old)
    (whole,) = district.holds()
    result = district.approve(whole)
    assert result.outcome is Outcome.LOADED
    assert {"1s00", "8s00"} & district.students() == {"1s00"}, "more people than go by themselves"
    assert [h.state for h in district.holds()] == ["approved", "open"]


def test_a_repeated_run_tells_again_what_waits(district: District) -> None:
    fewer = {"1": ids("1", 30), "2": ids("2", 10)}
    first = district.sync(2, fewer)
    assert first.holds == district.sync(2, fewer).holds != ()


def test_every_row_that_waits_can_be_listed(district: District, tmp_path: Path) -> None:
    district.sync(2, {"1": ids("1", 30), "2": ids("2", 10)})
    (hold,) = district.holds()
    path = tmp_path / "changes.csv"
    archive = district.run(hold.slot).archive
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        counts = write_changes(district.warehouse, archive, hold, target)
    rows = path.read_text(encoding="utf-8-sig").splitlines()
    assert (rows[0], len(rows)) == ("entity,change,school_id,key,new_key", counts.total() + 1)
    assert counts["2", "students", "removed"] == 10
    assert next(r for r in rows if r.startswith("students,")) == "students,removed,2,2s10,"


def test_an_answer_at_the_last_moment_counts(district: District) -> None:
    """The answer has the lock when the time is up: the hold is not called expired."""
    district.sync(2, {"1": ids("1", 32)})
    (hold,) = district.holds()
    late = hold.opened_at + EXPIRES
    with ThreadPoolExecutor(1) as pool:
        with connect(district.warehouse) as conn, conn.transaction():
            lock_fold(conn, hold.district, Domain(hold.domain))
            close_hold(conn, hold.hold_id, "approved")
            expiring = pool.submit(expire, district.warehouse, late)
            with pytest.raises(TimeoutError):
                expiring.result(timeout=1)
        assert expiring.result(timeout=30) == []
    assert district.holds()[0].state == "approved"
