"""The SFTP client: one account, one pinned host key, errors that name connection and next step."""

from __future__ import annotations

import asyncio
import logging
import posixpath
import stat
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from rostersync.errors import (
    ConfigError,
    RosterSyncError,
    SftpAuthenticationError,
    SftpConnectionError,
    SftpHostKeyError,
    UploadChangedError,
)
from rostersync.landing.listing import Listing, RemoteFile, printable_name

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable

    import asyncssh

MOST_NAMES = 2000
"""Names of a folder that are listed; what an upload consists of is found beyond them, too."""
TIMEOUT = 30.0
"""Seconds each for the TCP connection and for the login; a poll as a whole may take twice that."""
_CHUNK = 1024 * 1024
_HOST_KEY_TYPES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFREG: "a file whose size or time the server does not tell",
}


@dataclass(frozen=True, slots=True)
class SftpAccount:
    """How one district's folder is reached.

    ``host_key``: the server's public key as ``ssh-ed25519 AAAA...`` (a bare key counts as RSA);
    required, since a password must never be sent to an unknown server. ``private_key``: text of a
    key in PEM or OpenSSH form. ``conn_id`` names the connection in errors. No secret is in ``repr``.
    """

    host: str
    port: int
    username: str
    host_key: str
    folder: str = "/"
    conn_id: str = ""
    password: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)

    @property
    def server(self) -> str:
        """``host:port``."""
        return f"{self.host}:{self.port}"

    def where(self) -> dict[str, Any]:
        """The account as error data, without secrets."""
        return {"connection": self.conn_id, "server": self.server, "account": self.username}


class SftpSession:
    """An open connection to an account's folder. Made by :func:`connect`."""

    def __init__(self, account: SftpAccount, client: asyncssh.SFTPClient) -> None:
        self.account = account
        self._client = client

    async def list_folder(self, names: Iterable[str] = ()) -> Listing:
        """The folder's content by one reading, of which ``MOST_NAMES`` are listed at most.

        ``names``: those that are looked up one by one where the reading was cut. Raises ConfigError when it
        cannot be read.
        """
        import asyncssh

        files: list[RemoteFile] = []
        others: list[tuple[str, str]] = []
        entries = []
        try:
            async for entry in self._client.scandir(self.account.folder or "."):
                entries.append(entry)
                if len(entries) > MOST_NAMES:
                    break
        except (
            asyncssh.SFTPNoSuchFile,
            asyncssh.SFTPNoSuchPath,
            asyncssh.SFTPNotADirectory,
            asyncssh.SFTPPermissionDenied,
        ) as error:
            raise ConfigError(
                "The upload folder cannot be read",
                folder=self.account.folder,
                found=printable_name(error.reason),
                next_step="correct sftp.folder in the district's YAML, or have the folder made",
                **self.account.where(),
            ) from error
        for entry in entries:
            name = str(entry.filename)
            file = _regular(name, entry.attrs)
            if file is not None:
                files.append(file)
            elif name not in (".", ".."):
                kind = stat.S_IFMT(entry.attrs.permissions or 0)
                others.append((name, _KINDS.get(kind, "not a regular file")))
        is_cut = len(entries) > MOST_NAMES
        if is_cut:
            listed = {file.name for file in files}
            more = [await self.stat(name) for name in names if name not in listed]
            files += [file for file in more if file]
        return Listing(tuple(files), tuple(others), is_cut)

    @property
    def client(self) -> asyncssh.SFTPClient:
        """The library's client, for what only one caller does."""
        return self._client

    async def stat(self, name: str) -> RemoteFile | None:
        """The regular file ``name`` as it is now (links are not followed), or None."""
        import asyncssh

        try:
            return _regular(name, await self._client.lstat(self._path(name)))
        except asyncssh.SFTPNoSuchFile:
            return None

    async def read(self, name: str, size: int) -> AsyncGenerator[bytes, None]:
        """The first ``size`` bytes of a file, in chunks; fewer when the file is shorter.

        Raises UploadChangedError when it is gone, ConfigError when the account may not read it.
        """
        import asyncssh

        try:
            file = await self._client.open(self._path(name), "rb")
        except asyncssh.SFTPNoSuchFile as error:
            raise UploadChangedError(
                "A file vanished from the server before it was fetched",
                file=name,
                next_step="nothing: the next try takes what is there then",
                **self.account.where(),
            ) from error
        except asyncssh.SFTPPermissionDenied as error:
            raise ConfigError(
                "The account may not read an uploaded file",
                file=name,
                next_step="have the server's administrator let this account read the folder",
                **self.account.where(),
            ) from error
        async with file:
            done = 0
            while done < size and (
                chunk := cast("bytes", await file.read(min(_CHUNK, size - done), done))
            ):
                done += len(chunk)
                yield chunk

    async def put(self, name: str, content: bytes, *, mtime: float | None = None) -> None:
        """Upload a file as a district's client does; ``mtime`` in epoch seconds, else server's."""
        async with self._client.open(self._path(name), "wb") as file:
            await file.write(content)
        if mtime is not None:
            await self._client.utime(self._path(name), (mtime, mtime))

    def _path(self, name: str) -> str:
        return posixpath.join(self.account.folder, name)


