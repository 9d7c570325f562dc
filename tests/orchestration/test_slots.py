"""Which night a run of Airflow is for: by hand, by the clock, backfilled, and where the clocks change."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from rostersync.config import DistrictConfig
from rostersync.errors import SlotError
from rostersync.spec import Domain

pytestmark = pytest.mark.airflow

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbooks" / "backfill.md"
ZONES = ("Pacific/Honolulu", "America/Los_Angeles", "America/Chicago", "Pacific/Guam", "UTC")


def district(zone: str, at: str = "20:00") -> DistrictConfig:
    core = {"at": at, "wait_until": "05:00"}
    return DistrictConfig.model_validate(
        {"id": "oak", "name": "Oak Schools", "timezone": zone, "core": core}
    )


def slot(
    cfg: DistrictConfig,
    run_type: str,
    logical: datetime | None,
    after: datetime | None = None,
    asked: str | None = None,
) -> str:
    from rostersync.orchestration.slots import slot_of_run

    run = SimpleNamespace(run_type=run_type, logical_date=logical, run_after=after or logical)
    return slot_of_run({"dag_run": run, "params": {"slot": asked}}, cfg, "core")


def fired(cfg: DistrictConfig, start: str, end: str) -> list[str]:
    """The nights that a backfill from one date to another runs."""
    from airflow.serialization.serialized_objects import DagSerialization

    from rostersync.orchestration.factory import build_sync_dag

    dag = DagSerialization.deserialize_dag(
        DagSerialization.serialize_dag(build_sync_dag(cfg, Domain.CORE))
    )
    infos = dag.iter_dagrun_infos_between(instant(start), instant(end))
    later = datetime(2026, 12, 1, tzinfo=UTC)
    return [slot(cfg, "backfill", info.logical_date, later) for info in infos]


def instant(text: str) -> datetime:
    """As Airflow reads a date of the command line: without an offset it is UTC."""
    from airflow._shared.timezones.timezone import parse

    return parse(text)


@pytest.mark.parametrize(
    ("zone", "start", "end", "nights"),
    [
        # bare dates are midnight in UTC
        ("America/Los_Angeles", "2026-09-08", "2026-09-12", (7, 10)),
        ("America/Chicago", "2026-09-08", "2026-09-12", (7, 10)),
        ("Pacific/Honolulu", "2026-09-08", "2026-09-12", (7, 10)),
        ("UTC", "2026-09-08", "2026-09-12", (8, 11)),
        ("Pacific/Guam", "2026-09-08", "2026-09-12", (8, 11)),
        # as the runbook says: from midnight to a minute before midnight, with the district's offset
        ("America/Los_Angeles", "2026-09-08T00:00:00-07:00", "2026-09-12T23:59:00-07:00", (8, 12)),
        ("Pacific/Honolulu", "2026-09-08T00:00:00-10:00", "2026-09-12T23:59:00-10:00", (8, 12)),
        ("Pacific/Guam", "2026-09-08T00:00:00+10:00", "2026-09-12T23:59:00+10:00", (8, 12)),
    ],
)
def test_nights_of_a_backfills_dates(
    zone: str, start: str, end: str, nights: tuple[int, int]
) -> None:
    wanted = [f"2026-09-{day:02}" for day in range(nights[0], nights[1] + 1)]
    assert fired(district(zone), start, end) == wanted


def test_the_runbooks_commands_run_the_nights_it_says() -> None:
    from airflow.cli.cli_parser import get_parser

    text = RUNBOOK.read_text()
    (command,) = re.findall(r"^airflow (backfill create .*?)^```", text, re.M | re.S)
    asked = get_parser().parse_args(shlex.split(command.replace("\\\n", " ")))
    week = [f"2026-09-{day}" for day in range(14, 19)]
    chicago = district("America/Chicago")
    assert fired(chicago, asked.from_date.isoformat(), asked.to_date.isoformat()) == week
    assert (asked.max_active_runs, asked.reprocess_behavior, asked.dry_run) == (1, "failed", True)

    (body,) = re.findall(r"-d '(\{.*?\})'", text, re.S)
    posted = json.loads(body)
    assert fired(chicago, posted["from_date"], posted["to_date"]) == week
    assert {posted["max_active_runs"], posted["reprocess_behavior"]} == {1, "failed"}

    from airflow.api_fastapi.core_api.datamodels.backfills import BackfillPostBody

    BackfillPostBody.model_validate(posted)


@pytest.mark.parametrize("at", ["20:00", "00:00", "01:30", "02:30", "23:59"])
@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("America/Chicago", "2026-10-29T00:00:00-05:00", "2026-11-04T23:59:59-06:00"),
        ("America/Chicago", "2026-03-05T00:00:00-06:00", "2026-03-11T23:59:59-05:00"),
        ("America/Los_Angeles", "2026-10-29T00:00:00-07:00", "2026-11-04T23:59:59-08:00"),
        ("Pacific/Auckland", "2026-04-02T00:00:00+13:00", "2026-04-08T23:59:59+12:00"),
    ],
)
def test_no_night_is_lost_or_doubled_where_the_clocks_change(
    at: str, zone: str, start: str, end: str
) -> None:
    first, last = date.fromisoformat(start[:10]), date.fromisoformat(end[:10])
    days = [(first + timedelta(n)).isoformat() for n in range((last - first).days + 1)]
    assert fired(district(zone, at), start, end) == days


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "day", ["2026-03-07", "2026-03-08", "2026-09-01", "2026-11-01", "2026-12-31"]
)
@pytest.mark.parametrize("run_type", ["scheduled", "backfill", "manual"])
def test_a_date_of_its_own_names_the_night_whoever_gave_it(
    zone: str, day: str, run_type: str
) -> None:
    cfg = district(zone)
    evening = datetime.combine(date.fromisoformat(day), cfg.core.at, tzinfo=ZoneInfo(zone))
    assert slot(cfg, run_type, evening.astimezone(UTC), evening + timedelta(days=40)) == day


CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize("run_type", ["manual", "operator_triggered"])
@pytest.mark.parametrize(
    ("now", "night"),
    [
        (datetime(2026, 9, 2, 0, 30, tzinfo=CHICAGO), "2026-09-01"),
        (datetime(2026, 9, 2, 4, 59, tzinfo=CHICAGO), "2026-09-01"),
        (datetime(2026, 9, 2, 5, 0, tzinfo=CHICAGO), "2026-09-02"),
        (datetime(2026, 9, 2, 23, 59, tzinfo=CHICAGO), "2026-09-02"),
        (datetime(2026, 11, 1, 1, 30, tzinfo=CHICAGO, fold=1), "2026-10-31"),
        (datetime(2026, 3, 8, 3, 30, tzinfo=CHICAGO), "2026-03-07"),
    ],
)
def test_a_run_started_now_is_for_the_night_still_waiting(
    run_type: str, now: datetime, night: str
) -> None:
    cfg = district("America/Chicago")
    utc = now.astimezone(UTC)
    assert slot(cfg, run_type, None, utc) == night
    assert slot(cfg, run_type, utc, utc + timedelta(seconds=2)) == night  # as the form sends it


def test_the_night_asked_for_wins_over_any_date() -> None:
    evening = datetime(2026, 9, 2, 1, tzinfo=UTC)
    for run_type in ("manual", "scheduled", "operator_triggered"):
        assert slot(district("UTC"), run_type, evening, evening, "2026-08-30") == "2026-08-30"


@pytest.mark.parametrize("run_type", ["manual", "scheduled", "operator_triggered"])
def test_a_slot_in_the_future_fails_before_anything_waits_for_it(run_type: str) -> None:
    """Typed into the form as `slot`, or as the run's own date."""
    cfg, now = district("America/Chicago"), datetime(2026, 9, 2, 1, tzinfo=UTC)
    typed = datetime(2027, 9, 1, 1, tzinfo=UTC)
    for logical, asked in ((None, "2027-09-01"), (now, "2026-09-03"), (typed, None)):
        with pytest.raises(SlotError, match="lies in the future"):
            slot(cfg, run_type, logical, now, asked)
    assert slot(cfg, run_type, now, now, "2026-09-02") == "2026-09-02"


def test_a_backfill_does_not_run_one_night_many_times() -> None:
    monday = datetime(2026, 9, 8, 1, tzinfo=UTC)
    cfg = district("America/Chicago")
    assert slot(cfg, "backfill", monday, asked="2026-09-07") == "2026-09-07"
    with pytest.raises(SlotError, match="night of their own date"):
        slot(cfg, "backfill", monday + timedelta(days=1), asked="2026-09-07")
