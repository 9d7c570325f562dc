"""A small district whose receiver is upgraded between two of its nights."""

from __future__ import annotations

import csv
import itertools
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg

from rostersync import paths
from rostersync.archive import Archive
from rostersync.ledger.results import RunResult
from rostersync.pipeline.decisions.restore import restore
from rostersync.pipeline.ground.run import Run, new_run
from rostersync.pipeline.steps.sync import replay, sync_folder
from rostersync.pipeline.upkeep.rebuild import keep_ledger, rebuild
from rostersync.pipeline.watch.drift import find_drift
from rostersync.spec import ENTITIES, FILES, Domain, Kind
from rostersync.validation import Suites, load_suites
from rostersync.validation.fixed import fixed_rules
from rostersync.warehouse import draft
from tests.support.district import Copy
from tests.support.districts import write_config
from tests.support.uploads import write_core

Rows = dict[str, list[dict[str, str]]]
"""Records of an upload by file."""


class GrowingDistrict:
    """One district in one warehouse; every upload has a folder of its own.

    ``suites``: of the release that runs; None: the repository's.
    """

    def __init__(self, folder: Path, warehouse: str) -> None:
        self.folder = folder
        self.warehouse = warehouse
        self.cfg = write_config(folder / "districts")
        self.archive = Archive(folder / "archive")
        self.suites: Suites | None = None
        self._numbers = itertools.count(1)

    def again(self, folder: Path, copy_warehouse: Copy) -> GrowingDistrict:
        """The same district with its past, in copies of archive and warehouse."""
        shutil.copytree(self.folder / "archive", folder / "archive")
        return GrowingDistrict(folder, copy_warehouse(self.warehouse))

    def run(self, day: int) -> Run:
        slot = f"2026-09-{day:02}"
        where = {"archive": self.archive.url, "warehouse": self.warehouse, "suites": self.suites}
        return new_run(self.cfg, slot, **where)

    def sync(
        self,
        day: int,
        students: Iterable[str] = ("s1", "s2", "s3"),
        *,
        more: Callable[[Rows], None] = lambda rows: None,
    ) -> RunResult:
        """A night. ``more``: what its upload has otherwise."""
        folder = write_core(self.folder / f"upload-{next(self._numbers)}", list(students))
        rows: Rows = {f.stem: list(csv.DictReader(f.open())) for f in folder.glob("*.csv")}
        more(rows)
        for name, records in rows.items():
            with (folder / f"{name}.csv").open("w", newline="") as file:
                columns = dict.fromkeys(column for record in records for column in record)
                writer = csv.DictWriter(file, list(columns), lineterminator="\n")
                writer.writeheader()
                writer.writerows(records)
        return sync_folder(self.run(day), folder)

    def upgrade(self, *entities: str) -> None:
        """Run the migration of a release in which these entities grew."""
        _upgrade(self.warehouse, entities)

    def migrate(self, name: str) -> None:
        """Run one of the repository's migrations, now."""
        text = (paths.sql_folder() / "postgres" / "migrations" / name).read_text()
        with psycopg.connect(self.warehouse) as conn:
            conn.execute(text)  # type: ignore[arg-type]

    def with_rules(self, change: Callable[[str, list[Any]], None], **new: dict[str, Any]) -> None:
        """Take other suites from now on. ``change``: given a file's name and its expectations; ``new``: by
        file, suites that there were not before."""
        folder = self.folder / f"suites-{next(self._numbers)}"
        shutil.copytree(paths.expectations_folder(), folder)
        for suite in folder.glob("*.json"):
            document = json.loads(suite.read_text())
            change(suite.stem, document.get("expectations", []))
            suite.write_text(json.dumps(document))
        for name, document in new.items():
            (folder / f"{name}.json").write_text(json.dumps(document))
        self.suites = load_suites(folder)

    def replay(self, **more: Any) -> dict[str, RunResult]:
        return replay(self.run(1), **more)

    def restore(self, newest: int, to: int, **more: Any) -> None:
        run = self.run(newest)
        restore(run, to=f"2026-09-{to:02}", who="pat", why="half an export", **more)

    def beside(self, warehouse: str, *entities: str) -> str:
        """The district in another warehouse, in which these entities grew, from the archive alone."""
        _upgrade(warehouse, entities)
        keep_ledger(self.warehouse, self.archive, self.cfg.id)
        rebuild(warehouse, self.archive, self.cfg.id)
        return warehouse

    def drift(self) -> list[str]:
        """Tables that differ from the archive, row by row."""
        where = {"district": self.cfg.id, "domain": Domain.CORE}
        return list(find_drift(self.warehouse, self.archive, full=True, **where).found)

    def rows(self, table: str, columns: str, warehouse: str | None = None) -> list[tuple[Any, ...]]:
        """Of a table, in order."""
        with psycopg.connect(warehouse or self.warehouse) as conn:
            return conn.execute(f"select {columns} from {table} order by {columns}").fetchall()  # type: ignore[call-overload]

    def everything(self, warehouse: str | None = None) -> dict[str, list[str]]:
        """Every row of current, log and history, and of the fold's own record; but for times and run ids."""
        tables = [t for e in ENTITIES.values() for t in (e.table, e.log_table, e.history_view)]
        seen = {}
        with psycopg.connect(warehouse or self.warehouse) as conn:
            for table in (*tables, "sync.slots", "sync.slot_changes"):
                rows = f"select to_jsonb(t) - 'applied_at' - '_run_id' - 'run_id' from {table} as t"
                seen[table] = sorted(str(row) for (row,) in conn.execute(rows))  # type: ignore[call-overload]
        return seen

    def states(self) -> set[str]:
        """The names of all archived states."""
        root = f"{self.cfg.id}/core/states"
        return {
            f"{entity}/{name}"
            for entity in self.archive.list_names(root)
            for name in self.archive.list_names(f"{root}/{entity}")
        }


def _upgrade(warehouse: str, entities: Iterable[str]) -> None:
    with psycopg.connect(warehouse) as conn:
        for name in entities:
            conn.execute(draft(ENTITIES[name]))  # type: ignore[arg-type]


def suite_of(file: str) -> dict[str, Any]:
    """The least suite that the contract asks of a file."""
    ids = [c.name for c in FILES[file].columns if c.kind is Kind.ID]
    present = [c.name for c in FILES[file].columns if c.required]
    rules: list[tuple[str, str, str, dict[str, Any]]] = [
        (
            f"{file}.{{column}}.present",
            "error",
            "expect_columns_to_be_present",
            {"columns": present},
        ),
        (f"{file}.{{column}}.clean", "error", "expect_columns_to_hold_clean_ids", {"columns": ids}),
        *((f.rule, f.severity, f.type, f.kwargs) for f in fixed_rules(file)),
    ]
    return {
        "name": file,
        "expectations": [
            {
                "type": kind,
                "kwargs": kwargs,
                "meta": {
                    "rule": rule,
                    "severity": severity,
                    "reason": "new",
                    "hint": "Correct {column}."
                    if "{column}" in rule
                    else f"Correct {', '.join(present)}.",
                    **({"phase": "resolve"} if "{column}" not in rule else {}),
                },
            }
            for rule, severity, kind, kwargs in rules
        ],
    }
