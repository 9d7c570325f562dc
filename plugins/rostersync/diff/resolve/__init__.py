"""Resolve: which records are accepted, which stay out, which stored rows are carried.

Works file by file, parents before children, on views of one DuckDB session. Every statement lies in
include/sql/duckdb/resolve; the modules here are their order and the contract's special cases by name.
"""

from __future__ import annotations

from rostersync.diff.resolve.half import half_taken
from rostersync.diff.resolve.order import Resolver
from rostersync.diff.resolve.records import owners_of
from rostersync.diff.resolve.unread import has_student

__all__ = ["Resolver", "half_taken", "has_student", "owners_of"]
