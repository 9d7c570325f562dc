"""What happens when an Airflow component starts; registered by ``plugins/rostersync_plugin.py``."""

from __future__ import annotations

import logging

from airflow.listeners import hookimpl

log = logging.getLogger(__name__)


@hookimpl
def on_starting(component: object) -> None:
    """Create missing pools: in the scheduler, DAG processor and triggerer, which are jobs.

    A task that starts comes by here too, and has no database.
    """
    if type(component).__name__ != "Job":
        return
    from rostersync.orchestration.pools import create_missing

    for name in create_missing():
        log.info("Created pool %s", name)
