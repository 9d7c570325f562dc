"""Real SFTP servers: ours in this process, and OpenSSH's where it is installed."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from rostersync.archive import Archive, Layout
from rostersync.config import DistrictConfig, load_district
from rostersync.embedded.sftp_server import SftpServer, public_host_key
from rostersync.landing import SftpAccount, UploadedFile, expected_files, list_upload
from rostersync.spec import Domain

REQUIRED = ("schools", "students", "parents", "staff", "sections", "rosters")


@pytest.fixture
def cfg(tmp_path: Path) -> DistrictConfig:
    path = tmp_path / "springfield.yaml"
    path.write_text(
        """
id: springfield
name: Springfield
timezone: America/Chicago
sftp: {conn_id: sftp_springfield, folder: /}
core: {quiet: 5m}
files: {schools: {name: school.csv}}
"""
    )
    return load_district(path)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def layout() -> Layout:
    return Layout("springfield", Domain.CORE, "2026-09-01")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    accounts = {"springfield": "pw-one", "shelbyville": "pw-two"}
    with SftpServer(tmp_path / "sftp", accounts) as running:
        yield running


@dataclass
class Drop:
    """An account and the local folder behind it."""

    account: SftpAccount
    path: Path

    def put(self, name: str, content: bytes = b"a,b\n1,2\n", age: float = 3600.0) -> None:
        (self.path / name).write_bytes(content)
        self.set_age(name, age)

    def set_age(self, name: str, age: float) -> None:
        then = int(time.time() - age)
        os.utime(self.path / name, (then, then))

    def fill(self, size: int = 0) -> None:
        """A complete core upload; ``size`` > 0 makes each file that long."""
        for name in REQUIRED:
            content = f"{name}\n".encode()
            self.put(
                "school.csv" if name == "schools" else f"{name}.csv",
                (content * (size // len(content) + 1))[:size] if size else content,
            )


@pytest.fixture
def drop(server: SftpServer) -> Drop:
    return Drop(server.account("springfield"), server.root / "springfield")


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _sshd_binary() -> str | None:
    found = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return found if found and shutil.which("ssh-keygen") else None


@pytest.fixture
def openssh_drop(tmp_path: Path) -> Iterator[Drop]:
    """The same, served by OpenSSH's sshd under its own config, with a throw-away key."""
    with openssh(tmp_path) as drop:
        yield drop


@pytest.fixture
def read_only_drop(tmp_path: Path) -> Iterator[Drop]:
    """An account of OpenSSH's that may only read."""
    with openssh(tmp_path, "-R") as drop:
        yield drop


@contextmanager
def openssh(tmp_path: Path, options: str = "") -> Iterator[Drop]:
    """sshd with one account. ``options``: of internal-sftp."""
    binary = _sshd_binary()
    if binary is None:
        pytest.skip("no sshd on this machine")
    home = tmp_path / "sshd"
    upload = home / "upload"
    upload.mkdir(parents=True, mode=0o755)
    for name in ("host", "client"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", home / name], check=True
        )
    shutil.copy(home / "client.pub", home / "authorized_keys")
    port = _free_port()
    (home / "config").write_text(
        f"""
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host
PidFile {home}/pid
AuthorizedKeysFile {home}/authorized_keys
AuthenticationMethods publickey
StrictModes no
UsePAM yes
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {upload} {options}
"""
    )
    # sshd refuses to start as root without its own folder, which nothing else makes before its first start
    own = Path("/run/sshd")
    made = os.geteuid() == 0 and not own.exists()
    if made:
        own.mkdir(mode=0o755)
    with (home / "log").open("w") as log:
        process = subprocess.Popen([binary, "-D", "-e", "-f", home / "config"], stderr=log)
    try:
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, (home / "log").read_text()
            time.sleep(0.05)
        yield Drop(
            SftpAccount(
                host="127.0.0.1",
                port=port,
                username=_login(),
                private_key=(home / "client").read_text(),
                host_key=(home / "host.pub").read_text(),
                folder=str(upload),
                conn_id="sftp_springfield",
            ),
            upload,
        )
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        if made:
            own.rmdir()


def _login() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture(params=["asyncssh", "openssh"])
def any_drop(request: pytest.FixtureRequest) -> Drop:
    """A drop on each kind of server."""
    found: Drop = request.getfixturevalue("drop" if request.param == "asyncssh" else "openssh_drop")
    return found


@pytest.fixture
def with_other_key(drop: Drop, tmp_path: Path) -> SftpAccount:
    """The account, pinned to a key that the server does not have."""
    return replace(drop.account, host_key=public_host_key(tmp_path / "other"))


@pytest.fixture
def seen(cfg):
    """What a sensor reports of a drop now."""

    def look(drop) -> list[UploadedFile]:
        listing = asyncio.run(list_upload(drop.account))
        found = [(n, listing.file(u)) for n, u in expected_files(cfg, "core").items()]
        return [UploadedFile(n, f.name, f.size, f.mtime) for n, f in found if f]

    return look
