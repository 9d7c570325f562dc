"""Which nights ended before their wait did."""

from __future__ import annotations

import shutil

import pytest

from rostersync.errors import RejectedUploadError
from rostersync.pipeline import open_slots, record_failure, sync_folder
from tests.pipeline.desk import SLOT, TOMORROW, TONIGHT, Desk

pytestmark = [pytest.mark.postgres, pytest.mark.sftp, pytest.mark.slow]


def test_open_nights_are_those_that_ended_before_their_wait(desk: Desk) -> None:
    assert open_slots([desk.cfg], warehouse=desk.warehouse, now=TONIGHT) == []

    sync_folder(desk.run_of("2026-08-31", "last-night"), desk.upload("s1"))
    assert open_slots([desk.cfg], warehouse=desk.warehouse, now=TONIGHT) == []

    shutil.rmtree(desk.folder / "upload-s1")
    desk.reject(desk.land_from_server("s1"))
    (by_hand,) = open_slots([desk.cfg], warehouse=desk.warehouse, now=TONIGHT)
    assert (by_hand.slot, by_hand.airflow_run_id) == (SLOT, None)

    record_failure(desk.run_of(SLOT, "the-nights-run"), 1, RejectedUploadError("No"))
    desk.reject(1)  # the newest is the CLI's
    (night,) = open_slots([desk.cfg], warehouse=desk.warehouse, now=TONIGHT)
    assert (night.cfg.id, night.slot, night.airflow_run_id) == ("testville", SLOT, "the-nights-run")

    assert open_slots([desk.cfg], warehouse=desk.warehouse, now=TOMORROW) == []
