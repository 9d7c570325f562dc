"""Pages lead somewhere, and none is out of reach."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
PAGES = sorted([HOME / "README.md", *(HOME / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[\w-]+)?\)")


def links(page: Path) -> set[Path]:
    told = {name for name in LINK.findall(page.read_text()) if "://" not in name}
    return {(page.parent / name).resolve() for name in told}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    assert [str(one) for one in links(page) if not one.exists()] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = {HOME / "README.md"}
    while waiting:
        page = waiting.pop()
        reached.add(page)
        waiting |= {one for one in links(page) if one.suffix == ".md" and one.exists()} - reached
    assert {str(p.relative_to(HOME)) for p in set(PAGES) - reached} == set()


def test_every_digest_names_a_runbook_that_is_there() -> None:
    from rostersync.reporting.digest import RUNBOOKS

    there = {page.stem for page in (HOME / "docs" / "runbooks").glob("*.md")}
    assert set(RUNBOOKS.values()) <= there


def test_nothing_is_cited_that_does_not_ship() -> None:
    """A reader has this repository alone: a reason stands in words, not as a section of another paper."""
    cited = subprocess.run(
        ["git", "grep", "--untracked", "-nE", "(SPEC|DESIGN)(\\.md)?('s)? *§"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=False,
    )
    assert cited.stdout == ""


def test_every_decision_is_dated_and_the_newest_is_last() -> None:
    headings = re.findall(r"^## (.*)$", (HOME / "docs" / "decisions.md").read_text(), re.MULTILINE)
    days = [re.match(r"(\d{4}-\d\d-\d\d) · \S", heading) for heading in headings]
    assert [h for h, day in zip(headings, days, strict=True) if day is None] == []
    assert [d[1] for d in days if d] == sorted(d[1] for d in days if d)


def test_the_readme_names_every_page_of_docs() -> None:
    named = links(HOME / "README.md")
    assert {p for p in (HOME / "docs").glob("*.md") if p not in named} == set()
