"""Where a run takes its slot's files from; asked for in Airflow's form and in a backfill."""

from __future__ import annotations

from enum import StrEnum


class Source(StrEnum):
    """``auto``: the archive's newest landing, or the server when that holds something newer.

    It looks at the server for a slot that has no landing, whose newest landing was rejected, or whose wait
    has not ended. ``archive``: the slot's newest landing. ``folder``: its newest one that
    ``rostersync land FOLDER`` put there. ``server``: the server, whatever the archive has.
    """

    AUTO = "auto"
    ARCHIVE = "archive"
    SERVER = "server"
    FOLDER = "folder"
