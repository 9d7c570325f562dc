"""One DuckDB session: bounded memory and threads, a spill folder of its own, no extensions."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rostersync.archive import Archive
from rostersync.engine.sql import literal, quote, render_sql

if TYPE_CHECKING:
    import duckdb

_MEMORY = "ROSTERSYNC_DUCKDB_MEMORY"
_THREADS = "ROSTERSYNC_DUCKDB_THREADS"


class Session:
    """An open connection and the folder that goes with it.

    ``con``: the DuckDB connection. ``scratch``: a folder that is removed with the session.
    """

    _ARCHIVED = "archived"
    """Folder in ``scratch`` of what was fetched from object storage."""

    def __init__(self, con: duckdb.DuckDBPyConnection, scratch: Path, archive: Archive) -> None:
        self.con = con
        self.scratch = scratch
        self.archive = archive

    def run(
        self, sql_file: str, parameters: dict[str, Any] | None = None, **identifiers: Any
    ) -> list[tuple[Any, ...]]:
        """Run a file of include/sql (one statement); its rows, if it returns any."""
        return self.con.execute(render_sql(sql_file, **identifiers), parameters or {}).fetchall()

    def scalar(self, sql: str, parameters: dict[str, Any] | list[Any] | None = None) -> Any:
        """The single value of a one-line query."""
        row = self.con.execute(sql, parameters or {}).fetchone()
        return row[0] if row else None

    def local_path(self, name: str) -> str:
        """Where an artefact lies on this machine; one of object storage is fetched, once a session.

        A rule is a query, and each query opens its files anew: over the network that were a thousand
        requests for a small upload. Raises FileNotFoundError, ArchiveUnavailableError.
        """
        if self.archive.is_local:
            return self.archive.path(name)
        copy = self.scratch / self._ARCHIVED / name
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            part = copy.with_name(f"{copy.name}.part")
            self.archive.fetch(name, part)
            part.replace(copy)
        return str(copy)

    def view_parquet(self, view: str, *names: str) -> None:
        """Make archived Parquet files of one form readable together under ``view``."""
        paths = ", ".join(literal(self.local_path(name)) for name in names)
        self.con.execute(f"create or replace view {quote(view)} as from read_parquet([{paths}])")

    def write_parquet(self, relation: str, name: str, order: str = "") -> None:
        """Write a table, view or query (``from x``) to the archive, whole or not at all."""
        self.archive.make_folder(name.rpartition("/")[0])
        with self.archive.publishing(name) as target:
            self.con.execute(
                f"copy ({relation} {order}) to {literal(target)} (format parquet, codec zstd)"
            )


@contextmanager
def open_session(archive: Archive, *, threads: int | None = None) -> Iterator[Session]:
    """A session for one step; its scratch folder goes with it, also after an error.

    Memory (``ROSTERSYNC_DUCKDB_MEMORY``, default 1GB) bounds DuckDB's buffers; what does not fit spills.
    """
    import duckdb

    scratch = Path(tempfile.mkdtemp(prefix="rostersync-"))
    config: dict[str, Any] = {
        "memory_limit": os.environ.get(_MEMORY, "1GB"),
        "threads": threads or int(os.environ.get(_THREADS, str(min(os.cpu_count() or 2, 4)))),
        "temp_directory": str(scratch / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # asynchronous writes behind a COPY that fails wait for ever: duckdb/duckdb #23885
        "async_threads": 0,
    }
    try:
        con = duckdb.connect(":memory:", config=config)
        try:
            yield Session(con, scratch, archive)
        finally:
            con.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
