"""The ledger's copy in the archive: what a warehouse cannot be rebuilt without.

Log and current are a fold over archived diffs; what was run, decided, held, waived and told is in the ledger
alone. Its rows of a district lie as CSV in the archive, by month, under an index that is written last: a copy
is read whole, as of one moment, or not at all.
"""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rostersync.archive import Archive, Layout
from rostersync.engine import render_sql

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection

_OF_SLOT, _OF_DATE = "left(t.slot, 7)", "to_char(t.date, 'YYYY-MM')"


@dataclass(frozen=True, slots=True)
class LedgerTable:
    """A table that is copied. ``month``: an expression that says which month's a row is; None: no month's.

    ``parent``: a table that knows the district and the month, as ``r``, and the column both have.
    ``identity``: the column whose values Postgres gives.
    """

    name: str
    month: str | None = None
    parent: tuple[str, str] | None = None
    identity: str | None = None


LEDGER_TABLES = (  # parents before children
    LedgerTable("sync.runs", _OF_SLOT),
    LedgerTable("sync.landings", _OF_SLOT),
    LedgerTable("sync.files", "left(r.slot, 7)", parent=("sync.runs", "run_id")),
    LedgerTable("sync.findings", "left(r.slot, 7)", parent=("sync.runs", "run_id")),
    LedgerTable("sync.slots", _OF_SLOT),
    LedgerTable("sync.slot_changes", _OF_SLOT),
    LedgerTable("sync.holds"),
    LedgerTable("sync.decisions", identity="decision_id"),
    LedgerTable("sync.waivers", identity="waiver_id"),
    LedgerTable("sync.attendance_decisions", identity="decision_id"),
    LedgerTable("attendance.notice_days", _OF_DATE),
    LedgerTable("attendance.notice_holds", _OF_DATE),
    LedgerTable("attendance.notices", _OF_DATE),
    LedgerTable("sync.alerts", identity="alert_id"),
    LedgerTable("sync.alert_deliveries", parent=("sync.alerts", "alert_id")),
)
FOLD_TABLES = ("sync.slots", "sync.slot_changes")
"""Written by the fold, too: a rebuild takes them from the copy once more when it is done."""


def copy_ledger(
    conn: Connection, archive: Archive, district: str, slots: Iterable[str] | None = None
) -> None:
    """Bring a district's copy up to date. ``slots``: only what is of their months may have changed.

    Tables that know no month are copied whole. Copies made at the same time wait for each other. Raises
    ArchiveError; the lock then ends with the connection.
    """
    months = None if slots is None else {slot[:7] for slot in slots} | {""}
    index_name = Layout.ledger_index(district)
    lock = [f"rostersync/{district}/ledger"]
    conn.execute(
        "select pg_advisory_lock(hashtextextended(%s, 0))", lock
    )  # before the moment is chosen
    with conn.transaction():
        conn.execute("set transaction isolation level repeatable read, read only")
        old = read_index(archive, district)
        new: dict[str, dict[str, str]] = {}
        version = uuid.uuid4().hex[:12]
        for table in LEDGER_TABLES:
            here = {"table": table.name, "month": table.month, "parent": table.parent}
            known = old.get(table.name, {})
            statement = render_sql("postgres/ledger_copy/months.sql", **here)
            found = [m for (m,) in conn.execute(statement, {"district": district}).fetchall()]
            new[table.name] = {
                month: known[month]
                if months is not None and month not in months and month in known
                else _copy(conn, archive, district, here, month, version)
                for month in found
            }
        archive.write_json(
            index_name,
            {"district": district, "copied_at": datetime.now(UTC).isoformat(), "tables": new},
        )
        kept = {name for parts in new.values() for name in parts.values()}
        for name in {name for parts in old.values() for name in parts.values()} - kept:
            archive.remove(name)
    conn.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", lock)


def read_index(archive: Archive, district: str) -> dict[str, dict[str, str]]:
    """Table -> month -> name of the copy in the archive; {} when there is none."""
    name = Layout.ledger_index(district)
    if not archive.exists(name):
        return {}
    tables: dict[str, dict[str, str]] = archive.read_json(name)["tables"]
    return tables


def _copy(
    conn: Connection,
    archive: Archive,
    district: str,
    table: dict[str, Any],
    month: str,
    version: str,
) -> str:
    import psycopg

    name = Layout.ledger_part(district, table["table"], month or "all", version)
    statement = render_sql("postgres/ledger_copy/read.sql", **table)
    values = {"district": district, "month": month}
    # COPY takes no bound values: this cursor writes them into the statement, quoted
    with (
        psycopg.ClientCursor(conn) as cursor,
        archive.writing(name) as file,
        cursor.copy(statement.encode(), values) as rows,
    ):
        for block in rows:
            file.write(block)
    return name


def restore_ledger(
    conn: Connection, archive: Archive, district: str, tables: Sequence[str] | None = None
) -> None:
    """Take a district's ledger from its copy, inside the caller's transaction. The tables have no rows of it.

    ``tables``: only these. Needs the login that owns the warehouse. Raises ArchiveError.
    """
    index = read_index(archive, district)
    for table in LEDGER_TABLES:
        if tables is not None and table.name not in tables:
            continue
        for _, name in sorted(index.get(table.name, {}).items()):
            _write(conn, archive, table.name, name)
        if table.identity:
            values = {"table": table.name, "key": table.identity}
            conn.execute(render_sql("postgres/ledger_copy/go_on.sql", **values))


def _write(conn: Connection, archive: Archive, table: str, name: str) -> None:
    with archive.reading(name) as file:
        columns = next(csv.reader([file.readline().decode()]))
        file.seek(0)
        statement = render_sql("postgres/ledger_copy/write.sql", table=table, columns=columns)
        with conn.cursor().copy(statement) as copy:
            while block := file.read(1 << 20):
                copy.write(block)
