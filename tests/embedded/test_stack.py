"""Postgres and SFTP of the stack, used as their users do; whatever ends it, nothing of it stays."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from tests.support.processes import listening, processes_of
from tests.support.waiting import until

from rostersync.embedded.stack import WAREHOUSE, Stack
from rostersync.errors import SftpAuthenticationError

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.mark.sftp
def test_districts_upload_to_their_own_accounts(open_folder: Path) -> None:
    from rostersync.embedded.sftp_server import upload_as_district

    with Stack(open_folder / "stack") as stack:
        sftp = stack.start_sftp(["springfield", "shelbyville"])
        upload_as_district(sftp.account("springfield"), {"schools.csv": b"school_id\n1\n"})
        assert (sftp.root / "springfield" / "schools.csv").read_bytes() == b"school_id\n1\n"
        assert not list((sftp.root / "shelbyville").iterdir())
        sftp.accounts["springfield"] = "wrong"
        with pytest.raises(SftpAuthenticationError):
            upload_as_district(sftp.account("springfield"), {})
    assert not processes_of(open_folder)


def test_the_warehouses_owner_may_make_roles_but_is_no_superuser(open_folder: Path) -> None:
    with (
        Stack(open_folder / "stack") as stack,
        psycopg.connect(stack.warehouse, autocommit=True) as owner,
    ):
        owner.execute("create schema roster")
        owner.execute("create role demo_group")
        stack.postgres.create_login("demo_task", groups=["demo_group"])
        query = "select rolsuper from pg_roles where rolname = current_user"
        assert owner.execute(query).fetchone() == (False,)
        url = stack.postgres.dsn(WAREHOUSE, "demo_task")
        with psycopg.connect(url) as task, pytest.raises(psycopg.errors.InsufficientPrivilege):
            task.execute("create schema mine")


@pytest.mark.sftp
@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (signal.SIGINT, -signal.SIGINT),
        (signal.SIGTERM, 128 + signal.SIGTERM),
        (signal.SIGHUP, 128 + signal.SIGHUP),
        (signal.SIGKILL, -signal.SIGKILL),
        ("exception", 1),
    ],
)
def test_whatever_ends_it_nothing_stays(
    open_folder: Path, ending: signal.Signals | str, code: int
) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from rostersync.embedded.stack import Stack\n"
        f"with Stack(Path({str(open_folder)!r}) / 'stack') as stack:\n"
        "    stack.start_sftp(['springfield'])\n"
        "    print(stack.postgres.port, stack.sftp.port, flush=True)\n"
        f"    if {ending == 'exception'}: raise RuntimeError\n"
        "    time.sleep(600)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert owner.stdout
    ports = {int(port) for port in owner.stdout.readline().split()}
    assert len(ports) == 2
    if not isinstance(ending, str):
        owner.send_signal(ending)
    assert owner.wait(40) == code
    # Killed, it cannot wait for its programs: they end by themselves.
    assert until(lambda: not processes_of(open_folder), 15 if ending == signal.SIGKILL else 0.5)
    assert not ports & {port for _, port in listening()}
