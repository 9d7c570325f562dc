"""Airflow's own history goes after a month: docker/airflow/clean-history, as the service runs it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rostersync import paths
from tests.production.compose import compose

SCRIPT = paths.home() / "docker" / "airflow" / "clean-history"
SERVICE = compose()["services"]["history"]
MONTH = 30


def clean(folder: Path, airflow: str = 'printf "%s\\n" "$@"') -> subprocess.CompletedProcess[str]:
    """One round with a program for ``airflow``."""
    for program, script in {"airflow": airflow, "python": ":"}.items():
        (folder / program).write_text(f"#!/bin/sh\n{script}\n")
        (folder / program).chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [SCRIPT, str(MONTH)],
        env={**os.environ, "PATH": path, "AIRFLOW_HOME": str(folder)},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A log of yesterday, one of last month in a folder of its own, and a folder just made."""
    folder = tmp_path / "logs"
    for name, days in {"dag_id=a/run_id=new/1.log": 1, "dag_id=a/run_id=old/1.log": 40}.items():
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_text("x")
        at = time.time() - days * 86400
        os.utime(path, (at, at))
        os.utime(path.parent, (at, at))
    (folder / "dag_id=a/run_id=now").mkdir()
    return folder


def test_logs_go_after_a_month(logs: Path) -> None:
    assert clean(logs.parent).returncode == 0
    assert [p.parent.name for p in logs.rglob("*.log")] == ["run_id=new"]
    assert (logs / "dag_id=a/run_id=now").is_dir(), "a task may be about to write there"
    old = logs / "dag_id=a/run_id=old"
    before = time.time() - 3 * 86400
    os.utime(old, (before, before))
    assert clean(logs.parent).returncode == 0
    assert not old.exists()


@pytest.mark.airflow
def test_rows_go_after_a_month_by_airflows_own_command(logs: Path) -> None:
    from airflow.cli import cli_parser

    said = clean(logs.parent).stdout.splitlines()
    asked = cli_parser.get_parser().parse_args(
        said
    )  # leaves with an error for what it does not know
    assert (asked.subcommand, asked.yes, asked.skip_archive) == ("clean", True, True)
    age = datetime.now(UTC) - asked.clean_before_timestamp
    assert abs(age - timedelta(days=MONTH)) < timedelta(minutes=1)


def test_what_fails_is_not_called_done(logs: Path) -> None:
    assert clean(logs.parent, "exit 1").returncode == 1
    assert len(list(logs.rglob("*.log"))) == 2


def test_the_service_does_it_each_day_and_is_unhealthy_when_it_did_not() -> None:
    *_, script = SERVICE["command"]
    assert shlex.split(script)[:2] == ["while", ":;"]
    assert f"clean-history {MONTH} ||" in script, "a round that fails is not the last"
    assert "sleep 1d" in script
    found = re.search(r"/opt/airflow/cleaned -mmin -(\d+)", SERVICE["healthcheck"]["test"][-1])
    assert found
    assert 24 * 60 < int(found[1]) < 36 * 60
    assert SCRIPT.read_text().splitlines()[-1] == 'touch "$AIRFLOW_HOME/cleaned"'
