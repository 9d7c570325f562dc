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
    views = ["history"] if entity.log_view == entity.log_table else ["log_view", "history"]
    if not known:
        return _texts("table", *views, entity=entity)
    added = [c for c in entity.columns if c.name not in known]
    left = [c for c in entity.former if c.name in known]
    is_rekeyed = len(views) > 1 and f"create view {entity.log_view} " not in _migrations()
    if not (added or left or is_rekeyed):
        return ""
    names = ["columns", *views, *(["rekey"] if is_rekeyed else [])]
    return _texts(*names, entity=entity, added=added, left=left)


def _columns(table: str) -> set[str]:
    """The columns that the migrations give a table; none where they do not make it."""
    found: set[str] = set()
    statement = rf"^(?:create|alter) table {re.escape(table)}\b[^;]*;"
    for text in re.findall(statement, _migrations(), re.MULTILINE):
        found |= set(re.findall(r'^(?:    |add column )"(\w+)" ', text, re.MULTILINE))
        found -= set(re.findall(r'drop column "(\w+)"', text))
    return found


def _migrations() -> str:
    """The text of all migrations there are, in order."""
    files = sorted((paths.sql_folder() / "postgres" / "migrations").glob("*.sql"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _texts(*names: str, **identifiers: object) -> str:
    """The drafts without their headers: those are about the draft, not about the migration."""
    texts = (render_sql(f"postgres/draft/{name}.sql", **identifiers) for name in names)
    return "\n".join(re.sub(r"\A(?:--.*\n)+", "", text) for text in texts)
