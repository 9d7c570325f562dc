"""Sample uploads as a night after a good one, into a real warehouse: what a bad file leaves of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from rostersync.cli.exits import exit_code
from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.ledger.results import RunResult
from rostersync.pipeline.ground.run import new_run
from rostersync.pipeline.steps.sync import sync_folder
from rostersync.spec import Domain, entities_of
from tests.uploads.cases import BASE, Case, load, names
from tests.uploads.compare import assert_findings

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

NIGHTS = [n for n in names() if load(n).night]


@dataclass(frozen=True)
class Place:
    """A warehouse, the archive beside it, and what the warehouse said after the good night."""

    warehouse: str
    archive: Path
    tables: dict[str, list[Any]]

    def sync(self, case: Case, slot: str, upload: Path) -> RunResult:
        run = new_run(case.config, slot, archive=self.archive, warehouse=self.warehouse)
        return sync_folder(run, case.lay_out(upload))


@pytest.fixture(scope="session")
def good_night(
    tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]
) -> Place:
    """The base, loaded."""
    folder = tmp_path_factory.mktemp("good")
    place = Place(fresh_warehouse(), folder / "archive", {})
    result = place.sync(load(BASE), "2026-09-01", folder / "upload")
    assert (result.outcome, exit_code(result)) == ("loaded", 0)
    return Place(place.warehouse, place.archive, contents(place.warehouse))


@pytest.fixture
def place(good_night: Place, postgres: EmbeddedPostgres, tmp_path: Path) -> Place:
    """A copy of the good night: no case sees another's."""
    name = conninfo_to_dict(good_night.warehouse)["dbname"]
    with psycopg.connect(postgres.dsn("postgres"), autocommit=True) as conn:
        conn.execute(f"drop database if exists {name}_copy")
        conn.execute(f"create database {name}_copy template {name}")
    shutil.copytree(good_night.archive, tmp_path / "archive")
    url = good_night.warehouse.replace(f"/{name}", f"/{name}_copy")
    return Place(url, tmp_path / "archive", good_night.tables)


def contents(warehouse: str) -> dict[str, list[Any]]:
    """What consumers read, by entity: contract columns only, provenance may move."""
    found = {}
    with psycopg.connect(warehouse) as conn:
        for entity in entities_of(Domain.CORE):
            columns = ", ".join(f'"{c.name}"' for c in entity.columns)
            rows = conn.execute(f"select {columns} from roster.{entity.name}").fetchall()
            found[entity.name] = sorted(rows, key=repr)
    return found


@pytest.mark.parametrize("name", NIGHTS)
def test_night_after_a_good_one(name: str, place: Place, tmp_path: Path) -> None:
    case = load(name)
    night = case.night
    assert night
    result = place.sync(case, "2026-09-02", tmp_path / "upload")
    assert (exit_code(result), result.outcome) == (night.exit, night.outcome), result.message
    for file, found in json.loads(json.dumps(result.to_json()))["files"].items():
        expected = night.files.get(file) or case.of_file(file)
        if file not in {*night.files, *case.files} and not result.outcome.is_success:
            assert found["records"] == expected.records, file
            continue
        # `identical` is what the ledger calls a good file that is as it was the night before
        got = {**found, "state": found["state"].replace("identical", "accepted")}
        assert {k: got[k] for k in expected.counts} == expected.counts, file
        assert_findings(file, got["findings"], expected.findings)

    moved = {
        entity: {k: n for k in ("added", "changed", "removed") if (n := getattr(diff, k))}
        for entity, diff in result.changes.items()
    }
    assert {e: m for e, m in moved.items() if m} == night.changes
    assert {e: result.changes[e].carried for e in night.carried} == night.carried
    for entity, rows in contents(place.warehouse).items():
        if entity not in night.changes:
            assert rows == place.tables[entity], entity
