"""One DuckDB session: bounded memory and threads, a spill folder of its own, no extensions."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rostersync import environment
from rostersync.archive import Archive
from rostersync.engine.sql import literal, quote, render_sql
from rostersync.errors import ArchiveError
from rostersync.spec import Entity, MadeKey

if TYPE_CHECKING:
    import duckdb

NOTHING: Mapping[str, str] = MappingProxyType({})
_SCHEMA_ROOT = "duckdb_schema"
"""What DuckDB calls the root of a Parquet file's columns."""
TINY_ROWS = 10_000
"""Up to so many rows a statement takes longer to plan well than to run in any way."""
TINY_BYTES = 1 << 20
"""Bytes of CSV or Parquet, some ten thousand rows."""

_KEPT_OPTIMIZERS = (
    "filter_pushdown",
    "unused_columns",
    "deliminator",
    "cte_inlining",
    "limit_pushdown",
    "top_n",
)
"""What keeps a statement from growing with the square of its rows; the others only find a faster way."""


_PARSED: dict[str, duckdb.Statement] = {}
"""Statements by their text: to parse them takes a fifth of a small night, and a replay has them again."""
_MOST_PARSED = 1_000
"""Of 13 KB each."""


class Session:
    """An open connection and the folder that goes with it.

    ``con``: the DuckDB connection. ``scratch``: a folder that is removed with the session. ``kept_as``: table
    or view, what a relation that several statements read is best kept as.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        scratch: Path,
        archive: Archive,
        *,
        is_small: bool = False,
        catalog: str = "memory",
    ) -> None:
        self.con = con
        self._catalog = catalog
        self.scratch = scratch
        self.archive = archive
        self.kept_as = "table" if is_small else "view"
        self._kinds: dict[str, str] = {}
        self._stored: dict[str, set[str]] = {}
        """Columns of Parquet files by path; one that is archived never changes."""

    def run(
        self, sql_file: str, parameters: dict[str, Any] | None = None, **identifiers: Any
    ) -> list[tuple[Any, ...]]:
        """Run a file of include/sql (one statement); its rows, if it returns any."""
        statement = _parsed(self.con, render_sql(sql_file, **identifiers))
        return self.con.execute(statement, parameters or {}).fetchall()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A second connection to the session's tables and views; it is the caller's to close."""
        cursor = self.con.cursor()
        cursor.execute(f"use {self._catalog}")
        return cursor

    def scalar(self, sql: str, parameters: dict[str, Any] | list[Any] | None = None) -> Any:
        """The single value of a one-line query."""
        row = self.con.execute(sql, parameters or {}).fetchone()
        return row[0] if row else None

    def local_path(self, name: str) -> str:
        """Where an artefact lies on this machine; one of object storage is fetched, once a session.

        A rule is a query, and each query opens its files anew: over the network that is a thousand
        requests for a small upload. Raises ArchiveError when it is missing, ArchiveUnavailableError.
        """
        if self.archive.is_local:
            path = Path(self.archive.path(name))
            is_there = path.exists()
        else:
            path = self._copy_of(name)
            is_there = path.exists() or self._fetched(name, path)
        if not is_there:
            raise ArchiveError(
                "An archived file is missing",
                name=name,
                archive=self.archive.url,
                next_step="re-run the step that writes it",
            )
        return str(path)

    def _copy_of(self, name: str) -> Path:
        path = self.scratch / "archived" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _fetched(self, name: str, path: Path) -> bool:
        part = path.with_name(f"{path.name}.part")
        try:
            self.archive.fetch(name, part)
        except FileNotFoundError:
            return False
        part.replace(path)
        return True

    def view_parquet(self, view: str, *names: str) -> None:
        """Make archived Parquet files of one form readable together under ``view``."""
        paths = ", ".join(literal(self.local_path(name)) for name in names)
        self.con.execute(f"create or replace view {quote(view)} as from read_parquet([{paths}])")

    def keep_parquet(self, name: str, *names: str) -> None:
        """As :meth:`view_parquet`, for what many statements read: small ones become a table.

        A statement then plans over rows at hand, not over files it opens anew.
        """
        self._keep(name, names, f"from read_parquet({self._paths(names)})")

    def view_columns(
        self,
        view: str,
        columns: Iterable[tuple[str, str]],
        *names: str,
        made: MadeKey | None = None,
    ) -> set[str]:
        """Make archived Parquet files readable together under ``view``, as they would be written today.

        ``columns``: name and DuckDB type of each column of the view. One that a file lacks is NULL in its
        rows: the file was written before the column was. What no longer is a column is left out; returns the
        names of those. ``made``: a key column that is made anew, however it was made when it was written.
        """
        self.read_schemas(names)
        paths = [self.local_path(name) for name in names]
        stored = set[str]().union(*(self._stored[path] for path in paths))
        wanted = dict(columns)
        query = render_sql(
            "duckdb/archive/stored.sql",
            paths=paths,
            columns=list(wanted.items()),
            stored=stored,
            made=made,
        )
        self._keep(view, names, query)
        return stored - wanted.keys()

    def read_schemas(self, names: Iterable[str]) -> None:
        """Look up which columns archived Parquet files have, of many at once; each is looked up once."""
        new = [n for n in names if self.local_path(n) not in self._stored]
        if not new:
            return
        rows = self.con.execute(f"select file_name, name from parquet_schema({self._paths(new)})")
        for path, column in rows.fetchall():
            known = self._stored.setdefault(path, set())
            known |= {column} - {_SCHEMA_ROOT}

    def view_state(
        self, view: str, entity: Entity, *names: str, beside: Mapping[str, str] = NOTHING
    ) -> set[str]:
        """Make archived rows of an entity readable together under ``view``: its contract columns.

        ``beside``: type by name of what the files have beside the contract's columns. Returns the names of
        columns that they have and the contract no longer has.
        """
        types = {**beside, **{c.name: c.duckdb_type for c in entity.columns}}
        return self.view_columns(view, types.items(), *names, made=entity.made)

    def _keep(self, view: str, names: Iterable[str], query: str) -> None:
        """``query`` of the files ``names`` under ``view``: as a table when they are small."""
        size = sum(Path(self.local_path(name)).stat().st_size for name in names)
        kind = "table" if size < TINY_BYTES else "view"
        before = self._kinds.setdefault(view, kind)
        if before != kind:
            self.con.execute(f"drop {before} if exists {quote(view)}")
            self._kinds[view] = kind
        self.con.execute(f"create or replace {kind} {quote(view)} as {query}")

    def _paths(self, names: Iterable[str]) -> str:
        """A list of files on this machine, as SQL."""
        return f"[{', '.join(literal(self.local_path(name)) for name in names)}]"

    def write_parquet(self, relation: str, name: str, order: str = "") -> None:
        """Write a table, view or query (``from x``) to the archive, whole or not at all."""
        self.archive.make_folder(name.rpartition("/")[0])
        with self.archive.publishing(name) as target:
            self.con.execute(
                f"copy ({relation} {order}) to {literal(target)} (format parquet, codec zstd)"
            )
            if not self.archive.is_local:  # the copy this session reads, without fetching it again
                copy = self._copy_of(name)
                copy.unlink(missing_ok=True)
                os.link(target, copy)


