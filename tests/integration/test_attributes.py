"""Columns of students.csv that are refused: what becomes of their values, stored ones and new ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from rostersync.archive import Layout
from rostersync.config.attributes import Attributes
from rostersync.ledger.results import Outcome
from rostersync.spec import Domain
from tests.support.district import District
from tests.support.districts import write_nights

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SECRET = "078-05-1120"
IN_ROWS = f"select count(*) from roster.students where attributes::text like '%{SECRET}%'"


@pytest.fixture
def district(tmp_path: Path, fresh_warehouse: Callable[[], str]) -> District:
    return District(tmp_path, fresh_warehouse())


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    """A generated night whose students have a column beside the contract's, and one record is damaged."""
    [folder] = write_nights(tmp_path / "uploads", nights=1)
    students = folder / "students.csv"
    header, *rows = students.read_text().replace("homeroom", "student_ssn").splitlines()
    rows = [row.rpartition(",")[0] for row in rows]
    lines = [header, *(f"{row},{SECRET}" for row in rows), "Aspen,ragged"]
    students.write_text("\n".join(lines) + "\n")
    return folder


def loads(district: District, night: int, upload: Path, **attributes: object) -> list[str]:
    """The night loads, and nobody is asked; the rules about students.csv that were told."""
    kept = district.cfg
    district.cfg = kept.model_copy(update={"attributes": Attributes.model_validate(attributes)})
    result = district.sync_upload(night, upload)
    district.cfg = kept
    assert result.outcome is Outcome.LOADED
    assert district.holds() == []
    assert SECRET not in str(result.to_json())
    return [f.rule for f in result.files["students"].findings if f.rule.startswith("file.header")]


def test_a_stored_one_leaves_the_rows_with_the_next_night(district: District, upload: Path) -> None:
    """It was the only one: another column that comes blank would wait for a person."""
    assert loads(district, 1, upload, allow=["student_ssn"]) == []
    assert district.rows(IN_ROWS) == [(60,)]
    assert loads(district, 2, upload) == ["file.header.refused_column"]
    assert district.rows(IN_ROWS) == [(0,)]


def test_its_value_is_in_the_landing_alone(district: District, upload: Path) -> None:
    assert loads(district, 1, upload) == ["file.header.refused_column"]
    assert SECRET not in str(district.tables())
    archive = Path(district.archive)
    with_it = {str(p.relative_to(archive)) for p in archive.rglob("*") if SECRET in text(p)}
    assert with_it == {Layout(district.cfg.id, Domain.CORE, "2026-09-01").file(1, "students")}


def text(path: Path) -> str:
    """What a file says, a Parquet file in its rows."""
    if path.suffix == ".parquet":
        return str(duckdb.sql(f"from read_parquet('{path}')").fetchall())
    return path.read_text() if path.is_file() else ""
