"""The trigger's own generator against real SFTP servers."""

from __future__ import annotations

import asyncio
import json
import socket
import time

import pytest

from rostersync import errors
from rostersync.embedded.sftp_server import public_host_key
from rostersync.orchestration import trigger as trigger_module
from rostersync.orchestration.trigger import find_account
from tests.orchestration.waiting import NAMES, events, fill, make, wait
from tests.support.sftp import crash, restart

pytestmark = [pytest.mark.sftp, pytest.mark.airflow]


def last_of(drop) -> list[list]:
    return [[p.stem, p.stat().st_size, p.stat().st_mtime] for p in sorted(drop.iterdir())]


@pytest.mark.usefixtures("connection")
def test_a_complete_upload(drop):
    fill(drop)
    (drop / "Group.csv").write_bytes(b"x")
    got = wait(make())
    assert got["outcome"] == "complete"
    assert [f["name"] for f in got["files"]] == list(NAMES)
    assert got["files"][0] == {
        "name": "schools",
        "uploaded_as": "schools.csv",
        "size": 2,
        "mtime": float(int((drop / "schools.csv").stat().st_mtime)),
        "stale": False,
    }
    assert got["near_misses"] == ["Group.csv (expected groups.csv)"]


@pytest.mark.usefixtures("connection")
def test_a_half_written_file_is_waited_for(drop):
    fill(drop)
    ended = []

    async def write_on():
        for _ in range(8):
            await asyncio.sleep(0.1)
            with (drop / "students.csv").open("ab") as f:
                f.write(b"more\n")
        ended.append(time.time())

    got = wait(make(), write_on())
    assert got["outcome"] == "complete"
    assert time.time() - ended[0] >= 0.15
    assert got["files"][1]["size"] == 42


@pytest.mark.usefixtures("connection")
def test_a_temporary_name_is_waited_for(drop):
    fill(drop, *NAMES[1:])
    (drop / "schools.csv.filepart").write_bytes(b"x\n")

    async def rename():
        await asyncio.sleep(0.6)
        (drop / "schools.csv.filepart").rename(drop / "schools.csv")

    assert wait(make(), rename())["outcome"] == "complete"


@pytest.mark.usefixtures("connection")
def test_the_wait_ends_missing(drop):
    fill(drop, "schools", "students")
    (drop / "Parent.csv").write_bytes(b"x")
    (drop / "Jo Testkid 7654321.pdf").write_bytes(b"x")
    got = wait(make(deadline=time.time() + 0.3))
    assert "Testkid" not in json.dumps(got), "a name of the district's own may say who a child is"
    assert got["unexpected"] == ["a file"]
    assert got["outcome"] == "missing"
    assert got["missing"] == ["parents", "staff", "sections", "rosters"]
    assert got["near_misses"] == ["Parent.csv (expected parents.csv)"]


@pytest.mark.usefixtures("connection")
def test_the_wait_ends_usable_without_rosters(drop):
    fill(drop, *NAMES[:5])
    got = wait(make(deadline=time.time() + 0.3))
    assert (got["outcome"], got["missing"]) == ("usable", ["rosters"])


@pytest.mark.usefixtures("connection")
def test_a_deadline_in_the_past_still_watches_one_quiet_period(drop):
    fill(drop)
    started = time.time()
    got = wait(make(deadline=0))
    assert got["outcome"] == "complete"
    assert time.time() - started >= 0.2


@pytest.mark.usefixtures("connection")
def test_an_upload_going_on_at_the_deadline_may_finish(drop):
    fill(drop)

    async def write_on():
        for _ in range(6):
            await asyncio.sleep(0.1)
            with (drop / "students.csv").open("ab") as f:
                f.write(b"more\n")

    got = wait(make(deadline=time.time() + 0.3, quiet=0.4), write_on())
    assert (got["outcome"], got["files"][1]["size"]) == ("complete", 32)


@pytest.mark.usefixtures("connection")
def test_an_upload_that_never_ends_is_missing(drop):
    fill(drop)

    async def write_on():
        for _ in range(30):
            await asyncio.sleep(0.05)
            with (drop / "students.csv").open("ab") as f:
                f.write(b"more\n")

    assert wait(make(deadline=0), write_on())["outcome"] == "missing"


@pytest.mark.usefixtures("connection")
@pytest.mark.parametrize(("expected", "outcome"), [(True, "missing"), (False, "not_expected")])
def test_last_nights_files_are_no_upload(drop, expected, outcome):
    fill(drop)
    got = wait(make(deadline=0, last=last_of(drop), expected=expected))
    assert got["outcome"] == outcome
    assert got["stale"] == list(NAMES)


@pytest.mark.usefixtures("connection")
def test_half_an_upload_on_a_free_day_is_missing(drop):
    fill(drop, "students")
    assert wait(make(deadline=0, expected=False))["outcome"] == "missing"


@pytest.mark.usefixtures("connection")
def test_files_of_another_slot_do_not_count(drop):
    fill(drop)
    got = wait(make(deadline=0, window=[None, time.time() - 3600]))
    assert (got["outcome"], got["files"]) == ("missing", [])
    assert got["outside"] == list(NAMES)


