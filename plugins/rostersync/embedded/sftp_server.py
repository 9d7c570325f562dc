"""An SFTP server with one closed-off folder per district: for demo and tests, not for production.

As a process: ``python -m rostersync.embedded.sftp_server --root DIR --accounts FILE.json --port N``.
It prints ``sftp HOST PORT HOST-KEY`` when it listens and stops on SIGTERM or SIGINT. ``FILE.json``
maps account names to passwords. In a test: ``with SftpServer(root, {"springfield": "..."}) as server: ...``.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import json
import os
import posixpath
import re
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import asyncssh  # noqa: TID253  # the whole module is an asyncssh server

from rostersync.errors import ConfigError
from rostersync.landing import SftpAccount, connect

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

_LOOPBACK = "127.0.0.1"
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


def host_key(folder: Path) -> asyncssh.SSHKey:
    """The server's key, made once in ``folder`` and readable by its owner only."""
    path = folder / "ssh_host_ed25519_key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = asyncssh.generate_private_key("ssh-ed25519")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.export_private_key())
    return asyncssh.read_private_key(str(path))


def public_host_key(folder: Path) -> str:
    """What a connection pins: ``ssh-ed25519 AAAA...``; makes the key if there is none."""
    return " ".join(host_key(folder).export_public_key().decode().split()[:2])


class _Folder(asyncssh.SFTPServer):
    """One account's folder; nothing outside it can be reached, named or linked to."""

    def __init__(self, chan: asyncssh.SSHServerChannel[bytes], root: Path) -> None:
        home = root / chan.get_extra_info("username")
        super().__init__(chan, chroot=os.fsencode(home))

    def map_path(self, path: bytes) -> bytes:
        # asyncssh confines the text of a path, but follows links that lie in the folder.
        mapped = super().map_path(path)
        self._confine(os.path.realpath(mapped))
        return mapped

    def lstat(self, path: bytes) -> os.stat_result:
        # Of the link itself, so that a folder with a link in it can still be listed.
        mapped = super().map_path(path)
        self._confine(os.path.realpath(posixpath.dirname(mapped)))
        return os.lstat(mapped)

    def _confine(self, real: bytes) -> None:
        root = self._chroot or b""
        if real != root and not real.startswith(root + b"/"):
            raise asyncssh.SFTPNoSuchFile("No such file")

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("Links are not allowed")

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPPermissionDenied("Links are not allowed")

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        return super().open(path, pflags, asyncssh.SFTPAttrs(permissions=0o600))

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> Any:
        return super().mkdir(path, asyncssh.SFTPAttrs(permissions=0o700))

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> Any:
        return super().setstat(path, _times_and_size(attrs))

    def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> Any:
        return super().lsetstat(path, _times_and_size(attrs))

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> Any:
        return super().fsetstat(file_obj, _times_and_size(attrs))


def _times_and_size(attrs: asyncssh.SFTPAttrs) -> asyncssh.SFTPAttrs:
    """Owners and modes are the server's business."""
    return asyncssh.SFTPAttrs(size=attrs.size, atime=attrs.atime, mtime=attrs.mtime)


class _Login(asyncssh.SSHServer):
    """Password logins of the known accounts; asyncssh refuses shells and forwarding by default."""

    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self._connection)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        expected = self._server.accounts.get(username, "")
        return hmac.compare_digest(expected.encode(), password.encode()) and bool(expected)


class SftpServer:
    """The server in a thread of its own, for the length of a ``with`` block.

    ``root``: folder that holds one folder per account; made when missing. ``accounts``: account name ->
    password. ``keys``: folder of the host key; default ``<root>/.keys``, out of every account's reach.
    ``host``: address to listen on. ``port``: 0 takes a free one; see :attr:`port` once it runs.
    """

    def __init__(
        self,
        root: Path,
        accounts: Mapping[str, str],
        *,
        keys: Path | None = None,
        host: str = _LOOPBACK,
        port: int = 0,
    ) -> None:
        wrong = [name for name in accounts if not _NAME.fullmatch(name)]
        if wrong:
            raise ConfigError(
                "An SFTP account name cannot be a folder's name",
                found=", ".join(map(repr, wrong)),
                expected="lower-case letters, digits, underscore, dot and hyphen",
            )
        self.root = Path(root)
        self.accounts = dict(accounts)
        self.keys = keys or self.root / ".keys"
        self.host = host
        self.port = port
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self._loop = asyncio.new_event_loop()
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._thread: threading.Thread | None = None

    async def start(self) -> None:
        """Listen, in the running loop."""
        for name in self.accounts:
            (self.root / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        self._acceptor = await asyncssh.listen(
            self.host,
            self.port,
            server_factory=lambda: _Login(self),
            server_host_keys=[host_key(self.keys)],
            sftp_factory=lambda chan: _Folder(chan, self.root),
        )
        self.port = self._acceptor.get_port()

    async def stop(self, *, abort: bool = False) -> None:
        """Stop listening, end the connections; ``abort`` drops them without a word, as a crash."""
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None
        open_ones = list(self.connections)
        for connection in open_ones:
            connection.abort() if abort else connection.close()
        if not abort:
            await asyncio.gather(*(c.wait_closed() for c in open_ones))

    @property
    def host_key(self) -> str:
        """The public host key to pin."""
        return public_host_key(self.keys)

    def account(self, name: str, *, conn_id: str | None = None, folder: str = "/") -> SftpAccount:
        """How to reach an account of this server."""
        return SftpAccount(
            host=self.host,
            port=self.port,
            username=name,
            password=self.accounts[name],
            host_key=self.host_key,
            folder=folder,
            conn_id=conn_id or f"sftp_{name}",
        )

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self.start()).result(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self.stop()).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(30)
        self._loop.close()

    def _do(self, coroutine: Any) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)


def upload_as_district(
    account: SftpAccount, files: Mapping[str, Path | bytes], *, mtime: float | None = None
) -> None:
    """Upload as a district's client does: one connection, one put after the other.

    ``account``: the district's. ``files``: name on the server -> local file, or its content. ``mtime``: epoch
    seconds set after each put, as clients do that keep the file's time; else the server's clock decides.
    """

    async def upload() -> None:
        async with connect(account) as session:
            for name, source in files.items():
                content = source if isinstance(source, bytes) else source.read_bytes()
                await session.put(name, content, mtime=mtime)

    asyncio.run(upload())


async def _serve(server: SftpServer) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await server.start()
    print(f"sftp {server.host} {server.port} {server.host_key}", flush=True)
    await stopped.wait()
    await server.stop()


def main(arguments: list[str] | None = None) -> None:
    """The command line of the process form."""
    parser = argparse.ArgumentParser(description="SFTP server of the demo")
    parser.add_argument("--root", type=Path, required=True, help="holds one folder per account")
    parser.add_argument("--accounts", type=Path, required=True, help="JSON: account -> password")
    parser.add_argument("--keys", type=Path, help="folder of the host key (default: ROOT/.keys)")
    parser.add_argument("--host", default=_LOOPBACK)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args(arguments)
    accounts = json.loads(given.accounts.read_text())
    asyncio.run(
        _serve(SftpServer(given.root, accounts, keys=given.keys, host=given.host, port=given.port))
    )


if __name__ == "__main__":
    main()
