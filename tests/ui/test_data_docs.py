"""Who gets which page of the Data Docs, with which headers, and that nothing else is reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from rostersync.archive import Archive, Layout
from rostersync.spec import Domain
from tests.support.object_storage import BUCKET, object_storage

pytestmark = pytest.mark.airflow

PIN, VERSION = "0123456789ab", "ba9876543210"
LAYOUT = Layout("aspen", Domain.CORE, "2026-09-02")
SITE = f"/data-docs/{LAYOUT.docs(1, PIN)}"
SECRET = "a value of a record"


class Managed:
    """Airflow's auth manager, for which everybody may read the DAGs named."""

    def __init__(self, *dags: str) -> None:
        self.dags = dags
        self.asked: list[Any] = []

    def is_authorized_dag(self, **asked: Any) -> bool:
        self.asked.append((asked["method"], asked["access_entity"].value, asked["details"].id))
        return asked["details"].id in self.dags


def fill(archive: Archive) -> Archive:
    for name, content in {
        f"{LAYOUT.docs(1, PIN)}/index.html": b'<a href="students.html">\xc3\xa9</a>',
        f"{Layout.docs_static(VERSION)}/data-docs.css": b"body {}",
        f"{LAYOUT.check(1, PIN)}/gx.json": SECRET.encode(),
        f"{LAYOUT.landing(1)}/files/students.csv": SECRET.encode(),
        f"{LAYOUT.docs(1, PIN)}/notes.txt": SECRET.encode(),
        LAYOUT.docs_mark(date(2026, 9, 2), 1, PIN): SECRET.encode(),
    }.items():
        with archive.writing(name) as f:
            f.write(content)
    return archive


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    (tmp_path / "index.html").write_text(SECRET)
    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
    return fill(Archive(tmp_path / "archive"))


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Instead of the folder."""
    with object_storage():
        url = f"s3://{BUCKET}/ui"
        fill(Archive(url))
        monkeypatch.setenv("ROSTERSYNC_ARCHIVE", url)
        yield


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Managed:
    from airflow.api_fastapi.core_api import security
    from airflow.models import DagModel

    manager = Managed("core__aspen")
    monkeypatch.setattr(security, "get_auth_manager", lambda: manager)
    monkeypatch.setattr(DagModel, "get_team_name", staticmethod(lambda dag_id: None))
    return manager


@pytest.fixture
def browser(archive: Archive, manager: Managed) -> Iterator[Any]:
    """Somebody who has logged in."""
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi.testclient import TestClient

    from rostersync.ui.app import app

    app.dependency_overrides[get_user] = lambda: object()
    yield TestClient(app)
    app.dependency_overrides.clear()


def test_a_page_for_who_may_read_the_districts_dag(browser: Any, manager: Managed) -> None:
    answer = browser.get(f"{SITE}/index.html")
    assert (answer.status_code, answer.text) == (200, '<a href="students.html">é</a>')
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:;")
    assert "script" not in policy
    assert manager.asked == [("GET", "TASK_INSTANCE", "core__aspen")]


def test_a_style_sheet_where_a_page_looks_for_it(browser: Any) -> None:
    link = "../" * 5 + Layout.docs_static(VERSION) + "/data-docs.css"
    answer = browser.get(urljoin(f"{SITE}/index.html", link))
    assert (answer.status_code, answer.text) == (200, "body {}")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in answer.headers["cache-control"]
    assert browser.get(f"/data-docs/docs-static/{VERSION}/other.css").status_code == 404


def test_object_storage_answers_as_a_folder_does(browser: Any, bucket: None) -> None:
    assert browser.get(f"{SITE}/index.html").text == '<a href="students.html">é</a>'
    assert browser.get(f"/data-docs/docs-static/{VERSION}/data-docs.css").text == "body {}"
    assert browser.get(f"{SITE}/students.html").status_code == 404
    assert browser.get(f"/data-docs/{LAYOUT.check(1, PIN)}/gx.json").status_code == 422


@pytest.mark.parametrize("name", ["aspen/terms", "birch/core"])
def test_no_page_for_who_may_not_read_that_dag(browser: Any, name: str) -> None:
    url = SITE.replace("aspen/core", name)
    assert browser.get(f"{url}/index.html").status_code == 403
    assert browser.get(f"{url}/nothing.html").status_code == 403  # not even whether it is there


def test_a_page_that_is_gone_says_how_to_build_it(browser: Any) -> None:
    answer = browser.get(f"{SITE}/students.html")
    assert answer.status_code == 404
    assert "clear task <b>validate</b>" in answer.text
    command = "rostersync data-docs --district aspen --domain core --slot 2026-09-02 --landing 1"
    assert command in answer.text


def test_the_command_of_a_notices_slot_is_one_that_is_taken(browser: Any, manager: Managed) -> None:
    manager.dags = ("attendance__aspen",)
    site = f"/data-docs/aspen/attendance/2026-09-02T1030/landing-0001/docs-{PIN[:12]}"
    answer = browser.get(f"{site}/attendance.html")
    assert answer.status_code == 404
    assert "--domain attendance --slot 2026-09-02T10:30 --landing 1" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"/data-docs/{LAYOUT.check(1, PIN)}/gx.json",
        f"/data-docs/{LAYOUT.check(1, PIN)}/index.html",
        f"/data-docs/{LAYOUT.landing(1)}/files/students.csv",
        f"{SITE}/notes.txt",
        f"{SITE}/../check-{PIN}/gx.json",
        f"{SITE}/..%2Fcheck-{PIN}%2Fgx.json",
        f"{SITE}/%2e%2e%2fcheck-{PIN}%2fgx.json",
        f"{SITE}/..%5Ccheck-{PIN}%5Cgx.json",
        f"{SITE}/index.html%00.json",
        f"{SITE}/index.html%0A",
        f"{SITE}/%2Fetc%2Fpasswd",
        "/data-docs//etc/passwd",
        "/data-docs/../index.html",
        "/data-docs/%2e%2e/index.html",
        "/data-docs/aspen/core/2026-09-02/landing-0001/%2e%2e/index.html",
        f"/data-docs/aspen/core/..%2F..%2F..%2F2026-09-02/landing-0001/docs-{PIN}/index.html",
        f"/data-docs/aspen/../birch/core/2026-09-02/landing-0001/docs-{PIN}/index.html",
        f"/data-docs/ASPEN/core/2026-09-02/landing-0001/docs-{PIN}/index.html",
        f"/data-docs/{LAYOUT.docs_mark(date(2026, 9, 2), 1, PIN)}",
        f"/data-docs/docs-static/{VERSION}/..%2F..%2Faspen%2Fx.css",
        f"/data-docs/docs-static/{VERSION}/../../pins/x.css",
        "/data-docs/docs-static/../index.html",
    ],
)
def test_nothing_else_of_the_archive_is_reached(browser: Any, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code in (403, 404, 422)
    assert SECRET not in answer.text


def test_names_are_matched_as_a_whole() -> None:
    """httpx tidies dots away before it asks: the patterns themselves have to say no."""
    from rostersync.ui import data_docs

    patterns = {
        name: next(m.pattern for m in getattr(data_docs, name).__metadata__[0].metadata)
        for name in ("District", "Slot", "Landing", "Docs", "Page", "Version", "StyleSheet")
    }
    for pattern in patterns.values():
        assert pattern.startswith("^")
        assert pattern.endswith("$")
        for name in ("..", ".", "", "a/b", "../a.html", "/a.html", "a\\b.css", "a..b/.css"):
            assert not re.search(pattern, name)


def test_an_api_server_without_an_archive_says_so(
    browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ROSTERSYNC_ARCHIVE")
    assert browser.get(f"{SITE}/index.html").status_code == 503


def test_nobody_without_a_login(manager: Managed, archive: Archive) -> None:
    from fastapi.testclient import TestClient

    from rostersync.ui.app import app

    client = TestClient(app, raise_server_exceptions=False)
    for path in (f"{SITE}/index.html", f"/data-docs/docs-static/{VERSION}/data-docs.css"):
        assert client.get(path).status_code == 401
