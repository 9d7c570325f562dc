"""Every SQL file says what it is for, and declares exactly the parameters it uses."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jinja2.meta
import pytest

from rostersync import paths
from rostersync.engine.sql import _environment

FILES = sorted(paths.sql_folder().rglob("*.sql"))
HEADER = ("purpose", "grain", "inputs", "outputs", "parameters")


def _header(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    last = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        start = re.match(r"-- (purpose|grain|inputs|outputs|parameters): (.*)", line)
        if start:
            last = start[1]
            found[last] = start[2]
        elif last:
            found[last] += " " + line.removeprefix("--").strip()
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_header_is_complete_and_in_order(file: Path) -> None:
    assert tuple(_header(file.read_text())) == HEADER


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_declared_parameters_are_the_used_ones(file: Path) -> None:
    text = file.read_text()
    declared = _header(text)["parameters"]
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    environment = _environment(str(paths.sql_folder()))
    jinja = jinja2.meta.find_undeclared_variables(environment.parse(body))
    jinja = {n for n in jinja if not n.startswith("undefined_")}  # there to raise, never given
    bound = {f"%({n})s" for n in re.findall(r"%\((\w+)\)s", body)}
    bound |= {f"${n}" for n in re.findall(r"(?<![\w$])\$([a-z]\w*)(?!\$)\b", body)}
    for name in sorted(jinja | bound):
        assert re.search(re.escape(name) + r"(?!\w)", declared), f"{name} is used, not declared"
    for name in re.findall(r"%\(\w+\)s|\$[a-z]\w*", declared):
        assert name in bound, f"{name} is declared, not used"
    if not jinja and not bound:
        assert declared.strip() == "none"


_STARTS = (
    r"select\b.*\bfrom\b|insert\s+into|update\s+\S+\s+set|delete\s+from|merge\s+into|with\s+\w+\s+as\s*\("
    r"|create\s+(or\s+replace\s+)?(temp\w*\s+)?(table|view|schema|macro)|copy\s+\S+.*\b(to|from)\b|alter\s+table"
)
# English begins with a capital: SQL is all lower or all upper case
_STATEMENT = re.compile(
    rf"\s*(?:{_STARTS}|SELECT |INSERT INTO |UPDATE |DELETE FROM |WITH \w+ AS)", re.DOTALL
)


def _strings(file: Path) -> list[ast.expr]:
    tree = ast.parse(file.read_text())
    return [n for n in ast.walk(tree) if isinstance(n, ast.Constant | ast.JoinedStr)]


@pytest.mark.parametrize(
    "file",
    sorted((paths.home() / "plugins" / "rostersync").rglob("*.py")),
    ids=lambda f: "/".join(f.parts[-2:]),
)
def test_no_sql_in_python_beyond_one_liners(file: Path) -> None:
    for node in _strings(file):
        text = ast.unparse(node)
        value = ast.literal_eval(text) if isinstance(node, ast.Constant) else text[2:-1]
        if isinstance(value, str) and _STATEMENT.match(value):
            assert "\n" not in value.strip(), f"line {node.lineno}: put it under include/sql"
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 4, f"line {node.lineno}: too long for Python"
