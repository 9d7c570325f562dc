"""What of a night needs a person: its digest, from a real ledger."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from rostersync import paths
from rostersync.config import DistrictConfig
from rostersync.pipeline import list_alerts
from rostersync.pipeline.digest import raise_digest
from rostersync.reporting.digest import RUNBOOKS, ItemKind
from rostersync.spec import Domain

CFG = DistrictConfig.model_validate({"id": "aspen", "name": "Aspen", "timezone": "America/Denver"})
TODAY = date(2026, 11, 27)
RULE = "students.email.invalid"


def night(
    warehouse: str,
    ago: int,
    rows: int = 0,
    *,
    outcome: str = "loaded",
    state: str = "accepted",
    severity: str = "error",
) -> None:
    slot, run = (TODAY - timedelta(days=ago)).isoformat(), str(uuid.uuid4())
    with psycopg.connect(warehouse) as conn:
        conn.execute(
            "insert into sync.runs (run_id, district_id, domain, slot, landing, outcome, started_at)"
            " values (%s, 'aspen', 'core', %s, 1, %s, now())",
            [run, slot, outcome],
        )
        if outcome == "loaded":
            conn.execute(
                "insert into sync.slots (district_id, domain, slot, landing, pin, base, run_id,"
                " fingerprints, sha256) values ('aspen', 'core', %s, 1, '', '', %s, '{}', '{}')"
                " on conflict do nothing",
                [slot, run],
            )
        conn.execute(
            "insert into sync.files values (%s, 'students', %s, 20000, 20000, 0, 0, 0)",
            [run, state],
        )
        if rows:
            conn.execute(
                "insert into sync.findings values (%s, 'students', %s, %s, 'c', %s, '{5,9}', 'hint')",
                [run, RULE, severity, rows],
            )


def told(warehouse: str, ago: int = 0) -> bool:
    slot = (TODAY - timedelta(days=ago)).isoformat()
    now = datetime(2026, 11, 27, 20, tzinfo=UTC)
    return raise_digest(warehouse, CFG, Domain.CORE, slot, now=now)


pytestmark = pytest.mark.postgres


@pytest.mark.parametrize(
    ("before", "now", "severity", "alerts"),
    [
        ([30] * 7, 30, "error", False),
        ([30] * 7, 55, "error", False),  # 25 rows are not more than 25
        ([30] * 7, 56, "error", True),
        ([10_000] * 7, 10_026, "error", False),
        ([0] * 7, 1, "error", True),
        ([0] * 7, 25, "warning", False),
        ([0] * 7, 26, "warning", True),
        ([], 500, "error", False),  # nothing is usual yet
        ([0, 0], 500, "error", False),
        ([400] * 7, 0, "error", True),
    ],
)
def test_a_rule_alerts_when_it_moves_or_is_new(
    warehouse: str, before: list[int], now: int, severity: str, alerts: bool
) -> None:
    for ago, rows in enumerate(before, start=1):
        night(warehouse, ago, rows, severity=severity)
    night(warehouse, 0, now, severity=severity)
    assert told(warehouse) is alerts
    assert told(warehouse) is False, "once"


def test_a_waived_rule_is_known(warehouse: str) -> None:
    for ago in range(8):
        night(warehouse, ago, 0 if ago else 900)
    with psycopg.connect(warehouse) as conn:
        conn.execute(
            "insert into sync.waivers (district_id, rule, until, granted_by, reason)"
            " values ('aspen', %s, '2027-01-01', 'lee', 'known')",
            [RULE],
        )
    assert told(warehouse) is False


def test_the_same_failure_is_told_on_the_first_and_third_night(warehouse: str) -> None:
    seen = []
    for ago in (3, 2, 1, 0):
        night(warehouse, ago, outcome="rejected", state="rejected")
        seen.append(told(warehouse, ago))
    assert seen == [True, False, True, False]
    subjects = [a.alert.subject for a in list_alerts(warehouse, district="aspen", newest=9)]
    assert any("3 nights in a row" in s for s in subjects)


def test_a_slot_that_is_not_the_newest_or_is_old_sends_nothing(warehouse: str) -> None:
    night(warehouse, 9, outcome="rejected", state="rejected")
    assert told(warehouse, 9) is False
    night(warehouse, 1, outcome="rejected", state="rejected")
    night(warehouse, 0)
    assert told(warehouse, 1) is False


@pytest.mark.parametrize("kind", list(ItemKind))
def test_every_kind_names_a_runbook_there_is(kind: ItemKind) -> None:
    root = Path(paths.expectations_folder()).parent
    assert (root / "docs" / "runbooks" / f"{RUNBOOKS[kind]}.md").is_file()
