"""Alerts in chats: a real HTTP server takes what Apprise posts."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rostersync.ledger.alerts import Alert, AlertKind, raise_alert
from rostersync.pipeline.watch.alerts import list_alerts
from tests.support.mail import MailServer

pytestmark = [pytest.mark.airflow, pytest.mark.postgres]

DISTRICT = """\
id: aspen
name: Aspen Test District
timezone: America/Denver
alerts: {{email: [ops@example.org], apprise: [ops_chat, "{url}"]}}
"""


class Chat(HTTPServer):
    """Keeps what is posted; refuses while ``down``."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Post)
        self.posted: list[tuple[str, dict[str, Any]]] = []
        self.down: set[str] = set()


class Post(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_down = self.path in server.down
        if not is_down:
            server.posted.append((self.path, body))
        self.send_response(503 if is_down else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def chat() -> Iterator[Chat]:
    server = Chat()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mail(
    chat: Chat,
    tmp_path: Path,
    warehouse: str,
    airflow_database: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MailServer]:
    """A district with a mail address and two chats, one by a connection, and an alert for it."""
    folder = tmp_path / "districts"
    folder.mkdir()
    place = f"json://127.0.0.1:{chat.server_port}"
    (folder / "aspen.yaml").write_text(DISTRICT.format(url=f"{place}/by-url"))
    config = {"config": {"path": f"{place}/by-connection", "tag": "alerts"}}
    connection = {"conn_type": "apprise", "extra": config}
    monkeypatch.setenv("AIRFLOW_CONN_OPS_CHAT", json.dumps(connection))
    monkeypatch.setenv("ROSTERSYNC_DISTRICTS", str(folder))
    monkeypatch.setenv("AIRFLOW_CONN_ROSTERSYNC_WAREHOUSE", warehouse)
    alert = Alert(
        AlertKind.MISSING_ATTENDANCE, "aspen", "2026-09-02", "No <file>", "Line one [a](b) @here"
    )
    with psycopg.connect(warehouse) as conn:
        raise_alert(conn, alert, datetime.now(UTC))
    with MailServer() as server:
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(server.connection))
        yield server


def deliver(warehouse: str) -> dict[str, int]:
    from rostersync.orchestration.alerts import deliver

    with psycopg.connect(warehouse) as conn:  # as if minutes had passed
        conn.execute("update sync.alerts set tried_at = tried_at - interval '10 minutes'")
    return deliver()


def test_every_channel_gets_an_alert_once(mail: MailServer, chat: Chat, warehouse: str) -> None:
    assert deliver(warehouse) == {"delivered": 1, "waiting": 0}
    assert deliver(warehouse) == {"delivered": 0, "waiting": 0}
    assert len(mail.mails) == 1
    assert sorted(path for path, _ in chat.posted) == ["/by-connection", "/by-url"]
    assert {(body["title"], body["message"]) for _, body in chat.posted} == {
        ("No <file>", "Line one [a] (b) @\u200bhere")
    }


def test_a_chat_that_is_down_does_not_send_the_mail_again(
    mail: MailServer, chat: Chat, warehouse: str, caplog: pytest.LogCaptureFixture
) -> None:
    chat.down = {"/by-url"}
    assert deliver(warehouse) == {"delivered": 0, "waiting": 1}
    assert deliver(warehouse) == {"delivered": 0, "waiting": 1}
    (one,) = list_alerts(warehouse, district="aspen", newest=5)
    assert one.channels["email"] is None
    assert one.channels["apprise ops_chat"] is None
    assert one.failure
    assert "by-url" not in one.failure, "a URL may hold a token"
    assert "by-url" not in caplog.text
    chat.down = set()
    assert deliver(warehouse) == {"delivered": 1, "waiting": 0}
    assert len(mail.mails) == 1
    assert sorted(path for path, _ in chat.posted) == ["/by-connection", "/by-url"]
