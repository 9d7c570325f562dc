"""The executor of Airflow on one machine: its workers begin with the slow imports done."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

pytestmark = pytest.mark.airflow


def test_every_module_it_imports_ahead_exists():
    from rostersync.orchestration.executor import SLOW

    assert [name for name in SLOW if find_spec(name) is None] == []


@pytest.mark.slow
def test_workers_have_what_tasks_import_and_other_components_do_not():
    """In a process of its own: what this one has imported says nothing."""
    script = """
import sys
from airflow.executors.local_executor import LocalExecutor
from rostersync.orchestration.executor import WarmLocalExecutor
assert "great_expectations" not in sys.modules
at_fork = []
LocalExecutor.start = lambda self: at_fork.extend(sys.modules)
WarmLocalExecutor(parallelism=1).start()
assert {"great_expectations", "duckdb", "psycopg", "rostersync.pipeline.steps.load"} <= set(at_fork)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "Overwriting" not in done.stderr, "Great Expectations tells what we register"
