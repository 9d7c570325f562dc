"""What holds for every command: exit codes, errors without tracebacks, one JSON object on request."""

from __future__ import annotations

import errno
import itertools
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from rostersync import environment
from rostersync.cli.output import print_json
from rostersync.errors import (
    ConfigError,
    MissingUploadError,
    RejectedUploadError,
    RosterSyncError,
)

ERROR = 3
"""Usage and internal errors; click's own 2 means here that nothing was loaded."""
_INTERRUPTED = 130


class Application(click.Group):
    """A group whose commands return their exit code and may raise any error."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; the process ends with its exit code unless not ``standalone_mode``."""
        arguments = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(arguments, prog_name, complete_var, standalone_mode=False, **extra)
        except (Exception, KeyboardInterrupt) as error:
            if environment.DEBUG.get() == "1":
                traceback.print_exc()
            code = _report(error, as_json=_asks_json(arguments))
        if standalone_mode:
            sys.exit(code or 0)
        return code

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and hand over all it printed."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader left, as `| head` does: click would end with 1, which means another thing here.
            sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - for the rest of the process
            return ERROR
        return code


def _report(error: BaseException, *, as_json: bool) -> int:
    """Say what went wrong; the exit code."""
    ours = _as_ours(error)
    if as_json:
        attrs = {**ours.attrs(), "error": _name(error)}
        if isinstance(ours, ConfigError):
            attrs["problems"] = ours.problems
        print_json({"outcome": _outcome(error), "error": attrs})
    elif isinstance(error, click.ClickException):
        error.show()  # with the usage and where to find help
    else:
        click.echo(f"Error: {ours.message()}", err=True)
    return _INTERRUPTED if isinstance(error, click.Abort | KeyboardInterrupt) else ours.exit_code


def _as_ours(error: BaseException) -> RosterSyncError:
    """Any error in the form of ours."""
    if isinstance(error, RosterSyncError):
        return error
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return RosterSyncError(
            "Interrupted", next_step="run it again, nothing half-written is left"
        )
    if isinstance(error, click.ClickException):
        return RosterSyncError(error.format_message())
    if isinstance(error, OSError):
        is_full = error.errno == errno.ENOSPC
        return RosterSyncError(
            error.strerror or type(error).__name__,
            path=error.filename,
            next_step="free some space, then run it again" if is_full else None,
        )
    return RosterSyncError(
        f"A bug of rostersync: an unexpected {type(error).__name__}",
        at=_place(error),
        next_step="report this line; ROSTERSYNC_DEBUG=1 shows the traceback, which may hold values of"
        " the files",
    )


def _place(error: BaseException) -> str:
    """Where an error was raised: our innermost line. Its text is not shown, it may hold a person's value."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "rostersync" in Path(f.filename).parts]
    at = (ours or frames)[-1]
    return f"{'/'.join(Path(at.filename).parts[-2:])}:{at.lineno}"


def _name(error: BaseException) -> str:
    return "UsageError" if isinstance(error, click.UsageError) else type(error).__name__


def _outcome(error: BaseException) -> str:
    if isinstance(error, MissingUploadError):
        return "missing"
    return "rejected" if isinstance(error, RejectedUploadError) else "error"


def _asks_json(arguments: Sequence[str]) -> bool:
    """Whether JSON was asked for, even when the command line cannot be parsed."""
    return "--format=json" in arguments or ("--format", "json") in itertools.pairwise(arguments)
