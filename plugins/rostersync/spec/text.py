"""What counts as nothing in a cell, for every part alike."""

from __future__ import annotations

import re

WHITE_SPACE = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
"""What is trimmed: all of Unicode's white space, the no-break space too."""

WHITE_SPACE_REGEX = r"[\x09-\x0D\x1C-\x1F\x{85}\p{Z}]"
"""The same characters as a regular expression of DuckDB (RE2)."""

PLACEHOLDERS = ("NULL", "#N/A", "#REF!", "#VALUE!")
"""Sent for a blank in optional fields."""

LOST = "\ufffd"
"""The replacement character: a program before us could not read what stood here."""


def folded(name: str) -> str:
    """A name without case, spaces, punctuation and invisible characters."""
    return re.sub(r"[\W_]", "", name.lower())


def shown(cell: str) -> str:
    """A header cell, quoted, with what nobody can see spelled out: that may be just what is wrong with it."""
    seen = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in cell[:60])
    return f'"{"".join(seen)}"'
