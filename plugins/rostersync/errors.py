"""The error tree. Every error says what, where, expected and found, and the next step.

Two mixins decide the retry policy in one place: a :class:`TerminalError` will fail again with the same
input (data, configuration), a :class:`TransientError` may pass on the next try (network, database).
Messages and data never hold a cell value of a person's row.
"""

from __future__ import annotations

from typing import Any


class RosterSyncError(Exception):
    """Base of all errors raised on purpose.

    ``what``: one sentence that names the problem. ``where``: district, slot, file, line, column ... as
    keyword data; shown in this order. ``expected``: what would have been right. ``found``: what was there
    instead (never a person's value). ``next_step``: what a person does now.
    """

    exit_code = 3

    def __init__(
        self,
        what: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        next_step: str | None = None,
        **where: Any,
    ) -> None:
        self.what = what
        self.expected = expected
        self.found = found
        self.next_step = next_step
        self.where = {k: v for k, v in where.items() if v is not None}
        super().__init__(self.message())

    def message(self) -> str:
        """The whole message: what, where, expected and found, next step."""
        return " ".join(self.parts())

    def parts(self) -> list[str]:
        """The message in sentences: what, where, expected, found, next step."""
        parts = [self.what.rstrip(".") + "."]
        if self.where:
            parts.append("Where: " + ", ".join(f"{k} {v}" for k, v in self.where.items()) + ".")
        if self.expected is not None:
            parts.append(f"Expected: {self.expected.rstrip('.')}.")
        if self.found is not None:
            parts.append(f"Found: {self.found.rstrip('.')}.")
        if self.next_step is not None:
            parts.append(f"Next: {self.next_step.rstrip('.')}.")
        return parts

    def attrs(self) -> dict[str, Any]:
        """The error as data, for logs, the ledger and JSON output."""
        return {
            "error": type(self).__name__,
            "what": self.what,
            "where": {k: str(v) for k, v in self.where.items()},
            "expected": self.expected,
            "found": self.found,
            "next_step": self.next_step,
            "transient": isinstance(self, TransientError),
        }

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive process borders (Airflow pickles exceptions) with data intact."""
        return (_rebuild, (type(self), self.__dict__.copy()))


def loggable(error: BaseException) -> str:
    """An error for a log: its text where it is ours; a foreign one's may quote a row, so its class."""
    return str(error) if isinstance(error, RosterSyncError) else type(error).__name__


def _rebuild(cls: type[RosterSyncError], state: dict[str, Any]) -> RosterSyncError:
    error = cls.__new__(cls)
    error.__dict__.update(state)
    Exception.__init__(error, error.message())
    return error


class TerminalError(RosterSyncError):
    """The same input fails again: fail now, do not retry."""


class TransientError(RosterSyncError):
    """May pass on the next try: retry with backoff."""


# Configuration and usage
class ConfigError(TerminalError):
    """A district YAML or a setting is wrong. ``problems`` lists every mistake found, not the first."""

    def __init__(self, what: str, *, problems: list[str] | None = None, **kw: Any) -> None:
        self.problems = problems or []
        super().__init__(what, **kw)

    def message(self) -> str:
        """The message, and every problem on a line of its own."""
        return "\n".join([" ".join(super().parts()), *(f"  - {p}" for p in self.problems)])

    def parts(self) -> list[str]:
        """The sentences, and every problem."""
        return [*super().parts(), *(f"- {p}" for p in self.problems)]


class SlotError(TerminalError):
    """A slot cannot be read as one of its domain's, or nothing may be synced for it."""


class SuiteError(ConfigError):
    """An expectation suite does not pass its lint."""


class AlertNotDeliveredError(TransientError):
    """An alert is in the ledger and could not be brought to anybody."""


# Landing
class SftpConnectionError(TransientError):
    """The SFTP server cannot be reached, or the connection broke."""


class SftpAuthenticationError(TerminalError):
    """The server refused the account's password or key."""


class SftpHostKeyError(TerminalError):
    """The server's host key is not the pinned one, or none is pinned."""


class UploadChangedError(TransientError):
    """A file changed on the server while it was being fetched."""


class ReadOnlyAccountError(ConfigError):
    """A district's account may not write its outbox: usual, and nobody's mistake."""


class MissingUploadError(TerminalError):
    """The wait ended without a complete upload: the slot's outcome is ``missing``."""

    exit_code = 2


class MissingLandingError(TerminalError):
    """The archive has no landing of the kind that was asked for."""


# Data: nothing loads
class RejectedUploadError(TerminalError):
    """A required file, or the set, cannot be used: the slot's outcome is ``rejected``."""

    exit_code = 2


class UploadTooLargeError(RejectedUploadError):
    """A file, or all of an upload, has more bytes than the district's caps allow; ``file`` says which."""


class TooManyLandingsError(RejectedUploadError):
    """The archive keeps as many landings of a slot as the district's caps allow."""


class UploadHeldError(TerminalError):
    """Nothing of the upload loads until a person has said so. ``reasons``: why, in words."""

    exit_code = 1
    kind = "set"

    def __init__(self, what: str, *, reasons: list[str] | None = None, **kw: Any) -> None:
        self.reasons = reasons or []
        super().__init__(what, **kw)


class FirstLoadHeldError(UploadHeldError):
    """A district's first upload waits for a person (``first_load: approve``)."""

    kind = "first_load"


class DecisionError(TerminalError):
    """A decision that cannot be taken: the hold is closed, was superseded, or has no such slice."""


# Ours
class HandedOnError(TerminalError):
    """What a task found of another's (an XCom) is not what that one hands on: somebody changed it."""


class AccountingError(TerminalError):
    """Two independent counts differ: an internal error, nothing loads."""


class WarehouseUnavailableError(TransientError):
    """Postgres cannot be reached, or the connection broke during the load."""


class ArchiveUnavailableError(TransientError):
    """Object storage cannot be reached, or broke off."""


class ArchiveFullError(TransientError):
    """The disk has no room for an upload."""


class WarehouseSchemaError(TerminalError):
    """The warehouse lacks migrations this version needs."""


class DriftError(TerminalError):
    """The warehouse's tables are not as the last load left them."""


class WarehouseWriteError(TerminalError):
    """Postgres refused a statement of ours: an internal error. Its own text may hold a row's values."""


class ArchiveError(TerminalError):
    """An archived artefact is missing or not what its manifest says."""
