"""Which runs of DAG ``holds`` are started and which are ended, as the ledger's holds come and go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from rostersync.errors import DecisionError
from rostersync.ledger.holds import OpenedHold

pytestmark = pytest.mark.airflow

HOLD = OpenedHold(
    hold_id="h1",
    district="aspen",
    domain="core",
    slot="2026-09-02",
    landing=1,
    kind="slices",
    label=None,
    reasons=[],
    slices=[{"entity": "students", "kind": "removed", "scope": "", "fingerprint": "f"}],
    counts={},
    status="open",
    first_slot="2026-09-02",
    opened_at=datetime(2026, 9, 3, 2, tzinfo=UTC),
    closed_at=None,
    rekeyed={},
)
SLOT = "aspen__core__2026-09-02"


def choose(
    *waiting: OpenedHold,
    asked: Iterable[str] = (),
    active: Iterable[str] = (),
    answered: Iterable[str] = (),
):
    from rostersync.orchestration.hold_runs import choose

    return choose(waiting, asked, lambda run: run in active, lambda run: run in answered)


def ids(starts: list[dict]) -> list[str]:
    return [start["trigger_run_id"] for start in starts]


def test_a_hold_is_asked_about_once_while_its_run_waits() -> None:
    (start,), asked = choose(HOLD)
    assert start["trigger_run_id"].startswith(f"{SLOT}__")
    assert start["conf"]["hold"] == "h1"
    assert choose(HOLD, asked=asked, active=asked) == ([], asked)


def test_a_hold_whose_run_ended_without_a_decision_is_asked_about_again() -> None:
    first, asked = choose(HOLD)
    again, _ = choose(HOLD, asked=asked)
    assert again == first


@pytest.mark.parametrize(
    "change",
    [
        {"landing": 2},
        {"slices": [{**HOLD.slices[0], "fingerprint": "g"}]},
        {"hold_id": "h2"},
        {"label": "rekey", "rekeyed": {"1": 40}},
        {"slot": "2026-09-03"},
    ],
)
def test_a_hold_that_looks_other_than_before_gets_a_page_of_its_own(change: dict) -> None:
    """Airflow shows a cleared run's page as it was first: nobody must answer what they do not see."""
    _, asked = choose(HOLD)
    starts, now = choose(replace(HOLD, **change), asked=asked, active=asked)
    assert len(starts) == 2
    new, old = starts
    assert new["trigger_run_id"] not in asked
    assert new["conf"]["hold"] == change.get("hold_id", "h1")
    assert old == {"trigger_run_id": asked[0]}, "the old page is closed"
    assert now == ids(starts)


def test_the_run_of_a_hold_that_waits_no_more_is_ended() -> None:
    _, asked = choose(HOLD)
    starts, now = choose(asked=asked, active=asked)
    assert starts == [{"trigger_run_id": asked[0]}]
    assert now == asked, "looked at again, should the clearing fail"
    assert choose(asked=asked) == ([], []), "a run that has ended is left alone"


def test_a_run_that_is_applying_its_answer_is_left_alone() -> None:
    _, asked = choose(HOLD)
    assert choose(asked=asked, active=asked, answered=asked) == ([], [])
    assert choose(HOLD, asked=asked, active=asked, answered=asked) == ([], asked)


def test_the_rest_of_many_comes_at_the_next_look() -> None:
    many = [replace(HOLD, district=f"d{n:03}") for n in range(250)]
    asked: list[str] = []
    started: list[str] = []
    for _ in range(3):
        starts, asked = choose(*many, asked=asked, active=tuple(started))
        started += ids(starts)
    assert len(started) == len(set(started)) == 250
    ended: set[str] = set()
    for _ in range(3):
        starts, asked = choose(asked=asked, active=set(started) - ended)
        ended |= set(ids(starts))
    assert ended == set(started)
    assert choose(asked=asked) == ([], [])


def answer(option: str, **given: object) -> dict:
    return {"option": option, "input": given, "by": {"id": "pat", "name": "pat"}}


@pytest.mark.parametrize(
    "given",
    [
        answer("Approve", slices=["students:removed"]),
        answer("Approve", slices=["students:removed"], reason=" "),
        answer("Approve", reason="as agreed"),
        answer("Approve", reason="as agreed", slices=[]),
        answer("Approve", reason="as agreed", slices="students:removed"),
        answer("Discard", reason="as agreed", discard_until="next week"),
    ],
)
def test_an_answer_that_says_too_little_decides_nothing(given: dict) -> None:
    """Least of all may one without slices approve every slice."""
    from rostersync.orchestration.holds import read_answer

    with pytest.raises(DecisionError):
        read_answer(HOLD, given)


def test_an_answer_is_about_the_slices_it_names() -> None:
    from rostersync.orchestration.holds import read_answer

    chosen = {"slices": ["students:removed"], "discard_until": "2026-10-01"}
    approved = read_answer(HOLD, answer("Approve", reason=" as agreed ", **chosen))
    assert approved == ("as agreed", ["students:removed"], None)
    discarded = read_answer(HOLD, answer("Discard", reason="as agreed", **chosen))
    assert discarded == ("as agreed", None, date(2026, 10, 1))
    whole = replace(HOLD, kind="set", slices=[])
    assert read_answer(whole, answer("Approve", reason="right")) == ("right", None, None)


def test_a_bundle_is_named_by_its_number_or_by_a_slice_of_it() -> None:
    from rostersync.orchestration.holds import read_answer
    from rostersync.reporting.hold_page import bundle_name

    part = {**HOLD.slices[0], "count": 9, "limit": 5, "reason": "over_limit"}
    tied = {**part, "kind": "added", "reason": "waits_with"}
    name = bundle_name(12, [tied, part])
    assert name == "12: students:removed, with 1 slice tied to it"
    given = answer("Approve", reason="right", bundles=[name, "students:added:1"])
    assert read_answer(HOLD, given) == ("right", ["12", "students:added:1"], None)
