"""Lives through a world's random histories and holds each against the in-order fold and the model."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import errors

from rostersync.archive import Archive
from rostersync.spec import ENTITIES, Domain, entities_of
from rostersync.warehouse import count_drift, draft
from tests.warehouse.columns import with_columns
from tests.warehouse.fold import GROWN, TABLES, Fold, digests, everything, run_of
from tests.warehouse.histories import (
    Event,
    History,
    random_history,
    random_world,
    upgraded,
    with_contacts,
    with_half,
    with_more,
    with_restores,
    with_unsent,
)
from tests.warehouse.limited import with_limits
from tests.warehouse.model import BrokenPromiseError, States, check_diff, check_fold, check_ties
from tests.warehouse.removals import with_removal


class LivingWorld:
    """A world in one warehouse. ``conn``: autocommit on; the warehouse is this world's alone.

    What holds of a fold is a function of what is in it, so it is looked at once for each set of final
    landings, in the order of their slots; a history that reads the same holds the same.
    """

    def __init__(self, seed: int, folder: Path) -> None:
        self.world = with_more(
            with_contacts(with_columns(with_half(with_unsent(random_world(seed)))))
        )
        archive = Archive(folder)
        self.states = States(archive)
        self.fold = Fold(
            archive,
            self.world,
            lambda landing, diff, previous: check_diff(self.states, landing, diff, previous),
            lambda *judged: check_ties(self.states, *judged),
        )
        with GROWN():
            self.world = self.fold.world = with_limits(self.fold)
            self.world = self.fold.world = with_restores(self.world, self.fold.earliest())
        self.drawn: Counter[str] = Counter()
        self.in_order: dict[tuple[Event, ...], dict[str, str | None]] = {}

    def anew(self) -> Self:
        """The same world with its diffs, in a warehouse that has not seen it."""
        twin = copy(self)
        twin.in_order = {}
        twin.drawn = Counter()
        return twin

    def history(self, n: int) -> History:
        """The world's n-th history; in every fifth the contract grows."""
        history = random_history(random.Random(f"{self.world.seed}/{n}"), self.world)
        if n % 5 == 0:
            history = upgraded(random.Random(f"{self.world.seed}/{n}/upgrade"), self.world, history)
        return with_removal(random.Random(f"{self.world.seed}/{n}/removal"), history)

    def live(self, conn: Any, n: int) -> None:
        """Live through the n-th history. Raises BrokenPromiseError with all that is needed to repeat it."""
        history = self.history(n)
        self.drawn += history.drawn(self.world)
        try:
            expected = self.expected(conn, history.final)
            self.fold.apply(conn, f"h{n}", history)
            seen = digests(conn, f"h{n}")
            if wrong := [table for table in expected if seen[table] != expected[table]]:
                raise BrokenPromiseError(f"not as in order: {', '.join(wrong)}")
        except (
            BrokenPromiseError,
            errors.IntegrityError,
        ) as error:  # the tables' constraints tell, too
            again = f"ROSTERSYNC_HISTORY={self.world.seed}/{n}"
            raise BrokenPromiseError(
                f"{error}\n{again} lives through it alone:\n{history}"
            ) from error

    def expected(self, conn: Any, final: tuple[Event, ...]) -> dict[str, str | None]:
        """The digests of the in-order fold of these landings. Raises BrokenPromiseError."""
        if final not in self.in_order:
            district = "in_order_" + "_".join(f"{slot[-2:]}{number}" for slot, number in final)
            self.fold.apply_in_order(conn, district, final)
            seen = everything(conn, district)
            check_fold(self.states, self.world, final, seen, {e: run_of(e) for e in final})
            drift = count_drift(conn, district, Domain.CORE, final[-1][0])
            if found := [name for name, one in drift.items() if one.is_found]:
                raise BrokenPromiseError(f"drift where nobody wrote: {', '.join(found)}")
            self.in_order[final] = digests(conn, district)
        return self.in_order[final]


@contextmanager
def warehouse_of(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A new warehouse, migrated to the release in which the contract has grown; that one runs meanwhile."""
    with psycopg.connect(url, autocommit=True) as conn, GROWN():
        conn.execute(draft(ENTITIES["parents"]))  # type: ignore[arg-type]
        yield conn


def empty(conn: Any) -> None:
    """Make a warehouse a new one, for the next world."""
    views = {view for e in ENTITIES.values() for view in (e.history_view, e.log_view)}
    logs = [e.log_table for e in entities_of(Domain.CORE)]
    conn.execute(f"truncate {', '.join([*logs, *(t for t in TABLES if t not in views)])}")
