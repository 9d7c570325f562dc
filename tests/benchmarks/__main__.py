"""`make bench`: generates districts, times each step of two nights beside the floor, writes the table.

Each step runs in a process of its own, so its peak memory is its own. Ratios, since machines differ.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from rostersync import paths
from rostersync.config import load_district
from rostersync.demo.generate import generate
from rostersync.demo.postgres import EmbeddedPostgres, temporary_postgres
from rostersync.warehouse import migrate

PIPELINE = ("land", "stage", "validate", "diff", "load")
FLOOR = ("floor: scan", "floor: copy and merge")
SLOTS = ("2026-09-01", "2026-09-02")
ROWS_PER_STUDENT = 11
CONFIG = """\
id: benchville
name: Benchville Unified
enabled: true
timezone: UTC
sftp: {conn_id: sftp_benchville, folder: /}
first_load: auto
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[55_000, 1_200_000])
    parser.add_argument("--churn", type=float, default=1.0, help="percent, of night 2")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args()
    console = Console(stderr=True)
    sections = []
    with temporary_postgres() as server, Progress(console=console) as progress:
        steps = len(SLOTS) * len(PIPELINE + FLOOR) * len(options.rows)
        bar = progress.add_task("benchmark", total=steps)

        def on_step(text: str) -> None:
            progress.update(bar, advance=1, description=text)

        for rows in options.rows:
            sections.append(_district(server, rows, options.churn, on_step))
    text = _page(sections, options.churn)
    print(text)
    if options.write:
        (paths.home() / "docs" / "benchmarks.md").write_text(text, encoding="utf-8")


def _district(server: EmbeddedPostgres, rows: int, churn: float, on_step: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="rostersync-bench-") as scratch:
        folder = Path(scratch)
        config = folder / "benchville.yaml"
        config.write_text(CONFIG)
        load_district(config)
        on_step(f"generate {rows:,} rows")
        uploads = generate(
            folder / "uploads", students=rows // ROWS_PER_STUDENT, nights=2, churn=churn
        )
        database = f"bench_{rows}"
        server.create_database(database, "postgres")
        url = server.dsn(database)
        migrate(url)
        nights = []
        for slot, upload in zip(SLOTS, uploads, strict=True):
            costs = {}
            # the floor's merge needs the diff, and must see the warehouse as the load will find it
            for step in (*PIPELINE[:-1], *FLOOR, "load"):
                on_step(f"{rows:,} rows, {slot}: {step}")
                costs[step] = _step(url, step, config, slot, upload, folder / "archive")
            count = sum(_records(path) for path in upload.glob("*.csv"))
            size = sum(path.stat().st_size for path in upload.glob("*.csv"))
            nights.append({"slot": slot, "rows": count, "bytes": size, "costs": costs})
        return {"rows": rows, "nights": nights}


def _records(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) - 1


def _step(warehouse: str, step: str, *arguments: object) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.step", step, *map(str, arguments)],
        cwd=paths.home(),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "ROSTERSYNC_WAREHOUSE": warehouse,
        },  # not in an argument: it has a password
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _page(sections: list[dict[str, Any]], churn: float) -> str:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench ARGS=--write`. Each step runs in a process of its own on a generated",
        f"district; night 1 is a first load, night 2 has {churn:g} % churn and a handful of bad rows.",
        "The floor is the least anybody has to do: one bare DuckDB scan of the same CSVs, and COPY and",
        "MERGE of the same delta from ready files, without log, ledger or rules. Great Expectations'",
        "import is a cost of the process and stands apart. Compare ratios: machines differ.",
        "",
        f"Machine: {_cpu_name()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}."
        f" Python {platform.python_version()},"
        f" DuckDB {version('duckdb')}, Great Expectations {version('great-expectations')},"
        f" PyArrow {version('pyarrow')}. {date.today():%Y-%m-%d}.",
    ]
    for section in sections:
        for night in section["nights"]:
            lines += ["", *_table(section["rows"], night)]
    return "\n".join(lines) + "\n"


def _table(rows: int, night: dict[str, Any]) -> list[str]:
    costs = night["costs"]
    total = sum(costs[s]["seconds"] for s in PIPELINE)
    least = sum(costs[s]["seconds"] for s in FLOOR)
    kind = "night 1, first load" if night["slot"] == SLOTS[0] else "night 2, delta"
    lines = [
        f"## {rows:,} rows asked for: {kind} ({night['rows']:,} records, {night['bytes'] / 1e6:.1f} MB)",
        "",
        "| step | seconds | CPU seconds | peak MiB |",
        "| --- | ---: | ---: | ---: |",
    ]
    for step in (*PIPELINE, *FLOOR):
        c = costs[step]
        lines.append(f"| {step} | {c['seconds']:.2f} | {c['cpu']:.2f} | {c['peak_mib']:.0f} |")
    cpu = sum(costs[s]["cpu"] for s in PIPELINE)
    peak = max(costs[s]["peak_mib"] for s in PIPELINE)
    lines += [
        f"| **pipeline** | **{total:.2f}** | **{cpu:.2f}** | **{peak:.0f}** |",
        "",
        f"{night['rows'] / total:,.0f} records/s; {total / least:.1f} times the floor"
        f" ({least:.2f} s). Import of Great Expectations:"
        f" {costs['validate']['import_seconds']:.1f} s.",
    ]
    return lines


def _cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"


if __name__ == "__main__":
    main()
