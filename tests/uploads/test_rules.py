"""Every rule about a file as a whole has a sample upload that breaks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import rostersync
from rostersync.archive import read_not_taken
from rostersync.staging import preflight
from tests.uploads.cases import load, names

ON_A_SERVER = "file.folder.crowded"
"""Not of an upload in a folder, which is read whole: tests/landing/test_sftp.py."""
SOURCE = Path(rostersync.__file__).parent
RULE = re.compile(r"file\.[a-z_]+\.[a-z0-9_]+")
OPEN = re.compile(r"file\.[a-z_]+\.")


def _constants(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _raised() -> tuple[set[str], set[str]]:
    """Rule ids spelled out in the source, and the beginnings of those that end in a variable."""
    texts = {t for path in SOURCE.rglob("*.py") for t in _constants(ast.parse(path.read_text()))}
    return {t for t in texts if RULE.fullmatch(t)}, {t for t in texts if OPEN.fullmatch(t)}


def _formats() -> set[str]:
    """Short names of what is no CSV: of a signature, or returned by name."""
    found = set()
    for node in ast.walk(ast.parse(Path(preflight.__file__).read_text())):
        match node:
            case ast.Tuple(elts=[ast.Constant(value=bytes()), ast.Constant(value=str(name)), *_]):
                found.add(name)
            case ast.Return(value=ast.Tuple(elts=[ast.Constant(value=str(name)), *_])):
                found.add(name)
    return found


def _broken() -> set[str]:
    cases = [load(n) for n in names()]
    files = [f for c in cases for f in c.files.values()]
    files += [f for c in cases if c.night for f in c.night.files.values()]
    rules = {finding.rule for f in files for finding in f.findings}
    # these are the report's own words for what has no finding
    if any(f.state == "missing" for f in files):
        rules.add("file.state.missing")
    for name in (n for c in cases for n in c.ignored):
        rules.add(str(read_not_taken(name).why))
    return rules


def test_every_rule_about_a_file_has_a_case() -> None:
    fixed, open_ended = _raised()
    # a rule id that ends in another variable needs its own line below
    assert open_ended == {"file.format.", "file.state."}
    assert len(fixed) > 15
    assert {"zip", "html"} <= _formats()
    raised = fixed | {f"file.format.{name}" for name in _formats()} | {"file.state.missing"}
    assert raised - _broken() == {ON_A_SERVER}
