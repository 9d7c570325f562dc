"""A slot that nobody meant: one in the future is refused; one that is there is taken out, and put back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rostersync.engine.postgres import connect
from rostersync.errors import DecisionError, SlotError
from rostersync.ledger.removed import removed_slots
from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.decisions.slots import SlotResult, put_back, remove
from rostersync.pipeline.ground.refused import refuse_run
from rostersync.pipeline.steps.land import land_folder
from rostersync.pipeline.steps.load import load
from rostersync.pipeline.steps.sync import replay, run_landing, sync_folder
from rostersync.pipeline.watch.drift import find_drift
from rostersync.pipeline.watch.reopen import open_slots
from rostersync.spec import Domain
from tests.support.district import Copy
from tests.support.two_schools import FULL, Schools, TwoSchools, ids, names, write_upload

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

FUTURE = "2099-01-01"
THEN = datetime(2099, 1, 1, tzinfo=UTC)
SAID: dict[str, Any] = {"who": "pat", "why": "a year mistyped"}
WITH_A_PUPIL: Schools = {**FULL, "1": [*FULL["1"], "new"]}
"""One pupil more than the first night had."""
HALF: Schools = {"1": ids("1", 16), "2": FULL["2"]}
"""So many are gone that they wait."""


def sync_by_a_wrong_clock(district: TwoSchools, slot: str = FUTURE) -> RunResult:
    """As a release that refused no slot did, too."""
    run = replace(district.run(slot), started_at=THEN)
    return sync_folder(run, write_upload(district.fresh(), FULL))


def take_out(district: TwoSchools, slot: str | int, **more: Any) -> SlotResult:
    return remove(district.run(slot), **SAID, **more)


def test_a_slot_in_the_future_is_neither_landed_nor_loaded(district: TwoSchools) -> None:
    run = district.run(FUTURE)
    upload = write_upload(district.fresh(), FULL)
    with pytest.raises(SlotError, match="lies in the future"):
        land_folder(run, upload)
    assert district.rows("select slot from sync.landings") == [("2026-09-01",)]
    landing = land_folder(replace(run, started_at=THEN), upload)  # of a release before, say
    with pytest.raises(SlotError, match="lies in the future"):
        run_landing(run, landing)
    assert list(replay(district.run(1))) == ["2026-09-01"]
    assert district.rows("select slot from sync.slots") == [("2026-09-01",)]


def test_one_that_is_there_may_be_run_again(district: TwoSchools) -> None:
    assert sync_by_a_wrong_clock(district).outcome is Outcome.IDENTICAL
    assert load(district.run(FUTURE), 1).outcome is Outcome.IDENTICAL
    assert list(replay(district.run(1))) == ["2026-09-01", FUTURE]


def test_what_a_slot_in_the_future_froze_is_right_and_answerable_when_it_is_out(
    district: TwoSchools, tmp_path: Path, copy_warehouse: Copy
) -> None:
    """Nights after it: a pupil who comes, and many who go, which waits for a person."""
    spared = district.again(tmp_path / "spared", copy_warehouse)
    sync_by_a_wrong_clock(district)
    for one in (district, spared):
        one.sync(2, WITH_A_PUPIL)
        assert one.sync(3, {**HALF, "1": [*HALF["1"], "new"]}).outcome is Outcome.LOADED
    assert "new" not in district.students(), "the slot in the future has no such pupil"
    assert [h.status for h in district.holds()] == [], "and nobody can be asked"

    rehearsed = take_out(district, FUTURE, dry=True)
    assert rehearsed.changes["students"].added == 1
    assert "new" not in district.students()
    result = take_out(district, FUTURE)
    assert (result.newest, result.changes) == ("2026-09-03", rehearsed.changes)
    assert district.tables() == spared.tables()
    hold, expected = district.hold(), spared.hold()
    assert (hold.slot, hold.status, names(hold)) == ("2026-09-03", "open", names(expected))
    assert [s["limit"] for s in hold.slices] == [s["limit"] for s in expected.slices]
    district.approve(hold)
    spared.approve(expected)
    assert "1s20" not in district.students()
    assert district.tables() == spared.tables()
    with pytest.raises(SlotError, match="lies in the future"):
        put_back(district.run(FUTURE), **SAID)


def test_a_slot_that_is_put_back_is_what_it_was(district: TwoSchools) -> None:
    """Also when it is the first, and with what waits of it; its later nights stand on it again."""
    district.sync(2, WITH_A_PUPIL)
    district.sync(3, {**HALF, "1": [*HALF["1"], "new"]})
    before, hold = district.tables(), district.hold()
    for slot, recomputed in ((2, ("2026-09-03",)), (3, ()), (1, ("2026-09-02",))):
        out = take_out(district, slot)
        assert out.recomputed == recomputed
        assert district.tables() != before
        drift = find_drift(
            district.warehouse, district.run(1).archive, district="testville", domain=Domain.CORE
        )
        assert not drift.found
        back = put_back(district.run(slot), **SAID)
        assert back.newest == "2026-09-03"
        assert district.tables() == before
    assert (district.hold().slot, names(district.hold())) == (hold.slot, names(hold))
    assert district.hold().status == "open"
    actions = "select action, slot, decided_by, reason from sync.decisions order by decision_id"
    assert district.rows(actions)[:2] == [
        ("remove_slot", "2026-09-02", "pat", "a year mistyped"),
        ("restore_slot", "2026-09-02", "pat", "a year mistyped"),
    ]


def test_nothing_is_synced_for_a_slot_that_is_out(district: TwoSchools) -> None:
    district.sync(2, WITH_A_PUPIL)
    take_out(district, 2)
    run = district.run(2)
    for refused in (
        lambda: land_folder(run, write_upload(district.fresh(), WITH_A_PUPIL)),
        lambda: run_landing(run, 1),
        lambda: load(run, 1, dry=True),
        lambda: refuse_run(run),  # what a run of Airflow does first
    ):
        with pytest.raises(SlotError, match=r"taken out .* slots restore --district testville"):
            refused()
    assert list(replay(district.run(1))) == ["2026-09-01"]
    assert list(replay(district.run(1), revalidate=True)) == ["2026-09-01"]
    for again in (remove, put_back):
        with pytest.raises(DecisionError, match="taken out"):
            again(district.run(2 if again is remove else 1), **SAID)
    with pytest.raises(DecisionError, match="not in the warehouse"):
        take_out(district, 5)
    evening = datetime(2026, 9, 3, 3, tzinfo=UTC)
    where = {"warehouse": district.warehouse, "now": evening}
    assert open_slots([district.cfg], **where) == [], "no better upload opens it again"
    put_back(district.run(2), **SAID)
    assert [one.slot for one in open_slots([district.cfg], **where)] == ["2026-09-02"]
    assert "new" in district.students()


def test_a_hold_that_went_on_into_a_slot_comes_back_to_the_night_before(
    district: TwoSchools,
) -> None:
    district.sync(2, HALF)
    hold = district.hold()
    district.sync(3, {**HALF, "2": [*HALF["2"], "new"]})
    assert (district.hold().hold_id, district.hold().slot) == (hold.hold_id, "2026-09-03")
    (waits,) = {h.kind for h in take_out(district, 3).holds} - {"added"}
    assert waits == "removed"
    assert [(h.hold_id, h.slot, h.status) for h in district.holds()] == [
        (hold.hold_id, "2026-09-02", "open")
    ]
    district.approve(district.hold())
    assert "1s20" not in district.students()
    take_out(district, 2)  # with what was approved of it
    assert "1s20" in district.students()
    put_back(district.run(2), **SAID)
    assert "1s20" not in district.students()


def test_without_its_only_slot_a_district_begins_anew(district: TwoSchools) -> None:
    """Another district's files were its first: every row goes, and the next upload is a first one."""
    result = take_out(district, 1)
    assert (result.newest, result.changes["students"].removed) == (None, 50)
    assert district.students() == set()
    district.cfg = district.cfg.model_copy(update={"first_load": "approve"})
    assert district.sync(2, WITH_A_PUPIL).outcome is Outcome.HELD
    assert district.hold().kind == "first_load"
    with connect(district.warehouse) as conn:
        (out,) = removed_slots(conn, district="testville")
    assert (out.slot, out.landing, out.who) == ("2026-09-01", 1, "pat")
