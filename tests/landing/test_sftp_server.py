"""The demo's server: districts are closed off from each other and from the machine."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import stat
import subprocess
import sys
from dataclasses import replace

import asyncssh
import pytest

from rostersync.embedded.sftp_server import SftpServer, public_host_key, upload_as_district
from rostersync.errors import ConfigError
from rostersync.landing import SftpAccount, connect, list_upload

pytestmark = pytest.mark.sftp


def with_client(account, action):
    """Run ``action(raw asyncssh client)`` as that account."""

    async def run():
        async with connect(account) as session:
            return await action(session._client)

    return asyncio.run(run())


def test_uploads_with_and_without_a_time(drop):
    upload_as_district(drop.account, {"students.csv": b"one\n"}, mtime=1_700_000_000)
    local = drop.path / "local.csv"
    local.write_bytes(b"two\n")
    upload_as_district(drop.account, {"parents.csv": local})
    assert (drop.path / "students.csv").read_bytes() == b"one\n"
    assert (drop.path / "students.csv").stat().st_mtime == 1_700_000_000
    assert (drop.path / "parents.csv").read_bytes() == b"two\n"


ESCAPES = [
    "../shelbyville/secret.csv",
    "../../shelbyville/secret.csv",
    "/../shelbyville/secret.csv",
    "a/../../shelbyville/secret.csv",
    "/shelbyville/secret.csv",
    "{root}/shelbyville/secret.csv",
    "/etc/hostname",
    "link/secret.csv",
    "file_link",
    "../.keys/ssh_host_ed25519_key",
]


@pytest.mark.parametrize("path", ESCAPES)
def test_nothing_outside_the_folder_can_be_read_written_or_removed(server, drop, path):
    secret = server.root / "shelbyville" / "secret.csv"
    secret.write_text("theirs")
    (drop.path / "link").symlink_to(server.root / "shelbyville")
    (drop.path / "file_link").symlink_to(secret)
    target = path.format(root=server.root)

    async def attempt(client):
        done = []
        for mode in ("rb", "wb", "ab", "r+b"):
            try:
                async with client.open(target, mode) as f:
                    done.append(await f.read() if mode == "rb" else await f.write(b"mine"))
            except asyncssh.SFTPError:
                continue
        for act in (
            client.stat(target),
            client.listdir(target),
            client.truncate(target, 0),
            client.remove(target) if path != "file_link" else client.readlink(target),
        ):
            try:
                done.append(await act)
            except asyncssh.SFTPError:
                continue
        return done

    done = with_client(drop.account, attempt)
    assert b"theirs" not in done
    assert secret.read_text() == "theirs"
    assert oct((server.root / ".keys/ssh_host_ed25519_key").stat().st_mode)[-3:] == "600"


def test_no_links_modes_or_owners(server, drop):
    secret = server.root / "shelbyville" / "secret.csv"
    secret.write_text("theirs")
    drop.put("mine.csv")
    before = (drop.path / "mine.csv").stat()

    async def attempt(client):
        for act in (
            client.symlink("/etc/passwd", "evil"),
            client.symlink("../shelbyville/secret.csv", "evil"),
            client.link("../shelbyville/secret.csv", "evil"),
            client.rename("../shelbyville/secret.csv", "stolen"),
            client.posix_rename("mine.csv", "../shelbyville/planted.csv"),
        ):
            with pytest.raises(asyncssh.SFTPError):
                await act
        await client.chmod("mine.csv", 0o7777)
        await client.chown("mine.csv", 0, 0)

    with_client(drop.account, attempt)
    after = (drop.path / "mine.csv").stat()
    assert (after.st_mode, after.st_uid) == (before.st_mode, before.st_uid)
    assert not (drop.path / "evil").is_symlink()
    assert secret.exists()
    assert not (server.root / "shelbyville" / "planted.csv").exists()


def test_a_link_in_the_folder_does_not_break_listing(drop):
    drop.put("students.csv")
    (drop.path / "out").symlink_to("/etc")
    seen = asyncio.run(list_upload(drop.account))
    assert [f.name for f in seen.files] == ["students.csv"]
    assert seen.others == (("out", "a symbolic link"),)


def test_accounts_see_only_their_own(server, drop):
    drop.put("students.csv")
    other = server.account("shelbyville")
    assert asyncio.run(list_upload(other)).files == ()
    with pytest.raises(Exception, match="refused the account"):
        asyncio.run(list_upload(replace(other, password=drop.account.password)))


def test_no_shell_and_no_forwarding(drop):
    async def attempt():
        from rostersync.landing import sftp

        options = sftp._options(drop.account)
        async with asyncssh.connect("127.0.0.1", drop.account.port, **options) as connection:
            with pytest.raises((asyncssh.ChannelOpenError, asyncssh.ProcessError)):
                await connection.run("id", check=True)
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_connection("127.0.0.1", 22)

    asyncio.run(attempt())


def test_the_host_key_is_made_once_and_private(tmp_path):
    first = public_host_key(tmp_path / "keys")
    assert first.startswith("ssh-ed25519 AAAA")
    assert public_host_key(tmp_path / "keys") == first
    (key,) = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["../x", ".keys", "a/b", "", "A B"])
def test_an_account_name_must_be_a_folder_name(tmp_path, name):
    with pytest.raises(ConfigError):
        SftpServer(tmp_path, {name: "pw"})


def test_an_account_without_a_password_cannot_log_in(tmp_path):
    with (
        SftpServer(tmp_path, {"springfield": ""}) as server,
        pytest.raises(Exception, match="refused the account"),
    ):
        asyncio.run(list_upload(server.account("springfield")))


def test_as_a_process(tmp_path):
    accounts = tmp_path / "accounts.json"
    accounts.write_text(json.dumps({"springfield": "pw-one"}))
    command = [sys.executable, "-m", "rostersync.embedded.sftp_server"]
    command += ["--root", tmp_path / "root", "--accounts", accounts, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            host, port, key = re.fullmatch(r"sftp (\S+) (\d+) (ssh-ed25519 \S+)\n", line).groups()
            account = SftpAccount(host, int(port), "springfield", key, password="pw-one")
            upload_as_district(account, {"students.csv": b"x"})
            assert (tmp_path / "root" / "springfield" / "students.csv").read_bytes() == b"x"
        finally:
            process.send_signal(signal.SIGTERM)
    assert process.returncode == 0
