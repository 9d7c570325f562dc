"""What is over a limit waits for a person while the rest loads; the person's word stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rostersync.engine.postgres import connect
from rostersync.errors import DecisionError, DriftError
from rostersync.fold import slice_name
from rostersync.ledger.holds import close_hold
from rostersync.ledger.results import Outcome
from rostersync.pipeline.decisions.approve import EXPIRES, discard, expire, is_decided
from rostersync.pipeline.holds.changes import write_changes
from rostersync.spec import Domain
from rostersync.warehouse import lock_fold
from tests.integration.conftest import After
from tests.support.two_schools import FULL, Schools, TwoSchools, ids, names

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


FEWER: Schools = {"1": FULL["1"], "2": ids("2", 10)}
TIED = ("parents", "rosters", "student_schools", "students")


def ten_go(district: TwoSchools) -> None:
    """From school 2: they wait."""
    district.sync(2, FEWER)


def two_bundles(district: TwoSchools) -> None:
    """School 1 loses a quarter of its children and gets another; school 2 is gone."""
    district.sync(2, {"1": ids("1", 60), "2": FULL["2"]})
    result = district.sync(3, {"1": [*ids("1", 45), "new"]})
    assert {(h.entity, h.bundle) for h in result.holds} == {*((e, 1) for e in TIED), ("schools", 2)}


@pytest.fixture
def ten_gone(after: After, two_schools: TwoSchools) -> TwoSchools:
    return after(ten_go, two_schools)


@pytest.fixture
def bundled(after: After, two_schools: TwoSchools) -> TwoSchools:
    return after(two_bundles, two_schools)


def test_a_school_that_is_missing_stays_until_somebody_says_it_is_gone(
    district: TwoSchools,
) -> None:
    result = district.sync(2, {"1": ids("1", 32)})
    assert result.outcome is Outcome.LOADED
    assert result.changes["students"].added == 2, "additions elsewhere load"
    assert district.students() == {*ids("1", 32), *ids("2", 20)}
    (hold,) = district.holds()
    assert names(hold) == {"schools:gone:2"}
    district.approve(hold)
    assert district.students() == set(ids("1", 32))
    assert district.holds()[0].status == "approved"
    assert district.sync(3, {"1": ids("1", 32)}).holds == ()


def test_exactly_the_approved_bundles_are_applied(bundled: TwoSchools) -> None:
    """One slice of a bundle names all of it, and the answer says which; the other bundle stays."""
    assert bundled.students() == {*ids("1", 60), *FULL["2"]}
    bundle = [f"{e}:{k}" for e in TIED for k in ("added", "removed")]
    (hold,) = bundled.holds()
    assert [[slice_name(s) for s in b] for b in hold.bundles.values()] == [
        bundle,
        ["schools:gone:2"],
    ]
    mine: dict[str, Any] = {"who": "pat", "why": "they moved"}
    assert not is_decided(bundled.warehouse, hold, "approve", slices=["1"], **mine)
    with pytest.raises(DecisionError, match="no such slice"):
        bundled.approve(hold, "rosters:removed:1")
    answer = bundled.approve(hold, "rosters:removed")
    assert answer.message == f"Tied, so decided as one: {', '.join(bundle)}."
    assert bundled.students() == {*ids("1", 45), "new", *FULL["2"]}
    assert len(bundled.rows("select from roster.parents")) == 66
    assert len(bundled.rows("select from roster.rosters")) == 66
    # Who was interrupted after it was done may ask; another's decision is not theirs.
    for named in (["1"], ["students:added"], bundle):
        assert is_decided(bundled.warehouse, hold, "approve", slices=named, **mine)
    assert not is_decided(bundled.warehouse, hold, "approve", **mine)
    assert not is_decided(bundled.warehouse, hold, "discard", slices=["1"], **mine)
    mine["who"] = "sam"
    assert not is_decided(bundled.warehouse, hold, "approve", slices=["1"], **mine)
    with pytest.raises(DecisionError, match="waits no more"):
        bundled.approve(hold)


def test_a_bundle_that_is_discarded_leaves_the_others_waiting(bundled: TwoSchools) -> None:
    (hold,) = bundled.holds()
    said: dict[str, Any] = {"who": "pat", "why": "half an export"}
    named: dict[str, Any] = {"slices": ["rosters:added"], "until": date(2026, 9, 4)}
    assert len(discard(bundled.run(hold.slot), hold, **named, **said)) == 8
    (hold,) = bundled.holds()
    assert (hold.status, names(hold)) == ("open", {"schools:gone:2"})
    # the bundle is silent, with what is tied to it now
    bundled.sync(4, {"1": [*ids("1", 45), "new", "other"]})
    (hold,) = bundled.holds()
    assert (hold.slot, hold.status, names(hold)) == ("2026-09-04", "open", {"schools:gone:2"})
    assert discard(bundled.run(hold.slot), hold, **said) == ["schools:gone:2"]
    assert [h.status for h in bundled.holds()] == ["discarded"]
    assert bundled.students() == {*ids("1", 60), *FULL["2"]}


def test_a_hold_of_an_older_release_is_decided_in_pairs(bundled: TwoSchools) -> None:
    """Its slices have no bundle: what was added and what was removed of one scope waited together."""
    without = "select jsonb_agg(s - 'bundle') from jsonb_array_elements(slices) as s"
    with psycopg.connect(bundled.warehouse) as conn:
        conn.execute(f"update sync.holds set slices = ({without})")
    (hold,) = bundled.holds()
    assert [[slice_name(s) for s in b] for b in hold.bundles.values()][:2] == [
        ["parents:added", "parents:removed"],
        ["rosters:added", "rosters:removed"],
    ]
    bundled.approve(hold, "rosters:removed")
    left = bundled.rows("select count(*) from roster.rosters")
    assert left == [(80,)], "no place goes while the child in its place waits"
    assert "new" not in bundled.students()


def test_the_same_hold_goes_on_the_next_night_and_another_supersedes_it(
    ten_gone: TwoSchools,
) -> None:
    (first,) = ten_gone.holds()
    ten_gone.sync(3, {"1": ids("1", 31), "2": ids("2", 10)})
    (same,) = ten_gone.holds()
    assert (same.hold_id, same.first_slot, same.slot) == (first.hold_id, "2026-09-02", "2026-09-03")
    ten_gone.sync(4, {"1": ids("1", 31), "2": ids("2", 20)})
    assert [h.status for h in ten_gone.holds()] == ["superseded"], "nothing is missing any more"
    assert ten_gone.students() == {*ids("1", 31), *FULL["2"]}


@pytest.mark.parametrize(("others", "goes_on"), [(1, True), (2, False)])
def test_a_hold_is_the_same_while_nine_in_ten_of_what_waits_are(
    ten_gone: TwoSchools, others: int, goes_on: bool
) -> None:
    everybody = FULL["2"]
    (first,) = ten_gone.holds()
    back = [*everybody[: 10 - others], *everybody[20 - others :]]
    ten_gone.sync(3, {"1": FULL["1"], "2": back})
    assert [h.status for h in ten_gone.holds()] == (["open"] if goes_on else ["superseded", "open"])
    assert (ten_gone.holds()[-1].hold_id == first.hold_id) is goes_on


def test_a_discarded_slice_keeps_the_old_rows_and_may_be_silent_for_a_while(
    ten_gone: TwoSchools,
) -> None:
    (hold,) = ten_gone.holds()
    for_good = date.today() + timedelta(days=62)
    with pytest.raises(DecisionError, match="60 days"):
        discard(ten_gone.run(hold.slot), hold, who="pat", why="half an export", until=for_good)
    discard(ten_gone.run(hold.slot), hold, who="pat", why="half an export", until=date(2026, 9, 3))
    assert ten_gone.sync(3, FEWER).holds == ()
    assert ten_gone.students() == {*FULL["1"], *FULL["2"]}
    assert ten_gone.sync(4, FEWER).holds != ()
    assert [h.status for h in ten_gone.holds()] == ["discarded", "open"]


def test_the_upload_of_another_district_loads_nothing(district: TwoSchools) -> None:
    before = district.tables()
    result = district.sync(2, {"8": ids("8", 30), "9": ids("9", 20)})
    assert result.outcome is Outcome.HELD
    assert district.tables() == before
    (hold,) = district.holds()
    assert (hold.kind, hold.status) == ("set", "open")
    assert any("students" in reason for reason in hold.reasons)


def test_a_decision_stands_when_its_slot_is_recomputed(district: TwoSchools) -> None:
    fewer = {"1": ids("1", 30), "2": ids("2", 10)}
    district.sync(3, fewer)
    (hold,) = district.holds()
    district.approve(hold)
    assert district.students() == {*FULL["1"], *ids("2", 10)}
    late = district.sync(2, {"1": ids("1", 31), "2": ids("2", 20)})
    assert late.recomputed == ("2026-09-03",)
    assert district.students() == {*FULL["1"], *ids("2", 10)}
    assert [h.status for h in district.holds()] == ["approved"]


def test_an_approval_heeds_todays_word_on_drift_not_that_of_the_night(
    ten_gone: TwoSchools,
) -> None:
    """The night's own inputs are used; what no pin covers is of the day of the answer."""
    (hold,) = ten_gone.holds()
    with psycopg.connect(ten_gone.warehouse) as conn:
        conn.execute("delete from roster.rosters where student_id like '1s0%'")
    ten_gone.cfg = ten_gone.cfg.model_copy(update={"drift": "fail"})
    with pytest.raises(DriftError):
        ten_gone.approve(hold)
    assert [h.status for h in ten_gone.holds()] == ["open"]


