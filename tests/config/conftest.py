"""A district's YAML in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

MINIMAL = "id: oak\nname: Oak Schools\ntimezone: America/Denver\n"


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str, name: str = "oak.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write