@asynccontextmanager
async def connect(
    account: SftpAccount, *, seconds: float | None = None
) -> AsyncIterator[SftpSession]:
    """Open one connection; it closes with the block, in which SFTP errors are translated, too.

    ``seconds``: after these the connection is cut, whatever waits for the server's answer. Closing a file or
    a connection waits, too, so a timeout around the block would not end it.
    Raises SftpConnectionError (may pass), SftpAuthenticationError and SftpHostKeyError (will not).
    """
    import asyncssh

    # One INFO line per step and poll would bury a night's log.
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    options = _options(account)
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds if seconds else None
    try:
        async with asyncio.timeout_at(end):
            connection = await asyncssh.connect(account.host, account.port, **options)
    except (OSError, asyncssh.Error) as error:
        raise _translated(account, error) from error
    cut = loop.call_at(end, connection.abort) if end else None
    try:
        async with (
            connection,
            connection.start_sftp_client(path_errors="surrogateescape") as client,
        ):
            yield SftpSession(account, client)
    except (ConnectionError, asyncssh.Error) as error:  # not OSError: the block also writes to disk
        late = TimeoutError() if end and loop.time() >= end else error
        raise _translated(account, late) from error
    finally:
        if cut:
            cut.cancel()


async def list_upload(account: SftpAccount, names: Iterable[str] = ()) -> Listing:
    """One poll: connect, read the folder once, disconnect. Raises as :func:`connect`.

    ``names``: as of :meth:`SftpSession.list_folder`.
    """
    async with connect(account, seconds=2 * TIMEOUT) as session:
        return await session.list_folder(names)


def _regular(name: str, attrs: asyncssh.SFTPAttrs) -> RemoteFile | None:
    if (
        stat.S_IFMT(attrs.permissions or 0) != stat.S_IFREG
        or attrs.size is None
        or attrs.mtime is None
    ):
        return None
    return RemoteFile(name, attrs.size, float(attrs.mtime))


def _options(account: SftpAccount) -> dict[str, Any]:
    """Arguments of ``asyncssh.connect``: nothing of the machine's own SSH set-up takes part."""
    import asyncssh

    try:
        parts = account.host_key.split()
        pinned = asyncssh.import_public_key(
            " ".join(parts[:2]) if len(parts) > 1 else f"ssh-rsa {parts[0]}"
        )
    except (IndexError, asyncssh.KeyImportError) as error:
        raise SftpHostKeyError(
            "No usable host key is pinned for the SFTP server",
            expected='extra {"host_key": "ssh-ed25519 AAAA..."} in the connection',
            found="none" if not account.host_key.strip() else "text that is not a public key",
            next_step="ask the server's administrator for its public host key and put it there",
            **account.where(),
        ) from error
    keys = None
    if account.private_key:
        try:
            keys = [asyncssh.import_private_key(account.private_key, account.passphrase)]
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise SftpAuthenticationError(
                "The connection's private key cannot be read",
                expected="the text of an OpenSSH or PEM private key, and its passphrase if any",
                next_step="put the key into the connection again",
                **account.where(),
            ) from error
    return {
        "username": account.username,
        "password": account.password,
        "client_keys": keys,
        "known_hosts": ([pinned], [], []),
        # The pinned type first; others too, so that a server without it shows a wrong key instead of
        # hanging up, which would look like a broken network.
        "server_host_key_algs": [
            a
            for a in dict.fromkeys([*(s.decode() for s in pinned.sig_algorithms), *_HOST_KEY_TYPES])
            if a != "ssh-rsa"  # an RSA key that signs by SHA-1
        ],
        "signature_algs": "-ssh-rsa",
        "kex_algs": "-*sha1",
        "mac_algs": "-*sha1*",
        "config": None,
        "agent_path": None,
        "connect_timeout": TIMEOUT,
        "login_timeout": TIMEOUT,
        "keepalive_interval": 15,
        # Half again as fast as the default cipher; the others stay for servers without it.
        "encryption_algs": "^aes128-gcm@openssh.com",
    }


def _translated(account: SftpAccount, error: BaseException) -> RosterSyncError:
    """An error of the network or asyncssh as one of ours."""
    import asyncssh

    if isinstance(error, asyncssh.PermissionDenied):
        return SftpAuthenticationError(
            "The SFTP server refused the account",
            found="the server accepts neither the password nor the key of the connection",
            next_step="check login and password or key of the connection with the server's owner",
            **account.where(),
        )
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return ConfigError(
            "The SFTP server and we know no safe algorithm in common",
            expected="SHA-2, as OpenSSH has since 7.2 (2016); SHA-1 is refused",
            found=printable_name(error.reason, 200),
            next_step="have the server's software updated, or its settings corrected",
            **account.where(),
        )
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return SftpHostKeyError(
            "The SFTP server's host key is not the pinned one",
            expected="the key in the connection's extra host_key",
            found="another key: the server was rebuilt, or this is another server",
            next_step="do not send the password; ask the server's owner, then pin the new key",
            **account.where(),
        )
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    if isinstance(error, TimeoutError):
        reason = "no answer in time"
    return SftpConnectionError(
        "The SFTP server cannot be reached, or the connection broke",
        found=f"{type(error).__name__}: {printable_name(str(reason), 200)}",
        next_step="wait for the next try; if it lasts, check server, port and firewall",
        **account.where(),
    )
