"""One style: arguments are described in a docstring's sentences, as ``name``: what it is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
CODE = sorted([*(HOME / "plugins").rglob("*.py"), *(HOME / "dags").glob("*.py")])

OTHER_STYLES = re.compile(
    r"^\s*(Args|Arguments|Parameters|Returns|Yields|Raises|Attributes):\s*$|^\s*:(param|returns?|raises)\b|"
    r"^\s*-{4,}\s*$",
    re.MULTILINE,
)


@pytest.mark.parametrize("file", CODE, ids=lambda f: str(f.relative_to(HOME)))
def test_no_docstring_has_blocks(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    texts = [
        ast.get_docstring(node) or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [text for text in texts if OTHER_STYLES.search(text)] == []


@pytest.mark.parametrize(
    "text", ["X.\n\nArgs:\n    a: b.", "X.\n\nRaises:\n    E: no.", ":param a: b", "X\n----"]
)
def test_the_other_styles_are_seen(text: str) -> None:
    assert OTHER_STYLES.search(text)
