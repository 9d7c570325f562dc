"""rostersync's commands in the stack: as docker/rostersync starts them, with the stack's environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rostersync import paths
from tests.production import namespace
from tests.production.compose import compose

SERVICES = compose()["services"]
MISSING = namespace.why_not()

CONTAINER = """
set -eu
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/airflow/connections /run/secrets
printf '%s\\n' "$URL" | tee /run/airflow/connections/rostersync_warehouse >/run/secrets/rostersync_owner_url
mount --bind "$ROSTERSYNC_HOME" "$ROSTERSYNC_HOME"
mount -o remount,ro,bind "$ROSTERSYNC_HOME"
exec "$@"
"""
"""What the container has: the two files, and code that cannot be written."""


@pytest.mark.postgres
@pytest.mark.skipif(bool(MISSING), reason=str(MISSING))
@pytest.mark.parametrize(("service", "command"), [("cli", "status"), ("owner", "migrate")])
def test_a_command_finds_the_warehouse_in_the_file_it_is_given(
    warehouse: str, service: str, command: str
) -> None:
    told = {k: str(v) for k, v in SERVICES[service]["environment"].items()}
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("ROSTERSYNC_", "AWS_"))}
    home = {"ROSTERSYNC_HOME": str(paths.home()), "PYTHONDONTWRITEBYTECODE": "1", "URL": warehouse}
    rostersync = [sys.executable, "-m", "rostersync.cli", command, "--format", "json"]
    done = subprocess.run(
        [*namespace.UNSHARE, "sh", "-c", CONTAINER, "sh", *rostersync],
        env={**clean, **told, **home},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == {"status": "ok", "migrate": "migrated"}[command]


@pytest.mark.parametrize(
    ("arguments", "service"),
    [(["status"], "cli"), (["migrate"], "owner"), (["rebuild", "--district", "a"], "owner")],
)
def test_what_is_typed_runs_as_who_types_it_and_where(
    tmp_path: Path, arguments: list[str], service: str
) -> None:
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\npwd\nprintf "%s\\n" "$@"\n')
    docker.chmod(0o755)
    said = subprocess.run(
        [paths.home() / "docker" / "rostersync", *arguments],
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert said[:3] == [str(paths.home()), "compose", "run"]
    assert said[said.index("--user") + 1] == f"{os.getuid()}:{os.getgid()}"
    assert said[said.index("--workdir") + 1] == str(tmp_path)
    assert said[said.index("--volume") + 1] == f"{tmp_path}:{tmp_path}"
    assert said[-len(arguments) - 2 :] == [service, "rostersync", *arguments]
