"""No file over 400 lines and no function over 60, unless it says why in its first lines: ``# long: why``."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
CODE = sorted(p for top in ("plugins", "dags", "tests") for p in (HOME / top).rglob("*.py"))

MOST_LINES, MOST_OF_A_FUNCTION = 400, 60
FIRST_LINES = 20
REASON = re.compile(r"^# long: \S.*\.$", re.MULTILINE)


def too_long(text: str) -> list[str]:
    """What of a module is over the limit."""
    lines = text.count("\n")
    found = [f"the file: {lines} lines"] if lines > MOST_LINES else []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            found += [f"{node.name}: {length} lines"] if length > MOST_OF_A_FUNCTION else []
    return found


def says_why(text: str) -> bool:
    return REASON.search("\n".join(text.splitlines()[:FIRST_LINES])) is not None


def test_what_is_long_says_why_and_nothing_else_does() -> None:
    texts = {str(f.relative_to(HOME)): f.read_text(encoding="utf-8") for f in CODE}
    long = {name: found for name, text in texts.items() if (found := too_long(text))}
    why = {name for name, text in texts.items() if says_why(text)}
    assert {name: found for name, found in long.items() if name not in why} == {}
    assert why - set(long) == set()


def test_length_is_seen() -> None:
    function = "def long():\n" + "    pass\n" * MOST_OF_A_FUNCTION
    assert too_long(function) == ["long: 61 lines"]
    assert too_long(function.replace("    pass\n", "", 1)) == []
    assert too_long("x = 1\n" * (MOST_LINES + 1)) == ["the file: 401 lines"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# long: a table.\n", True),
        ("# long:\n", False),
        ("\n" * FIRST_LINES + "# long: a table.\n", False),
    ],
)
def test_the_reason_stands_in_the_first_lines(text: str, why: bool) -> None:
    assert says_why(text) is why
