"""The DuckDB session of a run and the loader of include/sql files."""

from rostersync.engine.session import Session, open_session
from rostersync.engine.sql import render_sql

__all__ = ["Session", "open_session", "render_sql"]
