"""Data Docs of a run as a person reaches them: by the link of task validate."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from rostersync.synthetic.generate import generate
from tests.support.desk import Desk

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.postgres,
    pytest.mark.sftp,
    pytest.mark.slow,
]


def test_a_person_follows_the_link_in_airflow(desk: Desk, tmp_path: Path) -> None:
    (upload,) = generate(tmp_path, students=60, seed=3, nights=1)
    desk.land("elm", upload, "2026-10-05")
    run = desk.run("core__elm", slot="2026-10-05", source="archive")
    assert desk.stack.airflow
    airflow = desk.stack.airflow
    links = f"{airflow.url}/api/v2/dags/core__elm/dagRuns/{run}/taskInstances/validate/links"
    with httpx.Client(trust_env=False) as http:
        assert http.get(links).status_code == 401
        login = {"username": "viewer", "password": airflow.users["viewer"]}
        token = http.post(f"{airflow.url}/auth/token", json=login).json()["access_token"]
        told = http.get(links, headers={"Authorization": f"Bearer {token}"}).json()
        url = told["extra_links"]["Data Docs"]
        assert url.startswith(f"{airflow.url}/rostersync/data-docs/elm/core/2026-10-05/")
        assert http.get(url).status_code == 401
        http.cookies.set("_token", token)
        page = http.get(url)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "<title>Data Docs · elm Test District · 2026-10-05</title>" in page.text
        style = http.get(httpx.URL(url).join(_style_sheet(page.text)))
        assert (style.status_code, style.headers["content-type"]) == (
            200,
            "text/css; charset=utf-8",
        )
        assert http.get(httpx.URL(url).join("students.html")).status_code == 200
        assert http.get(httpx.URL(url).join("other.html")).status_code == 404
        assert http.get(
            url.replace("/docs-", "/check-").replace("index.html", "gx.json")
        ).status_code in (404, 422)


def _style_sheet(page: str) -> str:
    return page.partition('rel="stylesheet" href="')[2].partition('"')[0]
