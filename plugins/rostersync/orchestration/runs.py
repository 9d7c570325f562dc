"""From an Airflow task's context to the pipeline's :class:`~rostersync.pipeline.ground.run.Run`."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from rostersync import environment
from rostersync.engine.postgres import url_of
from rostersync.errors import ConfigError
from rostersync.orchestration.districts import domain_of, find_district
from rostersync.orchestration.slots import slot_of_run

if TYPE_CHECKING:
    from airflow.sdk import Context

    from rostersync.pipeline.ground.run import Run

WAREHOUSE_CONNECTION = "rostersync_warehouse"

_NAMESPACE = uuid.UUID("6c0c5a0e-6a5b-5d0f-9d0e-2f4f6b1f7a55")


def open_run(context: Context, district: str, *, pin: str | None = None) -> Run:
    """The run a task belongs to; its DAG's id says of which domain.

    ``context``: Airflow's. ``district``: the district's id. ``pin``: inputs an earlier task of this run
    pinned; else today's configuration and suites. A file edited while a night runs then changes the next
    night, not half of this one.

    Raises ConfigError (also of a suite), SlotError, ArchiveError.
    """
    from rostersync.pipeline.ground.run import new_run

    cfg = find_district(district)
    dag_run = context["dag_run"]
    domain = domain_of(dag_run.dag_id)
    run = new_run(
        cfg,
        slot_of_run(context, cfg, domain),
        archive=archive_url(),
        warehouse=warehouse_url(),
        domain=domain,
        run_id=ledger_id(context),
        started_at=dag_run.start_date or dag_run.run_after,
        airflow_run_id=dag_run.run_id,
    )
    return replace(run, inputs=run.pinned(pin)) if pin else run


def ledger_id(context: Context) -> str:
    """The id of the run's row in the ledger.

    Retries of a task and all tasks of a run share it. A run that was cleared by a person is another attempt
    and gets another row: Airflow counts the clears.
    """
    dag_run: Any = context["dag_run"]
    attempt = f"{dag_run.dag_id}/{dag_run.run_id}/{dag_run.clear_number or 0}"
    return str(uuid.uuid5(_NAMESPACE, attempt))


def archive_url() -> str:
    """Where the archive lies. Never guessed: workers on two machines would each keep half of it."""
    url = environment.ARCHIVE.get()
    if not url:
        raise ConfigError(
            "Airflow's workers do not know where the archive lies",
            variable=environment.ARCHIVE.name,
            expected="a folder all workers share, or a URL of object storage",
            next_step="set the environment variable for every Airflow component",
        )
    return url


def warehouse_url() -> str:
    """The loader's URL: Airflow's connection ``rostersync_warehouse``, else the environment variable."""
    try:
        connection = BaseHook.get_connection(WAREHOUSE_CONNECTION)
    except AirflowNotFoundException:
        url = environment.WAREHOUSE.get()
        if url:
            return url
        raise ConfigError(
            "Airflow does not know where the warehouse is",
            connection=WAREHOUSE_CONNECTION,
            next_step="create the connection (type postgres), or set"
            f" {environment.WAREHOUSE.name} for every component",
        ) from None
    return url_of(
        host=connection.host,
        port=connection.port,
        login=connection.login,
        password=connection.password,
        database=connection.schema,
        options=connection.extra_dejson,
    )
