"""A slot that nobody meant: one in the future is refused, wherever it is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rostersync.errors import SlotError
from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.steps.land import land_folder
from rostersync.pipeline.steps.load import load
from rostersync.pipeline.steps.sync import replay, run_landing, sync_folder
from tests.support.two_schools import FULL, TwoSchools, write_upload

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

FUTURE = "2099-01-01"
THEN = datetime(2099, 1, 1, tzinfo=UTC)


def sync_by_a_wrong_clock(district: TwoSchools, slot: str = FUTURE) -> RunResult:
    """As a release that refused no slot did, too."""
    run = replace(district.run(slot), started_at=THEN)
    return sync_folder(run, write_upload(district.fresh(), FULL))


def test_a_slot_in_the_future_is_neither_landed_nor_loaded(district: TwoSchools) -> None:
    run = district.run(FUTURE)
    upload = write_upload(district.fresh(), FULL)
    with pytest.raises(SlotError, match="lies in the future"):
        land_folder(run, upload)
    assert district.rows("select slot from sync.landings") == [("2026-09-01",)]
    landing = land_folder(replace(run, started_at=THEN), upload)  # of a release before, say
    with pytest.raises(SlotError, match="lies in the future"):
        run_landing(run, landing)
    assert list(replay(district.run(1))) == ["2026-09-01"]
    assert district.rows("select slot from sync.slots") == [("2026-09-01",)]


def test_one_that_is_there_may_be_run_again(district: TwoSchools) -> None:
    assert sync_by_a_wrong_clock(district).outcome is Outcome.IDENTICAL
    assert load(district.run(FUTURE), 1).outcome is Outcome.IDENTICAL
    assert list(replay(district.run(1))) == ["2026-09-01", FUTURE]
