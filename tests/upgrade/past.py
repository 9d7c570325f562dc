"""What an older release left, for tests: its archive and its warehouse, as they were."""

from __future__ import annotations

import functools
import itertools
import json
import shutil
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from rostersync import paths
from rostersync.archive import Archive, Layout, landing_numbers
from rostersync.config import DistrictConfig
from rostersync.engine.postgres import connect
from rostersync.fold import AppliedSlot
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.run import Inputs, Run, new_run
from rostersync.pipeline.watch.drift import find_drift
from rostersync.spec import Domain
from rostersync.validation import Suites, load_suites
from tests.support.postgres import copy_database

Row = dict[str, Any]
Tables = dict[str, list[Row]]
"""Rows by table (``roster.students``), as JSON."""

DISTRICTS = ("alder", "birch", "cedar")
DOMAINS = (Domain.TERMS, Domain.CORE, Domain.ATTENDANCE)

_TABLES = """
    select table_schema || '.' || table_name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema in ('roster', 'roster_log', 'attendance', 'sync')
    order by 1
"""


def restore_dump(dump: Path, superuser: str, owner: str) -> None:
    """Make the dump's tables in an empty database and fill them.

    ``dump``: a tarball of its release's migrations (``<number>_<name>.sql``) and of ``<schema>.<table>.csv``.
    ``superuser``, ``owner``: URLs of the database; the tables are the owner's.
    """
    with tarfile.open(dump) as tar:
        files = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]
    with psycopg.connect(owner) as conn:
        for name in sorted(n for n in files if n.endswith(".sql")):
            conn.execute(files[name])
    with psycopg.connect(superuser) as conn:
        conn.execute(
            "set session_replication_role = replica"
        )  # in any order, whatever refers to what
        for name in sorted(n for n in files if n.endswith(".csv")):
            header = files[name].split(b"\n", 1)[0].decode()
            table = sql.SQL("copy {} ({}) from stdin (format csv, header)").format(
                sql.Identifier(*name.removesuffix(".csv").split(".")),
                sql.SQL(", ").join(map(sql.Identifier, header.split(","))),
            )
            with conn.cursor().copy(table) as copy:
                copy.write(files[name])
        for table_name, column in conn.execute(
            "select format('%I.%I', table_schema, table_name), column_name"
            " from information_schema.columns where is_identity = 'YES'"
        ).fetchall():
            conn.execute(
                f"select setval(pg_get_serial_sequence(%s, %s), max({column})) from {table_name}",
                [table_name, column],
            )


def tables(url: str) -> Tables:
    """Every row of every table."""
    with psycopg.connect(url) as conn:
        conn.execute("set timezone to 'UTC'")
        names = [name for (name,) in conn.execute(_TABLES).fetchall()]
        return {
            name: [row for (row,) in conn.execute(f"select to_jsonb(t) from {name} as t")]
            for name in names
        }


def differences(was: Tables, now: Tables) -> dict[str, tuple[list[str], list[str]]]:
    """By table, the rows that are not any more and those that are new; only tables of which there are any.

    A column that ``was`` does not have yet is no difference where it has no value.
    """
    found = {}
    for table in sorted(was):
        known = {column for row in was[table] for column in row}
        before = Counter(_text(row, known) for row in was[table])
        after = Counter(_text(row, known) for row in now[table])
        if before != after:
            gone, new = before - after, after - before
            found[table] = (sorted(gone.elements()), sorted(new.elements()))
    return found


FACTS = ("roster.", "roster_log.", "attendance.", "sync.slot", "sync.holds", "sync.decisions")
"""Tables that a replay leaves alone; to those of runs it adds its own."""


def facts(of: Tables) -> Tables:
    return {name: rows for name, rows in of.items() if name.startswith(FACTS)}


def _text(row: Row, known: Iterable[str]) -> str:
    kept = {k: v for k, v in row.items() if k in known or v is not None}
    return json.dumps(kept, sort_keys=True)


@functools.cache
def _suites() -> Suites:
    return load_suites(paths.expectations_folder())


class Past:
    """An archive and a warehouse of the past, copied for one test.

    ``folder``: scratch; the archive lies in it. ``warehouse``: a URL, the copy's own.
    """

    def __init__(self, folder: Path, warehouse: str) -> None:
        self.folder = folder
        self.warehouse = warehouse
        self.archive = Archive(folder / "archive")
        self.config = functools.cache(self._config)
        self._numbers = itertools.count(1)

    def fold(self, district: str, domain: Domain) -> list[AppliedSlot]:
        with connect(self.warehouse) as conn:
            return applied_slots(conn, district, domain)

    def folds(self) -> Iterator[tuple[str, Domain, list[AppliedSlot]]]:
        """Every district's domains that have slots."""
        for district in DISTRICTS:
            for domain in DOMAINS:
                if fold := self.fold(district, domain):
                    yield district, domain, fold

    def _config(self, district: str) -> DistrictConfig:
        """As it was in the district's newest slot."""
        return Inputs.pinned(self.archive, self.fold(district, Domain.CORE)[-1].pin).cfg

    def run(self, district: str, slot: str, domain: Domain = Domain.CORE) -> Run:
        return new_run(
            self.config(district),
            slot,
            archive=self.folder / "archive",
            warehouse=self.warehouse,
            domain=domain,
            suites=_suites(),
        )

    def upload_of(
        self, district: str, slot: str, landing: int, domain: Domain = Domain.CORE
    ) -> Path:
        """A landed upload, once more in a folder of its own."""
        layout = Layout(district, domain, slot)
        assert landing in landing_numbers(self.archive, layout)
        source = Path(self.archive.path(layout.landing(landing))) / "files"
        return Path(shutil.copytree(source, self.folder / f"upload-{next(self._numbers)}"))

    def remove(self, *patterns: str) -> None:
        """Take folders of the archive away: today's code makes them anew."""
        for pattern in patterns:
            found = list((self.folder / "archive").glob(pattern))
            assert found, pattern
            for path in found:
                shutil.rmtree(path)


def drift(past: Past) -> dict[str, str]:
    """By district and domain, what the cheap look and the full one find; only where there is any."""
    found = {
        f"{district} {domain} {full}": find_drift(
            past.warehouse, past.archive, district=district, domain=domain, full=full
        ).words()
        for district, domain, _ in past.folds()
        for full in (False, True)
    }
    return {where: words for where, words in found.items() if words}


Copies = Callable[[], Past]
"""Makes a copy of the past."""


def copies_of(archive: Path, warehouse: str, server: Any, folder: Path) -> Copies:
    """``archive``, ``warehouse``: the originals, which nobody writes to."""
    numbers = itertools.count(1)

    def copy() -> Past:
        own = folder / f"past-{next(numbers)}"
        shutil.copytree(archive, own / "archive")
        return Past(own, copy_database(server, warehouse))

    return copy
