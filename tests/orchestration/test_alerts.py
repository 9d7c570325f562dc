"""Alerts by mail: who gets one, what it looks like, and what becomes of one nobody takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from rostersync.ledger.alerts import Alert, AlertKind, raise_alert
from rostersync.pipeline.watch.alerts import list_alerts
from tests.support.mail import MailServer, text_of

pytestmark = [pytest.mark.airflow, pytest.mark.postgres]

DISTRICT = """\
id: {id}
name: {id} Test District
timezone: America/Denver
alerts: {{email: [{email}]}}
"""


@pytest.fixture
def mail(
    tmp_path: Path, warehouse: str, airflow_database: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MailServer]:
    """Two districts, a warehouse, a mail server and a connection to it."""
    folder = tmp_path / "districts"
    folder.mkdir()
    for name, address in (
        ("aspen", "ops@example.org"),
        ("cedar", "ops@example.org, lee@example.org"),
    ):
        (folder / f"{name}.yaml").write_text(DISTRICT.format(id=name, email=address))
    (folder / "maple.yaml").write_text(DISTRICT.format(id="maple", email=""))
    monkeypatch.setenv("ROSTERSYNC_DISTRICTS", str(folder))
    monkeypatch.setenv("AIRFLOW_CONN_ROSTERSYNC_WAREHOUSE", warehouse)
    with MailServer() as server:
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(server.connection))
        yield server


def raised(warehouse: str, district: str | None) -> None:
    kind = AlertKind.MISSING_ATTENDANCE if district else AlertKind.SILENT_FLEET
    alert = Alert(kind, district, "2026-09-02", "No attendance <yet>", "Line one\nLine <two>")
    with psycopg.connect(warehouse) as conn:
        raise_alert(conn, alert, datetime.now(UTC))


def deliver() -> dict[str, int]:
    from rostersync.orchestration.alerts import deliver

    return deliver()


def test_a_districts_alert_goes_to_its_own_people_once(mail: MailServer, warehouse: str) -> None:
    raised(warehouse, "aspen")
    assert deliver() == {"delivered": 1, "waiting": 0}
    assert deliver() == {"delivered": 0, "waiting": 0}
    (one,) = mail.mails
    assert (one["To"], one["From"]) == ("ops@example.org", "rostersync@example.org")
    assert one["Subject"] == "No attendance <yet>"
    assert "Line one<br>\nLine &lt;two&gt;" in text_of(one)


def test_the_fleets_alert_goes_to_everybody_once(mail: MailServer, warehouse: str) -> None:
    raised(warehouse, None)
    deliver()
    (one,) = mail.mails
    assert sorted(one["To"].split(", ")) == ["lee@example.org", "ops@example.org"]


def test_what_the_server_does_not_take_waits(mail: MailServer, warehouse: str) -> None:
    raised(warehouse, "aspen")
    mail.refuses = True
    assert deliver() == {"delivered": 0, "waiting": 1}
    (one,) = list_alerts(warehouse, district=None, newest=9)
    assert "mail server did not take" in str(one.failure)
    mail.refuses = False
    assert deliver() == {"delivered": 0, "waiting": 0}, "not twice in two minutes"
    with psycopg.connect(warehouse) as conn:
        conn.execute("update sync.alerts set tried_at = tried_at - interval '3 minutes'")
    assert deliver() == {"delivered": 1, "waiting": 0}
    assert len(mail.mails) == 1


def test_an_alert_that_cannot_be_sent_does_not_keep_the_others(
    mail: MailServer, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised(warehouse, "maple")
    raised(warehouse, "aspen")
    assert deliver() == {"delivered": 1, "waiting": 1}


def test_an_alert_for_nobody_and_one_without_a_connection_say_what_to_do(
    mail: MailServer, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised(warehouse, "maple")
    monkeypatch.delenv("AIRFLOW_CONN_SMTP_DEFAULT")
    raised(warehouse, "aspen")
    assert deliver() == {"delivered": 0, "waiting": 2}
    told = {
        o.alert.district: str(o.failure) for o in list_alerts(warehouse, district=None, newest=9)
    }
    assert "alerts: {email" in told["maple"]
    assert "no connection for mail" in told["aspen"]


def test_the_heartbeat_mails_what_it_finds_once(
    mail: MailServer, warehouse: str, tmp_path: Path
) -> None:
    from rostersync.orchestration.heartbeat import look

    assert look() == {"districts": 3, "found": 0, "raised": 0}, "new districts, no night yet"
    (tmp_path / "districts" / "birch.yaml").write_text("id: birch\n")
    assert look() == {"districts": 3, "found": 1, "raised": 1}
    assert look() == {"districts": 3, "found": 1, "raised": 0}
    (one,) = mail.mails
    assert "birch.yaml" in text_of(one)
    assert sorted(one["To"].split(", ")) == ["lee@example.org", "ops@example.org"]
