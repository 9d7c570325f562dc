"""A made-up district with its archive and warehouse, for whole runs without Airflow."""

from __future__ import annotations

import copy
import itertools
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import psycopg

from rostersync.engine.postgres import connect
from rostersync.ledger.holds import OpenedHold, find_holds
from rostersync.ledger.results import RunResult
from rostersync.pipeline.decisions.approve import approve
from rostersync.pipeline.ground.run import Run, new_run
from rostersync.pipeline.steps.sync import sync_folder
from rostersync.spec import Domain
from tests.support.districts import todays_suites, write_config
from tests.warehouse.fold import everything

Copy = Callable[[str], str]
"""URL of a warehouse -> URL of a copy of it."""


class District:
    """What every test of a whole run does; a subclass knows what its district sends.

    Slots may be given as the day of September 2026.
    """

    def __init__(
        self, folder: Path, warehouse: str, *, more: str = "", first_load: str = "auto"
    ) -> None:
        self.folder = folder
        self.warehouse = warehouse
        self.archive = str(folder / "archive")
        self.cfg = write_config(folder / "districts", more=more, first_load=first_load)
        self._numbers = itertools.count(1)

    def again(self, folder: Path, copy_warehouse: Copy) -> Self:
        """The same district with its past, in copies of archive and warehouse: what nights cost once."""
        twin = copy.copy(self)
        twin.folder = folder
        twin.archive = str(folder / "archive")
        shutil.copytree(self.archive, twin.archive)
        shutil.copytree(self.folder / "districts", folder / "districts")
        twin.warehouse = copy_warehouse(self.warehouse)
        twin._numbers = itertools.count(100)
        return twin

    def fresh(self) -> Path:
        """A folder for the next upload."""
        return self.folder / f"upload-{next(self._numbers)}"

    def run(self, slot: str | int, domain: Domain = Domain.CORE) -> Run:
        slot = f"2026-09-{slot:02}" if isinstance(slot, int) else slot
        where = {"archive": self.archive, "warehouse": self.warehouse}
        return new_run(self.cfg, slot, **where, domain=domain, suites=todays_suites())

    def sync_upload(
        self,
        slot: str | int,
        upload: Path,
        domain: Domain = Domain.CORE,
        *,
        now: datetime | None = None,
    ) -> RunResult:
        return sync_folder(self.run(slot, domain), upload, now=now)

    def holds(self) -> list[OpenedHold]:
        """Oldest first."""
        with connect(self.warehouse) as conn:
            return find_holds(conn, district=self.cfg.id)[::-1]

    def hold(self) -> OpenedHold:
        """The newest one."""
        return self.holds()[-1]

    def approve(self, hold: OpenedHold, *slices: str, why: str = "they moved") -> RunResult:
        return approve(self.run(hold.slot), hold, slices=slices or None, who="pat", why=why)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.warehouse) as conn:
            return conn.execute(query).fetchall()

    def students(self) -> set[str]:
        return {student for (student,) in self.rows("select student_id from roster.students")}

    def tables(self) -> dict[str, list[Any]]:
        """What consumers see, without run ids (they differ from run to run)."""
        with psycopg.connect(self.warehouse) as conn:
            seen = everything(conn, self.cfg.id)
        return {
            table: sorted(
                ({k: v for k, v in row.items() if not k.endswith("run_id")} for row in rows),
                key=repr,
            )
            for table, rows in seen.items()
        }
