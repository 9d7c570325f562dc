"""The secrets: made by docker/make-secrets, mounted as Compose mounts them, read by Airflow's own code."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from rostersync import paths
from tests.production import namespace
from tests.production.compose import compose, environment

SCRIPTS = paths.home() / "docker" / "airflow"
MISSING = namespace.why_not()
mounted = pytest.mark.skipif(bool(MISSING), reason=str(MISSING))

MOUNTED = """
set -eu
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -m 0755 /run/secrets
for name in $NAMES; do
  touch "/run/secrets/$name"
  mount --bind "$FOLDER/$name" "/run/secrets/$name"
  mount -o remount,ro,bind "/run/secrets/$name"
done
mount -t tmpfs tmpfs /dev/shm
exec "$@"
"""
"""Compose's way with secrets: each file mounted by itself, read-only, with the owner and mode it has."""


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "secrets"
    make(folder)
    return folder


def make(folder: Path) -> None:
    subprocess.run([paths.home() / "docker" / "make-secrets", folder], check=True, timeout=30)


def in_mounts(secrets: Path, names: list[str], *command: str, **more: str) -> str:
    """What the command prints where only these secrets are mounted."""
    return subprocess.run(
        [*namespace.UNSHARE, "sh", "-c", MOUNTED, "sh", *command],
        env={**os.environ, **more, "FOLDER": str(secrets), "NAMES": " ".join(names)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


def test_every_secret_is_made_and_only_the_folder_keeps_people_out(secrets: Path) -> None:
    made = {p.name for p in secrets.iterdir()}
    assert made == {*compose()["secrets"], "sftp_host_key.pub", "connections", "sftp"}
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in secrets.iterdir()}
    assert (modes.pop("connections"), modes.pop("sftp")) == (0o755, 0o755)
    assert modes.pop("sftp_host_key") == 0o400, "sshd refuses a host key that others may read"
    assert set(modes.values()) == {0o444}


def test_it_replaces_nothing_and_opens_what_was_added(secrets: Path) -> None:
    before = {p.name: p.read_bytes() for p in secrets.iterdir() if p.is_file()}
    added = secrets / "connections" / "rostersync_warehouse"
    added.write_text("postgresql://loader:x@postgres/rostersync\n")
    added.chmod(0o600)
    make(secrets)
    assert {p.name: p.read_bytes() for p in secrets.iterdir() if p.is_file()} == before
    assert stat.S_IMODE(added.stat().st_mode) == 0o444


@pytest.mark.parametrize("missing", ["openssl", "ssh-keygen"])
def test_without_its_tools_nothing_is_made(tmp_path: Path, missing: str) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in (
        "sh",
        "mkdir",
        "chmod",
        "mv",
        "cat",
        "grep",
        "sed",
        "tr",
        "head",
        "find",
        "openssl",
        "ssh-keygen",
    ):
        if name != missing:
            (tools / name).symlink_to(str(shutil.which(name)))
    tried = run_make(tmp_path / "secrets", PATH=str(tools))
    assert tried.returncode == 1
    assert f"{missing} is needed" in tried.stderr
    assert not [p for p in (tmp_path / "secrets").rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("redis_password", "", "redis_password is empty"),
        ("redis_password", "p@ss/w#rd", "it becomes part of an address"),
    ],
)
def test_a_password_that_would_not_work_is_refused(
    tmp_path: Path, name: str, content: str, says: str
) -> None:
    (tmp_path / name).write_text(f"{content}\n")
    tried = run_make(tmp_path)
    assert tried.returncode == 1
    assert says in tried.stderr
    assert not content or content not in tried.stderr
    assert not (tmp_path / "broker_url").exists()


def run_make(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(paths.home() / "docker" / "make-secrets"), str(folder)]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=30
    )


def test_what_belongs_together_fits(secrets: Path) -> None:
    told = {p.name: p.read_text().strip() for p in secrets.iterdir() if p.is_file()}
    assert told["airflow_db_password"] in told["airflow_db_url"]
    assert told["celery_db_password"] in told["result_backend"]
    assert told["airflow_db_password"] not in told["result_backend"], "workers have it"
    assert told["redis_password"] in told["broker_url"]
    assert told["rostersync_db_password"] in told["rostersync_owner_url"]
    Fernet(told["fernet_key"])
    credentials = configparser.ConfigParser()
    credentials.read_string(told["aws_credentials"])
    (identity,) = json.loads(told["s3_identities"])["identities"]
    assert identity["credentials"] == [
        {
            "accessKey": credentials["default"]["aws_access_key_id"],
            "secretKey": credentials["default"]["aws_secret_access_key"],
        }
    ]
    random = [v for k, v in told.items() if "password" in k or k.endswith("secret")]
    assert len(set(random)) == len(random) == 7


@mounted
@pytest.mark.parametrize("service", [n for n, s in compose()["services"].items() if "secrets" in s])
def test_a_containers_user_can_read_what_is_mounted(secrets: Path, service: str) -> None:
    told = compose()["services"][service]
    # Postgres' scripts run as 999 after its entry point; sshd and the storage stay who they start as.
    user = "999" if service == "postgres" else str(told.get("user", "0")).split(":")[0]
    names: list[str] = told["secrets"]
    command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "cat"]
    read = in_mounts(secrets, names, *command, *(f"/run/secrets/{n}" for n in names))
    assert read == "".join((secrets / n).read_text() for n in names)


READ_SETTINGS = """
import json, sys
from airflow.configuration import conf
print(json.dumps({name: conf.get(*name.split(".")) for name in sys.argv[1:]}))
"""


@pytest.mark.airflow
def test_airflow_reads_settings_without_the_files_last_newline(
    secrets: Path, tmp_path: Path
) -> None:
    commands = {k: v for k, v in environment().items() if k.endswith("_CMD")}
    options = {
        ".".join(name.lower().removesuffix("_cmd").split("__")[1:]): command.split()[1]
        for name, command in commands.items()
    }
    clean = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW__")}
    path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
    told = {"PATH": path, "SECRETS": str(secrets), "AIRFLOW_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", READ_SETTINGS, *options],
        env={**clean, **commands, **told},
        check=True,
        capture_output=True,
        text=True,
    )
    assert all((secrets / name).read_text().endswith("\n") for name in options.values())
    assert json.loads(done.stdout.splitlines()[-1]) == {
        option: (secrets / name).read_text().removesuffix("\n") for option, name in options.items()
    }


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_secret_that_is_missing_or_empty_is_an_error(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "jwt_secret").write_text(content)
    done = subprocess.run(
        [SCRIPTS / "secret", "jwt_secret"],
        env={**os.environ, "SECRETS": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "jwt_secret" in done.stderr
    assert done.stdout == ""
