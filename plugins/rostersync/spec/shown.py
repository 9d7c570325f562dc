"""Ids of a district's in texts that go to people's chats and mail."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[\w.-]{1,40}", re.ASCII)


def shown_id(found: str) -> str:
    """An id that is no more than one, else words: 255 characters may be a link, or call a whole team."""
    return (
        found
        if _PLAIN.fullmatch(found)
        else "(an id of other characters than letters, digits and .-_)"
    )
