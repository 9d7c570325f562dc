"""How a task ends for a reason that is no bug: told in its log line by line, with no traceback around it.

Airflow writes the traceback of whatever a task raises, but for an exit. The places that it names say nothing
of a district's data or of a network that is down; of a bug they do, so a bug is raised as it is.
"""

from __future__ import annotations

import logging
import textwrap

from rostersync.errors import AccountingError, RosterSyncError, TerminalError, TransientError

_WIDTH = 88
"""Characters of a line, which Airflow puts its time and level before."""


class TaskExit(SystemExit):
    """A task's failure that stands in its log already. ``error``: what it was, for the retry policy."""

    def __init__(self, error: RosterSyncError) -> None:
        self.error = error
        super().__init__(type(error).__name__)


class FinalExit(TaskExit):
    """It will fail again with the same input: fail now."""


class PassingExit(TaskExit):
    """It may pass on the next try."""


def ends_task(log: logging.Logger, error: RosterSyncError) -> BaseException:
    """What to raise for an error: an exit, when the log now says why; the error itself, when it is a bug."""
    is_foreseen = isinstance(error, TerminalError | TransientError)
    if not is_foreseen or isinstance(error, AccountingError):
        return error
    log_error(log, error)
    return PassingExit(error) if isinstance(error, TransientError) else FinalExit(error)


def log_error(log: logging.Logger, error: RosterSyncError) -> None:
    """Log an error in lines that need no scrolling."""
    for line in error_lines(error):
        log.error("%s", line)


def error_lines(error: RosterSyncError) -> list[str]:
    """The error's class, and each part of its message in lines of its own."""
    lines = [type(error).__name__]
    for part in error.parts():
        wrapped = textwrap.wrap(part, _WIDTH, initial_indent="  ", subsequent_indent="    ")
        lines += wrapped or [part]
    return lines
