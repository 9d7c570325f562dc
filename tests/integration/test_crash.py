"""A load may be killed at any moment: run again, the warehouse is as after an undisturbed run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
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
from tests.support.postgres import copy_database, kill_server, temporary_postgres
from tests.warehouse.fold import everything

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

Mortal = Callable[[list[Any]], int]
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


@pytest.fixture(scope="module")
def first(twin: Twin) -> str:
    """The first night is loaded, once."""
    url = twin.warehouse("first")
    load(twin.run(SLOTS[0], url), 1)
    return url


@pytest.fixture
def half(twin: Twin, first: str) -> str:
    """A warehouse with the first night loaded."""
    return copy_database(twin.server, first)


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mortal]:
    """How a load ends that dies on its way, in a process of its own."""
    scratch = str(tmp_path_factory.mktemp("scratch"))  # who is killed leaves its folder
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.crash_load"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": scratch},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as loads:
        assert loads.stdin
        assert loads.stdout
        ask, answers = loads.stdin, loads.stdout

        def mortal(arguments: list[Any]) -> int:
            print(json.dumps(arguments, default=str), file=ask, flush=True)
            return int(answers.readline())

        yield mortal


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
    twin: Twin, half: str, mortal: Mortal, at: str, nth: int
) -> None:
    expected = twin.contents(twin.server.dsn("undisturbed"))
    before = twin.contents(half)
    run = twin.run(SLOTS[1], half)
    arguments = [twin.config, SLOTS[1], twin.archive, half, run.run_id, 1, at, nth]
    assert mortal(arguments) == -signal.SIGKILL
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
