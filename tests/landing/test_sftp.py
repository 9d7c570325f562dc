"""The client against real servers: what is listed, and what each failure is called."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from dataclasses import replace

import pytest

from rostersync.errors import (
    ConfigError,
    RosterSyncError,
    SftpAuthenticationError,
    SftpConnectionError,
    SftpHostKeyError,
    TerminalError,
    TransientError,
)
from rostersync.landing import connect, list_upload, sftp

pytestmark = pytest.mark.sftp


def look(account):
    return asyncio.run(list_upload(account))


def failure(account) -> RosterSyncError:
    with pytest.raises(RosterSyncError) as caught:
        look(account)
    message = str(caught.value)
    assert "sftp_springfield" in message
    assert f"{account.host}:{account.port}" in message
    assert caught.value.next_step
    assert "pw-one" not in message + repr(caught.value.attrs()) + repr(account)
    return caught.value


def test_lists_regular_files_only(any_drop):
    any_drop.put("students.csv", b"123", age=100)
    any_drop.put("..csv")
    any_drop.put("odd\nname.csv")
    (any_drop.path / "archive").mkdir()
    (any_drop.path / "parents.csv").symlink_to("/etc/passwd")
    (any_drop.path / "staff.csv").symlink_to("students.csv")
    os.mkfifo(any_drop.path / "rosters.csv")

    seen = look(any_drop.account)

    students = seen.file("students.csv")
    assert students is not None
    assert students.size == 3
    assert students.mtime == pytest.approx(time.time() - 100, abs=3)
    assert {f.name for f in seen.files} == {"students.csv", "..csv", "odd\nname.csv"}
    assert dict(seen.others) == {
        "archive": "a folder",
        "parents.csv": "a symbolic link",
        "staff.csv": "a symbolic link",
        "rosters.csv": "not a regular file",
    }


def test_times_do_not_depend_on_the_time_zone(drop, monkeypatch):
    drop.put("students.csv", age=100)
    expected = (drop.path / "students.csv").stat().st_mtime
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    try:
        assert look(drop.account).file("students.csv").mtime == expected
    finally:
        monkeypatch.undo()
        time.tzset()


def test_wrong_password(drop):
    error = failure(replace(drop.account, password="nonsense"))
    assert isinstance(error, SftpAuthenticationError)
    assert isinstance(error, TerminalError)
    assert "nonsense" not in str(error)


def test_unknown_account_and_empty_password(drop):
    for account in (
        replace(drop.account, username="nobody"),
        replace(drop.account, username="nobody", password=""),
        replace(drop.account, password=None),
    ):
        assert isinstance(failure(account), SftpAuthenticationError)


def test_wrong_key_on_openssh(openssh_drop, drop, tmp_path):
    from rostersync.embedded.sftp_server import host_key

    stranger = host_key(tmp_path / "stranger").export_private_key().decode()
    error = failure(replace(openssh_drop.account, private_key=stranger))
    assert isinstance(error, SftpAuthenticationError)


def test_unreadable_private_key(drop):
    error = failure(replace(drop.account, private_key="-----BEGIN NONSENSE-----"))
    assert isinstance(error, SftpAuthenticationError)
    assert "private key" in str(error)


def test_changed_host_key(with_other_key):
    assert isinstance(failure(with_other_key), SftpHostKeyError)


def test_changed_host_key_on_openssh(openssh_drop, with_other_key):
    account = replace(openssh_drop.account, host_key=with_other_key.host_key)
    assert isinstance(failure(account), SftpHostKeyError)


def test_pinned_key_of_a_type_the_server_lacks(drop):
    import asyncssh

    other = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode()
    assert isinstance(failure(replace(drop.account, host_key=other)), SftpHostKeyError)


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 nonsense", "nonsense"])
def test_no_usable_pinned_key(drop, text):
    assert isinstance(failure(replace(drop.account, host_key=text)), SftpHostKeyError)


def test_refused_connection(drop):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        error = failure(replace(drop.account, port=s.getsockname()[1]))
    assert isinstance(error, SftpConnectionError)
    assert isinstance(error, TransientError)


def test_unknown_host(drop):
    error = failure(replace(drop.account, host="no-such-host.invalid"))
    assert isinstance(error, SftpConnectionError)


def test_a_server_that_never_answers(drop, monkeypatch):
    monkeypatch.setattr(sftp, "TIMEOUT", 0.2)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        started = time.monotonic()
        error = failure(replace(drop.account, port=s.getsockname()[1]))
    assert isinstance(error, SftpConnectionError)
    assert time.monotonic() - started < 5


def test_a_server_that_is_no_ssh_server(drop):
    async def scenario() -> None:
        async def greet(_, writer):
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        web = await asyncio.start_server(greet, "127.0.0.1", 0)
        account = replace(drop.account, port=web.sockets[0].getsockname()[1])
        async with web:
            await list_upload(account)

    with pytest.raises(SftpConnectionError):
        asyncio.run(scenario())


def test_missing_folder(any_drop):
    account = replace(any_drop.account, folder="/no/such/folder")
    error = failure(account)
    assert isinstance(error, ConfigError)
    assert "/no/such/folder" in str(error)


def test_our_own_errors_pass_through_the_connection(drop):
    async def scenario() -> None:
        async with connect(drop.account):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        asyncio.run(scenario())


SHA_1 = {
    "kex": {"kex_algs": ["diffie-hellman-group14-sha1"]},
    "mac": {"mac_algs": ["hmac-sha1"], "encryption_algs": ["aes128-ctr"]},
}


@pytest.mark.parametrize("offers", SHA_1.values(), ids=list(SHA_1))
def test_a_server_that_knows_only_sha_1_is_refused_and_said(drop, offers):
    import asyncssh

    async def scenario() -> None:
        keys = [asyncssh.generate_private_key("ssh-ed25519")]
        server = await asyncssh.listen("127.0.0.1", 0, server_host_keys=keys, **offers)
        async with server:
            pinned = keys[0].export_public_key().decode()
            await list_upload(replace(drop.account, port=server.get_port(), host_key=pinned))

    with pytest.raises(ConfigError) as failed:
        asyncio.run(scenario())
    assert "SHA-1" in failed.value.message()


def test_a_pinned_rsa_key_is_not_believed_by_sha_1(drop):
    import asyncssh

    key = asyncssh.generate_private_key("ssh-rsa").export_public_key().decode()
    offered = sftp._options(replace(drop.account, host_key=key))["server_host_key_algs"]
    assert offered[0] in ("rsa-sha2-256", "rsa-sha2-512")
    assert "ssh-rsa" not in offered


def test_the_preferred_cipher_is_used(drop):
    async def cipher() -> str:
        import asyncssh

        options = sftp._options(drop.account)
        async with asyncssh.connect(drop.account.host, drop.account.port, **options) as connection:
            return str(connection.get_extra_info("send_cipher"))

    assert asyncio.run(cipher()) == "aes128-gcm@openssh.com"


def test_a_crowded_folder_is_cut_and_the_upload_found(
    drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp, "MOST_NAMES", 150)
    for n in range(400):
        drop.put(f"scan{n:04}.pdf")
    drop.fill()
    names = [p.name for p in drop.path.iterdir() if p.suffix == ".csv"]
    found = asyncio.run(list_upload(drop.account, [*names, "groups.csv"]))
    assert found.is_cut
    assert all(found.file(name) for name in names)
    assert found.file("groups.csv") is None
    assert len(found.files) < 300
