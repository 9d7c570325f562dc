"""What a task's failure becomes: tried again or not, told to the report, and never with a row's value."""

from __future__ import annotations

import json
import traceback
from types import SimpleNamespace
from typing import Any

import pytest

from rostersync import errors

pytestmark = pytest.mark.airflow


class Ti:
    """Of a task instance, what a task uses: its name and its XComs."""

    task_id = "stage"

    def __init__(self) -> None:
        self.xcoms: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[key] = json.loads(json.dumps(value))


def _classes(base: type) -> list[type]:
    return [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, base)]


@pytest.mark.parametrize("error", _classes(errors.TerminalError), ids=lambda c: c.__name__)
def test_terminal_errors_fail_at_once(error: type) -> None:
    from airflow.sdk import RetryAction

    from rostersync.orchestration.policy import RETRY_POLICY

    assert RETRY_POLICY.evaluate(error("x"), 1, 2).action is RetryAction.FAIL


@pytest.mark.parametrize("error", _classes(errors.TransientError), ids=lambda c: c.__name__)
def test_transient_errors_are_tried_again(error: type) -> None:
    from airflow.sdk import RetryAction

    from rostersync.orchestration.policy import RETRY_POLICY

    assert RETRY_POLICY.evaluate(error("x"), 1, 2).action is RetryAction.RETRY


def test_retry_delay_is_set_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from rostersync.orchestration.policy import default_args

    assert default_args()["retry_delay"].total_seconds() == 120
    monkeypatch.setenv("ROSTERSYNC_RETRY_SECONDS", "0.5")
    assert default_args()["retry_delay"].total_seconds() == 0.5


def test_our_errors_reach_the_report_as_they_were() -> None:
    from rostersync.orchestration.exits import FinalExit
    from rostersync.orchestration.failures import FAILURE, failures_as_xcom
    from rostersync.orchestration.sensor import rebuild_error

    ti = Ti()
    error = errors.RejectedUploadError(
        "A required file cannot be used", slot="2026-09-01", expected="a", found="b", next_step="c"
    )
    with pytest.raises(FinalExit) as ended, failures_as_xcom({"ti": ti}):
        raise error
    assert ended.value.error is error
    again = rebuild_error(ti.xcoms[FAILURE])
    assert type(again) is errors.RejectedUploadError
    assert again.message() == error.message()


def test_every_mistake_of_a_configuration_reaches_the_report() -> None:
    from rostersync.orchestration.exits import FinalExit
    from rostersync.orchestration.failures import FAILURE, failures_as_xcom

    ti = Ti()
    with pytest.raises(FinalExit), failures_as_xcom({"ti": ti}):
        raise errors.ConfigError("Two mistakes", problems=["a.yaml: id", "a.yaml: core.at"])
    assert ti.xcoms[FAILURE]["found"] == "a.yaml: id; a.yaml: core.at"


def test_a_data_error_is_told_in_short_lines_and_ends_the_task_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from airflow.sdk import RetryAction

    from rostersync.orchestration.exits import FinalExit
    from rostersync.orchestration.failures import failures_as_xcom
    from rostersync.orchestration.policy import RETRY_POLICY

    error = errors.RejectedUploadError(
        "A required file cannot be used",
        district="aspen",
        slot="2026-09-01",
        found="students.csv: " + "the required column last_name is missing; " * 20,
        next_step="ask the district to correct it",
    )
    with pytest.raises(FinalExit) as ended, failures_as_xcom({"ti": Ti()}):
        raise error
    lines = caplog.messages
    assert lines[:2] == ["RejectedUploadError", "  A required file cannot be used."]
    assert max(map(len, lines)) <= 88
    assert " ".join(" ".join(lines[1:]).split()) == error.message()
    assert all(record.exc_info is None for record in caplog.records)
    # Airflow writes no traceback of an exit alone
    assert isinstance(ended.value, SystemExit)
    assert ended.value.code == "RejectedUploadError"
    assert RETRY_POLICY.evaluate(ended.value, 1, 2).action is RetryAction.FAIL


def test_a_network_error_is_told_in_lines_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from airflow.sdk import RetryAction

    from rostersync.orchestration.exits import PassingExit
    from rostersync.orchestration.failures import failures_as_xcom
    from rostersync.orchestration.policy import RETRY_POLICY

    with pytest.raises(PassingExit) as ended, failures_as_xcom({"ti": Ti()}):
        raise errors.SftpConnectionError("The server does not answer", host="sftp.example.org")
    assert caplog.messages[0] == "SftpConnectionError"
    assert RETRY_POLICY.evaluate(ended.value, 1, 2).action is RetryAction.RETRY


@pytest.mark.parametrize("error", [errors.AccountingError("x"), errors.RosterSyncError("x")])
def test_a_bug_keeps_its_traceback(error: errors.RosterSyncError) -> None:
    from rostersync.orchestration.failures import failures_as_xcom

    with pytest.raises(type(error)), failures_as_xcom({"ti": Ti()}):
        raise error


def test_unforeseen_errors_lose_their_message_but_not_their_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    from rostersync.orchestration.failures import failures_as_xcom

    ti = Ti()
    name = "Aspen" + "Testkid"  # in two parts: the traceback shows this line
    with pytest.raises(errors.RosterSyncError) as raised, failures_as_xcom({"ti": ti}):
        int(name)
    shown = "".join(traceback.format_exception(raised.value))
    for text in (shown, caplog.text, json.dumps(ti.xcoms)):
        assert name not in text
    assert "builtins.ValueError" in shown
    assert "test_failures.py" in caplog.text


def test_skips_are_not_failures() -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from rostersync.orchestration.failures import failures_as_xcom

    ti = Ti()
    with pytest.raises(AirflowSkipException), failures_as_xcom({"ti": ti}):
        raise AirflowSkipException
    assert ti.xcoms == {}


def test_ledger_id_is_kept_by_retries_and_changed_by_a_clear() -> None:
    from rostersync.orchestration.runs import ledger_id

    def of(run_id: str, clears: int) -> str:
        dag_run = SimpleNamespace(dag_id="core__aspen", run_id=run_id, clear_number=clears)
        return ledger_id({"dag_run": dag_run})

    assert of("a", 0) == of("a", 0)
    assert len({of("a", 0), of("a", 1), of("b", 0)}) == 3


def test_an_upload_over_its_caps_is_rejected_with_the_files_it_is_refused_for() -> None:
    """The error comes to the report as data: nothing is landed that could be looked at."""
    from rostersync.orchestration.sensor import rebuild_error
    from rostersync.pipeline.steps.report import outcome_of, oversized

    refused = errors.UploadTooLargeError(
        "A file of the upload is larger than is taken",
        file="parents.csv, students.csv",
        expected="at most 2 bytes",
        found="3 bytes, 4 bytes",
        next_step="look at the export",
    )
    told = rebuild_error(json.loads(json.dumps(refused.attrs())), district="springfield")
    assert outcome_of(told) == "rejected"
    files = oversized(told)
    assert set(files) == {"parents", "students"}
    [finding] = files["students"].findings
    assert (finding.rule, finding.severity) == ("file.size.too_large", "critical")
    assert "3 bytes, 4 bytes, at most 2 bytes; look at the export" in finding.message
    assert oversized(errors.RejectedUploadError("x")) == {}
