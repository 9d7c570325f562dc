"""Data Docs at the end of task validate, and the link to them on its page."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperatorLink, get_current_context
from airflow.sdk.configuration import conf

from rostersync.errors import RosterSyncError
from rostersync.orchestration.districts import find_district

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

    from rostersync.pipeline import Run

log = logging.getLogger(__name__)

_INDEX = "data_docs"
"""XCom key of the index page's name in the archive."""


class DataDocsLink(BaseOperatorLink):
    """Button "Data Docs" of task validate. Without pages it leads nowhere, and Airflow does not show it."""

    name = "Data Docs"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Called by the task itself, at its end and also when it failed; Airflow keeps the answer."""
        ti: Any = ti_key
        index = ti.xcom_pull(task_ids=ti.task_id, key=_INDEX)
        base = conf.get("api", "base_url", fallback="").rstrip("/")
        return f"{base}/rostersync/data-docs/{index}" if index else ""


def build_docs_now(run: Run, landing: int) -> None:
    """Build the pages of what was validated, remove old ones. A failure is logged and no more."""
    from rostersync.pipeline import build_data_docs, remove_old_data_docs, validation_of

    try:
        if found := validation_of(run, landing):
            index = build_data_docs(found)
            get_current_context()["ti"].xcom_push(key=_INDEX, value=index)
        # as the YAML says today: a run has the configuration it was staged with
        keep = find_district(run.district).data_docs.keep_days
        if removed := remove_old_data_docs(run.archive, run.district, keep_days=keep):
            log.info("Data Docs older than %s days were removed: %s", keep, removed)
    except Exception as error:  # whatever it is, the validation stands
        told = error if isinstance(error, RosterSyncError) else type(error).__name__
        log.warning("Data Docs were not built, or old ones not removed: %s", told)
