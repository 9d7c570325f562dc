"""The districts' SFTP server, as its container starts it, under real sshd."""

from __future__ import annotations

import asyncio
import contextlib
import pwd
import re
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.production.sftp_server import SftpServer, why_not
from tests.support.waiting import until

MISSING = why_not()
pytestmark = [
    pytest.mark.sftp,
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=str(MISSING)),
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    before = {user.pw_name for user in pwd.getpwall()}
    server = SftpServer(tmp_path)
    yield server
    print(server.log())  # shown with a failure
    assert {user.pw_name for user in pwd.getpwall()} == before, "an account got out"


def uid(server: SftpServer, name: str) -> int:
    return (server.uploads / name / "upload").stat().st_uid


async def put(sftp: asyncssh.SFTPClient, path: str, content: str) -> None:
    async with sftp.open(path, "w") as file:
        await file.write(content)


def test_a_district_uploads_makes_its_outbox_and_sees_nobody_else(server: SftpServer) -> None:
    server.add("aspen")
    server.add("birch")

    async def visit() -> None:
        async with server.login("birch") as other:
            await put(other, "/upload/theirs.csv", "x")
        async with server.login("aspen") as sftp:
            assert await sftp.getcwd() == "/upload"
            await put(sftp, "students.csv", "id\n1\n")
            await sftp.mkdir("outbox")
            await put(sftp, "outbox/ACCEPTED", "loaded\n")
            assert set(await sftp.listdir("/")) - {".", ".."} == {"dev", "upload"}
            assert set(await sftp.listdir("/dev")) - {".", ".."} == {"log"}
            assert not await sftp.exists("/upload/../../birch/upload/theirs.csv")
            assert not await sftp.exists(f"{server.uploads}")
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await sftp.mkdir("/elsewhere")

    with server.running():
        asyncio.run(visit())
    assert (server.uploads / "aspen/upload/students.csv").read_text() == "id\n1\n"
    assert uid(server, "aspen") != uid(server, "birch")


def test_who_did_what_with_which_file_is_logged_and_no_childs_name(server: SftpServer) -> None:
    server.add("aspen")
    hers = 'IEP Jane "Doe" new "x".pdf'

    async def visit() -> None:
        async with server.login("aspen") as sftp:
            await put(sftp, "students.csv", "id\n1\n")
            await put(sftp, hers, "private")
            await sftp.rename(hers, "Jane Doe.txt")
            await sftp.rename("students.csv", "parents.csv")
            await sftp.remove("Jane Doe.txt")
            await sftp.mkdir("Doe, Jane")
            with contextlib.suppress(asyncssh.SFTPError):
                await sftp.remove("No Such Doe")

    def logged() -> list[str]:
        lines = re.findall(r"^file: aspen 127\.0\.0\.1 (.*)$", server.log(), re.M)
        return [line for line in lines if not line.startswith("close /")]

    with server.running():
        asyncio.run(visit())
        assert until(lambda: len(logged()) >= 7, 10), server.log()
    assert "Doe" not in server.log()
    assert logged()[:2] == [
        "close students.csv bytes read 0 written 5",
        "close other file bytes read 0 written 7",
    ]
    assert any("students.csv to parents.csv" in line for line in logged())
    assert any(line.startswith("remove name other file") for line in logged())
    assert "mkdir name other file" in "\n".join(logged())


@pytest.mark.parametrize(("key", "account"), [("aspen", "birch"), ("aspen", "root")])
def test_a_key_opens_only_its_own_account(server: SftpServer, key: str, account: str) -> None:
    server.add("aspen")
    server.add("birch")

    async def visit() -> None:
        async with server.login(key, account):
            pass

    with server.running(), pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(visit())


def test_a_new_district_moves_nobody_and_gets_nobodys_uid(server: SftpServer) -> None:
    server.add("birch")
    server.add("cedar")
    with server.running():
        first = {name: uid(server, name) for name in ("birch", "cedar")}
    server.add("aspen")
    (server.keys / "cedar").unlink()
    with server.running():
        assert uid(server, "birch") == first["birch"]
        assert uid(server, "aspen") not in first.values()
    server.add("cedar")
    with server.running():
        assert uid(server, "cedar") == first["cedar"]

        async def visit() -> None:
            for name in ("aspen", "birch", "cedar"):
                async with server.login(name) as sftp:
                    await put(sftp, "students.csv", name)

        asyncio.run(visit())


def test_accounts_and_keys_change_while_it_runs(server: SftpServer) -> None:
    server.add("birch")
    server.add("cedar")

    async def visit(name: str) -> None:
        async with server.login(name):
            pass

    with server.running():
        server.add("aspen")
        server.add("birch")
        (server.keys / "cedar").unlink()
        assert server.run_accounts() == ""
        asyncio.run(visit("aspen"))
        asyncio.run(visit("birch"))
        with pytest.raises(asyncssh.PermissionDenied):
            asyncio.run(visit("cedar"))


@pytest.mark.parametrize(
    "name", ["root", "mail", "staff", "users", "birch~", "Birch", "1birch", "b" * 32, "no.dots"]
)
def test_a_name_that_cannot_be_is_left_out_and_said(server: SftpServer, name: str) -> None:
    server.add("aspen")
    server.add(name)

    async def visit() -> None:
        async with server.login("aspen"):
            pass

    with server.running():
        asyncio.run(visit())
    assert f"left out: {name}" in server.log()
    assert not (server.uploads / name).exists()


def test_an_account_over_its_quota_may_not_write_and_another_may(
    server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNT_MB", "1")
    monkeypatch.setenv("QUOTA_SECONDS", "0.2")
    server.add("aspen")
    server.add("birch")
    (said_over, said_under) = ("it may not write", "aspen may write again")

    async def fill() -> None:
        """One session goes on and on, as a broken export does."""
        async with server.login("aspen") as sftp, sftp.open("students.csv", "w") as file:
            for _ in range(400):
                await file.write("x" * 20_000)
                await asyncio.sleep(0.05)

    async def over() -> None:
        async with server.login("aspen") as sftp:
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await put(sftp, "parents.csv", "id\n1\n")
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await sftp.mkdir("outbox")
        async with server.login("birch") as sftp:
            await put(sftp, "students.csv", "id\n1\n")
        async with server.login("aspen") as sftp:
            async with sftp.open("students.csv") as file:
                assert await file.read(3) == "xxx"
            await sftp.remove("students.csv")

    async def under() -> None:
        async with server.login("aspen") as sftp:
            await put(sftp, "students.csv", "id\n1\n")

    with server.running():
        with pytest.raises((asyncssh.Error, OSError)):
            asyncio.run(fill())
        assert until(lambda: said_over in server.log(), 10)
        held = (server.uploads / "aspen/upload/students.csv").stat().st_size
        assert held < 4_000_000, "of the eight million that were sent"
        asyncio.run(over())
        assert until(lambda: said_under in server.log(), 10)
        asyncio.run(under())
        assert "birch holds" not in server.log()
    assert (server.uploads / "birch/upload/students.csv").read_text() == "id\n1\n"


def test_names_without_bytes_count_too_and_a_new_container_knows(
    server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNT_FILES", "20")
    server.add("aspen")

    async def make(number: int) -> None:
        async with server.login("aspen") as sftp:
            for one in range(number):
                await put(sftp, f"{one}.csv", "")

    async def write() -> None:
        async with server.login("aspen") as sftp:
            await put(sftp, "students.csv", "id\n")

    with server.running():
        asyncio.run(make(30))
    with server.running(), pytest.raises(asyncssh.SFTPPermissionDenied):
        asyncio.run(write())
