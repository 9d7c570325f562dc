"""Uploads of children and their classes."""

from __future__ import annotations

from tests.support.landings import Row, Upload, roster, section, small_upload


def children(number: int, school_id: str = "1") -> list[str]:
    return [f"{school_id}c{i:02}" for i in range(number)]


def classes(
    names: dict[str, list[str]], *, teacher_id: str = "t1", school_id: str = "1", **values: str
) -> dict[str, list[Row]]:
    """Sections and rosters of classes with their children."""
    return {
        "sections": [section(n, teacher_id, school_id, **values) for n in names],
        "rosters": [roster(n, child, school_id) for n, of in names.items() for child in of],
    }


def upload_of(*parts: dict[str, list[Row]], **files: list[Row]) -> Upload:
    """A small upload with the rows of all parts."""
    rows = {name: [r for p in parts for r in p.get(name, [])] for p in parts for name in p}
    return small_upload(**{"parents": [], **rows, **files})
