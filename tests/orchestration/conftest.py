"""A district with an SFTP account, a warehouse and an archive, and Airflow to run its DAG in this process."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from rostersync.embedded.sftp_server import SftpServer
from rostersync.synthetic.generate import generate
from tests.orchestration.night import DISTRICT, Sync, connect_as

YAML = """
id: aspen
name: Aspen Test District
timezone: America/Denver
core: {at: "20:00", wait_until: "05:00", quiet: 1s, sends: [mon, tue, wed, thu, fri]}
first_load: auto
alerts: {email: [office@example.org]}
"""


@pytest.fixture
def districts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of district files, with one district."""
    folder = tmp_path / "districts"
    folder.mkdir()
    (folder / f"{DISTRICT}.yaml").write_text(YAML)
    monkeypatch.setenv("ROSTERSYNC_DISTRICTS", str(folder))
    return folder


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Airflow's metadata database, once for all tests."""
    from airflow.utils.db import initdb

    logging.getLogger("alembic").setLevel(logging.WARNING)
    initdb()


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night of a tiny district."""
    out = tmp_path_factory.mktemp("generated")
    generate(out, students=60, seed=7, nights=1)
    return out


@pytest.fixture
def sync(
    tmp_path: Path,
    districts: Path,
    warehouse: str,
    generated: Path,
    airflow_database: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Sync]:
    with SftpServer(tmp_path / "sftp", {DISTRICT: "pw-aspen"}) as server:
        monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
        monkeypatch.setenv("AIRFLOW_CONN_ROSTERSYNC_WAREHOUSE", warehouse)
        connect_as(monkeypatch, server, server.host_key)
        yield Sync(server, warehouse, tmp_path / "archive", generated)


@pytest.fixture
def server(tmp_path):
    with SftpServer(tmp_path / "sftp", {"springfield": "pw-one"}) as running:
        yield running


@pytest.fixture
def drop(server):
    return server.root / "springfield"


@pytest.fixture
def connection(server, monkeypatch):
    """Set the Airflow connection of the server, with changes."""

    def put(**changes):
        document = {
            "conn_type": "sftp",
            "host": "127.0.0.1",
            "port": server.port,
            "login": "springfield",
            "password": "pw-one",
            "extra": {"host_key": server.host_key},
            **changes,
        }
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_SPRINGFIELD", json.dumps(document))

    put()
    return put
