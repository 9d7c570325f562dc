"""Which nights are opened again: one look at real servers, and what is made of it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rostersync.embedded.sftp_server import SftpServer
from tests.support.districts import write_config

pytestmark = [pytest.mark.sftp, pytest.mark.airflow]

NAMES = ("schools", "students", "parents", "staff", "sections", "rosters")
AT_NOON = datetime(2026, 9, 2, 16, 55, tzinfo=UTC).timestamp()  # 11:55 in Chicago
ASPEN, CEDAR = "core__aspen 2026-09-01", "core__cedar 2026-09-01"
RUNS = {
    ASPEN: ["core__aspen", "2026-09-01", "scheduled__x"],
    CEDAR: ["core__cedar", "2026-09-01", "reopen__y"],
}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    """Aspen and Cedar have sent the same six files; Maple's password is wrong."""
    accounts = {name: f"pw-{name}" for name in ("aspen", "cedar", "maple")}
    with SftpServer(tmp_path / "sftp", accounts) as running:
        for name in accounts:
            connection = {
                "conn_type": "sftp",
                "host": "127.0.0.1",
                "port": running.port,
                "login": name,
                "password": f"pw-{name}" if name != "maple" else "wrong",
                "extra": {"host_key": running.host_key},
            }
            monkeypatch.setenv(f"AIRFLOW_CONN_SFTP_{name.upper()}", json.dumps(connection))
            for file in NAMES:
                (running.root / name / f"{file}.csv").write_text("x\n")
        yield running


def look(server: SftpServer, *districts: str, **changes: object) -> dict[str, str]:
    """The news of one look; ``changes`` of the first district's plan."""
    from rostersync.orchestration.look_trigger import LookTrigger

    looks = [
        {
            "key": name,
            "conn_id": f"sftp_{name}",
            "folder": "/",
            "plan": {
                "files": {n: f"{n}.csv" for n in (*NAMES, "groups")},
                "deadline": 0.0,
                "quiet": 0.0,
                "landed": files_of(server, name),
            },
        }
        for name in districts
    ]
    looks[0]["plan"] |= changes
    path, kwargs = LookTrigger(looks=looks).serialize()
    assert path == f"{LookTrigger.__module__}.{LookTrigger.__qualname__}"
    trigger = LookTrigger(**json.loads(json.dumps(kwargs)))

    async def events() -> list[dict]:
        return [e.payload async for e in trigger.run()]

    (event,) = asyncio.run(events())
    return event["news"]


def files_of(server: SftpServer, district: str) -> list[list[object]]:
    found = [(p.stem, p.stat()) for p in sorted((server.root / district).glob("*.csv"))]
    return [[name, stat.st_size, stat.st_mtime] for name, stat in found]


def test_only_districts_with_a_newer_complete_upload_are_news(server: SftpServer) -> None:
    before = files_of(server, "aspen")
    assert look(server, "aspen", "cedar") == {}

    (server.root / "aspen" / "students.csv").write_text("corrected\n")
    assert list(look(server, "aspen", "cedar", landed=before)) == ["aspen"]


def test_an_optional_file_that_came_later_is_news(server: SftpServer) -> None:
    before = files_of(server, "aspen")
    (server.root / "aspen" / "groups.csv").write_text("x\n")
    assert list(look(server, "aspen", landed=before)) == ["aspen"]


def test_an_upload_that_is_not_complete_is_no_news(server: SftpServer) -> None:
    before = files_of(server, "aspen")
    students = server.root / "aspen" / "students.csv"
    students.write_text("corrected\n")
    part = students.with_suffix(".csv.part")
    part.write_text("")
    assert look(server, "aspen", landed=before) == {}
    part.unlink()
    (server.root / "aspen" / "staff.csv").unlink()
    assert look(server, "aspen", landed=before) == {}


def test_last_nights_files_are_no_news(server: SftpServer) -> None:
    assert look(server, "aspen", landed=[], last=files_of(server, "aspen")) == {}


def test_a_server_that_cannot_be_read_keeps_no_other_district(server: SftpServer) -> None:
    assert list(look(server, "cedar", "maple", landed=[])) == ["cedar"]


def test_an_upload_has_one_name_as_long_as_nothing_changes(server: SftpServer) -> None:
    first = look(server, "aspen", landed=[])
    assert first == look(server, "aspen", landed=[])
    os.utime(server.root / "aspen" / "staff.csv", (1, 1))
    assert first != look(server, "aspen", landed=[])


def test_a_file_from_before_the_slots_time_is_no_news(server: SftpServer) -> None:
    written = (server.root / "aspen" / "staff.csv").stat().st_mtime
    assert look(server, "aspen", landed=[], window=[written + 60, None]) == {}
    assert list(look(server, "aspen", landed=[], window=[written - 60, None])) == ["aspen"]


def idle(_dag: str, _run: str) -> bool:
    return False


def test_an_upload_opens_its_night_once() -> None:
    from rostersync.orchestration.reopen import choose

    news = {ASPEN: "f1", CEDAR: "f2"}
    first = choose(news, RUNS, {}, idle)
    assert first == news
    assert choose(news, RUNS, first, idle) == {}
    assert choose({**news, CEDAR: "f3"}, RUNS, first, idle) == {CEDAR: "f3"}
    tomorrow = "core__aspen 2026-09-02"
    runs = {**RUNS, tomorrow: ["core__aspen", "2026-09-02", "scheduled__z"]}
    assert choose({tomorrow: "f1"}, runs, first, idle) == {tomorrow: "f1"}


def test_the_rest_of_many_waits_for_the_next_look() -> None:
    from rostersync.orchestration.reopen import choose

    news = {f"d{n:03}": "f" for n in range(250)}
    runs = {key: [f"core__{key}", "2026-09-01", "r"] for key in news}
    seen: dict[str, str] = {}
    for _ in range(3):
        seen |= choose(news, runs, seen, idle)
    assert len(seen) == 250
    assert choose(news, runs, seen, idle) == {}


def test_a_slot_whose_run_is_on_its_way_comes_later() -> None:
    from rostersync.orchestration.reopen import choose

    news = {ASPEN: "f1", CEDAR: "f2"}
    chosen = choose(news, RUNS, {}, lambda dag, run: (dag, run) == ("core__aspen", "scheduled__x"))
    assert list(chosen) == [CEDAR]
    assert list(choose(news, RUNS, chosen, idle)) == [ASPEN]


def test_a_district_is_arriving_while_its_server_holds_a_file_that_is_not_landed(
    server: SftpServer, tmp_path: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rostersync.orchestration.deadlines import _arriving

    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("AIRFLOW_CONN_ROSTERSYNC_WAREHOUSE", warehouse)
    notices = "attendance: {codes: {A: Absent}, notices: [{id: n, at: '12:00', periods: ['1'], codes: [A]}]}"
    names = ("aspen", "cedar", "maple")
    places = [(write_config(tmp_path / "d", n, more=notices), "2026-09-02T12:00") for n in names]
    file = server.root / "aspen" / "attendance.csv"
    file.write_text("x\n")
    os.utime(file, (AT_NOON, AT_NOON))
    assert _arriving(places) == {"aspen"}, "cedar has none, maple's password is wrong"
    os.utime(file, (AT_NOON - 7200, AT_NOON - 7200))
    assert _arriving(places) == set(), "a file of two hours ago says nothing of noon"
