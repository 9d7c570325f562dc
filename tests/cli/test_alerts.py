"""`rostersync alerts`: what was told, and whether anybody has got it."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from rostersync.ledger.alerts import Alert, AlertKind, claim_alert, mark_tried, raise_alert
from tests.cli.conftest import run

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 9, 2, 14, 13, tzinfo=UTC)


def test_alerts_are_listed_with_what_became_of_them(warehouse: str) -> None:
    assert "No alert" in run("alerts", "--warehouse", warehouse).out
    with psycopg.connect(warehouse) as conn:
        for district in ("aspen", None):
            kind = AlertKind.MISSING_ATTENDANCE if district else AlertKind.SILENT_FLEET
            raise_alert(conn, Alert(kind, district, "2026-09-02", f"About {district}", "x"), NOW)
        one = claim_alert(conn, since=NOW, now=NOW)
        assert one is not None
        mark_tried(conn, one, NOW, "The mail server did not take it")
    listed = run("alerts", "--warehouse", warehouse).out
    assert "failed: The mail server did not take it" in listed
    assert "silent_fleet" in listed
    told = run("alerts", "--warehouse", warehouse, "--format", "json").json["alerts"]
    assert [(t["district"], t["status"]) for t in told] == [(None, "waiting"), ("aspen", "failed")]
    mine = run("alerts", "--warehouse", warehouse, "-d", "aspen", "--format", "json").json
    assert len(mine["alerts"]) == 1
