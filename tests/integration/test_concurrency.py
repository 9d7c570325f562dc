"""Loads at the same moment, of one district and of many: nobody waits for ever, nothing is lost."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from rostersync.ledger.results import Outcome
from rostersync.pipeline.ground.run import Run, new_run
from rostersync.pipeline.steps.load import load
from rostersync.pipeline.steps.sync import sync_folder
from tests.support.districts import write_config, write_nights
from tests.warehouse.fold import digests
from tests.warehouse.histories import History
from tests.warehouse.living import LivingWorld

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

DISTRICTS = 20
WORLD = 20260901


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> LivingWorld:
    return LivingWorld(WORLD, tmp_path_factory.mktemp("world"))


def _replayed(history: History) -> list[History]:
    """The landings of a history with their decisions known, without failures: one history for each."""
    return [
        History((replace(step, waits=False, fails=None, later=False),))
        for step in history.steps
        if step.kind == "land"
    ]


def _landed(history: History) -> History:
    """All of these in one history: a slot that is taken out and put back cannot come at once with others."""
    return History(tuple(step for part in _replayed(history) for step in part.steps))


def _apply(world: LivingWorld, warehouse: str, district: str, history: History) -> None:
    with psycopg.connect(warehouse, autocommit=True) as conn:
        conn.execute("set lock_timeout = '60s'")
        world.fold.apply(conn, district, history)


def test_landings_of_one_district_at_once_equal_the_in_order_fold(
    warehouse: str, world: LivingWorld
) -> None:
    world = world.anew()
    with psycopg.connect(warehouse, autocommit=True) as conn, ThreadPoolExecutor(4) as pool:
        for n in range(8):
            history = world.history(n)
            at_once = [
                pool.submit(_apply, world, warehouse, f"d{n}", part) for part in _replayed(history)
            ]
            for one in at_once:
                one.result(timeout=120)
            final = _landed(history).final
            assert digests(conn, f"d{n}") == world.expected(conn, final), str(history)


def test_twenty_districts_at_once_are_each_as_if_alone(warehouse: str, world: LivingWorld) -> None:
    world = world.anew()
    histories = {f"d{n}": _landed(world.history(n)) for n in range(DISTRICTS)}
    with psycopg.connect(warehouse, autocommit=True) as conn, ThreadPoolExecutor(DISTRICTS) as pool:
        # in order first: then the diffs are known, and what runs at once is Postgres
        expected = {d: world.expected(conn, h.final) for d, h in histories.items()}
        at_once = [pool.submit(_apply, world, warehouse, d, h) for d, h in histories.items()]
        for one in at_once:
            one.result(timeout=120)
        assert {d: digests(conn, d) for d in histories} == expected


def test_two_nights_loaded_at_once_are_as_one_after_the_other(
    fresh_warehouse: Callable[[], str], tmp_path: Path
) -> None:
    cfg = write_config(tmp_path / "districts")
    slots = ("2026-09-01", "2026-09-02")

    def run(slot: str, warehouse: str) -> Run:
        run_id = str(uuid.uuid5(uuid.NAMESPACE_OID, slot))
        return new_run(cfg, slot, archive=tmp_path / "archive", warehouse=warehouse, run_id=run_id)

    one_by_one, at_once = fresh_warehouse(), fresh_warehouse()
    for slot, upload in zip(slots, write_nights(tmp_path / "uploads"), strict=True):
        sync_folder(run(slot, one_by_one), upload)
    with ThreadPoolExecutor(4) as pool:
        loads = [pool.submit(load, run(slot, at_once), 1) for slot in (*slots[::-1], *slots)]
        outcomes = [one.result(timeout=120).outcome for one in loads]
    assert set(outcomes) <= {Outcome.LOADED, Outcome.IDENTICAL}
    with psycopg.connect(one_by_one) as first, psycopg.connect(at_once) as second:
        assert digests(second, cfg.id) == digests(first, cfg.id)
        runs = second.execute("select count(*) from sync.runs").fetchone()
    assert runs == (2,)
