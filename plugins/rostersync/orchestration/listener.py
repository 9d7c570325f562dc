"""What happens when an Airflow component starts; registered by ``plugins/rostersync_plugin.py``."""

from __future__ import annotations

import importlib
import logging

from airflow.listeners import hookimpl

log = logging.getLogger(__name__)

DAG_FILES = "rostersync.orchestration.shards"
"""Most of what they import: half a second, which each parse would spend again."""


@hookimpl
def on_starting(component: object) -> None:
    """In the scheduler, DAG processor and triggerer, which are jobs: create missing pools, import ahead.

    A task that starts comes by here too, and has no database.
    """
    if type(component).__name__ != "Job":
        return
    importlib.import_module(DAG_FILES)  # parsers and tasks are forked from here
    from rostersync.orchestration.pools import create_missing

    for name in create_missing():
        log.info("Created pool %s", name)
