"""Sixty districts on one server: stock sshd turns logins away beyond ten that are not finished."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.landing.conftest import REQUIRED, Drop

pytestmark = [pytest.mark.slow, pytest.mark.sftp, pytest.mark.airflow]

DISTRICTS = [f"d{n:02}" for n in range(60)]


@pytest.fixture
def districts(openssh_drop: Drop, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each with a connection of its own to the same server, and a complete upload in its folder."""
    account = openssh_drop.account
    for district in DISTRICTS:
        folder = openssh_drop.path / district
        folder.mkdir()
        Drop(account, folder).fill()
        (folder / "school.csv").rename(folder / "schools.csv")
        connection = {
            "conn_type": "sftp",
            "host": account.host,
            "port": account.port,
            "login": account.username,
            "extra": {"host_key": account.host_key, "private_key": account.private_key},
        }
        monkeypatch.setenv(f"AIRFLOW_CONN_SFTP_{district.upper()}", json.dumps(connection))
    return DISTRICTS


async def _wait(district: str, folder: Path) -> dict[str, Any]:
    from rostersync.orchestration.trigger import UploadTrigger

    trigger = UploadTrigger(
        conn_id=f"sftp_{district}",
        folder=str(folder),
        plan={
            "files": {name: f"{name}.csv" for name in REQUIRED},
            "deadline": time.time() + 200,
            "quiet": 0.2,
        },
        poll=0.2,  # and so they start within a fifth of a second
    )
    (event,) = [e.payload async for e in trigger.run()]
    return event


def test_sixty_districts_that_look_at_once_are_all_let_in(
    districts: list[str], openssh_drop: Drop
) -> None:
    async def all_at_once() -> list[dict[str, Any]]:
        return await asyncio.gather(*(_wait(d, openssh_drop.path / d) for d in districts))

    events = asyncio.run(all_at_once())
    assert [e["outcome"] for e in events] == ["complete"] * len(districts)
    assert [len(e["files"]) for e in events] == [len(REQUIRED)] * len(districts)
    said = (openssh_drop.path.parent / "log").read_text()
    assert said.count("Accepted publickey") >= len(districts)
    assert "MaxStartups" not in said, "it turned somebody away"