# The archive has a landing of the slot
@pytest.mark.usefixtures("connection")
def test_what_was_landed_already_is_not_waited_for(drop):
    fill(drop)
    started = time.time()
    got = wait(make(landing=3, landed=last_of(drop), quiet=20))
    assert (got["outcome"], got["landing"]) == ("archived", 3)
    assert time.time() - started < 6


@pytest.mark.usefixtures("connection")
def test_one_newer_file_makes_a_new_upload_once_it_is_left_alone(drop):
    fill(drop)
    landed = last_of(drop)

    async def correct():
        fill(drop, "students", content=b"corr")
        for _ in range(5):
            await asyncio.sleep(0.1)
            with (drop / "students.csv").open("ab") as f:
                f.write(b"ected\n")

    got = wait(make(landing=1, landed=landed), correct())
    assert got["outcome"] == "complete"
    assert [f["name"] for f in got["files"]] == list(NAMES)
    assert got["files"][1]["size"] == 34


@pytest.mark.usefixtures("connection")
def test_files_that_are_gone_are_no_news(drop):
    fill(drop)
    landed = last_of(drop)
    for file in drop.iterdir():
        file.unlink()
    assert wait(make(landing=1, landed=landed))["outcome"] == "archived"


@pytest.mark.usefixtures("connection")
def test_a_newer_upload_of_another_nights_time_is_no_news(drop):
    fill(drop)
    landed = last_of(drop)
    fill(drop, "students", content=b"corrected\n")
    got = wait(make(deadline=0, landing=1, landed=landed, window=[None, time.time() - 3600]))
    assert got["outcome"] == "archived"


@pytest.mark.usefixtures("connection")
def test_half_a_correction_leaves_the_landing(drop):
    fill(drop)
    landed = last_of(drop)
    (drop / "staff.csv").unlink()
    fill(drop, "students", content=b"corrected\n")
    got = wait(make(deadline=0, landing=1, landed=landed))
    assert (got["outcome"], got["missing"]) == ("archived", ["staff"])


def test_a_server_that_cannot_be_read_leaves_the_landing(connection):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        connection(port=s.getsockname()[1])
        started = time.time()
        got = wait(make(deadline=time.time() + 600, landing=2))
    assert (got["outcome"], got["landing"]) == ("archived", 2)
    assert time.time() - started < 15
    connection(extra={})
    assert wait(make(landing=2))["outcome"] == "archived"


def test_a_network_failure_is_outlasted(server, drop, connection):
    fill(drop)
    crash(server)

    async def come_back():
        await asyncio.sleep(0.5)
        await asyncio.to_thread(restart, server)

    assert wait(make(), come_back())["outcome"] == "complete"


def test_a_server_that_stays_down_fails_at_the_deadline(connection):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        connection(port=s.getsockname()[1])
        got = wait(make(deadline=0))
    assert got["outcome"] == "failed"
    assert got["error"]["error"] == "SftpConnectionError"
    assert got["error"]["where"]["connection"] == "sftp_springfield"
    assert got["error"]["transient"] is True


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"password": "nonsense"}, "SftpAuthenticationError"),
        ({"extra": {}}, "SftpHostKeyError"),
        ({"extra": "other key"}, "SftpHostKeyError"),
    ],
)
def test_what_cannot_get_better_fails_at_once(connection, tmp_path, changes, error):
    if changes.get("extra") == "other key":
        changes = {"extra": {"host_key": public_host_key(tmp_path / "other")}}
    connection(**changes)
    started = time.time()
    got = wait(make())
    assert (got["outcome"], got["error"]["error"]) == ("failed", error)
    assert "sftp_springfield" in got["error"]["where"]["connection"]
    assert "nonsense" not in json.dumps(got)
    assert time.time() - started < 5


def test_an_unknown_connection(monkeypatch):
    monkeypatch.setattr(trigger_module, "_LOOKUPS", 2)
    got = wait(make(conn_id="sftp_nowhere"))
    assert got["error"]["error"] == "ConfigError"
    assert "sftp_nowhere" in got["error"]["where"]["connection"]


@pytest.mark.usefixtures("connection")
def test_a_missing_folder_fails_at_once():
    assert wait(make(folder="/nowhere"))["error"]["error"] == "ConfigError"


def test_sixty_polls_at_once(server, drop, connection):
    fill(drop)
    most = []

    async def all_of_them():
        async def watch():
            while True:
                most.append(len(server.connections))
                await asyncio.sleep(0.005)

        watching = asyncio.create_task(watch())
        got = await asyncio.gather(*(events(make(poll=0.5)) for _ in range(60)))
        watching.cancel()
        return got

    got = asyncio.run(all_of_them())
    assert [e[0]["outcome"] for e in got] == ["complete"] * 60
    assert 1 < max(most) <= trigger_module._POLLS_AT_ONCE + 1


@pytest.mark.usefixtures("connection")
def test_a_task_finds_the_same_account(server):
    account = find_account("sftp_springfield", "/")
    assert account == server.account("springfield")
    with pytest.raises(errors.ConfigError, match="sftp_nowhere"):
        find_account("sftp_nowhere", "/")
