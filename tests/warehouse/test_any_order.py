"""Same landings, same warehouse, whatever the order of arrival and wherever a step failed (the fold)."""

from __future__ import annotations

import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rostersync.diff.resolve import Resolver
from rostersync.engine.sql import quote
from rostersync.fold import Settled, SlotDiff
from rostersync.ledger.slots import record_slot
from rostersync.warehouse import splice
from tests.support.drawn import DRAWN
from tests.warehouse.fold import BEFORE, GROWN
from tests.warehouse.living import LivingWorld, empty, warehouse_of
from tests.warehouse.model import BrokenPromiseError

HISTORIES = int(os.environ.get("ROSTERSYNC_HISTORIES", "240"))
SEED = int(os.environ.get("ROSTERSYNC_SEED", "20260901"))
ONE = os.environ.get("ROSTERSYNC_HISTORY")  # "world's seed/number": this one alone
PER_WORLD = 30 if HISTORIES <= 1000 else 200
"""Histories of one world: its uploads are resolved once, and another world has other uploads."""

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.timeout(600 + HISTORIES),
]

_WORLDS = -(-HISTORIES // PER_WORLD)
_PARTS = min(_WORLDS, 10)

Told = Callable[[str, object], None]


@pytest.mark.parametrize("part", range(_PARTS))
def test_any_order_with_failures_equals_the_in_order_fold(
    part: int,
    warehouse: str,
    tmp_path: Path,
    record_property: Told,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lived = computed = failed = 0
    drawn: Counter[str] = Counter()
    started = time.perf_counter()
    with warehouse_of(warehouse) as conn:
        for seed, numbers in _share(part):
            world = LivingWorld(seed, tmp_path / str(seed))
            for n in numbers:
                world.live(conn, n)
            empty(conn)
            lived += len(numbers)
            computed += world.fold.computed
            failed += sum(world.fold.failed.values())
            drawn += world.drawn
            if HISTORIES > 1000:
                pace = (time.perf_counter() - started) / lived
                with capsys.disabled():
                    print(f"part {part}: {lived} histories, {pace:.2f} s each", file=sys.stderr)
    for name, count in (("histories", lived), ("diffs", computed), ("failures", failed)):
        record_property(name, count)
    for name, count in drawn.items():
        record_property(f"{DRAWN}{name}", count)


@pytest.mark.parametrize(("seed", "n"), [(20260904, 19), (20260910, 1)])
def test_a_history_that_once_broke_its_promise_keeps_it(
    seed: int, n: int, warehouse: str, tmp_path: Path
) -> None:
    """Found by the long run: students without a place at their own school."""
    with warehouse_of(warehouse) as conn:
        LivingWorld(seed, tmp_path).live(conn, n)


def test_the_contract_grows_in_a_district_with_groups(warehouse: str, tmp_path: Path) -> None:
    """Members stored under the former key, and nights of both releases (every fifth history)."""
    world = LivingWorld(20260908, tmp_path)
    with warehouse_of(warehouse) as conn:
        for n in (0, 5, 10, 15):
            assert world.history(n).grows_at
            world.live(conn, n)
        by_release = "count(*) filter (where position(' ' in member_key) = 0), count(*)"
        former, members = conn.execute(
            f"select {by_release} from roster_log.group_user_members"
        ).fetchone() or (0, 0)
    assert 0 < former < members
    assert {release for release, *_ in world.fold.diffs} == {BEFORE, GROWN}


def _share(part: int) -> Iterator[tuple[int, range]]:
    """The worlds of a part, each with the numbers of its histories."""
    if ONE:
        seed, _, n = ONE.partition("/")
        if part == 0:
            yield int(seed), range(int(n), int(n) + 1)
        return
    for world in range(part, _WORLDS, _PARTS):
        yield SEED + world, range(min(PER_WORLD, HISTORIES - world * PER_WORLD))


def _later_slots_stand(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(splice, "_still_applies", lambda later, state: True)


def _current_is_left_alone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(splice._Writer, "finish", lambda self: None)


def _old_slices_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(splice._Writer, "_logged", lambda self, slot: set())


def _a_load_commits_in_the_middle(patch: pytest.MonkeyPatch) -> None:
    whole = splice.copy_changes

    def half(conn: Any, *rest: Any) -> None:
        whole(conn, *rest)
        conn.execute("commit")
        conn.execute("begin")

    patch.setattr(splice, "copy_changes", half)


def _decisions_are_not_recorded(patch: pytest.MonkeyPatch) -> None:
    def forgetful(conn: Any, district: str, domain: Any, diff: SlotDiff, run_id: str) -> None:
        forgotten = replace(diff, settled=Settled(foreign=diff.settled.foreign))
        record_slot(conn, district, domain, forgotten, run_id)

    patch.setattr(splice, "record_slot", forgetful)


def _decisions_are_lost_when_recomputed(patch: pytest.MonkeyPatch) -> None:
    still_applies = splice._still_applies

    def forgetful(later: Any, state: dict[str, str]) -> bool:
        if still_applies(later, state):
            return True
        object.__setattr__(
            later, "settled", Settled()
        )  # it is about to be computed again, with this
        return False

    patch.setattr(splice, "_still_applies", forgetful)


def _files_are_not_compared_again(patch: pytest.MonkeyPatch) -> None:
    after = splice.state_after

    def forgetful(state: dict[str, str], slot: Any) -> dict[str, str]:
        return {k: v for k, v in after(state, slot).items() if not k.endswith(".csv")}

    patch.setattr(splice, "state_after", forgetful)


def _drop_frozen_rows(patch: pytest.MonkeyPatch) -> None:
    count = Resolver.count

    def dropping(self: Resolver, name: str, **identifiers: Any) -> int:
        rows = count(self, name, **identifiers)
        if name == "carried":
            table = quote(f"carried_{identifiers['entity'].name}")
            self.session.con.execute(f"delete from {table} where _reason = 'frozen'")
        return rows

    patch.setattr(Resolver, "count", dropping)


@pytest.fixture(scope="module")
def two_worlds(tmp_path_factory: pytest.TempPathFactory) -> list[LivingWorld]:
    """Much is held in them; their diffs are computed once for all that is broken in the warehouse."""
    return [LivingWorld(seed, tmp_path_factory.mktemp("world")) for seed in (20260911, 20260915)]


@pytest.mark.parametrize(
    ("broken", "noticed"),
    [
        (_later_slots_stand, "not as in order"),
        (_current_is_left_alone, "not as in order|current is not the newest state"),
        (_old_slices_stay, "duplicate key"),
        (
            _a_load_commits_in_the_middle,
            "not as in order|duplicate key|current is not the newest state",
        ),
        (_decisions_are_not_recorded, "what was decided about .* is not recorded"),
        (_decisions_are_lost_when_recomputed, "not as in order: .*sync.slots"),
        (_files_are_not_compared_again, "not as in order: .*sync.slots|taken for cut"),
    ],
    ids=lambda one: one.__name__.strip("_") if callable(one) else "",
)
def test_a_broken_splice_is_caught(
    broken: Callable[[pytest.MonkeyPatch], None],
    noticed: str,
    two_worlds: list[LivingWorld],
    warehouse: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken(monkeypatch)
    _is_noticed(warehouse, [world.anew() for world in two_worlds], noticed)


def test_a_dropped_frozen_row_is_caught(
    warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _drop_frozen_rows(monkeypatch)
    worlds = (LivingWorld(SEED + n, tmp_path / str(n)) for n in range(5))
    _is_noticed(warehouse, worlds, "a row that must stay is gone")


def _is_noticed(warehouse: str, worlds: Iterable[LivingWorld], noticed: str) -> None:
    """By a world's own diffs, or by one of its histories."""
    with warehouse_of(warehouse) as conn:
        try:
            for world in worlds:
                for n in range(25):
                    world.live(conn, n)
                empty(conn)
        except BrokenPromiseError as error:
            assert re.search(noticed, str(error).splitlines()[0])  # noqa: PT017
            return
    pytest.fail("no history noticed")
