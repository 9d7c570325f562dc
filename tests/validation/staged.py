"""Staged files from inline records, in the format staging writes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from rostersync.engine import Session
from rostersync.engine.sql import literal, quote
from rostersync.spec import FILES
from rostersync.validation import StagedView

Record = Mapping[str, str | None]

FIRST_LINE = 2
"""The header is line 1."""


def stage(session: Session, file: str, records: Iterable[Record]) -> StagedView:
    """A record's values are the normalised ones; what was sent is the same, unless it has ``<col>__raw``."""
    columns = [n for c in FILES[file].columns for n in (c.name, f"{c.name}__raw")]
    if wide := FILES[file].wide:
        columns.append(wide.column)
    session.con.execute(
        f"create or replace table made (_line bigint, {', '.join(quote(c) + ' varchar' for c in columns)})"
    )
    rows = [
        {"_line": line, **{c: r.get(c, r.get(c.removesuffix("__raw"))) for c in columns}}
        for line, r in enumerate(records, FIRST_LINE)
    ]
    if rows:
        types = {"_line": "bigint", **dict.fromkeys(columns, "varchar")}
        source = session.scratch / f"{file}.json"
        source.write_text(json.dumps(rows), encoding="utf-8")
        session.con.execute(
            f"insert into made by name from read_json({literal(str(source))}, format='array',"
            f" columns={{{', '.join(f'{quote(c)}: {literal(t)}' for c, t in types.items())}}})"
        )
    archived = f"check/staged/{file}.parquet"
    session.write_parquet("from made", archived, order="order by _line")
    return StagedView(file, archived)
