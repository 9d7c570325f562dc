"""Delivery of alerts through channels.py; the DAG ``alerts`` tries again what was not delivered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from airflow.sdk import DAG, CronTriggerTimetable, task

from rostersync.config.model import Alerts
from rostersync.errors import ConfigError, RosterSyncError, loggable
from rostersync.ledger.alerts import Alert
from rostersync.orchestration.base_url import base_url
from rostersync.orchestration.channels import MAIL, channel_of, send_chat, send_mail
from rostersync.orchestration.districts import dag_id, enabled_districts, find_district
from rostersync.orchestration.fleet_dag import SOON, fleet_dag
from rostersync.orchestration.runs import warehouse_url
from rostersync.orchestration.tasks import step

if TYPE_CHECKING:
    from rostersync.pipeline.ground.run import Run

log = logging.getLogger(__name__)

ALERTS = "alerts"


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
        yield MAIL, _failure_of(lambda: send_mail(alert, recipients))
    for chat in chats:
        channel = channel_of(chat)
        if channel not in done:
            yield channel, _failure_of(lambda chat=chat: send_chat(alert, chat))  # type: ignore[misc]


def _failure_of(deliver: Callable[[], None]) -> RosterSyncError | None:
    try:
        deliver()
    except RosterSyncError as error:
        return error
    return None


def _people(alert: Alert) -> list[Alerts]:
    if alert.district is not None:
        return [find_district(alert.district).alerts]
    return [cfg.alerts for cfg in enabled_districts()]
