"""Puts a run's report on the district's own SFTP account: ``outbox/<slot>/``.

Nothing on the account is trusted: a link or a file in a folder's place is left alone, and only files of our
names in folders of our names are ever replaced or removed.
"""

from __future__ import annotations

import asyncio
import posixpath
import re
import stat
import uuid
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rostersync.errors import ConfigError, SftpConnectionError
from rostersync.landing.completeness import OUTBOX
from rostersync.landing.sftp import SftpAccount, connect
from rostersync.spec import Domain

if TYPE_CHECKING:
    import asyncssh

MARKERS = ("ACCEPTED", "HELD", "REJECTED")
REPORT_FILES = ("summary.html", "errors.csv")
_FOLDER = re.compile(r"(\d{4}-\d{2}-\d{2})(T\d{4})?(-terms)?")
_TIMEOUT = 50.0
"""Seconds for all of a delivery: the district knows within a minute, and the run does not wait longer."""


def outbox_name(domain: Domain, slot: str) -> str:
    """The folder of a slot: ``2026-09-01``, ``2026-09-06-terms``, ``2026-09-01T1030``."""
    return slot.replace(":", "") + ("-terms" if domain is Domain.TERMS else "")


async def deliver_report(
    account: SftpAccount,
    folder: str,
    report: Mapping[str, Path],
    marker: str,
    text: str,
    *,
    keep_from: date,
) -> list[str]:
    """Replace what lies in ``outbox/<folder>/``; the marker goes first and comes last.

    Args:
        account: the district's, with its upload folder.
        folder: from :func:`outbox_name`.
        report: of :data:`REPORT_FILES`, name -> local file.
        marker: of :data:`MARKERS`; the other two are removed.
        text: what the marker file says.
        keep_from: reports of earlier days are removed.

    Returns the folders that were removed. Raises ConfigError when the account may not write or something
    else has the name, SftpConnectionError (also after 50 seconds), SftpAuthenticationError, SftpHostKeyError.
    """
    import asyncssh

    try:
        async with asyncio.timeout(_TIMEOUT), connect(account) as session:
            client = session.client
            base = posixpath.join(account.folder, OUTBOX)
            try:
                here = posixpath.join(base, folder)
                for path in (base, here):
                    await _own_folder(client, path, account)
                for name in MARKERS:
                    await _remove(client, posixpath.join(here, name))
                for name, file in report.items():
                    await _write(client, posixpath.join(here, name), file.read_bytes())
                await _write(client, posixpath.join(here, marker), f"{text}\n".encode())
                return await _expire(client, base, keep_from)
            except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect) as error:
                raise ConfigError(
                    "The account may not write its outbox",
                    folder=base,
                    next_step="have the server's administrator let the account write there, or set"
                    " outbox: {send: false} in the district's YAML",
                    **account.where(),
                ) from error
    except TimeoutError as error:
        raise SftpConnectionError(
            "The report could not be delivered in time",
            found=f"no end after {_TIMEOUT:g} seconds",
            next_step="the next run of the district writes its own report; see the server",
            **account.where(),
        ) from error


async def _own_folder(client: asyncssh.SFTPClient, path: str, account: SftpAccount) -> None:
    """Make a folder, unless it is there. Links are not followed."""
    import asyncssh

    try:
        found = await client.lstat(path)
    except asyncssh.SFTPNoSuchFile:
        await client.mkdir(path)
        return
    if stat.S_IFMT(found.permissions or 0) != stat.S_IFDIR:
        raise ConfigError(
            "Something else stands in the outbox's place",
            folder=path,
            expected="a folder, or nothing",
            next_step="have it removed from the account",
            **account.where(),
        )


async def _write(client: asyncssh.SFTPClient, path: str, content: bytes) -> None:
    """A file that appears whole. A link of its name is replaced, not written through."""
    folder, name = posixpath.split(path)
    part = posixpath.join(folder, f".{name}.{uuid.uuid4().hex[:8]}.part")
    async with client.open(part, "xb") as file:
        await file.write(content)
    try:
        await client.posix_rename(part, path)
    except Exception:  # a server without the extension
        await _remove(client, path)
        await client.rename(part, path)


async def _remove(client: asyncssh.SFTPClient, path: str) -> None:
    import asyncssh

    try:
        await client.remove(path)
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        return


async def _expire(client: asyncssh.SFTPClient, base: str, keep_from: date) -> list[str]:
    """Remove old reports; a folder with anything else in it stays, without ours."""
    import asyncssh

    gone = []
    for entry in await client.readdir(base):
        name = str(entry.filename)
        is_ours = _FOLDER.fullmatch(name)
        is_folder = stat.S_IFMT(entry.attrs.permissions or 0) == stat.S_IFDIR
        if not is_ours or not is_folder or is_ours[1] >= keep_from.isoformat():
            continue
        for file in (*MARKERS, *REPORT_FILES):
            await _remove(client, posixpath.join(base, name, file))
        try:
            await client.rmdir(posixpath.join(base, name))
        except asyncssh.SFTPError:
            continue
        gone.append(name)
    return gone
