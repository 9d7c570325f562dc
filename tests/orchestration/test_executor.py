"""What is forked begins with the slow work done: an executor's workers, a DAG processor's parsers."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

pytestmark = pytest.mark.airflow


def test_every_module_it_imports_ahead_exists():
    from rostersync.orchestration.warm import SLOW

    assert [name for name in SLOW if find_spec(name) is None] == []


@pytest.mark.slow
def test_what_is_forked_has_what_it_needs_and_other_components_do_not():
    """In a process of its own: what this one has imported says nothing."""
    script = """
import sys
import jinja2
from airflow.executors.local_executor import LocalExecutor
from rostersync.orchestration import listener, pools
from rostersync.orchestration.executor import WarmLocalExecutor

class Job:
    pass

pools.create_missing = lambda: []
assert "rostersync.orchestration.factory" not in sys.modules
listener.on_starting(Job())
assert "rostersync.orchestration.factory" in sys.modules, "parsers have most of what DAG files import"
assert {"great_expectations", "duckdb", "psycopg"}.isdisjoint(sys.modules)

at_fork = []
LocalExecutor.start = lambda self: at_fork.extend(sys.modules)
WarmLocalExecutor(parallelism=1).start()
assert {"great_expectations", "duckdb", "psycopg", "rostersync.pipeline.steps.load"} <= set(at_fork)

from rostersync.engine.sql import render_sql
from rostersync.validation.lint_values import _regex_problem

jinja2.Environment.compile = None
assert render_sql("duckdb/diff/accounting.sql"), "compiled before the fork"
assert _regex_problem.cache_info().currsize > 0
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "Overwriting" not in done.stderr, "Great Expectations tells what we register"
