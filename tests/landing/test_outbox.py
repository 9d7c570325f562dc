"""A run's report on the district's own account."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rostersync.embedded.sftp_server import SftpServer
from rostersync.errors import ConfigError, ReadOnlyAccountError, SftpConnectionError
from rostersync.landing import (
    Listing,
    SftpAccount,
    completeness,
    deliver_report,
    list_upload,
    outbox,
    outbox_name,
    sftp,
)
from rostersync.spec import Domain

if TYPE_CHECKING:
    from tests.landing.conftest import Drop

pytestmark = pytest.mark.sftp

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
IN_AUGUST = datetime(2026, 8, 15, tzinfo=UTC)


@pytest.fixture
def report(tmp_path: Path) -> dict[str, Path]:
    files = {}
    for name in outbox.REPORT_FILES:
        files[name] = tmp_path / name
        files[name].write_text(f"first {name}")
    return files


def deliver(
    account: SftpAccount,
    report: dict[str, Path],
    marker: str = "ACCEPTED",
    *,
    folder: str = "2026-09-01",
    keep_from: datetime = LONG_AGO,
) -> list[str]:
    told = deliver_report(account, folder, report, marker, "a sentence", keep_from=keep_from)
    return asyncio.run(told)


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


@pytest.fixture
def home(server: SftpServer, tmp_path: Path) -> Path:
    """The account's folder on the server's disk."""
    return tmp_path / "sftp" / "springfield"


def test_a_report_and_one_marker_lie_there(
    server: SftpServer, home: Path, report: dict[str, Path]
) -> None:
    deliver(server.account("springfield"), report)
    here = home / "outbox" / "2026-09-01"
    assert names(here) == ["ACCEPTED", "errors.csv", "summary.html"]
    assert (here / "summary.html").read_text() == "first summary.html"
    assert (here / "ACCEPTED").read_text() == "a sentence\n"


def test_a_correction_takes_its_place(
    server: SftpServer, home: Path, report: dict[str, Path]
) -> None:
    account = server.account("springfield")
    deliver(account, report, "REJECTED")
    report["errors.csv"].write_text("second")
    deliver(account, report, "HELD")
    deliver(account, report, "HELD")
    here = home / "outbox" / "2026-09-01"
    assert names(here) == ["HELD", "errors.csv", "summary.html"]
    assert (here / "errors.csv").read_text() == "second"


def test_nights_terms_and_notices_do_not_meet() -> None:
    assert outbox_name(Domain.CORE, "2026-09-06") == "2026-09-06"
    assert outbox_name(Domain.TERMS, "2026-09-06") == "2026-09-06-terms"
    assert outbox_name(Domain.ATTENDANCE, "2026-09-06T10:30") == "2026-09-06T1030"


def test_old_reports_go_and_nothing_else_does(
    server: SftpServer, home: Path, report: dict[str, Path]
) -> None:
    account = server.account("springfield")
    for slot in ("2026-08-01", "2026-08-02T1030", "2026-08-03-terms", "2026-08-30"):
        deliver(account, report, folder=slot)
    (home / "outbox" / "2026-08-03-terms" / "their own.txt").write_text("x")
    (home / "outbox" / "2026-01-01 notes").mkdir()
    (home / "outbox" / "2025-01-01").symlink_to(home)
    (home / "errors.csv").write_text("theirs")
    for name in ("2026-08-01", "2026-08-02T1030", "2026-08-03-terms", "2026-01-01 notes"):
        os.utime(home / "outbox" / name, (1e9, 1e9))
    gone = deliver(account, report, keep_from=IN_AUGUST)
    assert sorted(gone) == ["2026-08-01", "2026-08-02T1030"]
    assert names(home / "outbox") == [
        "2025-01-01",
        "2026-01-01 notes",
        "2026-08-03-terms",
        "2026-08-30",
        "2026-09-01",
    ]
    assert names(home / "outbox" / "2026-08-03-terms") == ["their own.txt"]
    assert (home / "errors.csv").read_text() == "theirs"


@pytest.mark.parametrize("link", ["outbox", "outbox/2026-09-01"])
def test_a_link_in_a_folders_place_is_not_followed(
    server: SftpServer, home: Path, report: dict[str, Path], link: str
) -> None:
    target = home / "elsewhere"
    target.mkdir()
    (home / link).parent.mkdir(exist_ok=True)
    (home / link).symlink_to(target)
    with pytest.raises(ConfigError, match="Something else stands"):
        deliver(server.account("springfield"), report)
    assert names(target) == []


def test_a_link_in_a_files_place_is_replaced(
    server: SftpServer, home: Path, report: dict[str, Path]
) -> None:
    victim = home / "students.csv"
    victim.write_text("theirs")
    here = home / "outbox" / "2026-09-01"
    here.mkdir(parents=True)
    (here / "errors.csv").symlink_to(victim)
    (here / "ACCEPTED").symlink_to(victim)
    deliver(server.account("springfield"), report)
    assert victim.read_text() == "theirs"
    assert not (here / "errors.csv").is_symlink()
    assert (here / "errors.csv").read_text() == "first errors.csv"


def test_a_server_that_says_nothing_is_not_waited_for(
    server: SftpServer, report: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        account = replace(server.account("springfield"), port=silent.getsockname()[1])
        with pytest.raises(SftpConnectionError, match="no answer in time"):
            deliver(account, report)


class Stalling:
    """A way to a server that lets ``most`` bytes through to it, and then nothing, in neither direction."""

    def __init__(self, port: int, most: int) -> None:
        self.most, self.port = most, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.own_port = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []

    def __enter__(self) -> Stalling:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listener, *self._open):
            one.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            client, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self.port))
            self._open += [client, server]
            threading.Thread(target=self._pass, args=(server, client), daemon=True).start()
            self._pass(client, server)

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while self.most > 0 and (got := source.recv(4096)):
                if target is self._open[1]:
                    self.most -= len(got)
                if self.most > 0:
                    target.sendall(got)


def test_a_server_that_stops_in_the_middle_of_a_file_is_let_go(
    server: SftpServer, home: Path, report: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SECONDS", 2.0)
    report["errors.csv"].write_bytes(os.urandom(500_000))
    account = server.account("springfield")
    with Stalling(account.port, 200_000) as way:
        began = time.monotonic()
        with pytest.raises(SftpConnectionError, match="no answer in time"):
            deliver(replace(account, port=way.own_port), report)
        assert time.monotonic() - began < 10
    here = home / "outbox" / "2026-09-01"
    assert not (here / "ACCEPTED").exists()
    assert [name for name in names(here) if name.endswith(".part")]
    deliver(account, report)
    assert names(here) == ["ACCEPTED", "errors.csv", "summary.html"], "no part is left"


def test_a_look_at_a_server_that_stops_ends(
    server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp, "TIMEOUT", 1.0)
    account = server.account("springfield")
    with Stalling(account.port, 2500) as way, pytest.raises(SftpConnectionError):
        asyncio.run(list_upload(replace(account, port=way.own_port)))


def test_what_a_cut_delivery_left_goes_with_its_folder(
    server: SftpServer, home: Path, report: dict[str, Path]
) -> None:
    account = server.account("springfield")
    deliver(account, report, folder="2026-08-01")
    (home / "outbox" / "2026-08-01" / ".errors.csv.0123abcd.part").write_text("half")
    os.utime(home / "outbox" / "2026-08-01", (1e9, 1e9))
    assert deliver(account, report, keep_from=IN_AUGUST) == ["2026-08-01"]


def test_a_server_that_tells_no_times_keeps_its_reports(
    server: SftpServer, home: Path, report: dict[str, Path]
) -> None:
    account = server.account("springfield")
    deliver(account, report, folder="2026-08-01")
    os.utime(home / "outbox" / "2026-08-01", (0, 0))
    assert deliver(account, report, keep_from=IN_AUGUST) == []
    assert names(home / "outbox") == ["2026-08-01", "2026-09-01"]


def test_openssh_takes_reports_corrections_and_removals(
    openssh_drop: Drop, report: dict[str, Path]
) -> None:
    account = replace(openssh_drop.account, folder=str(openssh_drop.path))
    deliver(account, report, folder="2026-08-01")
    deliver(account, report, "HELD")
    deliver(account, report, "ACCEPTED")
    os.utime(openssh_drop.path / "outbox" / "2026-08-01", (1e9, 1e9))
    assert deliver(account, report, keep_from=IN_AUGUST) == ["2026-08-01"]
    here = openssh_drop.path / "outbox" / "2026-09-01"
    assert names(here) == ["ACCEPTED", "errors.csv", "summary.html"]


def test_an_account_that_may_only_read_is_told_as_such(
    read_only_drop: Drop, report: dict[str, Path]
) -> None:
    account = replace(read_only_drop.account, folder=str(read_only_drop.path))
    with pytest.raises(ReadOnlyAccountError, match=r"outbox: \{send: false\}"):
        deliver(account, report)
    assert names(read_only_drop.path) == []


def test_our_folder_is_no_stranger_among_the_uploads(
    server: SftpServer, home: Path, report: dict[str, Path]
) -> None:
    account = server.account("springfield")
    deliver(account, report)
    (home / "photos").mkdir()
    listing: Listing = asyncio.run(list_upload(account))
    found = completeness.name_strangers(listing, {})
    assert found.unexpected == ("photos (a folder)",)


def test_something_else_of_our_folders_name_is_a_stranger(server: SftpServer, home: Path) -> None:
    (home / "outbox").write_text("x")
    listing = asyncio.run(list_upload(server.account("springfield")))
    assert completeness.name_strangers(listing, {}).unexpected == ("outbox",)