def test_a_late_slot_leaves_what_waits_of_the_newest_one(district: TwoSchools) -> None:
    fewer = {"1": ids("1", 30), "2": ids("2", 10)}
    district.sync(4, fewer)
    (before,) = district.holds()
    late = district.sync(2, {"8": ids("8", 30), "9": ids("9", 20)})
    assert late.outcome is Outcome.HELD
    assert "Nobody can approve it any more" in late.message
    district.sync(3, {"1": ids("1", 30), "2": ids("2", 19)})
    (hold,) = district.holds()
    assert (hold.hold_id, hold.slot, hold.status) == (before.hold_id, "2026-09-04", "open")
    counts = {s["entity"]: s["count"] for s in hold.slices}
    assert counts["students"] == 9, "one of the ten went with the late night"
    district.approve(hold)
    assert district.students() == {*FULL["1"], *ids("2", 10)}


def test_an_approved_set_still_leaves_slices_waiting(district: TwoSchools) -> None:
    old = {"8": ids("8", 30), "9": ids("9", 25)}
    district.sync(2, old)
    (whole,) = district.holds()
    result = district.approve(whole)
    assert result.outcome is Outcome.LOADED
    assert {"1s00", "8s00"} & district.students() == {"1s00"}, "more people than go by themselves"
    assert [h.status for h in district.holds()] == ["approved", "open"]


