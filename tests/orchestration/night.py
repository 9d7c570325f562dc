"""Runs a district's DAG in this process and says how it ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from rostersync.embedded.sftp_server import SftpServer, upload_as_district

if TYPE_CHECKING:
    import pytest

DISTRICT = "aspen"


@dataclass
class Night:
    """How a run of the DAG ended: Airflow's states and the tasks' XComs."""

    state: str
    states: dict[str, str]
    tries: dict[str, int]
    xcoms: dict[str, dict[str, Any]]


@dataclass
class Sync:
    """The district, and everything it needs."""

    server: SftpServer
    warehouse: str
    archive: Path
    uploads: Path

    def upload(self, night: int, *, at: datetime) -> None:
        """Upload a generated night as the district would have at a time."""
        files = {p.name: p for p in sorted((self.uploads / f"night-{night}").glob("*.csv"))}
        upload_as_district(self.server.account(DISTRICT), files, mtime=at.timestamp())

    def run(
        self, *, domain: str = "core", logical_date: datetime | None = None, **conf: Any
    ) -> Night:
        """Run a DAG of the district once, as a person who triggers it does."""
        from airflow.dag_processing.dagbag import DagBag

        dag = DagBag().dags[f"{domain}__{DISTRICT}"]
        dag.deadline = (
            None  # 3.3.2's dag.test cannot keep one; test_on_schedule has the scheduler do it
        )
        run = dag.test(logical_date=logical_date, run_conf=conf)
        return self.night(run.run_id)

    def night(self, run_id: str) -> Night:
        from airflow.models import DagRun, TaskInstance
        from airflow.models.xcom import XComModel
        from airflow.utils.session import create_session
        from sqlalchemy import select

        with create_session() as session:
            (run,) = session.scalars(select(DagRun).where(DagRun.run_id == run_id))
            tis = list(session.scalars(select(TaskInstance).where(TaskInstance.run_id == run_id)))
            xcoms: dict[str, dict[str, Any]] = {}
            for x in session.scalars(select(XComModel).where(XComModel.run_id == run_id)):
                xcoms.setdefault(x.task_id, {})[x.key] = x.value
            return Night(
                _word(run.state),
                {ti.task_id: _word(ti.state) for ti in tis},
                {ti.task_id: ti.try_number for ti in tis},
                xcoms,
            )

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        with psycopg.connect(self.warehouse) as conn:
            return conn.execute(sql).fetchall()


def connect_as(monkeypatch: pytest.MonkeyPatch, server: SftpServer, host_key: str) -> None:
    """Airflow's connection to the district's account, pinned to a host key."""
    account = server.account(DISTRICT)
    connection = {
        "conn_type": "sftp",
        "host": account.host,
        "port": account.port,
        "login": account.username,
        "password": account.password,
        "extra": {"host_key": host_key},
    }
    monkeypatch.setenv(f"AIRFLOW_CONN_SFTP_{DISTRICT.upper()}", json.dumps(connection))


def _word(state: Any) -> str:
    """A state, which Airflow hands out as a word or as an enum's member."""
    return str(getattr(state, "value", state))
