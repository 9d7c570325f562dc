"""Markdown that the generated pages share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a pipe in a cell would end it, in code spans too."""
    lines = [header, [":--"] * len(header), *([c.replace("|", r"\|") for c in r] for r in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def listed(parts: Sequence[str], word: str) -> str:
    """``a, b and c``."""
    *first, last = parts
    return f"{', '.join(first)} {word} {last}" if first else last


def anchor(heading: str) -> str:
    """The fragment under which GitHub shows a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def code(text: str) -> str:
    """Text as code."""
    return f"`{text}`"


def plain(text: str) -> str:
    """Text that Markdown shows as it is: what it would take for markup is escaped."""
    text = re.sub(r"([\\`*~\[\]<>&])", r"\\\1", " ".join(text.split()))
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)
