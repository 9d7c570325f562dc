"""The demo's judge: a night that ended as it should has no problems, any other names what is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rostersync.demo.check import Ended, Expected, FileRow, notice_problems, problems
from rostersync.ledger.notices import NoticeDay
from rostersync.ledger.queries import RunSummary
from rostersync.ledger.results import Outcome

BEGAN = datetime(2026, 9, 2, 1, tzinfo=UTC)
RUN = RunSummary(
    district="aspen",
    domain="core",
    slot="2026-09-01",
    landing=1,
    run_id="1",
    outcome="loaded",
    message="",
    started_at=BEGAN,
    finished_at=BEGAN + timedelta(minutes=1),
    files=2,
    records=30,
    accepted=26,
    quarantined=3,
    duplicates=1,
    changes={"students": {"added": 2, "changed": 1, "removed": 0}},
)
EXPECTED = Expected(
    Outcome.LOADED,
    records={"students": 10, "rosters": 20},
    kept_out={"students": {"students.first_name.present": 1}, "rosters": {"rosters.x.known": 2}},
    students={"added": 2, "changed": 1},
    warned={"students": {"students.x.near": 4}},
)
ENDED = Ended(
    airflow="success",
    runs=(RUN,),
    files={
        "students": FileRow("accepted", 10, 9, 1, 0),
        "rosters": FileRow("accepted", 20, 17, 2, 1),
    },
    kept_out={"students": {"students.first_name.present": 1}, "rosters": {"rosters.x.known": 2}},
    touched=("rosters", "students"),
    warned={"students": {"students.x.near": 4, "students.y.near": 1}},
)
REJECTED = Expected(Outcome.REJECTED, {"students": 10}, kept_out={}, rejected="students")
ENDED_REJECTED = Ended(
    airflow="failed",
    runs=(replace(RUN, outcome="rejected", message="no last_name", changes={}),),
    files={"students": FileRow("rejected", None, 0, 0, 0)},
    kept_out={},
    touched=(),
)


def test_a_night_as_expected_has_no_problems():
    assert problems(EXPECTED, ENDED) == []
    assert problems(REJECTED, ENDED_REJECTED) == []


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        ({"outcome": Outcome.IDENTICAL}, "the outcome is loaded instead of identical"),
        ({"records": {"students": 11}}, "students.csv: 10 records instead of 11"),
        ({"records": {"staff": 1}}, "the ledger does not know staff.csv"),
        ({"students": {"added": 3}}, "2 students added instead of 3"),
        ({"students": {"removed": 1}}, "0 students removed instead of 1"),
        ({"kept_out": {}}, "students.first_name.present keeps out 1 instead of 0"),
        (
            {"warned": {"students": {"students.x.near": 3}}},
            "students.x.near warns of 4 instead of 3",
        ),
        ({"warned": {"rosters": {"rosters.z.near": 1}}}, "rosters.z.near warns of 0 instead of 1"),
        (
            {"kept_out": {"students": {"students.grade.known": 1}}},
            "students.grade.known keeps out 0 instead of 1",
        ),
    ],
)
def test_another_expectation_is_not_met(expected, says):
    assert any(says in problem for problem in problems(replace(EXPECTED, **expected), ENDED))


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        ({"runs": ()}, "the ledger has 0 runs of this slot"),
        ({"runs": (RUN, RUN)}, "the ledger has 2 runs of this slot"),
        ({"airflow": "failed"}, "the outcome is loaded, but Airflow's run is failed"),
        ({"touched": ()}, "the warehouse is as it was"),
        (
            {"files": {**ENDED.files, "rosters": FileRow("accepted", 20, 17, 2, 0)}},
            "rosters.csv: 19 records accounted for of 20",
        ),
        (
            {"files": {**ENDED.files, "rosters": FileRow("accepted", 20, 16, 3, 1)}},
            "rosters.csv: 3 in quarantine instead of 2",
        ),
    ],
)
def test_another_ending_is_not_as_expected(ended, says):
    assert any(says in problem for problem in problems(EXPECTED, replace(ENDED, **ended)))


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        ({"touched": ("students",)}, "changed although nothing was loaded: students"),
        (
            {"files": {"students": FileRow("accepted", 10, 10, 0, 0)}},
            "accepted instead of rejected",
        ),
        (
            {"runs": (replace(RUN, outcome="error", message="disk full"),)},
            "error instead of rejected (disk full)",
        ),
    ],
)
def test_a_rejected_night_must_leave_no_trace_in_the_tables(ended, says):
    assert any(says in problem for problem in problems(REJECTED, replace(ENDED_REJECTED, **ended)))


def test_what_a_real_upload_keeps_out_is_nobodys_expectation():
    real = replace(EXPECTED, kept_out=None)
    assert problems(real, ENDED) == []


DUE = datetime(2026, 9, 2, 15, 30, tzinfo=UTC)
ABSENT = NoticeDay(
    district="aspen",
    notice="absent",
    date=date(2026, 9, 2),
    slot="2026-09-02T10:30",
    send_after=DUE,
    file_at=DUE - timedelta(minutes=9),
    pending=7,
    told=0,
    unreachable=1,
    held=0,
    withdrawn=0,
    expired=0,
    hold_reason=None,
    lapses_at=None,
)
LATE = replace(ABSENT, notice="late", pending=0, unreachable=0, held=30)
NOTICES = {"absent": {"pending": 7, "unreachable": 1}, "late": {"held": 30}}


def test_notices_as_expected_have_no_problems():
    assert notice_problems(NOTICES, [ABSENT, LATE], slots=[ABSENT.slot]) == []
    assert notice_problems({}, [], slots=[]) == []


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ([ABSENT], ["notice late was not written"]),
        ([ABSENT, LATE, replace(LATE, notice="x")], ["notice x was written"]),
        ([replace(ABSENT, pending=6), LATE], ["notice absent: 6 students pending instead of 7"]),
        ([ABSENT, replace(LATE, held=0)], ["notice late: 0 students held instead of 30"]),
        ([replace(ABSENT, expired=2), LATE], ["notice absent: 2 students expired instead of 0"]),
        (
            [replace(ABSENT, slot="2026-09-02T11:30"), LATE],
            ["notice absent is for 2026-09-02T11:30"],
        ),
    ],
)
def test_other_notices_are_not_as_expected(written, says):
    assert notice_problems(NOTICES, written, slots=[LATE.slot]) == says
