"""Names in the code hold to the glossary's words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
CODE = sorted([*(HOME / "plugins").rglob("*.py"), *(HOME / "dags").glob("*.py")])

PAGES = sorted(
    page
    for page in [HOME / "README.md", HOME / "CONTRIBUTING.md", *(HOME / "docs").rglob("*.md")]
    if page.name not in ("glossary.md", "decisions.md")
)

NOT_IN_DOCS = re.compile(
    r"\b(tenants?|clients?|batch|bronze|snapshots?|violations?|issues?|thresholds?|rollbacks?|hollow"
    r"|so-manieth|speaks? again|run date|execution date)\b",
    re.IGNORECASE,
)
"""Of the glossary's right column, what nothing else is called."""

ALLOWED = {("notices.py", "told")}
"""File and name: how many families were told."""


def banned() -> set[str]:
    """The words of the glossary's last section, first column."""
    section = (HOME / "docs" / "glossary.md").read_text().split("\n## Not in names\n")[1]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {word for cell in cells for word in re.findall(r"`(\w+)`", cell)}


def names(tree: ast.AST) -> Iterator[str]:
    """Every name that a file gives to something."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def words(name: str) -> set[str]:
    """``_NullWriter`` and ``null_writer`` are ``null`` and ``writer``."""
    parts = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)
    return {p.lower() for p in parts} | {name.strip("_").lower()}


@pytest.mark.parametrize("file", CODE, ids=lambda f: str(f.relative_to(HOME)))
def test_no_name_has_a_banned_word(file: Path) -> None:
    given = {file.stem, *names(ast.parse(file.read_text(encoding="utf-8")))}
    found = {n for n in given if words(n) & banned() and (file.name, n) not in ALLOWED}
    assert found == set(), "docs/glossary.md says what to call it"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))
def test_no_page_has_a_word_for_which_there_is_another(page: Path) -> None:
    text = re.sub(r"`[^`]*`|\]\([^)]*\)", "", page.read_text(encoding="utf-8"))
    assert NOT_IN_DOCS.findall(text) == [], "docs/glossary.md says what to call it"


def test_the_list_is_read_and_catches() -> None:
    assert {"told", "hollow", "stands", "manieth"} <= banned()
    tree = ast.parse("def _was_told_better(x):\n    hollow = x\nclass _Stands: pass")
    assert [n for n in names(tree) if words(n) & banned()] == [
        "_was_told_better",
        "_Stands",
        "hollow",
    ]


def test_every_word_of_the_glossary_has_one_row() -> None:
    text = (HOME / "docs" / "glossary.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| **")]
    found = [word for row in rows for word in re.findall(r"\*\*(.+?)\*\*", row)]
    assert len(found) == len(set(found))
    assert {"settled", "trip", "judgement", "base", "due", "grace", "current", "log"} <= set(found)
    assert {"check", "status", "fold", "slice", "pin", "scope"} <= set(found)
