"""Airflow's four components as processes of ours, set up by environment variables alone."""

from __future__ import annotations

import base64
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rostersync.embedded.airflow_api import AirflowClient
from rostersync.embedded.processes import GuardedProcess, Program, Supervisor
from rostersync.embedded.state import LOOPBACK, State, write_private
from rostersync.errors import TerminalError, TransientError

# user -> role of Airflow's simple auth manager
USERS = {"admin": "admin", "operator": "op", "viewer": "viewer"}
# Without their log servers, which listen on all interfaces: the API server reads the files itself.
_COMPONENTS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
# The triggerer's runner takes 10 s to notice; triggers lie in the database and lose nothing.
_GRACE = {"triggerer": 4.0}
_HEALTHY_SECONDS = 300.0
_CRASHES = 3

Progress = Callable[[str], None]


class EmbeddedAirflow:
    """Airflow with LocalExecutor on a Postgres database of ours; its state lies in ``folder``.

    ``folder``: AIRFLOW_HOME: logs, users' passwords, keys. ``database``: URL of the metadata database,
    ``postgresql://user:password@host:port/name``. ``dags``: folder of the DAG files. ``plugins``: folder of
    the plugins. ``progress``: called with what happens.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database: str,
        dags: Path,
        plugins: Path,
        progress: Progress = lambda _: None,
    ) -> None:
        self.folder = folder.absolute()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._database = database
        self._dags = dags.absolute()
        self._plugins = plugins.absolute()
        self._progress = progress
        self._state = State(self.folder / "state.json")
        self._port = self._state.port("api")
        self._supervisor = Supervisor(on_event=progress)

    @property
    def url(self) -> str:
        """Of the UI and the API."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def users(self) -> dict[str, str]:
        """Login -> password."""
        return {user: self._state.secret(f"password {user}") for user in USERS}

    def client(self, user: str = "admin") -> AirflowClient:
        """A REST client logged in as one of :attr:`users`."""
        return AirflowClient(self.url, user, self.users[user])

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """All variables of the components, without what the shell sets for another Airflow.

        ``extra``: added last: ``ROSTERSYNC_…``, ``AIRFLOW_CONN_…``, or other settings of Airflow.
        """
        ours = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW_", "PG"))}
        ours.pop("PYTHONDONTWRITEBYTECODE", None)  # would double every start
        no_proxy = ",".join(filter(None, (ours.get("NO_PROXY"), LOOPBACK, "localhost")))
        fernet_key = base64.urlsafe_b64encode(self._state.secret("fernet")[:32].encode()).decode()
        settings: dict[str, dict[str, object]] = {
            "core": {
                "dags_folder": self._dags,
                "plugins_folder": self._plugins,
                "load_examples": False,
                "executor": "LocalExecutor",
                "parallelism": max(4, min(2 * (os.cpu_count() or 2), 16)),
                "default_timezone": "utc",
                "execution_api_server_url": f"{self.url}/execution/",
                "fernet_key": fernet_key,
                # The default asks DNS for a full name: slow where there is none.
                "hostname_callable": "socket.gethostname",
                "simple_auth_manager_users": ",".join(f"{u}:{role}" for u, role in USERS.items()),
                "simple_auth_manager_passwords_file": self._users_file,
                "min_serialized_dag_update_interval": 5,
            },
            "database": {
                "sql_alchemy_conn": _with_driver(self._database, "psycopg2"),
                "sql_alchemy_conn_async": _with_driver(self._database, "asyncpg"),
            },
            "api": {
                "host": LOOPBACK,
                "port": self._port,
                "base_url": self.url,
                "workers": 1,
                "secret_key": self._state.secret("api"),
            },
            "api_auth": {"jwt_secret": self._state.secret("jwt", 64)},
            # A worker may take so long to notice that a task's process ended: it keeps its place, and a
            # sensor that is resumed meanwhile is taken for killed.
            "workers": {"min_heartbeat_interval": 1},
            "dag_processor": {"refresh_interval": 15, "min_file_process_interval": 60},
            "logging": {"colored_console_log": False},
        }
        return {
            **ours,
            "TZ": "UTC",
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
            "GX_ANALYTICS_ENABLED": "false",
            "AIRFLOW_HOME": str(self.folder),
            **{
                f"AIRFLOW__{section}__{name}".upper(): str(value)
                for section, values in settings.items()
                for name, value in values.items()
            },
            **(extra or {}),
        }

    def start(self, extra: Mapping[str, str] | None = None) -> None:
        """Migrate the database, start the components, return when all are healthy.

        ``extra``: see :meth:`environment`.

        Raises TerminalError: a component crashes again and again. TransientError: one stays
        unhealthy.
        """
        environment = self.environment(extra)
        write_private(self._users_file, json.dumps(self.users))
        self._migrate(environment)
        try:
            for name, arguments in _COMPONENTS.items():
                self._supervisor.start(self._program(name, arguments, environment))
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all components; returns when nothing of them runs."""
        self._supervisor.stop()

    @property
    def _users_file(self) -> Path:
        return self.folder / "users.json"

    def _program(self, name: str, arguments: list[str], environment: dict[str, str]) -> Program:
        return Program(
            name=name,
            command=[sys.executable, "-m", "airflow", *arguments],
            log=self.folder / "logs" / f"{name}.log",
            env=environment,
            cwd=self.folder,
            grace=_GRACE.get(name, 15.0),
        )

    def _migrate(self, environment: dict[str, str]) -> None:
        """Bring the metadata database to this version; the 5-15 s are spent once."""
        import psycopg

        ours = f"migrated by Airflow {version('apache-airflow-core')}"
        with psycopg.connect(self._database, autocommit=True) as connection:
            said = connection.execute(
                "select shobj_description(oid, 'pg_database') from pg_database"
                " where datname = current_database()"
            ).fetchone()
            if said == (ours,):
                return
            self._progress("migrating Airflow's database")
            migration = GuardedProcess(self._program("migrate", ["db", "migrate"], environment))
            try:
                code = migration.wait()
            finally:
                migration.stop()
            if code:
                raise TerminalError(
                    "Airflow's database cannot be migrated",
                    found=migration.log_tail(),
                    next_step=f"read {migration.program.log}",
                )
            # A note in the database itself goes where the data goes.
            name = psycopg.sql.Identifier(connection.info.dbname)
            note = psycopg.sql.SQL("comment on database {} is {}").format(name, ours)
            connection.execute(note)

    def _wait_until_healthy(self) -> None:
        client = self.client()
        since = datetime.now(UTC)
        deadline = time.monotonic() + _HEALTHY_SECONDS
        shown = ""
        health: dict[str, str] = {}
        while time.monotonic() < deadline:
            self._fail_if_crashing()
            try:
                health = client.health(since)
            except TransientError:
                health = {}
            healthy = sorted(name for name, status in health.items() if status == "healthy")
            if len(healthy) == len(_COMPONENTS) and len(health) == len(healthy):
                client.close()
                return
            if (now := ", ".join(healthy) or "nothing yet") != shown:
                shown = now
                self._progress(f"Airflow starts; healthy: {shown}")
            time.sleep(0.5)
        raise TransientError(
            "Airflow does not become healthy",
            expected=f"all components healthy within {_HEALTHY_SECONDS:.0f} s",
            found=", ".join(f"{name} {status}" for name, status in health.items()) or "no answer",
            next_step=f"read the logs in {self.folder / 'logs'}",
        )

    def _fail_if_crashing(self) -> None:
        for name in _COMPONENTS:
            if self._supervisor.crashes(name) >= _CRASHES:
                raise TerminalError(
                    "A component of Airflow does not start",
                    component=name,
                    found=self._supervisor.log_tail(name),
                    next_step=f"read {self.folder / 'logs' / name}.log",
                )


def _with_driver(url: str, driver: str) -> str:
    return url.replace("postgresql://", f"postgresql+{driver}://", 1)
