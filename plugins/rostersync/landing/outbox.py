"""Puts a run's report on the district's own SFTP account: ``outbox/<slot>/``.

Nothing on the account is trusted: a link or a file in a folder's place is left alone, and only files of our
names in folders of our names are ever replaced or removed.
"""

from __future__ import annotations

import logging
import posixpath
import re
import stat
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rostersync.errors import ConfigError, ReadOnlyAccountError
from rostersync.landing.completeness import OUTBOX
from rostersync.landing.sftp import SftpAccount, connect
from rostersync.spec import Domain

if TYPE_CHECKING:
    import asyncssh

log = logging.getLogger(__name__)

MARKERS = ("ACCEPTED", "HELD", "REJECTED")
REPORT_FILES = ("summary.html", "errors.csv")
_OURS = (*MARKERS, *REPORT_FILES)
_FOLDER = re.compile(r"(\d{4}-\d{2}-\d{2})(T\d{4})?(-terms)?")
_PART = re.compile(rf"\.({'|'.join(map(re.escape, _OURS))})\.[0-9a-f]{{8}}\.part")
SECONDS = 25.0
"""For all of a delivery: it can be tried twice, and the district knows within a minute."""
_BLOCK = 256 * 1024


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
    keep_from: datetime,
) -> list[str]:
    """Replace what lies in ``outbox/<folder>/``; the marker goes first and comes last.

    ``account``: the district's, with its upload folder. ``folder``: from :func:`outbox_name`. ``report``: of
    :data:`REPORT_FILES`, name -> local file. ``marker``: of :data:`MARKERS`; the other two are removed.
    ``text``: what the marker file says. ``keep_from``: what was last written before is removed (aware).

    Returns the folders that were removed; what cannot be removed is logged. Raises ReadOnlyAccountError,
    ConfigError when something else has the name or the account is full, SftpConnectionError (also after
    :data:`SECONDS`), SftpAuthenticationError, SftpHostKeyError.
    """
    import asyncssh

    base = posixpath.join(account.folder, OUTBOX)
    here = posixpath.join(base, folder)
    async with connect(account, seconds=SECONDS) as session:
        client = session.client
        try:
            for path in (base, here):
                await _own_folder(client, path, account)
            await _replace_all(client, here, report, marker, text)
        except asyncssh.SFTPFailure as error:
            raise ConfigError(
                "The server refuses the report",
                folder=here,
                found=type(error).__name__,
                next_step="see whether the account is full, or a folder stands in a report's place",
                **account.where(),
            ) from error
        except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect) as error:
            raise ReadOnlyAccountError(
                "The account may not write its outbox",
                folder=base,
                next_step="have the server's administrator let the account write there, or set"
                " outbox: {send: false} in the district's YAML",
                **account.where(),
            ) from error
        try:
            return await _expire(client, base, folder, keep_from)
        except asyncssh.SFTPError as error:  # the report is there: no reason to fail
            log.warning("Old reports could not be removed: %s", type(error).__name__)
            return []


async def _replace_all(
    client: asyncssh.SFTPClient, here: str, report: Mapping[str, Path], marker: str, text: str
) -> None:
    """Upload beside what is there, then put in its place: the marker goes first and comes last."""
    there = [str(entry.filename) for entry in await client.readdir(here)]
    for name in filter(_PART.fullmatch, there):
        await _remove(client, posixpath.join(here, name))
    parts = {
        name: await _upload(client, here, name, _blocks(file)) for name, file in report.items()
    }
    for name in MARKERS:
        await _remove(client, posixpath.join(here, name))
    for name, part in parts.items():
        await _replace(client, part, posixpath.join(here, name))
    part = await _upload(client, here, marker, [f"{text}\n".encode()])
    await _replace(client, part, posixpath.join(here, marker))


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


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while block := source.read(_BLOCK):
            yield block


async def _upload(
    client: asyncssh.SFTPClient, folder: str, name: str, content: Iterable[bytes]
) -> str:
    """A file beside the one it is to replace; its path."""
    part = posixpath.join(folder, f".{name}.{uuid.uuid4().hex[:8]}.part")
    async with client.open(part, "xb") as file:
        for block in content:
            await file.write(block)
    return part


async def _replace(client: asyncssh.SFTPClient, part: str, path: str) -> None:
    """The file appears whole. A link of its name is replaced, not written through."""
    import asyncssh

    try:
        await client.posix_rename(part, path)
    except (asyncssh.SFTPOpUnsupported, asyncssh.SFTPFailure):
        await _remove(client, path)
        await client.rename(part, path)


async def _remove(client: asyncssh.SFTPClient, path: str) -> None:
    import asyncssh

    try:
        await client.remove(path)
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        return


async def _expire(
    client: asyncssh.SFTPClient, base: str, newest: str, keep_from: datetime
) -> list[str]:
    """Remove old reports; a folder with anything else in it stays, without ours."""
    import asyncssh

    gone = []
    for entry in await client.readdir(base):
        name = str(entry.filename)
        is_ours = _FOLDER.fullmatch(name)
        is_folder = stat.S_IFMT(entry.attrs.permissions or 0) == stat.S_IFDIR
        written = entry.attrs.mtime
        # some servers tell no time, or 0
        if not is_ours or not is_folder or name == newest or not written:
            continue
        if written >= keep_from.timestamp():
            continue
        for one in await client.readdir(posixpath.join(base, name)):
            file = str(one.filename)
            if file in _OURS or _PART.fullmatch(file):
                await _remove(client, posixpath.join(base, name, file))
        try:
            await client.rmdir(posixpath.join(base, name))
        except asyncssh.SFTPError:
            continue
        gone.append(name)
    return gone