@contextmanager
def open_session(
    archive: Archive, *, threads: int | None = None, is_small: bool = False, is_tiny: bool = False
) -> Iterator[Session]:
    """A session for one step; its scratch folder goes with it, also after an error.

    ``is_small``: of so few rows that threads would wait for each other longer than they work. ``is_tiny``:
    of so few that to look for the best way to run a statement takes longer than to run it in any.

    Memory (``ROSTERSYNC_DUCKDB_MEMORY``, default 1GB) bounds DuckDB's buffers; what does not fit spills, up
    to ``ROSTERSYNC_DUCKDB_SPILL`` (default 20GB).
    """
    scratch = Path(tempfile.mkdtemp(prefix="rostersync-"))
    places = _places(archive)
    opened = (
        _in_shared(places)
        if is_tiny
        else _alone(scratch, threads or (1 if is_small else _threads()), places)
    )
    try:
        with opened as (con, catalog):
            yield Session(con, scratch, archive, is_small=is_small or is_tiny, catalog=catalog)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _parsed(con: duckdb.DuckDBPyConnection, text: str) -> duckdb.Statement:
    statement = _PARSED.get(text)
    if statement is None:
        [statement] = con.extract_statements(text)
        if len(_PARSED) >= _MOST_PARSED:
            _PARSED.clear()
        _PARSED[text] = statement
    return statement


