"""Delivery of alerts by mail and to chats; the DAG ``alerts`` tries again what was not delivered."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import DAG, BaseHook, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowNotFoundException

from rostersync.config.model import Alerts
from rostersync.errors import AlertNotDeliveredError, ConfigError, RosterSyncError, loggable
from rostersync.ledger.alerts import Alert
from rostersync.orchestration.base_url import base_url
from rostersync.orchestration.districts import dag_id, enabled_districts, find_district
from rostersync.orchestration.fleet_dag import SOON, fleet_dag
from rostersync.orchestration.runs import warehouse_url
from rostersync.orchestration.tasks import step

if TYPE_CHECKING:
    from rostersync.pipeline.ground.run import Run

log = logging.getLogger(__name__)

ALERTS = "alerts"
MAIL_CONNECTION = "smtp_default"
MAIL = "email"


def build_alerts_dag() -> DAG:
    """Every five minutes: deliver what could not be delivered at once."""
    with fleet_dag(
        ALERTS,
        dag_display_name="Deliver alerts",
        description="Tries again to deliver alerts that nobody has got",
        doc="alerts.md",
        schedule=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
        max_active_runs=1,
        dagrun_timeout=timedelta(minutes=30),
        default_args=SOON,
    ) as dag:
        task(task_id="deliver")(step(deliver))()
    return dag


def deliver() -> dict[str, int]:
    """Send every alert of the last day that nobody has got; how many, and how many still wait."""
    from rostersync.pipeline.watch.alerts import deliver_alerts

    tried = deliver_alerts(warehouse_url(), send)
    for one in tried:
        alert = one.alert
        log.info("%s: %s (%s)", alert.kind, alert.subject, one.failure or "delivered")
    failed = sum(one.failure is not None for one in tried)
    return {"delivered": len(tried) - failed, "waiting": failed}


def deliver_now() -> None:
    """As :func:`deliver`, at the end of something that must not fail for it: DAG ``alerts`` tries again."""
    try:
        deliver()
    except Exception as error:  # whatever it is, what was done before stands
        log.warning("Alerts wait: %s", error if isinstance(error, RosterSyncError) else type(error))


def raise_digest_now(run: Run) -> None:
    """Raise the digest of a run that is in the ledger; a failure is logged: the run has ended."""
    from rostersync.pipeline.watch.digest import raise_digest

    try:
        raise_digest(run, run_url=url_of(run))
    except Exception as error:  # whatever it is, what was done before stands
        log.warning("No digest of this run: %s", loggable(error))


def url_of(run: Run) -> str:
    """The run's page in Airflow; "" where Airflow was not told its own address, or there is no such page."""
    base = base_url()
    if not base or not run.airflow_run_id:
        return ""
    return (
        f"{base}/dags/{dag_id(run.domain, run.district)}/runs/{quote(run.airflow_run_id, safe='')}"
    )


def send(
    alert: Alert, done: frozenset[str] = frozenset()
) -> Iterator[tuple[str, RosterSyncError | None]]:
    """Bring an alert to its district's people, the fleet's to every district's: by mail, and to chats.

    Yields each channel that was tried, with what went wrong. ``done``: channels that have taken it.
    Raises ConfigError: there is nobody to tell.
    """
    people = _people(alert)
    recipients = list(dict.fromkeys(address for one in people for address in one.email))
    chats = list(dict.fromkeys(chat for one in people for chat in one.apprise))
    if not recipients and not chats:
        raise ConfigError(
            "Nobody is named to alert",
            district=alert.district or "all",
            next_step="name recipients in the district's YAML: alerts: {email: [...]}",
        )
    if recipients and MAIL not in done:
        yield MAIL, _failure_of(lambda: _mail(alert, recipients))
    for chat in chats:
        channel = channel_of(chat)
        if channel not in done:
            yield channel, _failure_of(lambda chat=chat: _chat(alert, chat))  # type: ignore[misc]


def channel_of(chat: str) -> str:
    """What the ledger calls a chat: its connection, or of a URL (it may hold a token) its kind and a hash."""
    if "://" not in chat:
        return f"apprise {chat}"
    return f"apprise {chat.split('://')[0]} {hashlib.sha256(chat.encode()).hexdigest()[:8]}"


def _failure_of(deliver: Callable[[], None]) -> RosterSyncError | None:
    try:
        deliver()
    except RosterSyncError as error:
        return error
    return None


def _mail(alert: Alert, recipients: list[str]) -> None:
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


def _chat(alert: Alert, chat: str) -> None:
    """Post an alert to an Airflow connection of type apprise, or to a URL of Apprise.

    The provider's notifier and ``AppriseHook.notify`` drop Apprise's answer: a chat that is down would count
    as told. So the hook reads the connection, and Apprise is asked itself.
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
                body=alert.body, title=alert.subject, body_format=apprise.NotifyFormat.TEXT
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


def _people(alert: Alert) -> list[Alerts]:
    if alert.district is not None:
        return [find_district(alert.district).alerts]
    return [cfg.alerts for cfg in enabled_districts()]
