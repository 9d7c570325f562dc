"""docs/dags.md says what the DAGs say."""

from __future__ import annotations

import re

import pytest

from rostersync import paths

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def page() -> str:
    from rostersync.pages import dags_page

    return dags_page.page()


def test_the_page_is_what_the_dags_say(page: str) -> None:
    written = (paths.home() / "docs" / "dags.md").read_text(encoding="utf-8")
    assert written == page, "docs/dags.md is stale: run `make docs`"


def test_every_dag_of_the_example_and_the_fleet_has_its_place(page: str) -> None:
    files = {path.stem for path in (paths.home() / "dags").glob("*.py")} - {"configuration"}
    told = set(re.findall(r"^## `(\w+?)(?:__<district>)?`$", page, re.MULTILINE))
    assert files - {"ask"} <= told
    assert {"core", "terms", "attendance", "reopen_attendance", "ask"} <= told
    assert "$" not in re.sub(r"`[^`]*`", "", page), "every name in the text was filled in"


def test_its_links_lead_to_its_sections(page: str) -> None:
    anchors = re.findall(r"\]\(#([\w-]+)\)", page)
    headings = re.findall(r"^## `(.+)`$", page, re.MULTILINE)
    assert anchors == [re.sub(r"[^\w-]", "", h.lower()) for h in headings]
