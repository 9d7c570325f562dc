"""The DuckDB session of a run and the loader of include/sql files."""

from rostersync.engine.session import TINY_BYTES, TINY_ROWS, Session, open_session
from rostersync.engine.sql import render_sql

__all__ = ["TINY_BYTES", "TINY_ROWS", "Session", "open_session", "render_sql"]
