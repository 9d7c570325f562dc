"""One desk for all tests of this folder; it ends with the last of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rostersync.synthetic.generate import generate
from tests.support.desk import Desk, running_desk


@pytest.fixture(scope="package")
def any_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Airflow's four components running, about 40 s once; the scheduler as the last file had it."""
    with running_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture(scope="module")
def desk(any_desk: Desk) -> Desk:
    """Nothing runs but what a test starts."""
    any_desk.schedule_by({})
    return any_desk


@pytest.fixture(scope="package")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night of a tiny district."""
    out = tmp_path_factory.mktemp("generated")
    generate(out, students=60, seed=7, nights=1)
    return out
