"""What the demo prints for people to type."""

from __future__ import annotations

import io
import re
import shlex
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from rich.console import Console

from rostersync.demo.screen import Screen
from rostersync.demo.show import MESSENGER, READER, Played, show_places
from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.embedded.state import State


@pytest.mark.postgres
def test_a_command_to_type_has_no_password_and_logs_in(
    postgres: EmbeddedPostgres, tmp_path: Path
) -> None:
    for login in (READER, MESSENGER):
        postgres.create_login(login)
    airflow = SimpleNamespace(url="http://localhost", users=dict.fromkeys("abc", "x"))
    stack: Any = SimpleNamespace(folder=tmp_path, postgres=postgres, airflow=airflow)
    shown = io.StringIO()
    console = Console(file=shown, width=1000, highlight=False, markup=False)
    show_places(Played(stack, [], [], [], []), Screen(console))

    passwords = [
        v for k, v in State(postgres.folder / "state.json").all().items() if "password" in k
    ]
    assert passwords
    assert not [p for p in passwords if p in shown.getvalue()]
    commands = re.findall(r"PGPASSFILE=.*", shown.getvalue())
    assert len(commands) == 2
    for command in commands:
        setting, *_, url = shlex.split(command)
        file = setting.removeprefix("PGPASSFILE=")
        assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600
        with psycopg.connect(url.replace("/warehouse", "/postgres"), passfile=file) as conn:
            assert conn.execute("select 1").fetchone() == (1,)
