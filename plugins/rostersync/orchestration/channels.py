"""The channels that bring an alert to people: mail, and by Apprise chats and pagers (PagerDuty)."""

from __future__ import annotations

import hashlib
import logging
from html import escape

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from rostersync.errors import AlertNotDeliveredError
from rostersync.ledger.alerts import Alert

MAIL_CONNECTION = "smtp_default"
MAIL = "email"


def channel_of(chat: str) -> str:
    """What the ledger calls a chat: its connection, or of a URL (it may hold a token) its kind and a hash."""
    if "://" not in chat:
        return f"apprise {chat}"
    return f"apprise {chat.split('://')[0]} {hashlib.sha256(chat.encode()).hexdigest()[:8]}"


def plain(text: str) -> str:
    """Text that is nothing else in a chat: what a file says calls nobody, and is no link."""
    return text.replace("@", "@\u200b").replace("](", "] (")


def send_mail(alert: Alert, recipients: list[str]) -> None:
    """Mail an alert through Airflow's connection ``smtp_default``. Raises AlertNotDeliveredError."""
    try:
        BaseHook.get_connection(MAIL_CONNECTION)
    except AirflowNotFoundException as error:
        raise AlertNotDeliveredError(
            "Airflow has no connection for mail",
            connection=MAIL_CONNECTION,
            next_step="create it with type smtp, host and extra from_email",
        ) from error
    html = alert.html or "<br>\n".join(escape(line) for line in alert.body.splitlines())
    try:
        with SmtpHook(smtp_conn_id=MAIL_CONNECTION) as hook:
            hook.send_email_smtp(to=recipients, subject=alert.subject, html_content=html)
    except Exception as error:  # the hook raises a dozen kinds, some of them for one bad address
        raise AlertNotDeliveredError(
            "The mail server did not take the alert",
            connection=MAIL_CONNECTION,
            found=type(error).__name__,
            next_step="see the connection, the recipients and the server's log; it is tried again for a day",
        ) from error


def send_chat(alert: Alert, chat: str) -> None:
    """Post an alert to an Airflow connection of type apprise, or to a URL of Apprise.

    The provider's notifier and ``AppriseHook.notify`` drop Apprise's answer: a chat that is down would count
    as told. So the hook reads the connection, and Apprise is asked itself. Raises AlertNotDeliveredError.
    """
    import apprise
    from airflow.providers.apprise.hooks.apprise import AppriseHook

    target = apprise.Apprise()
    quiet = logging.getLogger("apprise")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL + 1)  # it writes URLs, and tokens with them, into its messages
    try:
        if "://" in chat:
            target.add(chat)
        else:
            hook = AppriseHook(apprise_conn_id=chat)
            hook.set_config_from_conn(BaseHook.get_connection(chat), target)
        # without a service it answers False, too
        taken = bool(
            target.notify(
                body=plain(alert.body),
                title=plain(alert.subject),
                body_format=apprise.NotifyFormat.TEXT,
            )
        )
        found = "it did not take it" if len(target) else "no service Apprise knows"
    except (
        Exception
    ) as error:  # a connection that is not there or not as it should be, and what services raise
        taken, found = False, type(error).__name__
    finally:
        quiet.setLevel(level)
    if not taken:
        raise AlertNotDeliveredError(
            "The chat did not take the alert",
            connection=channel_of(chat),
            found=found,
            next_step="see the connection (type apprise, its config) and the service; tried again for a day",
        )
