"""The failure policy of every task: a data error fails now, a broken connection is tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from rostersync import environment
from rostersync.errors import TerminalError, TransientError
from rostersync.orchestration.exits import FinalExit, PassingExit
from rostersync.spec import Domain

STEP_TIMEOUT = timedelta(hours=2)
"""A step that runs longer hangs; the largest district known takes minutes."""
SHORTEST_ANSWER = timedelta(minutes=10)
"""A hold that was about to expire when it was asked about is still worth a look."""
RUN_TIMEOUT = timedelta(hours=23)
"""A run that is still there when the next night begins would hold it up."""

RUNS_AT_ONCE = {Domain.CORE: 1, Domain.TERMS: 1, Domain.ATTENDANCE: 4}
"""Runs of a DAG side by side. The wait of one notice may not hold up the next one's."""

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=error,
            action=RetryAction.FAIL,
            reason="data, configuration or credentials: the same input fails again",
        )
        for error in (TerminalError, FinalExit)
    ]
    + [
        RetryRule(
            exception=error,
            action=RetryAction.RETRY,
            reason="network or database: may pass on the next try",
        )
        for error in (TransientError, PassingExit)
    ]
)


def default_args() -> dict[str, Any]:
    """Arguments of every task: three tries at most, further and further apart."""
    return {
        "retries": 2,
        "retry_delay": timedelta(seconds=float(environment.RETRY_SECONDS.get() or 120)),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=15),
        "retry_policy": RETRY_POLICY,
        "execution_timeout": STEP_TIMEOUT,
    }
