"""Data Docs of a run: built by task validate, linked from its page, and never in a night's way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rostersync.archive import Archive, Layout
from rostersync.spec import Domain
from tests.orchestration.night import DISTRICT, Sync
from tests.support.pages import assert_stands_alone

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.postgres,
    pytest.mark.sftp,
    pytest.mark.slow,
]

MONDAY = "2026-08-31"
MONDAY_AT_6PM = datetime(2026, 8, 31, 18, tzinfo=ZoneInfo("America/Denver"))
LINK = "_link_DataDocsLink"
LAYOUT = Layout(DISTRICT, Domain.CORE, MONDAY)


def test_the_dag_in_airflows_database_knows_the_link(districts: Path) -> None:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization

    dag = DagBag().dags[f"core__{DISTRICT}"]
    tasks = [t["__var"] for t in DagSerialization.to_dict(dag)["dag"]["tasks"]]
    links = {t["task_id"]: t.get("_operator_extra_links", {}) for t in tasks}
    assert links.pop("validate") == {"Data Docs": LINK}
    assert not any(links.values())


def test_a_night_builds_its_pages_and_removes_old_ones(
    sync: Sync, districts: Path, caplog: pytest.LogCaptureFixture
) -> None:
    yaml = districts / f"{DISTRICT}.yaml"
    yaml.write_text(yaml.read_text() + "data_docs: {keep_days: 5}\n")
    archive = Archive(sync.archive)
    old = Layout(DISTRICT, Domain.CORE, "2026-08-03")
    long_ago = datetime.now(UTC).date() - timedelta(days=6)
    for name in ("docs-0123456789ab/index.html", "check-0123456789ab/gx.json"):
        archive.write_json(f"{old.landing(1)}/{name}", {})
    archive.write_json(old.docs_mark(long_ago, 1, "0123456789ab"), {})
    sync.upload(1, at=MONDAY_AT_6PM)

    night = sync.run(slot=MONDAY)

    assert night.state == "success"
    pin = night.xcoms["stage"]["return_value"]["pin"]
    index = f"{LAYOUT.docs(1, pin)}/index.html"
    assert night.xcoms["validate"]["data_docs"] == index
    assert f"/rostersync/data-docs/{index}" in caplog.text
    assert night.xcoms["validate"][LINK].endswith(f"/rostersync/data-docs/{index}")
    for name in archive.list_names(LAYOUT.docs(1, pin)):
        assert_stands_alone(Path(archive.path(f"{LAYOUT.docs(1, pin)}/{name}")))
    assert archive.list_names(old.landing(1)) == ["check-0123456789ab"]


def test_a_rejected_upload_has_pages_too(sync: Sync) -> None:
    students = sync.uploads / "night-1" / "students.csv"
    whole = students.read_text()
    students.write_text(whole.replace("student_id", "pupil", 1))
    try:
        sync.upload(1, at=MONDAY_AT_6PM)
        night = sync.run(slot=MONDAY)
    finally:
        students.write_text(whole)
    assert night.states["validate"] == "failed"
    index = Archive(sync.archive).path(night.xcoms["validate"]["data_docs"])
    assert "cannot be used: its records were not checked" in Path(index).read_text()
    assert night.xcoms["validate"][LINK]


def test_pages_that_cannot_be_built_fail_nothing(
    sync: Sync, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("Aspen's phone number")

    monkeypatch.setattr("rostersync.validation.docs.build_pages", broken)
    sync.upload(1, at=MONDAY_AT_6PM)
    night = sync.run(slot=MONDAY)
    assert night.state == "success"
    assert "Data Docs were not built: ValueError" in caplog.text
    assert "phone" not in caplog.text
    assert not night.xcoms["validate"].get(LINK)
    assert not Archive(sync.archive).list_names(f"{DISTRICT}/data-docs")