def _config(threads: int, spill: str) -> dict[str, Any]:
    return {
        "memory_limit": environment.DUCKDB_MEMORY.get() or "1GB",
        "threads": threads,
        "temp_directory": spill,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # asynchronous writes behind a COPY that fails wait for ever: duckdb/duckdb #23885
        "async_threads": 0,
    }


def _places(archive: Archive) -> tuple[str, ...]:
    """The folders a session has to do with: the archive's, and that of temporary files.

    As they are named, and where links of that name lead: DuckDB follows them before it asks.
    """
    named = (tempfile.gettempdir(), *archive.folders)
    return tuple(dict.fromkeys(p for name in named for p in (name, os.path.realpath(name))))


def _wall(con: duckdb.DuckDBPyConnection, places: tuple[str, ...]) -> None:
    """Let no statement reach another file, the network or an extension, nor change a setting any more.

    No value of a district's becomes SQL; should one ever, it finds no secret to read.
    """
    con.execute(f"set allowed_directories = [{', '.join(map(literal, places))}]")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")


@contextmanager
def _alone(
    scratch: Path, threads: int, places: tuple[str, ...]
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A DuckDB of the session's own, and the name of its database."""
    import duckdb

    with duckdb.connect(":memory:", config=_config(threads, str(scratch / "spill"))) as con:
        most = environment.DUCKDB_SPILL.get() or "20GB"
        # told to connect, it counts for nothing
        con.execute(f"set max_temp_directory_size = {literal(most)}")
        _wall(con, places)
        yield con, "memory"


_SHARED: dict[int, tuple[tuple[str, ...], duckdb.DuckDBPyConnection]] = {}
"""By process, the DuckDB of its tiny sessions: to start one takes longer than most of their steps.

With the places it may reach: another archive, as hardly a process has, gets another one.
"""
_NUMBERS = itertools.count(1)


@contextmanager
def _in_shared(places: tuple[str, ...]) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """A database of the session's own in the process's DuckDB, which has one thread and spills nothing."""
    con, catalog = _shared(places).cursor(), f"session_{next(_NUMBERS)}"
    con.execute(f"attach ':memory:' as {catalog}")
    con.execute(f"use {catalog}")
    try:
        yield con, catalog
    finally:
        try:
            con.execute("use memory")
            con.execute(f"detach {catalog}")
        except Exception:  # one that cannot go on is nobody's any more
            _SHARED.pop(os.getpid(), None)
        con.close()


def _shared(places: tuple[str, ...]) -> duckdb.DuckDBPyConnection:
    """The process's DuckDB, whose statements run nearly as they are written.

    DuckDB's own tests hold that what its optimizers do changes no result.
    """
    import duckdb

    known, con = _SHARED.get(os.getpid(), (None, None))
    if con is None or known != places:
        con = duckdb.connect(":memory:", config=_config(1, ""))
        names = con.execute("select name from duckdb_optimizers()").fetchall()
        left_out = ",".join(name for (name,) in names if name not in _KEPT_OPTIMIZERS)
        con.execute(f"set disabled_optimizers = {literal(left_out)}")
        _wall(con, places)
        atexit.register(_SHARED.clear)  # else its binding complains of leaks at the process's end
        _SHARED[os.getpid()] = (places, con)
    return con


def _threads() -> int:
    return int(environment.DUCKDB_THREADS.get() or min(os.cpu_count() or 2, 4))
