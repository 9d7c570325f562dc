"""A real district's files, where they are at hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rostersync.archive import FileState
from rostersync.spec import FILES
from tests.staging.conftest import Stage

UPLOAD = Path(__file__).parents[3] / "shared" / "uploads" / "grandbend"

pytestmark = pytest.mark.skipif(not UPLOAD.is_dir(), reason="the sample upload is not here")


@pytest.mark.parametrize("name", [n for n in FILES if (UPLOAD / f"{n}.csv").exists()])
def test_reads_what_pythons_csv_module_reads(stage: Stage, name: str) -> None:
    data = (UPLOAD / f"{name}.csv").read_bytes()
    header, *records = csv.reader(data.decode().splitlines())
    staged = stage(data, name)
    assert staged.said.state is FileState.ACCEPTED
    assert (staged.said.records, staged.said.rejects) == (len(records), 0)
    for position, column in enumerate(header):
        assert staged.column(f"{column}__raw") == [r[position] for r in records]
    assert staged.lines == list(range(2, len(records) + 2))
