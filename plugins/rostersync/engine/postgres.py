"""Connections to the warehouse, with the driver's errors said in our words."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from rostersync.engine.sql import render_sql
from rostersync.errors import (
    RosterSyncError,
    WarehouseSchemaError,
    WarehouseUnavailableError,
    WarehouseWriteError,
)

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]
else:
    Connection = "psycopg.Connection"  # the driver is imported when it is needed


T = TypeVar("T")


def _place(url: str) -> str:
    """host:port/database of a URL; never its user or password."""
    from psycopg.conninfo import conninfo_to_dict

    known = conninfo_to_dict(url)
    return f"{known.get('host', 'local')}:{known.get('port', 5432)}/{known.get('dbname', '')}"


def url_of(
    *,
    host: str | None,
    port: int | None,
    login: str | None,
    password: str | None,
    database: str | None,
    options: Mapping[str, Any],
) -> str:
    """The URL of a database whose parts are known, such as those of a connection of Airflow's."""
    user = quote(login or "", safe="")
    if password:
        user += f":{quote(password, safe='')}"
    known = {k: v for k, v in options.items() if isinstance(v, str | int)}
    return f"postgresql://{user}@{host or ''}:{port or 5432}/{quote(database or '', safe='')}" + (
        f"?{urlencode(known)}" if known else ""
    )


def _os_user() -> str:
    """Who runs this, as the operating system knows them: decisions keep it beside the name that was given."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name  # not what the environment says
    except KeyError:  # a container's user may have no name
        name = str(os.getuid())
    return re.sub(r"[^\w.@-]", "_", name)[:64]


@contextmanager
def connect(url: str) -> Iterator[Connection]:
    """A connection in UTC with autocommit on: callers open transactions by ``conn.transaction()``.

    Raises WarehouseUnavailableError: Postgres cannot be reached, or went away (transient: re-run).
    WarehouseSchemaError: a table of ours is missing. WarehouseWriteError: anything else Postgres refuses,
    without its text (it quotes rows).
    """
    import psycopg

    failure: RosterSyncError | None = None
    try:
        options = f"-c timezone=UTC -c datestyle=ISO -c rostersync.os_user={_os_user()}"
        with psycopg.connect(url, autocommit=True, connect_timeout=10, options=options) as conn:
            yield conn
    except psycopg.Error as error:
        failure = _in_our_words(error, _place(url))
    if failure is not None:
        raise failure from None  # the driver's own text may quote a row


def found(
    conn: Connection, kind: type[T], sql_file: str, values: Mapping[str, Any] | None = None
) -> list[T]:
    """The rows of a query of include/sql as ``kind``s: its columns are named as their fields."""
    from psycopg.rows import class_row

    with conn.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(render_sql(sql_file), values).fetchall()


def rows_by_name(
    conn: Connection, sql_file: str, values: Mapping[str, Any] | None = None, **identifiers: Any
) -> list[dict[str, Any]]:
    """The rows of a query of include/sql, by the names of its columns."""
    from psycopg.rows import dict_row

    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(render_sql(sql_file, **identifiers), values).fetchall()


_PASSING = ("08", "40", "53", "55", "57")
"""SQLSTATE classes of what another try may survive: connection, conflict, resources, locks, shutdown."""


def _in_our_words(error: psycopg.Error, place: str) -> RosterSyncError:
    import psycopg

    state = error.sqlstate or ""
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.InvalidSchemaName):
        return WarehouseSchemaError(
            "The warehouse lacks a table of this version",
            warehouse=place,
            next_step="run `rostersync migrate`",
        )
    if isinstance(error, psycopg.OperationalError) and (not state or state[:2] in _PASSING):
        return WarehouseUnavailableError(
            "The warehouse cannot be reached, or the connection broke",
            warehouse=place,
            found=type(error).__name__,
            next_step="nothing half-written is left; run the slot again when Postgres is up",
        )
    return WarehouseWriteError(
        "The warehouse refused a statement",
        warehouse=place,
        table=error.diag.table_name,
        column=error.diag.column_name,
        constraint=error.diag.constraint_name,
        found=f"{type(error).__name__} (SQLSTATE {state})",
        next_step="nothing was written; report this as a bug with the slot and landing",
    )
