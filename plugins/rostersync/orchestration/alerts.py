"""Delivery of alerts by e-mail, and the DAG ``alerts``, which tries again what could not be delivered."""

from __future__ import annotations

import logging
from datetime import timedelta
from html import escape

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.sdk import DAG, BaseHook, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowNotFoundException

from rostersync.errors import AlertNotDeliveredError, ConfigError, RosterSyncError
from rostersync.ledger.alerts import Alert
from rostersync.orchestration.districts import enabled_districts, find_district
from rostersync.orchestration.fleet import SOON, fleet_dag
from rostersync.orchestration.runs import warehouse_url
from rostersync.orchestration.tasks import step

log = logging.getLogger(__name__)

ALERTS = "alerts"
MAIL_CONNECTION = "smtp_default"


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
    from rostersync.pipeline import deliver_alerts

    tried = deliver_alerts(warehouse_url(), send)
    for one in tried:
        told = one.alert
        log.info("%s: %s (%s)", told.kind, told.subject, one.failure or "delivered")
    failed = sum(one.failure is not None for one in tried)
    return {"delivered": len(tried) - failed, "waiting": failed}


def deliver_now() -> None:
    """As :func:`deliver`, at the end of something that must not fail for it: DAG ``alerts`` tries again."""
    try:
        deliver()
    except Exception as error:  # whatever it is, what was done before stands
        log.warning("Alerts wait: %s", error if isinstance(error, RosterSyncError) else type(error))


def send(alert: Alert) -> None:
    """Mail an alert to its district's recipients; the fleet's to every district's.

    Raises ConfigError: there is no recipient; AlertNotDeliveredError: no connection, or the server refuses.
    """
    recipients = _recipients(alert)
    if not recipients:
        raise ConfigError(
            "Nobody is named to alert",
            district=alert.district or "all",
            next_step="name recipients in the district's YAML: alerts: {email: [...]}",
        )
    try:
        BaseHook.get_connection(MAIL_CONNECTION)
    except AirflowNotFoundException as error:
        raise AlertNotDeliveredError(
            "Airflow has no connection for mail",
            connection=MAIL_CONNECTION,
            next_step="create it with type smtp, host and extra from_email",
        ) from error
    html = "<br>\n".join(escape(line) for line in alert.body.splitlines())
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


def _recipients(alert: Alert) -> list[str]:
    if alert.district is not None:
        return list(find_district(alert.district).alerts.email)
    named = (address for cfg in enabled_districts() for address in cfg.alerts.email)
    return list(dict.fromkeys(named))
