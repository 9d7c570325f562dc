"""The weekly DAG of terms: a new file is loaded, a week without one is no failure."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.orchestration.night import Sync
from tests.support.uploads import TERMS, write_csv

pytestmark = [pytest.mark.airflow, pytest.mark.postgres, pytest.mark.sftp, pytest.mark.slow]

DENVER = ZoneInfo("America/Denver")
NIGHT = datetime(2026, 9, 14, 20, 12, tzinfo=DENVER)


def send_terms(sync: Sync, *names: str, at: datetime) -> None:
    path = sync.server.root / "aspen" / "terms.csv"
    rows = [["0001", name, name, "semester", "2026-08-17", "2026-12-18", "2027"] for name in names]
    write_csv(path, TERMS, rows)
    os.utime(path, (at.timestamp(), at.timestamp()))


def test_terms_are_loaded_when_they_are_new(sync: Sync, districts: Path) -> None:
    yaml = districts / "aspen.yaml"
    yaml.write_text(yaml.read_text() + 'terms: {day: sun, at: "06:00"}\n')
    sync.upload(1, at=NIGHT)
    assert sync.run(slot="2026-09-14", wait_minutes=0).state == "success"

    nothing = sync.run(domain="terms", slot="2026-09-20", wait_minutes=0)
    assert (nothing.state, nothing.states["wait"]) == ("failed", "failed"), "none were ever loaded"

    send_terms(sync, "FALL", at=datetime(2026, 9, 26, 12, tzinfo=DENVER))
    loaded = sync.run(domain="terms", slot="2026-09-27", wait_minutes=0)
    assert loaded.xcoms["report"]["return_value"]["outcome"] == "loaded"
    assert sync.ask("select term_id, _first_slot::text from roster.terms") == [
        ("FALL", "2026-09-27")
    ]

    same = sync.run(domain="terms", slot="2026-10-04", wait_minutes=0)
    assert same.xcoms["report"]["return_value"]["outcome"] == "not_expected"

    send_terms(sync, "FALL", "SPRING", at=datetime(2026, 10, 10, 12, tzinfo=DENVER))
    sync.run(domain="terms", slot="2026-10-11", wait_minutes=0)
    assert sync.ask("select count(*) from roster.terms") == [(2,)]
    assert sync.ask("select count(*) from sync.runs where domain = 'core'") == [(1,)]
