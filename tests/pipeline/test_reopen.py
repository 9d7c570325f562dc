"""Which nights ended before their wait did."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rostersync.errors import RejectedUploadError
from rostersync.pipeline.ground.run import new_run
from rostersync.pipeline.steps.report import record_failure
from rostersync.pipeline.steps.sync import sync_folder
from rostersync.pipeline.watch.reopen import open_slots
from rostersync.spec import Domain
from tests.pipeline.one_slot import SLOT, TOMORROW, TONIGHT, OneSlot
from tests.support.districts import write_config

pytestmark = [pytest.mark.postgres, pytest.mark.sftp, pytest.mark.slow]


def test_open_nights_are_those_that_ended_before_their_wait(desk: OneSlot) -> None:
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


AT_NOTICE = datetime(2026, 9, 2, 14, 15, tzinfo=UTC)  # 9:15 in Chicago
ATTENDANCE = """\
terms: {day: wed, at: "06:00"}
attendance:
  codes: {A: Absent}
  notices:
    - {id: early, at: "09:15", periods: [all_day], codes: [A]}
    - {id: late, at: "13:00", periods: [all_day], codes: [A]}
"""


@pytest.mark.parametrize(
    ("domain", "slot", "minutes", "is_open"),
    [
        (Domain.ATTENDANCE, "2026-09-02T09:15", -31, False),  # its wait has not begun
        (Domain.ATTENDANCE, "2026-09-02T09:15", -5, True),
        (Domain.ATTENDANCE, "2026-09-02T09:15", 29, True),
        (Domain.ATTENDANCE, "2026-09-02T09:15", 31, False),
        (Domain.ATTENDANCE, "2026-09-02T13:00", 200, True),
        (Domain.TERMS, "2026-09-02", 0, True),
        (Domain.TERMS, "2026-09-02", 60 * 19, True),  # 4:15, the wait ends at 5:00
        (Domain.TERMS, "2026-09-02", 60 * 20, False),
    ],
)
def test_a_notices_and_a_terms_slot_is_open_until_the_end_of_its_wait(
    domain: Domain, slot: str, minutes: int, is_open: bool, tmp_path: Path, warehouse: str
) -> None:
    cfg = write_config(tmp_path / "districts", more=ATTENDANCE)
    run = new_run(
        cfg, slot, archive=tmp_path, warehouse=warehouse, domain=domain, airflow_run_id="x"
    )
    now = AT_NOTICE + timedelta(minutes=minutes)
    assert open_slots([cfg], warehouse=warehouse, domain=domain, now=now) == []
    record_failure(run, None, RejectedUploadError("No"))
    found = open_slots([cfg], warehouse=warehouse, domain=domain, now=now)
    assert [(o.slot, o.airflow_run_id) for o in found] == ([(slot, "x")] if is_open else [])
