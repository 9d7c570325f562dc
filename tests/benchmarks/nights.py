"""Core: two nights of a generated district, a first load and a delta."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.spec import Domain
from rostersync.synthetic.generate import generate
from tests.benchmarks.measured import Bench, Measured, OnStep, machine

SLOTS = {"2026-09-01": "night 1, first load", "2026-09-02": "night 2, delta"}
_ROWS_PER_STUDENT = 11


def district(server: EmbeddedPostgres, rows: int, churn: float, on_step: OnStep) -> list[Measured]:
    """Both nights. ``rows``: about so many records a night; ``churn``: percent."""
    with tempfile.TemporaryDirectory(prefix="rostersync-bench-") as scratch:
        folder = Path(scratch)
        bench = Bench.begin(server, f"bench_{rows}", folder)
        on_step(f"generate {rows:,} rows")
        uploads = generate(
            folder / "uploads", students=rows // _ROWS_PER_STUDENT, nights=2, churn=churn
        )
        return [
            bench.slot(Domain.CORE, slot, upload, on_step)
            for slot, upload in zip(SLOTS, uploads, strict=True)
        ]


def page(sections: dict[int, list[Measured]], churn: float) -> Iterator[str]:
    """The page's part about nights, in lines. ``sections``: by the number of rows asked for."""
    yield from (
        "# Benchmarks",
        "",
        "Written by `make bench ARGS=--write`. Each step runs in a process of its own on a generated",
        f"district; night 1 is a first load, night 2 has {churn:g} % churn and a handful of bad rows.",
        "The floor is the least anybody has to do: one bare DuckDB scan of the same CSVs, and COPY and merge",
        "of the same delta from ready files, without log, ledger or rules. Great Expectations'",
        "import is a cost of the process and stands apart. Compare ratios: machines differ.",
        "",
        machine(),
    )
    for rows, nights in sections.items():
        for kind, night in zip(SLOTS.values(), nights, strict=True):
            yield ""
            yield from night.table(f"{rows:,} rows asked for: {kind}")
