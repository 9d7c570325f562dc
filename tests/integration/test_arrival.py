"""What a file is compared with is the file of the slot before, whenever either arrives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rostersync.pipeline.steps.sync import replay
from tests.support.district import Copy, District
from tests.support.uploads import write_core, write_csv

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

FAMILIES = {1: "123", 2: "123", 3: "134"}
"""By night, the parents sent: P2 is gone on the third, and P4 has come."""


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """The first night's files end with a line end, the others' do not; the last has a column more."""
    folder = tmp_path_factory.mktemp("nights")
    return {n: _night(folder / str(n), n) for n in FAMILIES}


def _night(folder: Path, night: int) -> Path:
    write_core(folder)
    extra = ["Bus"] if night == 3 else []
    parents = write_csv(
        folder / "parents.csv",
        ["school_id", "student_id", "parent_id", "first_name", "last_name", "email"],
        [
            ["1", "s1", f"P{n}", f"Aspen{n}", "Testkid", f"p{n}@example.org"]
            for n in FAMILIES[night]
        ],
    )
    students = write_csv(
        folder / "students.csv",
        ["school_id", "student_id", "first_name", "last_name", "grade_level", *extra],
        [["1", s, "Aspen", "Testkid", "3", *extra] for s in ("s1", "s2", "s3")],
    )
    for path in (parents, students) if night > 1 else ():
        path.write_text(path.read_text().rstrip("\n"))
    return folder


@pytest.fixture(scope="module")
def in_order(
    nights: dict[int, Path],
    tmp_path_factory: pytest.TempPathFactory,
    fresh_warehouse: Callable[[], str],
) -> District:
    return _arriving((1, 2, 3), nights, tmp_path_factory.mktemp("in_order"), fresh_warehouse())


def _arriving(
    order: tuple[int, ...], nights: dict[int, Path], folder: Path, warehouse: str
) -> District:
    district = District(folder, warehouse)
    for night in order:
        district.sync_upload(night, nights[night])
    return district


def _parents(district: District) -> list[str]:
    rows = district.rows("select parent_id from roster.parents order by parent_id")
    return [parent for (parent,) in rows]


def test_a_file_that_never_ends_with_a_line_end_again_is_whole(in_order: District) -> None:
    assert _parents(in_order) == ["P1", "P3", "P4"]


@pytest.mark.parametrize("order", [(1, 3, 2), (3, 2, 1), (2, 3, 1, 3), (3, 1, 2)], ids=str)
def test_any_order_of_arrival_gives_these_tables(
    order: tuple[int, ...],
    in_order: District,
    nights: dict[int, Path],
    tmp_path: Path,
    warehouse: str,
) -> None:
    district = _arriving(order, nights, tmp_path, warehouse)
    assert _parents(district) == ["P1", "P3", "P4"]
    assert district.tables() == in_order.tables()


def test_a_splice_judges_again_and_a_file_that_was_believed_is_cut(
    in_order: District, tmp_path: Path, copy_warehouse: Copy
) -> None:
    """The second night is corrected: its file ends with a line end, so the third's may be cut."""
    district = in_order.again(tmp_path, copy_warehouse)
    corrected = _night(tmp_path / "corrected", 2)
    parents = corrected / "parents.csv"
    parents.write_text(parents.read_text() + "\n")
    district.sync_upload(2, corrected)
    assert _parents(district) == ["P1", "P2", "P3"]
    before = district.tables()
    replay(district.run(3))
    assert district.tables() == before
