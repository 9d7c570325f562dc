"""Where a command finds the warehouse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rostersync.cli.locations import open_warehouse
from rostersync.errors import ConfigError

URL = "postgresql://loader:pass-word@db.example.org:5433/warehouse"
PARTS = {
    "conn_type": "postgres",
    "host": "db.example.org",
    "port": 5433,
    "login": "loader",
    "password": "pass-word",
    "schema": "warehouse",
}


def opened(given: str | None = None) -> str:
    with open_warehouse(given, lambda _: None) as url:
        return url


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the environment names."""
    monkeypatch.delenv("ROSTERSYNC_WAREHOUSE", raising=False)
    monkeypatch.setenv("ROSTERSYNC_WAREHOUSE_FILE", str(tmp_path / "file"))
    monkeypatch.setenv("ROSTERSYNC_STATE", str(tmp_path / "state"))
    return tmp_path / "file"


def test_a_url_in_a_file_is_read_without_its_last_newline(file: Path) -> None:
    file.write_text(f"{URL}\n")
    assert opened() == URL


@pytest.mark.parametrize(
    "extra", [{"sslmode": "verify-full"}, '{"sslmode": "verify-full"}', "", None]
)
def test_so_is_a_connection_of_airflows(file: Path, extra: object) -> None:
    file.write_text(json.dumps({**PARTS, "extra": extra}))
    assert opened() == URL + ("?sslmode=verify-full" if extra else "")


def test_what_is_named_comes_first(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(URL)
    monkeypatch.setenv("ROSTERSYNC_WAREHOUSE", "postgresql://other@db/warehouse")
    assert opened() == "postgresql://other@db/warehouse"
    assert opened("postgresql://third@db/warehouse") == "postgresql://third@db/warehouse"


@pytest.mark.parametrize("content", [None, "", '{"conn_type": "postg', "not a url"])
def test_a_file_that_cannot_be_used_is_said_and_nothing_else_is_taken(
    file: Path, content: str | None
) -> None:
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError) as failed:
        opened()
    assert "ROSTERSYNC_WAREHOUSE" in failed.value.message()
    assert not content or content not in failed.value.message()
    assert not (file.parent / "state").exists()
