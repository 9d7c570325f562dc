"""What a process does ahead for the tasks that are forked from it, which share it."""

from __future__ import annotations

import contextlib
import importlib

from rostersync import paths
from rostersync.errors import SuiteError

SLOW = (
    "rostersync.validation.gx_engine",  # Great Expectations: five CPU-seconds, 270 MB
    "rostersync.validation.expectations",
    "rostersync.validation.docs_gx",
    "rostersync.orchestration.shards",
    "rostersync.pipeline.steps.sync",
    "rostersync.pipeline.upkeep.data_docs",
    "rostersync.pipeline.upkeep.outbox",
    "rostersync.pipeline.watch.digest",
    "rostersync.reporting",
    "duckdb",
    "psycopg",
    "pyarrow.csv",
    "pyarrow.parquet",
    "asyncssh",
    "jinja2.ext",
)
"""Modules the tasks of a night import."""


def warm() -> None:
    """Import these, compile every statement of include/sql, and try the suites' regexes.

    Changed code and SQL are taken after a restart; suites and districts' files are read anew by every task.
    """
    for module in SLOW:
        importlib.import_module(module)
    from rostersync.engine.sql import compile_all
    from rostersync.validation import load_suites

    compile_all()
    with contextlib.suppress(SuiteError):  # the task that needs them says so
        load_suites(paths.expectations_folder())
