"""A load may be killed at any moment: run again, the warehouse is as after an undisturbed run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rostersync.config import DistrictConfig
from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.errors import WarehouseUnavailableError
from rostersync.pipeline.ground.run import Run, new_run
from rostersync.pipeline.ground.stage import stage
from rostersync.pipeline.ground.validate import validate
from rostersync.pipeline.steps.diff import diff
from rostersync.pipeline.steps.land import land_folder
from rostersync.pipeline.steps.load import load
from rostersync.warehouse import migrate
from tests.support.districts import write_config, write_nights
from tests.support.postgres import kill_server, temporary_postgres
from tests.warehouse.fold import everything

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SLOTS = ("2026-09-01", "2026-09-02")


@dataclass
class Twin:
    """One district's two nights, landed and validated once, for two warehouses."""

    server: EmbeddedPostgres
    cfg: DistrictConfig
    config: Path
    archive: Path

    def warehouse(self, name: str) -> str:
        self.server.create_database(name, "postgres")
        url = self.server.dsn(name)
        migrate(url)
        return url

    def run(self, slot: str, warehouse: str) -> Run:
        run_id = str(
            uuid.uuid5(uuid.NAMESPACE_OID, slot)
        )  # the same in both, so all can be compared
        return new_run(self.cfg, slot, archive=self.archive, warehouse=warehouse, run_id=run_id)

    def contents(self, warehouse: str) -> dict[str, list[Any]]:
        with psycopg.connect(warehouse) as conn:
            return everything(conn, self.cfg.id)


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    folder = tmp_path_factory.mktemp("twin")
    with temporary_postgres() as server:
        cfg = write_config(folder / "districts")
        twin = Twin(server, cfg, folder / "districts" / f"{cfg.id}.yaml", folder / "archive")
        undisturbed = twin.warehouse("undisturbed")
        for slot, upload in zip(SLOTS, write_nights(folder / "uploads"), strict=True):
            run = twin.run(slot, undisturbed)
            landing = land_folder(run, upload)
            stage(run, landing)
            validate(run, landing)
            diff(run, landing)
            load(run, landing)
        yield twin


@pytest.fixture
def half(twin: Twin) -> str:
    """A warehouse with the first night loaded."""
    url = twin.warehouse(f"half_{uuid.uuid4().hex[:8]}")
    load(twin.run(SLOTS[0], url), 1)
    return url


@pytest.mark.parametrize(
    ("at", "nth"),
    [
        ("locked", 1),
        ("copied", 1),
        ("copied", 4),
        ("merged", 1),
        ("recorded", 1),
        ("before_commit", 1),
        ("committed", 1),
    ],
)
def test_killed_load_completes_on_the_next_run(
    twin: Twin, half: str, at: str, nth: int, tmp_path: Path
) -> None:
    expected = twin.contents(twin.server.dsn("undisturbed"))
    before = twin.contents(half)
    run = twin.run(SLOTS[1], half)
    arguments = [twin.config, SLOTS[1], twin.archive, half, run.run_id, 1, at, nth]
    child = subprocess.run(
        [sys.executable, "-m", "tests.integration.crash_load", *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(tmp_path)},  # who is killed leaves its scratch folder
        check=False,
    )
    assert child.returncode == -signal.SIGKILL
    assert twin.contents(half) == (expected if at == "committed" else before)
    load(run, 1)
    assert twin.contents(half) == expected


@pytest.mark.parametrize("at", ["copied", "merged", "before_commit"])
def test_postgres_killed_in_the_middle_of_a_load(twin: Twin, half: str, at: str) -> None:
    expected = twin.contents(twin.server.dsn("undisturbed"))
    before = twin.contents(half)
    run = twin.run(SLOTS[1], half)

    def kill(passed: str) -> None:
        if passed == at and twin.server.is_running():
            kill_server(twin.server)

    with pytest.raises(WarehouseUnavailableError, match="run the slot again"):
        load(run, 1, on_stage=kill)
    twin.server.start()
    assert twin.contents(half) == before
    load(run, 1)
    assert twin.contents(half) == expected
