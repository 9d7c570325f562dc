"""How a task's failure reaches the report: as data in an XCom, without a value of anybody's row."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowException

from rostersync import environment
from rostersync.errors import ConfigError, RosterSyncError
from rostersync.orchestration.exits import ends_task
from rostersync.orchestration.sensor import missing_error, rebuild_error

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

_PROBLEMS = 10

FAILURE = "failure"
"""XCom key under which a failed task leaves ``RosterSyncError.attrs()``."""


@contextmanager
def failures_as_xcom(context: Context) -> Iterator[None]:
    """Leave the error of the block as XCom, and end the task with it.

    What is no bug is told in the log's lines and ends the task by an exit (``exits``).
    The message of an error nobody foresaw may quote a row (DuckDB's and Postgres' do): it is raised as a
    RosterSyncError that names its class; the log says where it happened. ROSTERSYNC_DEBUG=1 keeps it.
    """
    try:
        yield
    except AirflowException:  # a skip, or a decision of Airflow's
        raise
    except RosterSyncError as error:
        _push(context, error)
        raise ends_task(log, error) from None
    except Exception as error:
        unforeseen = _unforeseen(error, step=context["ti"].task_id)
        _push(context, unforeseen)
        if environment.DEBUG.get() == "1":
            raise
        log.error("Unforeseen error at:\n%s", "".join(traceback.format_tb(error.__traceback__)))
        raise unforeseen from None


def tell_wait_failure(context: Context, event: dict[str, Any], **where: str) -> None:
    """Leave the error that a wait's event stands for, if it is one: the sensor raises it next."""
    if event["outcome"] == "failed":
        _push(context, rebuild_error(event["error"], **where))
    elif event["outcome"] == "missing":
        _push(context, missing_error(event, **where))


def silent_failure(step: str, state: str) -> RosterSyncError:
    """The error of a task that left none."""
    return RosterSyncError(
        "A step ended without saying why: it was killed, timed out, or was set to this state by hand",
        step=step,
        found=f"state {state}",
        next_step=f"read the end of {step}'s log, then clear {step}",
    )


def _push(context: Context, error: RosterSyncError) -> None:
    attrs = error.attrs()
    if isinstance(error, ConfigError) and error.problems:
        attrs["found"] = "; ".join(error.problems[:_PROBLEMS])
    context["ti"].xcom_push(key=FAILURE, value=attrs)


def _unforeseen(error: Exception, **where: str) -> RosterSyncError:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    return RosterSyncError(
        "A step failed in a way it does not know",
        **where,
        # An OSError speaks of files and devices, never of what is in them.
        found=f"{name}: {error}" if isinstance(error, OSError) else name,
        next_step="clear the task once; when it fails again, report it with the places named in its log"
        " (ROSTERSYNC_DEBUG=1 adds the message, which may hold values of rows)",
    )
