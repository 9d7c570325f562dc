"""Same landings, same warehouse, whatever the order of arrival (the fold and its splice)."""

from __future__ import annotations

import os
import random
from pathlib import Path

import psycopg
import pytest

from rostersync.archive import Archive
from rostersync.warehouse import splice
from tests.warehouse.fold import ENTITIES, Fold, as_of, differing_orders
from tests.warehouse.histories import random_history

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

HISTORIES = int(os.environ.get("ROSTERSYNC_HISTORIES", "50"))
SEED = int(os.environ.get("ROSTERSYNC_SEED", "20260901"))
_PARTS = 10


@pytest.mark.parametrize("part", range(_PARTS))
def test_shuffled_arrivals_equal_the_in_order_fold(
    part: int, warehouse: str, tmp_path: Path
) -> None:
    with psycopg.connect(warehouse, autocommit=True) as conn:
        for n in range(part, HISTORIES, _PARTS):
            rng = random.Random(SEED + n)
            history = random_history(rng)
            fold = Fold(Archive(tmp_path / str(n)), history)
            orders = 2 if n < _PARTS else 1
            wrong = differing_orders(fold, history, conn, rng, f"d{n}", orders=orders)
            assert not wrong, f"seed {SEED + n}: {wrong}"
            _check_history_views(fold, conn, f"d{n}_0")


def _check_history_views(fold: Fold, conn: psycopg.Connection, district: str) -> None:
    """As of each slot the history views have exactly the archived state of that slot."""
    for slot, states in fold.states(conn, district).items():
        for entity in ENTITIES:
            assert as_of(conn, district, entity, slot) == states[entity.name], (slot, entity.name)


@pytest.mark.parametrize(
    "broken", ["later slots are not recomputed", "current is not brought in line"]
)
def test_a_broken_splice_is_caught(
    broken: str, warehouse: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if broken == "later slots are not recomputed":
        monkeypatch.setattr(splice, "_stands", lambda later, state: True)
    else:
        monkeypatch.setattr(splice._Writer, "finish", lambda self: None)
    with psycopg.connect(warehouse, autocommit=True) as conn:
        for n in range(10):
            rng = random.Random(SEED + n)
            history = random_history(rng)
            fold = Fold(Archive(tmp_path / str(n)), history)
            try:
                wrong = differing_orders(fold, history, conn, rng, f"d{n}", orders=1)
            except psycopg.errors.IntegrityError:
                return  # the broken order contradicts itself, and the tables' own constraints say so
            if wrong:
                return
    pytest.fail("ten histories did not notice")
