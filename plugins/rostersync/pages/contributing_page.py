"""The parts of CONTRIBUTING.md that are made: the drawing of the layers and the list of generated pages."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rostersync import paths
from rostersync.pages import PAGES

PAGE = "CONTRIBUTING.md"


def page() -> str:
    """The page with its made parts anew; all else stays. Raises ValueError where a part has no place."""
    text = (paths.home() / PAGE).read_text(encoding="utf-8")
    for name, make in _PARTS.items():
        begin, end = f"<!-- {name}: made by `make docs` -->\n", f"<!-- end of {name} -->\n"
        head, found, rest = text.partition(begin)
        _, closed, tail = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"{PAGE} has no part {name}")
        text = f"{head}{begin}{make()}\n{end}{tail}"
    return text


def layers(contract: Mapping[str, Any]) -> str:
    """One contract of import-linter as a drawing: a line a layer, the one that knows most first."""
    rows = [re.split(r"\s*[|:]\s*", layer) for layer in contract["layers"]]
    container = contract["containers"][0]
    return f"{container}\n" + "\n".join(f"  {_line(row)}" for row in rows)


def _line(names: Sequence[str]) -> str:
    return " · ".join(names)


def _drawing() -> str:
    project = tomllib.loads((paths.home() / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    drawn = [f"```text\n{layers(c)}\n```" for c in contracts if c["type"] == "layers"]
    others = [
        f"- `{c['protected_modules'][0]}` is imported by these alone: "
        + ", ".join(f"`{name.removeprefix('rostersync.')}`" for name in c["allowed_importers"])
        for c in contracts
        if c["type"] == "protected"
    ]
    return "\n\n".join([*drawn, "\n".join(others)])


def _pages() -> str:
    names = sorted(importlib.import_module(f"rostersync.pages.{n}_page").PAGE for n in PAGES)
    return "\n".join(f"- [{name}]({name})" for name in names if name != PAGE)


_PARTS: dict[str, Callable[[], str]] = {"layers": _drawing, "pages": _pages}
