"""The text of a migration that brings the warehouse's tables of an entity to what the contract says."""

from __future__ import annotations

import re

from rostersync import paths
from rostersync.engine import render_sql
from rostersync.spec import Entity


def draft(entity: Entity) -> str:
    """What a new migration has to say, so that the tables have every column of the entity.

    A draft: somebody reads it, gives it a number and a purpose, and keeps it as a file. Empty when the
    migrations there are say all of it already.
    """
    known = _columns(entity.table)
    if not known:
        return _texts(("table", "history"), entity=entity)
    added = [c for c in entity.columns if c.name not in known]
    return _texts(("columns", "history"), entity=entity, added=added) if added else ""


def _columns(table: str) -> set[str]:
    """The columns that the migrations give a table; none where they do not make it."""
    folder = paths.sql_folder() / "postgres" / "migrations"
    found: set[str] = set()
    for file in sorted(folder.glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        for statement in re.findall(
            rf"^(?:create|alter) table {re.escape(table)}\b[^;]*;", text, re.MULTILINE
        ):
            found |= set(re.findall(r'^(?:    |add column )"(\w+)" ', statement, re.MULTILINE))
    return found


def _texts(names: tuple[str, ...], **identifiers: object) -> str:
    """The drafts without their headers: those are about the draft, not about the migration."""
    texts = (render_sql(f"postgres/draft/{name}.sql", **identifiers) for name in names)
    return "\n".join(re.sub(r"\A(?:--.*\n)+", "", text) for text in texts)
