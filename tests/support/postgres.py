"""A Postgres server for tests, and what only tests do to one."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
from psycopg import conninfo, sql

from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.embedded.postgres_binaries import Source


@contextlib.contextmanager
def temporary_postgres(binaries: Source = "auto") -> Iterator[EmbeddedPostgres]:
    """A fast server in a temporary folder, deleted at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="rostersync-postgres-") as folder:
        Path(folder).chmod(0o711)  # so that an unprivileged server of root finds its way in
        server = EmbeddedPostgres(Path(folder) / "postgres", fast=True, binaries=binaries)
        try:
            server.start()
            yield server
        finally:
            server.remove()


def kill_server(server: EmbeddedPostgres) -> None:
    """Kill every process of the server at once; its start recovers."""
    for process in server._processes():
        with contextlib.suppress(psutil.Error):
            process.kill()
    if server._server is not None:
        server._server.stop()


def drop_database(server: EmbeddedPostgres, name: str) -> None:
    """Drop a database and end its connections."""
    with server._connect() as connection:
        statement = sql.SQL("drop database if exists {} with (force)")
        connection.execute(statement.format(sql.Identifier(name)))


_COPIES = itertools.count(1)
STRATEGY = "strategy file_copy"
"""Two thirds of the default's CPU for a database as small as these, where no disk is waited for."""


def copy_database(server: EmbeddedPostgres, url: str) -> str:
    """A copy of a database to which nobody is connected, of the same owner; its URL."""
    known = conninfo.conninfo_to_dict(url)
    name = f"{known['dbname']}_copy_{next(_COPIES)}"
    with server._connect() as connection:
        statement = sql.SQL(f"create database {{}} template {{}} owner {{}} {STRATEGY}")
        names = (name, str(known["dbname"]), str(known["user"]))
        connection.execute(statement.format(*map(sql.Identifier, names)))
    return conninfo.make_conninfo(url, dbname=name)
