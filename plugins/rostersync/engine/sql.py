"""Loads SQL files from include/sql and fills in identifiers.

Values are always bound (``$name`` in DuckDB, ``%(name)s`` in Postgres). Identifiers come from the contract
only; they are filled in by Jinja with strict undefined names and quoted by the filters below.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import jinja2

from rostersync import paths


def quote(name: str) -> str:
    """An SQL identifier, quoted (the same in DuckDB and Postgres)."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL string literal; for paths and constants of our own, never for a district's values."""
    return "'" + text.replace("'", "''") + "'"


def _names(columns: Iterable[Any]) -> list[str]:
    return [c if isinstance(c, str) else c.name for c in columns]


def columns(items: Iterable[Any], prefix: str = "", separator: str = ", ") -> str:
    """``a."x", a."y"`` for columns or names."""
    dot = f"{prefix}." if prefix else ""
    return separator.join(dot + quote(n) for n in _names(items))


def pairs(items: Iterable[Any], left: str, right: str, op: str = "=", sep: str = " and ") -> str:
    """``l."x" = r."x" and l."y" = r."y"`` for columns or names."""
    return sep.join(f"{left}.{quote(n)} {op} {right}.{quote(n)}" for n in _names(items))


FILTERS = {"quote": quote, "literal": literal, "columns": columns, "pairs": pairs}
"""What a file of include/sql may put identifiers through, by name."""


@cache
def _folder() -> str:
    return str(paths.sql_folder())


@cache
def _environment(folder: str) -> jinja2.Environment:
    environment = jinja2.Environment(  # noqa: S701 - SQL, not HTML
        loader=jinja2.FileSystemLoader(folder),
        auto_reload=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    return environment


def render_sql(name: str, **identifiers: Any) -> str:
    """The text of ``include/sql/<name>`` with its identifiers filled in.

    Raises jinja2.TemplateNotFound or jinja2.UndefinedError: mistakes of ours, caught by tests.
    """
    return _environment(_folder()).get_template(name).render(**identifiers)


def compile_all() -> None:
    """Compile every file now: a process that is forked afterwards has them."""
    environment = _environment(_folder())
    for name in environment.list_templates(extensions=["sql"]):
        environment.get_template(name)
