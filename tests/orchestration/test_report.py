"""How a run ended, from what its tasks left behind."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rostersync.archive import FileState
from rostersync.errors import MissingUploadError, RosterSyncError, WarehouseUnavailableError
from rostersync.fold import EntityDiff, FileResult, FindingSummary
from rostersync.ledger.results import Hold, Outcome, RunResult

pytestmark = pytest.mark.airflow

DONE = dict.fromkeys(("wait", "land", "stage", "validate", "diff", "load"), "success")
TOLD = {
    "wait": {"return_value": {"outcome": "complete"}},
    "land": {"return_value": 2},
    "stage": {"return_value": {"landing": 2, "pin": "abc"}},
    "validate": {"return_value": {}},
    "diff": {"return_value": {}},
}
RESULT = RunResult(
    Outcome.LOADED,
    {
        "students": FileResult(
            FileState.ACCEPTED,
            10,
            9,
            1,
            0,
            0,
            (FindingSummary("r", "error", "c", 1, (4,), "m", "v"),),
        )
    },
    {"students": EntityDiff("f" * 32, 9, added=9, changes="a/b.parquet")},
    (Hold("set", None, "district", 9, "x"),),
    recomputed=("2026-09-02",),
)


def test_loaded_run_ends_with_what_the_load_returned() -> None:
    from rostersync.orchestration.report import ending_of
    from rostersync.orchestration.results import to_xcom

    loaded = json.loads(json.dumps(to_xcom(RESULT)))
    ending = ending_of(DONE, {**TOLD, "load": {"return_value": loaded}})

    assert (ending.error, ending.landing, ending.pin) == (None, 2, "abc")
    assert ending.result.outcome is Outcome.LOADED
    assert ending.result.quarantined == 1
    assert ending.result.changes["students"].added == 9
    assert ending.result.holds == RESULT.holds
    assert ending.result.files["students"].findings[0].lines == (4,)
    assert [(f.message, f.values) for f in ending.result.files["students"].findings] == [("", "")]


def test_first_failed_step_is_the_runs_failure() -> None:
    from rostersync.orchestration.report import ending_of

    attrs = WarehouseUnavailableError("The warehouse cannot be reached", next_step="wait").attrs()
    ending = ending_of({**DONE, "load": "failed"}, {**TOLD, "load": {"failure": attrs}})

    assert isinstance(ending.error, WarehouseUnavailableError)
    assert (ending.landing, ending.pin) == (2, "abc")


def test_failure_before_the_landing_has_no_landing() -> None:
    from rostersync.orchestration.report import ending_of

    states = {**dict.fromkeys(DONE, "upstream_failed"), "wait": "failed"}
    attrs = MissingUploadError("The wait ended").attrs()
    ending = ending_of(states, {"wait": {"failure": attrs}})

    assert isinstance(ending.error, MissingUploadError)
    assert ending.landing is None


def test_killed_step_is_named() -> None:
    from rostersync.orchestration.report import ending_of

    ending = ending_of({**DONE, "validate": "failed"}, TOLD)
    assert type(ending.error) is RosterSyncError
    assert "step validate" in ending.error.message()


def test_failure_told_by_a_step_that_was_set_to_success_no_longer_counts() -> None:
    from rostersync.orchestration.report import ending_of
    from rostersync.orchestration.results import to_xcom

    attrs = MissingUploadError("The wait ended").attrs()
    told = {**TOLD, "validate": {"failure": attrs}, "load": {"return_value": to_xcom(RESULT)}}
    assert ending_of(DONE, told).result.outcome is Outcome.LOADED


def test_day_without_an_upload_is_no_failure() -> None:
    from rostersync.orchestration.report import ending_of

    states = {**dict.fromkeys(DONE, "skipped"), "wait": "success"}
    ending = ending_of(states, {"wait": {"return_value": {"outcome": "not_expected"}}})
    assert ending.result.outcome is Outcome.NOT_EXPECTED


def test_names_that_were_not_read_on_such_a_day_are_kept() -> None:
    from rostersync.orchestration.report import ending_of

    states = {**dict.fromkeys(DONE, "skipped"), "wait": "success"}
    event = {
        "outcome": "not_expected",
        "near_misses": ["Staff.csv (expected staff.csv)"],
        "temporary": [],
        "unexpected": ["terms.csv (terms are off)"],
    }
    result = ending_of(states, {"wait": {"return_value": event}}).result
    assert result.ignored == ("Staff.csv (expected staff.csv)", "terms.csv (terms are off)")


def test_an_xcom_has_no_name_of_a_district_s_own() -> None:
    from rostersync.orchestration.results import from_xcom, to_xcom

    names = ("Jo Testkid.xlsx", "Jo staff.csv (expected staff.csv)", "terms.csv (terms are off)")
    again = from_xcom(json.loads(json.dumps(to_xcom(replace(RESULT, ignored=names)))))
    assert again.ignored == ("a file", "a file (expected staff.csv)", "terms.csv (terms are off)")
    assert again.names == replace(RESULT, ignored=names).names


def test_skipping_the_load_by_hand_does_not_make_a_green_run() -> None:
    from rostersync.orchestration.report import ending_of

    ending = ending_of({**DONE, "load": "skipped"}, TOLD)
    assert ending.result is None
    assert "step load" in ending.error.message()
