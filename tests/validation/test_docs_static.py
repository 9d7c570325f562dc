"""The style sheets of Data Docs are those their notice names, and load nothing."""

from __future__ import annotations

import hashlib
import re

from rostersync.validation.docs import static_files, static_version
from tests.support.pages import resources_of

OWN = {"data-docs.css", "NOTICE.txt"}


def test_what_is_not_ours_is_as_published_and_licensed() -> None:
    files = static_files()
    notice = files["NOTICE.txt"].decode()
    named = dict(re.findall(r"(\S+)\s+([0-9a-f]{64})$", notice, flags=re.MULTILINE))
    assert {n for n in files if not n.endswith(".LICENSE.txt")} == OWN | set(named)
    for name, digest in named.items():
        assert hashlib.sha256(files[name]).hexdigest() == digest
    assert b"MIT License" in files["bootstrap.LICENSE.txt"]


def test_no_style_sheet_loads_anything() -> None:
    for name, content in static_files().items():
        if name.endswith(".css"):
            assert list(resources_of(content.decode())) == []


def test_another_content_is_another_version(monkeypatch) -> None:
    before = static_version()
    static_version.cache_clear()
    changed = {**static_files(), "data-docs.css": b"body { color: red }"}
    monkeypatch.setattr("rostersync.validation.docs.static_files", lambda: changed)
    try:
        assert static_version() != before
    finally:
        static_version.cache_clear()
