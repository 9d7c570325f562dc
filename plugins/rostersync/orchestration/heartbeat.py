"""The DAG ``heartbeat``: tells people which nights nobody ran."""

from __future__ import annotations

import logging
from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, task

from rostersync import paths
from rostersync.orchestration.alerts import deliver_now
from rostersync.orchestration.fleet_dag import SOON, fleet_dag
from rostersync.orchestration.runs import warehouse_url
from rostersync.orchestration.tasks import step

log = logging.getLogger(__name__)

HEARTBEAT = "heartbeat"


def build_heartbeat_dag() -> DAG:
    """Every hour, some minutes after nights have become due."""
    with fleet_dag(
        HEARTBEAT,
        dag_display_name="Heartbeat of the fleet",
        description="Tells which districts' nights were never run, and when hardly any was loaded",
        doc="heartbeat.md",
        schedule=CronTriggerTimetable("7 * * * *", timezone="UTC"),
        max_active_runs=1,
        dagrun_timeout=timedelta(minutes=30),
        default_args=SOON,
    ) as dag:
        task(task_id="look")(step(look))()
    return dag


def look() -> dict[str, int]:
    """Raise and deliver what the heartbeat finds; how many districts it looked at, and alerts it raised."""
    from rostersync.pipeline.watch.heartbeat import tell_heartbeat

    found, raised = tell_heartbeat(paths.districts_folder(), warehouse_url())
    for alert in found.alerts:
        log.warning("%s%s", alert.subject, "" if alert in raised else " (raised before)")
    if raised:
        deliver_now()
    return {"districts": found.districts, "found": len(found.alerts), "raised": len(raised)}
