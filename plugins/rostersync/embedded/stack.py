"""The whole embedded stack on one machine, up for the length of a ``with`` block."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Self

from rostersync import paths
from rostersync.embedded.airflow import EmbeddedAirflow
from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.embedded.processes import Supervisor
from rostersync.embedded.sftp import EmbeddedSftp

Progress = Callable[[str], None]

METADATA = "airflow"
WAREHOUSE = "warehouse"
OWNER = "rostersync_owner"


class Stack:
    """Postgres (databases ``airflow`` and ``warehouse``), an SFTP server and Airflow.

    Entering the block starts Postgres; :meth:`start_sftp` and :meth:`start_airflow` add the others,
    with what is known by then. Leaving it ends all of it: at its end, on an exception, on Ctrl-C, on
    SIGTERM. State and data stay in the folder: the next start goes on with them.

    ``folder``: all state; default the project's ``.local/stack``. ``progress``: called with what happens.
    """

    def __init__(self, folder: Path | None = None, *, progress: Progress = lambda _: None) -> None:
        self.folder = (folder or paths.state_folder() / "stack").absolute()
        self.postgres = EmbeddedPostgres(self.folder / "postgres")
        self.sftp: EmbeddedSftp | None = None
        self.airflow: EmbeddedAirflow | None = None
        self._progress = progress
        self._supervisor = Supervisor(on_event=progress)
        self._cleanup = contextlib.ExitStack()

    @property
    def warehouse(self) -> str:
        """URL of the warehouse for its owner, who runs the migrations."""
        return self.postgres.dsn(WAREHOUSE, OWNER)

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as cleanup:
            cleanup.enter_context(_signals_raise())
            self._progress("starting Postgres")
            cleanup.enter_context(self.postgres)
            cleanup.callback(self._supervisor.stop)
            self.postgres.create_login(METADATA)
            self.postgres.create_database(METADATA, METADATA)
            self.postgres.create_login(OWNER, createrole=True)
            self.postgres.create_database(WAREHOUSE, OWNER)
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress("stopping")
        self._cleanup.close()

    def start_sftp(self, accounts: Iterable[str]) -> EmbeddedSftp:
        """Start the SFTP server with one account per name."""
        self._progress("starting the SFTP server")
        self.sftp = EmbeddedSftp(self.folder / "sftp", accounts, self._supervisor)
        self.sftp.start()
        return self.sftp

    def start_airflow(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        dags: Path | None = None,
        plugins: Path | None = None,
    ) -> EmbeddedAirflow:
        """Start Airflow; returns when all four components are healthy.

        ``environment``: further variables for it and its tasks, such as ROSTERSYNC_WAREHOUSE. ``dags``:
        folder of DAG files; default the project's. ``plugins``: folder of plugins; default the project's.
        """
        self.airflow = EmbeddedAirflow(
            self.folder / "airflow",
            database=self.postgres.dsn(METADATA, METADATA),
            dags=dags or paths.home() / "dags",
            plugins=plugins or paths.home() / "plugins",
            progress=self._progress,
        )
        self._cleanup.callback(self.airflow.stop)
        self.airflow.start(environment)
        return self.airflow


@contextlib.contextmanager
def _signals_raise() -> Iterator[None]:
    """Let SIGTERM and SIGHUP (a closed terminal) unwind the ``with`` blocks, as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def unwind(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, unwind) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
