"""docker/sftp as its container runs it: real scripts, real sshd, real paths, in mounts of their own.

Users are made in a copy of /etc that only this namespace sees and that ends with it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncssh

from rostersync import paths
from tests.production import namespace
from tests.production.compose import compose

IMAGE = paths.home() / "docker" / "sftp"
OPERATOR = 1000
"""Who owns the mounted files on the host."""
CONTAINER = """
set -eu
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -m 0755 /run/sshd /run/keys /run/secrets
mount --bind "$1/keys" /run/keys
mount -o remount,ro,bind /run/keys
cp -p "$1/host" /run/secrets/sftp_host_key
mount -t tmpfs -o mode=0755 tmpfs /srv
cp -a /etc /srv/etc
mount --bind /srv/etc /etc
cp "$2/sshd_config" /etc/ssh/sshd_config
mkdir /srv/sftp
mount --bind "$1/uploads" /srv/sftp
exec setpriv --bounding-set "$3" --inh-caps=-all --no-new-privs "$2/start" -p "$4" -o ListenAddress=127.0.0.1
"""


def why_not() -> str | None:
    """What this machine lacks."""
    if not Path("/usr/sbin/sshd").exists():
        return "needs sshd (.ci/run installs openssh-server)"
    return namespace.why_not()


class SftpServer:
    """The service ``sftp``: its two mounted folders, its host key, and the running server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = folder / "keys"
        self.uploads = folder / "uploads"
        self.keys.mkdir(mode=0o700)
        self.uploads.mkdir(mode=0o755)
        (folder / "clients").mkdir()
        self._key(folder / "host")
        for path in (self.keys, folder / "host"):
            os.chown(path, OPERATOR, OPERATOR)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def _key(self, path: Path) -> None:
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
        subprocess.run(command, check=True)

    def add(self, name: str) -> None:
        """A district's public key, as ``umask 077`` leaves it."""
        client = self.folder / "clients" / name
        client.unlink(missing_ok=True)
        Path(f"{client}.pub").unlink(missing_ok=True)
        self._key(client)
        shutil.copy(Path(f"{client}.pub"), self.keys / name)
        (self.keys / name).chmod(0o600)
        os.chown(self.keys / name, OPERATOR, OPERATOR)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """A new container with the same volume."""
        told = compose()["services"]["sftp"]
        assert told["cap_drop"] == ["ALL"]
        capabilities = ",".join(["-all", *(f"+{name.lower()}" for name in told["cap_add"])])
        arguments = [self.folder, IMAGE, capabilities, str(self.port)]
        with (self.folder / "log").open("w") as log:
            command = [*namespace.UNSHARE, "sh", "-c", CONTAINER, "sh", *arguments]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            self._wait()
            yield
        finally:
            self.process.terminate()
            self.process.wait(10)

    def _wait(self) -> None:
        assert self.process
        end = time.monotonic() + 15
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log()
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"sshd does not listen: {self.log()}")

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def run_accounts(self) -> str:
        """``docker compose exec sftp accounts``; what it said."""
        assert self.process
        command = ["nsenter", "--mount", "--target", str(self.process.pid), IMAGE / "accounts"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stderr

    @contextlib.asynccontextmanager
    async def login(self, name: str, account: str = "") -> AsyncIterator[asyncssh.SFTPClient]:
        """SFTP with the key made for ``name``, as ``account``."""
        host = asyncssh.read_public_key(self.folder / "host.pub")
        async with (
            asyncssh.connect(
                "127.0.0.1",
                self.port,
                username=account or name,
                client_keys=[str(self.folder / "clients" / name)],
                known_hosts=([host], [], []),
                config=None,
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):
            yield sftp
