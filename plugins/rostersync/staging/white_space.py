"""What counts as white space, for every part of staging alike."""

from __future__ import annotations

WHITE_SPACE = "".join(c for c in map(chr, range(0x3001)) if c.isspace())
"""What is trimmed: all of Unicode's white space, the no-break space too."""
