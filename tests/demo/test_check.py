"""The demo's judge: a night that ended as it should has no problems, any other names what is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rostersync.demo.check import Ended, Expected, FileRow, problems
from rostersync.ledger import Outcome
from rostersync.ledger.queries import RunSummary

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
        ({"runs": ()}, "the ledger has 0 runs of this night"),
        ({"runs": (RUN, RUN)}, "the ledger has 2 runs of this night"),
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
