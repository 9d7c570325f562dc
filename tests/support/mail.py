"""A mail server on loopback that keeps what it gets."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from rostersync.embedded.state import free_port


class MailServer:
    """Speaks SMTP on a port of its own. ``mails``: what came, oldest first."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = False
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 Try again later"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.mails.append(mail)  # type: ignore[arg-type]
        return "250 OK"

    @property
    def connection(self) -> dict[str, object]:
        """As Airflow's connection of type smtp."""
        return {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": self._controller.port,
            "extra": {
                "disable_ssl": True,
                "disable_tls": True,
                "from_email": "rostersync@example.org",
                "retry_limit": 1,
            },
        }

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


def text_of(mail: EmailMessage) -> str:
    """What a person reads in it."""
    body = mail.get_body(("html", "plain"))
    assert body is not None
    return str(body.get_content())
