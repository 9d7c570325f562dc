"""For Airflow on one machine: workers that begin with the slow imports done."""

from __future__ import annotations

import importlib

from airflow.executors.local_executor import LocalExecutor

SLOW = (
    "rostersync.validation.gx_engine",  # Great Expectations: five CPU-seconds, 270 MB
    "rostersync.validation.expectations",
    "rostersync.validation.docs_gx",
    "rostersync.pipeline.steps.sync",
    "rostersync.pipeline.upkeep.data_docs",
    "rostersync.pipeline.upkeep.outbox",
    "rostersync.pipeline.watch.digest",
    "rostersync.reporting",
    "duckdb",
    "psycopg",
    "pyarrow.parquet",
    "asyncssh",
)
"""Modules the tasks of a night import."""


class WarmLocalExecutor(LocalExecutor):
    """LocalExecutor whose worker processes are forked after our imports and share them.

    Saves each night about ten CPU-seconds. Changed Python code is taken after a restart; suites, SQL and
    districts' files are read anew by every task, as ever. Set ``[core] executor`` to this class's path.
    """

    def start(self) -> None:
        """Import, then fork the workers."""
        if self.is_mp_using_fork:
            for module in SLOW:
                importlib.import_module(module)
        super().start()
