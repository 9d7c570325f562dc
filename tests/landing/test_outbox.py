"""A run's report on the district's own account."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rostersync.demo.sftp_server import SftpServer
from rostersync.errors import ConfigError, SftpConnectionError
from rostersync.landing import (
    Listing,
    SftpAccount,
    completeness,
    deliver_report,
    list_upload,
    outbox,
    outbox_name,
)
from rostersync.spec import Domain

pytestmark = pytest.mark.sftp

LONG_AGO = date(2000, 1, 1)


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
    keep_from: date = LONG_AGO,
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
    gone = deliver(account, report, keep_from=date(2026, 8, 15))
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
    monkeypatch.setattr(outbox, "_TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        account = replace(server.account("springfield"), port=silent.getsockname()[1])
        with pytest.raises(SftpConnectionError, match="not be delivered in time"):
            deliver(account, report)


def test_our_folder_is_no_stranger_among_the_uploads(
    server: SftpServer, home: Path, report: dict[str, Path]
) -> None:
    account = server.account("springfield")
    deliver(account, report)
    (home / "photos").mkdir()
    listing: Listing = asyncio.run(list_upload(account))
    found = completeness.name_strangers(listing, {})
    assert found.unexpected == ("photos (a folder)",)
