"""Exit codes and errors, for whatever goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from rostersync.cli import main
from rostersync.cli.application import Application
from rostersync.errors import MissingUploadError, WarehouseUnavailableError
from tests.cli.conftest import run

SECRET = "Aspen Testkid"


def raising(error: BaseException) -> Application:
    """A command line whose only command fails so."""

    @click.group(cls=Application)
    def group() -> None: ...

    @group.command()
    @click.option("--format", "form")
    def fail(form: str | None) -> int:
        raise error

    return group


def fail_with(error: BaseException, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(raising(error), ["fail", *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["chek"],
        ["--unknown"],
        ["check"],
        ["check", "/no/such/folder"],
        ["check", "/tmp", "--format", "xml"],
        ["check", "/tmp", "--domain", "everything"],
        ["sync", "/tmp", "--slot", "2026-09-01"],
        ["sync", "/tmp", "--config", "/no/such.yaml", "--slot", "2026-09-01"],
        ["replay"],
        ["generate", "/tmp/x", "--students", "three"],
        ["generate", "/tmp/x", "--students", "1"],
        ["status", "--runs", "0"],
    ],
)
def test_a_usage_error_is_3_not_clicks_2(arguments):
    ran = run(*arguments)
    assert ran.code == 3
    assert ran.out == ""
    assert "Usage:" in ran.err


def test_a_usage_error_is_json_when_json_was_asked_for():
    for asked in (["--format", "json"], ["--format=json"]):
        ran = run("sync", *asked)
        assert ran.code == 3
        assert ran.json["outcome"] == "error"
        assert ran.json["error"]["error"] == "UsageError"
        assert "FOLDER" in ran.json["error"]["what"]


def test_help_and_version_are_0():
    assert run("--help").code == 0
    assert run("sync", "--help").code == 0
    version = run("--version")
    assert (version.code, version.out.split()[0]) == (0, "rostersync")


def test_an_error_of_ours_says_what_where_and_what_next():
    error = WarehouseUnavailableError("Down", warehouse="db:5432/x", next_step="run it again")
    code, out, err = fail_with(error)
    assert (code, out) == (3, "")
    assert err == "Error: Down. Where: warehouse db:5432/x. Next: run it again.\n"


def test_an_error_as_json_carries_its_data():
    error = WarehouseUnavailableError("Down", warehouse="db:5432/x", next_step="run it again")
    code, out, _ = fail_with(error, "--format", "json")
    assert code == 3
    assert json.loads(out) == {
        "outcome": "error",
        "error": {
            "error": "WarehouseUnavailableError",
            "what": "Down",
            "where": {"warehouse": "db:5432/x"},
            "expected": None,
            "found": None,
            "next_step": "run it again",
            "transient": True,
        },
    }


def test_an_upload_that_is_not_there_is_2():
    code, out, _ = fail_with(MissingUploadError("Nothing there"), "--format", "json")
    assert (code, json.loads(out)["outcome"]) == (2, "missing")


@pytest.mark.parametrize("form", [[], ["--format", "json"]])
def test_a_bug_names_class_and_place_and_never_its_text(form, monkeypatch):
    monkeypatch.delenv("ROSTERSYNC_DEBUG", raising=False)
    code, out, err = fail_with(ValueError(SECRET), *form)
    assert code == 3
    assert "ValueError" in out + err
    assert "cli/test_application.py:" in out + err or "cli/application.py:" in out + err
    assert SECRET not in out + err
    assert "Traceback" not in out + err


def test_debugging_shows_the_traceback(monkeypatch):
    monkeypatch.setenv("ROSTERSYNC_DEBUG", "1")
    assert "Traceback" in fail_with(ValueError("x"))[2]


def test_a_file_that_cannot_be_opened_is_no_bug():
    code, _, err = fail_with(PermissionError(13, "Permission denied", "/archive/x"))
    assert (code, err) == (3, "Error: Permission denied. Where: path /archive/x.\n")


def test_ctrl_c_is_not_taken_for_a_result():
    assert fail_with(KeyboardInterrupt())[0] == 130


def test_help_imports_nothing_heavy():
    """`rostersync --help` answers at once; what a command needs is imported when it runs."""
    heavy = "airflow asyncssh duckdb great_expectations pandas psycopg pyarrow pydantic".split()  # noqa: SIM905
    code = f"import sys, rostersync.cli\nprint([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_command_prints_json_on_request():
    groups = [c for c in main.commands.values() if isinstance(c, click.Group)]
    commands = [c for c in main.commands.values() if c not in groups]
    assert groups
    for command in (*commands, *(c for group in groups for c in group.commands.values())):
        assert "--format" in [o for p in command.params for o in p.opts], command.name
