"""Which runs of DAG ``holds`` are started and which are ended, as the ledger's holds come and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rostersync.ledger import OpenedHold

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
    state="open",
    first_slot="2026-09-02",
    opened_at=datetime(2026, 9, 3, 2, tzinfo=UTC),
    closed_at=None,
)
RUN = "aspen__core__2026-09-02"


def choose(*waiting: OpenedHold, asked: dict[str, str], active: tuple[str, ...] = ()):
    from rostersync.orchestration.ask import choose

    return choose(waiting, asked, lambda run: run in active)


def test_a_hold_is_asked_about_once_while_its_run_waits() -> None:
    starts, asked = choose(HOLD, asked={})
    assert starts == [{"trigger_run_id": RUN, "conf": {"hold": "h1", "slot": "2026-09-02"}}]
    assert choose(HOLD, asked=asked, active=(RUN,)) == ([], asked)


def test_a_hold_whose_run_ended_without_a_decision_is_asked_about_again() -> None:
    _, asked = choose(HOLD, asked={})
    starts, _ = choose(HOLD, asked=asked)
    assert [s["trigger_run_id"] for s in starts] == [RUN]


@pytest.mark.parametrize(
    "change",
    [
        {"landing": 2},
        {"slices": [{**HOLD.slices[0], "fingerprint": "g"}]},
        {"hold_id": "h2"},
    ],
)
def test_a_hold_that_moved_is_asked_about_anew(change: dict) -> None:
    _, asked = choose(HOLD, asked={})
    starts, now = choose(replace(HOLD, **change), asked=asked, active=(RUN,))
    assert [s["trigger_run_id"] for s in starts] == [RUN]
    assert now != asked


def test_the_run_of_a_hold_that_waits_no_more_is_ended_once() -> None:
    _, asked = choose(HOLD, asked={})
    starts, now = choose(asked=asked, active=(RUN,))
    assert starts == [{"trigger_run_id": RUN}]
    assert now == {}
    assert choose(asked=asked) == ([], {}), "a run that has ended is left alone"


def test_the_next_night_takes_the_runs_place() -> None:
    _, asked = choose(HOLD, asked={})
    tomorrow = replace(HOLD, slot="2026-09-03")
    starts, now = choose(tomorrow, asked=asked, active=(RUN,))
    assert [s["trigger_run_id"] for s in starts] == ["aspen__core__2026-09-03", RUN]
    assert list(now) == ["aspen__core__2026-09-03"]


def test_the_rest_of_many_comes_at_the_next_look() -> None:
    many = [replace(HOLD, district=f"d{n:03}") for n in range(250)]
    asked: dict[str, str] = {}
    started: list[str] = []
    for _ in range(3):
        starts, asked = choose(*many, asked=asked, active=tuple(started))
        started += [s["trigger_run_id"] for s in starts]
    assert len(started) == len(set(started)) == 250
    ended: set[str] = set()
    for _ in range(3):
        starts, asked = choose(asked=asked, active=tuple(set(started) - ended))
        ended |= {s["trigger_run_id"] for s in starts}
    assert ended == set(started)
    assert asked == {}
