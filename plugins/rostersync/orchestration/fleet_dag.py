"""What the DAGs that are there once, for all districts, have in common."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG

from rostersync.orchestration import policy

OWNER = "data-ops"
SOON = {"retry_delay": timedelta(minutes=1)}
"""Arguments of tasks whose next run is minutes away; three tries outlast a restart of the API server."""


def fleet_dag(
    dag_id: str, *, doc: str, default_args: dict[str, Any] | None = None, **arguments: Any
) -> DAG:
    """A DAG of the whole fleet, not yet entered. ``doc``: the Markdown file beside this one."""
    return DAG(
        dag_id,
        doc_md=Path(__file__).with_name(doc).read_text(encoding="utf-8"),
        catchup=False,
        is_paused_upon_creation=False,
        default_args={"owner": OWNER, **policy.default_args(), **(default_args or {})},
        tags=["rostersync"],
        **arguments,
    )
