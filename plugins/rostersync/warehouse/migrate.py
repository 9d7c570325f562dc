"""Numbered SQL migrations with their own record; each runs once, in its own transaction."""

from __future__ import annotations

import hashlib

from rostersync import paths
from rostersync.engine import render_sql
from rostersync.engine.postgres import connect
from rostersync.errors import WarehouseSchemaError

_LOCK = 0x726F7374  # one migration run at a time


def migrate(url: str) -> list[str]:
    """Bring the warehouse at ``url`` to this version; the names of the migrations that ran.

    Raises WarehouseSchemaError when an applied migration's text was changed since.
    """
    files = sorted((paths.sql_folder() / "postgres" / "migrations").glob("*.sql"))
    ran = []
    with connect(url) as conn:
        conn.execute("select pg_advisory_lock(%s)", [_LOCK])
        conn.execute(render_sql("postgres/warehouse/migrations_record.sql"))
        done = dict(conn.execute("select name, sha256 from rostersync_migrations").fetchall())
        for file in files:
            text = file.read_text(encoding="utf-8")
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            if file.name in done:
                if done[file.name] != sha256:
                    raise WarehouseSchemaError(
                        "A migration that ran already has another text now",
                        file=file.name,
                        expected=f"sha256 {done[file.name][:12]}",
                        found=f"sha256 {sha256[:12]}",
                        next_step="restore its text and put the change into a new migration",
                    )
                continue
            with conn.transaction():
                conn.execute(text)
                conn.execute(
                    "insert into rostersync_migrations (name, sha256) values (%s, %s)",
                    [file.name, sha256],
                )
            ran.append(file.name)
    return ran
