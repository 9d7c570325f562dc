"""The demo's SFTP server as a process of ours: one account and one closed-off folder per district."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from rostersync.embedded.processes import Program, Supervisor
from rostersync.embedded.state import LOOPBACK, State, write_private
from rostersync.errors import TerminalError
from rostersync.landing import SftpAccount

_LISTEN_SECONDS = 30.0


class EmbeddedSftp:
    """The server and what belongs to it, in ``folder``.

    ``folder``: the accounts' folders, passwords and the host key. ``accounts``: names of the accounts; their
    passwords are made here and kept. ``supervisor``: runs the server.
    """

    def __init__(self, folder: Path, accounts: Iterable[str], supervisor: Supervisor) -> None:
        self.folder = folder.absolute()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._state = State(self.folder / "state.json")
        self._supervisor = supervisor
        self.port = self._state.port("sftp")
        self.accounts = {name: self._state.secret(f"password {name}") for name in accounts}

    @property
    def root(self) -> Path:
        """Holds one folder per account."""
        return self.folder / "accounts"

    def account(self, name: str) -> SftpAccount:
        """How to reach an account, once the server has started."""
        from rostersync.embedded.sftp_server import public_host_key

        return SftpAccount(
            host=LOOPBACK,
            port=self.port,
            username=name,
            password=self.accounts[name],
            host_key=public_host_key(self._keys),
            conn_id=f"sftp_{name}",
        )

    def connection(self, name: str) -> str:
        """The account as an Airflow connection, for a variable ``AIRFLOW_CONN_SFTP_<DISTRICT>``."""
        account = self.account(name)
        return json.dumps(
            {
                "conn_type": "sftp",
                "host": account.host,
                "port": account.port,
                "login": account.username,
                "password": account.password,
                "extra": {"host_key": account.host_key, "no_host_key_check": False},
            }
        )

    def start(self) -> None:
        """Start the server; returns when it listens."""
        passwords = self.folder / "accounts.json"
        write_private(passwords, json.dumps(self.accounts))
        command = [
            sys.executable,
            "-m",
            "rostersync.embedded.sftp_server",
            "--root",
            str(self.root),
        ]
        command += ["--accounts", str(passwords), "--keys", str(self._keys)]
        command += ["--host", LOOPBACK, "--port", str(self.port)]
        log = self.folder / "server.log"
        self._supervisor.start(Program("sftp", command, log, cwd=self.folder))
        deadline = time.monotonic() + _LISTEN_SECONDS
        while not _listens(self.port):
            if time.monotonic() > deadline or self._supervisor.crashes("sftp"):
                raise TerminalError(
                    "The SFTP server does not start",
                    found=self._supervisor.log_tail("sftp"),
                    next_step=f"read {log}",
                )
            time.sleep(0.1)

    @property
    def _keys(self) -> Path:
        return self.folder / "keys"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
