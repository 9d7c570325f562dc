"""The sensor: it defers at once, and makes the upload, or an error, of its trigger's event."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import TaskDeferred

from rostersync import errors
from rostersync.landing import completeness
from rostersync.orchestration.exits import FinalExit
from rostersync.orchestration.sensor import UploadSensor
from tests.orchestration.waiting import fill, make, wait

pytestmark = [pytest.mark.sftp, pytest.mark.airflow]


class Task:
    """The bit of a task instance the sensor uses."""

    def __init__(self):
        self.pushed = {}

    def xcom_push(self, key, value):
        self.pushed[key] = value


def sensor(plan, **kw) -> UploadSensor:
    return UploadSensor(task_id="wait", district_id="springfield", domain="core", plan=plan, **kw)


def test_the_sensor_defers_at_once():
    arguments = make().serialize()[1]
    built = sensor(lambda _: arguments)
    assert built._is_sensor
    with pytest.raises(TaskDeferred) as deferred:
        built.execute({})
    assert deferred.value.trigger.serialize()[1] == arguments
    assert deferred.value.timeout.total_seconds() > 3600


def test_the_sensor_returns_an_answer_the_plan_has():
    assert sensor(lambda _: {"outcome": "archive"}).execute({}) == {"outcome": "archive"}


@pytest.mark.usefixtures("connection")
def test_the_sensor_returns_the_upload(drop):
    fill(drop)
    event = wait(make())
    told = []
    built = sensor(dict, on_event=lambda _, e: told.append(e))
    assert built.execute_complete({"ti": Task()}, event) == event
    assert told == [event]
    assert completeness.UploadedFile(**event["files"][0]).name == "schools"


@pytest.mark.usefixtures("connection")
def test_the_sensor_fails_a_missing_upload(drop):
    fill(drop, "students")
    task = Task()
    told = []
    built = sensor(dict, on_event=lambda _, e: told.append(e["outcome"]))
    with pytest.raises(FinalExit) as caught:
        built.execute_complete({"ti": task}, wait(make(deadline=0)))
    assert isinstance(caught.value.error, errors.MissingUploadError)
    assert "schools.csv" in caught.value.error.expected
    assert caught.value.error.found == "new: students.csv"
    assert caught.value.error.where["district"] == "springfield"
    assert told == ["missing"]
    assert task.pushed["upload"]["outcome"] == "missing"


def test_the_sensor_raises_the_servers_error_again(connection):
    connection(password="nonsense")
    with pytest.raises(FinalExit) as caught:
        sensor(dict).execute_complete({"ti": Task()}, wait(make()))
    assert isinstance(caught.value.error, errors.SftpAuthenticationError)
    assert caught.value.error.next_step
    assert caught.value.error.where["connection"] == "sftp_springfield"
    assert caught.value.error.where["district"] == "springfield"
