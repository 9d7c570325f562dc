"""docs/warehouse.md, made from the catalogue of a migrated warehouse."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.embedded.stack import OWNER, WAREHOUSE
from rostersync.engine import render_sql
from rostersync.engine.postgres import connect
from rostersync.pages.markdown import table
from rostersync.warehouse import migrate

PAGE = "docs/warehouse.md"

SCHEMAS = {
    "roster": "The newest state of each entity: what the schools' tools read.",
    "roster_log": "What each slot changed: the warehouse is the sum of these rows in the order of slots.",
    "roster_history": "Every version of every row, as views of the logs.",
    "directory": "Ready-made answers for those who use the warehouse: [directory.md](directory.md) says more of each.",
    "attendance": "Attendance events, their log and history, and the notices to families ([notices.md](notices.md)).",
    "sync": "The ledger: what happened, and what people decided.",
}
"""What a schema is for, in the page's order."""

_HEAD = """# The warehouse

<!-- Made by `make docs` from a migrated warehouse's own catalogue; do not edit. -->

Each table and view with its columns, as `psql`'s `\\d+` shows them. Columns of the key are **bold**. Name a `district_id`
wherever there is one: the same id in two districts is two things. The entities' own columns are those of the files ([files.md](files.md)).

Columns that say where a row comes from:

- `_run_id`: the run (`sync.runs`) that loaded the row's present version
- `_file_sha256`, `_line`: the file and line it stood in; null after a restore
- `_first_slot`: since when the row is there without a break
- `_changed_slot`: the slot of its present version
- `slot`, `op` of a log: the slot that changed the row, and how: `I` added, `U` changed, `D` removed
- `valid_from`, `valid_to` of a history: the slot it held from, and the one before which it ended

Reading takes the role `rostersync_reader`; nobody but the program writes, except notices' status, which `rostersync_messenger` does.
"""


@dataclass(frozen=True)
class CatalogueColumn:
    """One column of a table or view, with what the catalogue says of both; see the SQL's outputs."""

    schema_name: str
    relation: str
    kind: str
    purpose: str | None
    column_name: str
    type: str
    is_key: bool
    meaning: str | None


@dataclass(frozen=True)
class CatalogueFunction:
    """One function; see the SQL's outputs."""

    schema_name: str
    function: str
    arguments: str
    result: str
    purpose: str | None


def page(url: str | None = None) -> str:
    """The page's text, of the migrated warehouse at ``url``; none given makes one in a temporary folder."""
    if url is None:
        with _own_warehouse() as own:
            return page(own)
    columns, functions = columns_of(url), functions_of(url)
    parts = [_HEAD]
    known = [*SCHEMAS, *sorted({c.schema_name for c in columns} - set(SCHEMAS))]
    for schema in known:
        parts.append(f"## {schema}\n\n{SCHEMAS.get(schema, '')}\n")
        here = [c for c in columns if c.schema_name == schema]
        for name, group in itertools.groupby(here, lambda c: c.relation):
            parts.append(_relation(f"{schema}.{name}", list(group)))
        parts += [_function(f) for f in functions if f.schema_name == schema]
    return "\n".join(parts)


def columns_of(url: str) -> list[CatalogueColumn]:
    """Every column of every table and view of the warehouse's own schemas."""
    from psycopg.rows import class_row

    with connect(url) as conn, conn.cursor(row_factory=class_row(CatalogueColumn)) as cursor:
        return cursor.execute(render_sql("postgres/reports/catalogue.sql")).fetchall()


def functions_of(url: str) -> list[CatalogueFunction]:
    """Every function of the warehouse's own schemas."""
    from psycopg.rows import class_row

    with connect(url) as conn, conn.cursor(row_factory=class_row(CatalogueFunction)) as cursor:
        return cursor.execute(render_sql("postgres/reports/functions.sql")).fetchall()


def _relation(name: str, columns: list[CatalogueColumn]) -> str:
    kind = " (view)" if columns[0].kind == "view" else ""
    if any(c.meaning for c in columns):
        rows = [(_name(c), c.type, c.meaning or "") for c in columns]
        body = table(("column", "type", ""), rows)
    else:
        body = ", ".join(f"{_name(c)} {c.type}" for c in columns)
    return f"### {name}{kind}\n\n{columns[0].purpose or ''}\n\n{body}\n"


def _name(column: CatalogueColumn) -> str:
    return f"**`{column.column_name}`**" if column.is_key else f"`{column.column_name}`"


def _function(function: CatalogueFunction) -> str:
    call = f"{function.schema_name}.{function.function}({function.arguments})"
    return (
        f"### {function.schema_name}.{function.function} (function)\n\n{function.purpose or ''}\n\n"
        f"```sql\n{call} returns {function.result}\n```\n"
    )


@contextmanager
def _own_warehouse() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="rostersync-page-") as folder:
        Path(folder).chmod(0o711)  # an unprivileged server of root finds its way in
        server = EmbeddedPostgres(Path(folder) / "postgres", fast=True)
        try:
            server.start()
            server.create_login(OWNER, createrole=True)
            server.create_database(WAREHOUSE, OWNER)
            url = server.dsn(WAREHOUSE, OWNER)
            migrate(url)
            yield url
        finally:
            server.remove()