def test_a_repeated_run_tells_again_what_waits(district: TwoSchools) -> None:
    fewer = {"1": ids("1", 30), "2": ids("2", 10)}
    first = district.sync(2, fewer)
    assert first.holds == district.sync(2, fewer).holds != ()


def test_every_row_that_waits_can_be_listed(ten_gone: TwoSchools, tmp_path: Path) -> None:
    (hold,) = ten_gone.holds()
    path = tmp_path / "changes.csv"
    archive = ten_gone.run(hold.slot).archive
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        counts = write_changes(ten_gone.warehouse, archive, hold, target)
    rows = path.read_text(encoding="utf-8-sig").splitlines()
    assert (rows[0], len(rows)) == ("entity,change,school_id,key,new_key", counts.total() + 1)
    assert counts["2", "students", "removed"] == 10
    assert next(r for r in rows if r.startswith("students,")) == "students,removed,2,2s10,"


def test_an_answer_at_the_last_moment_counts(ten_gone: TwoSchools) -> None:
    """The answer has the lock when the time is up: the hold is not called expired."""
    (hold,) = ten_gone.holds()
    late = hold.opened_at + EXPIRES
    with ThreadPoolExecutor(1) as pool:
        with connect(ten_gone.warehouse) as conn, conn.transaction():
            lock_fold(conn, hold.district, Domain(hold.domain))
            close_hold(conn, hold.hold_id, "approved")
            expiring = pool.submit(expire, ten_gone.warehouse, late)
            with pytest.raises(TimeoutError):
                expiring.result(timeout=1)
        assert expiring.result(timeout=30) == []
    assert ten_gone.holds()[0].status == "approved"
