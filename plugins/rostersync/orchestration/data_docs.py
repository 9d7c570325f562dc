"""Data Docs at the end of task validate."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.sdk import get_current_context

from rostersync.errors import loggable
from rostersync.orchestration.docs_link import DOCS_INDEX, docs_url

if TYPE_CHECKING:
    from rostersync.pipeline.ground.run import Run

log = logging.getLogger(__name__)


def build_docs_now(run: Run, landing: int) -> None:
    """Build the pages of what was validated, remove old ones. A failure is logged and no more."""
    from rostersync.pipeline.upkeep.data_docs import (
        build_data_docs,
        remove_old_data_docs,
        validation_of,
    )

    try:
        if found := validation_of(run, landing):
            index = build_data_docs(found)
            get_current_context()["ti"].xcom_push(key=DOCS_INDEX, value=index)
            log.info("Data Docs, what every rule found: %s", docs_url(index))
    except Exception as error:  # whatever it is, the validation stands
        log.warning("Data Docs were not built: %s", loggable(error))
    try:
        keep = run.cfg.data_docs.keep_days
        if removed := remove_old_data_docs(run.archive, run.district, keep_days=keep):
            log.info("Data Docs older than %s days were removed: %s", keep, removed)
    except Exception as error:
        log.warning("Old Data Docs were not removed: %s", loggable(error))
