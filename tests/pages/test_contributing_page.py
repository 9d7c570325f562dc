"""CONTRIBUTING.md's drawing is the contract that import-linter holds, and its list of pages is complete."""

from __future__ import annotations

import re
import subprocess

from rostersync import paths
from rostersync.pages import PAGES
from rostersync.pages.contributing_page import PAGE, layers, page


def test_the_made_parts_are_current() -> None:
    assert (paths.home() / PAGE).read_text(encoding="utf-8") == page(), (
        "CONTRIBUTING.md is stale: run `make docs`"
    )


def test_a_drawing_has_a_line_a_layer() -> None:
    contract = {"containers": ["house"], "layers": ["roof", "a | b", "c : d"]}
    assert layers(contract) == "house\n  roof\n  a · b\n  c · d"


def test_every_package_and_room_is_drawn() -> None:
    drawn = set(re.findall(r"\w+", page().split("```text")[1].split("```")[0]))
    rooms = set(re.findall(r"\w+", page().split("```text")[2].split("```")[0]))
    package = paths.home() / "plugins" / "rostersync"
    assert {p.parent.name for p in package.glob("*/__init__.py")} <= drawn
    assert {p.parent.name for p in package.glob("pipeline/*/__init__.py")} <= rooms


def test_every_page_that_says_it_is_made_is_made_and_listed() -> None:
    made = subprocess.run(
        ["git", "grep", "--untracked", "-l", "<!-- Made by `make docs`", "--", "*.md"],
        cwd=paths.home(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    listed = re.findall(r"^- \[(.+)\]\(\1\)$", page(), re.MULTILINE)
    assert sorted(made) == listed
    modules = (paths.home() / "plugins" / "rostersync" / "pages").glob("*_page.py")
    assert {m.stem.removesuffix("_page") for m in modules} == set(PAGES)
