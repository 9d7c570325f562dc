"""Where a command reads and writes: the warehouse and archive named, else the project's embedded ones."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rostersync import environment, paths
from rostersync.errors import ConfigError

if TYPE_CHECKING:
    from rostersync.cli.output import Step


@contextlib.contextmanager
def open_warehouse(url: str | None, step: Step, *, upgrade: bool = True) -> Iterator[str]:
    """The URL of the warehouse: the one given, else the environment's, else the embedded one's.

    The embedded server is started, unless it runs already, and what was started here is stopped at the end
    of the block. ``upgrade`` brings the embedded warehouse to this version; a given one never without being
    asked.

    Raises ConfigError: the URL cannot be read. TerminalError: the embedded Postgres does not start.
    """
    given = url or environment.WAREHOUSE.get() or _from_file(environment.WAREHOUSE_FILE.get())
    if given:
        yield _readable(given)
        return
    from rostersync.embedded.postgres import EmbeddedPostgres
    from rostersync.embedded.stack import OWNER
    from rostersync.embedded.stack import WAREHOUSE as DATABASE
    from rostersync.warehouse import migrate

    step("start the embedded Postgres")
    with EmbeddedPostgres(paths.state_folder() / "stack" / "postgres").running() as server:
        server.create_login(OWNER, createrole=True)
        server.create_database(DATABASE, OWNER)
        embedded = server.dsn(DATABASE, OWNER)
        if upgrade:
            migrate(embedded)
        yield embedded


def archive_url(url: str | None) -> str:
    """The archive: the one given, else ROSTERSYNC_ARCHIVE's, else ``.local/archive``.

    Raises ConfigError when nothing here can open such a URL.
    """
    import fsspec

    given = url or environment.ARCHIVE.get()
    if not given:
        own = paths.state_folder() / "archive"
        own.mkdir(parents=True, exist_ok=True, mode=0o700)
        return str(own)
    try:
        fsspec.core.url_to_fs(given)
    except (ImportError, ValueError) as error:
        raise ConfigError(
            "The archive's URL cannot be opened",
            archive=given.split("://")[0] + "://..." if "://" in given else given,
            found=str(error) if isinstance(error, ImportError) else "an unknown kind of storage",
            next_step="name a folder, or install what opens this kind of storage",
        ) from None
    return given


def _from_file(name: str | None) -> str | None:
    """The URL in a file: as it is, or the parts of a connection of Airflow's as JSON."""
    if name is None:
        return None
    try:
        text = Path(name).read_text(encoding="utf-8").strip()
        if not text:
            raise ValueError
        return _url_of_connection(json.loads(text)) if text.startswith("{") else text
    except (OSError, ValueError) as error:
        raise ConfigError(
            "The file with the warehouse's URL cannot be read",
            file=name,
            found=error.strerror if isinstance(error, OSError) else "neither a URL nor JSON",
            next_step="write the connection's file (docs/connections.md), or set"
            f" {environment.WAREHOUSE.name}",
        ) from None


def _url_of_connection(parts: dict[str, Any]) -> str:
    from rostersync.engine.postgres import url_of

    extra = parts.get("extra") or {}
    return url_of(
        host=parts.get("host"),
        port=parts.get("port"),
        login=parts.get("login"),
        password=parts.get("password"),
        database=parts.get("schema"),
        options=json.loads(extra) if isinstance(extra, str) else extra,
    )


def _readable(url: str) -> str:
    import psycopg

    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ConfigError(
            "The warehouse's URL cannot be read",
            expected="postgresql://user:password@host:port/database",
            next_step=f"correct --warehouse, {environment.WAREHOUSE.name} or the file that"
            f" {environment.WAREHOUSE_FILE.name} names",
        ) from None
    return url
