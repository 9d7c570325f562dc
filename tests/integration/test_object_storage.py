"""Nights with the archive on object storage give what they give with a folder."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rostersync.archive import Archive
from rostersync.ledger.results import Outcome
from rostersync.pipeline.upkeep.rebuild import keep_ledger, rebuild
from rostersync.pipeline.watch.drift import find_drift
from rostersync.spec import Domain
from tests.integration.test_rebuild import tables
from tests.support.object_storage import BUCKET, object_storage
from tests.support.two_schools import FULL, Schools, TwoSchools, ids

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

FEWER: Schools = {"1": ids("1", 28), "2": ids("2", 18)}
_NUMBERS = itertools.count(1)


class Elsewhere(TwoSchools):
    """Keeps its archive where it is told to."""

    def __init__(self, folder: Path, warehouse: str, archive: str) -> None:
        super().__init__(folder, warehouse)
        self.archive = archive


@pytest.fixture(scope="module", autouse=True)
def storage() -> Iterator[None]:
    with object_storage():
        yield


def lived(folder: Path, warehouse: str, archive: str) -> Elsewhere:
    """Two nights, a late one between them, one again, and one with its removals held."""
    folder.mkdir()
    district = Elsewhere(folder, warehouse, archive)
    assert district.sync(1, FULL).outcome is Outcome.LOADED
    assert district.sync(5, FULL).outcome is Outcome.IDENTICAL
    assert district.sync(3, FEWER).outcome is Outcome.LOADED
    assert district.sync(3, FEWER).outcome is Outcome.IDENTICAL
    held = district.sync(7, {"1": ids("1", 12), "2": ids("2", 20)})
    assert held.holds
    district.approve(district.holds()[0])
    return district


def test_the_same_tables_and_a_warehouse_from_the_bucket_alone(
    tmp_path: Path, fresh_warehouse: Callable[[], str]
) -> None:
    local = lived(tmp_path / "1", fresh_warehouse(), str(tmp_path / "archive"))
    remote = lived(tmp_path / "2", fresh_warehouse(), f"s3://{BUCKET}/{next(_NUMBERS)}")
    assert remote.tables() == local.tables()

    bucket = Archive(remote.archive)
    where = {"district": remote.cfg.id, "domain": Domain.CORE}
    assert not find_drift(remote.warehouse, bucket, full=True, **where).found
    keep_ledger(remote.warehouse, bucket, remote.cfg.id)
    new = fresh_warehouse()
    rebuild(new, bucket, remote.cfg.id)
    assert tables(new) == tables(remote.warehouse)
