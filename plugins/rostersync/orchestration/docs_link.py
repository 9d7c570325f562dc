"""The link to Data Docs of task validate. Every task loads it: no heavy import here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperatorLink

from rostersync.orchestration.base_url import base_url

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey

DOCS_INDEX = "data_docs"
"""XCom key of the index page's name in the archive."""


class DataDocsLink(BaseOperatorLink):
    """Button "Data Docs" of task validate, tab Details. Without pages Airflow does not show it."""

    name = "Data Docs"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Called by the task itself, at its end and also when it failed; Airflow keeps the answer."""
        ti: Any = ti_key
        index = ti.xcom_pull(task_ids=ti.task_id, key=DOCS_INDEX)
        return docs_url(index) if index else ""


def docs_url(index: str) -> str:
    """Where Airflow shows an index page of the archive."""
    return f"{base_url()}/rostersync/data-docs/{index}"
