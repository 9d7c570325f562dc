"""What a page refers to, and that all of it lies beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

_REFERRING = {"href", "src", "srcset", "data-href", "action", "poster", "background"}


class _References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.events: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in _REFERRING and value:
                self.found.append(value)
            if name.startswith("on"):
                self.events.add(name)


def assert_stands_alone(page: Path) -> None:
    """No script, nothing from elsewhere, and every link leads to a file, and to a place in it."""
    text = page.read_text("utf-8")
    read = _References()
    read.feed(text)
    assert not {"script", "iframe", "object", "embed", "form", "base"} & read.tags
    assert not read.events
    # what is told, like a rule's regex, may hold slashes; what a browser follows may not
    assert not re.search(r"https?:|url\(|@import", text), page
    for reference in read.found:
        assert not re.match(r"[a-z]+:|//|/", reference), reference
        name, _, anchor = reference.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_file(), reference
        if anchor:
            assert f'id="{anchor}"' in target.read_text("utf-8"), reference


def resources_of(style_sheet: str) -> Iterator[str]:
    """What a style sheet loads; images that are part of it do not count."""
    text = re.sub(r"/\*.*?\*/", "", style_sheet, flags=re.DOTALL)
    assert "@import" not in text
    for found in re.findall(r"url\(\s*([^)]*)\)", text):
        if not found.strip("\"'").startswith("data:"):
            yield found
