"""What core's and attendance's benchmarks share: a slot's steps, each in a process of its own, as a table."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rostersync import paths
from rostersync.config import load_district
from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.spec import Domain
from rostersync.warehouse import migrate

PIPELINE = ("land", "stage", "validate", "diff", "load")
FLOOR = ("floor: scan", "floor: copy and merge")
_BASE = """\
id: benchville
name: Benchville Unified
enabled: true
timezone: UTC
sftp: {conn_id: sftp_benchville, folder: /}
first_load: auto
"""

OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """A district of its own: its configuration, archive and warehouse (a Postgres URL)."""

    folder: Path
    warehouse: str

    @classmethod
    def begin(cls, server: EmbeddedPostgres, name: str, folder: Path, more: str = "") -> Bench:
        """``name``: of its database. ``more``: YAML beside the least a district needs."""
        bench = cls(folder, server.dsn(name))
        bench.config.write_text(_BASE + more)
        load_district(bench.config)
        server.create_database(name, "postgres")
        migrate(bench.warehouse)
        return bench

    @property
    def config(self) -> Path:
        return self.folder / "benchville.yaml"

    def step(self, name: str, domain: Domain, slot: str, upload: Path) -> dict[str, Any]:
        """What one step cost: seconds, cpu (seconds), peak_mib, import_seconds, stages (seconds by name)."""
        arguments = map(str, (name, domain, self.config, slot, upload, self.folder / "archive"))
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.step", *arguments],
            cwd=paths.home(),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            # not an argument: it has a password
            env={**os.environ, "ROSTERSYNC_WAREHOUSE": self.warehouse},
        )
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def slot(self, domain: Domain, slot: str, upload: Path, on_step: OnStep) -> Measured:
        """All steps of a slot, and the floor."""
        costs = {}
        # the floor's merge needs the diff, and must see the warehouse as the load will find it
        for name in (*PIPELINE[:-1], *FLOOR, "load"):
            on_step(f"{slot}: {name}")
            costs[name] = self.step(name, domain, slot, upload)
        files = list(upload.glob("*.csv"))
        return Measured(sum(map(_records, files)), sum(f.stat().st_size for f in files), costs)


@dataclass(frozen=True, slots=True)
class Measured:
    """A slot. ``rows``: records of its files; ``size``: their bytes; ``costs``: by step."""

    rows: int
    size: int
    costs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def table(self, title: str, *, stage: str | None = None) -> Iterator[str]:
        """Lines of Markdown. ``stage``: one of the load's that has a line of its own."""
        total, cpu = (sum(self.costs[s][n] for s in PIPELINE) for n in ("seconds", "cpu"))
        peak = max(self.costs[s]["peak_mib"] for s in PIPELINE)
        least = sum(self.costs[s]["seconds"] for s in FLOOR)
        yield f"## {title} ({self.rows:,} records, {self.size / 1e6:.1f} MB)"
        yield ""
        yield "| step | seconds | CPU seconds | peak MiB |"
        yield "| --- | ---: | ---: | ---: |"
        for step in (*PIPELINE, *FLOOR):
            c = self.costs[step]
            yield f"| {step} | {c['seconds']:.2f} | {c['cpu']:.2f} | {c['peak_mib']:.0f} |"
            if step == "load" and stage:
                yield f"| … of which {stage} | {c['stages'][stage]:.2f} | | |"
        yield f"| **pipeline** | **{total:.2f}** | **{cpu:.2f}** | **{peak:.0f}** |"
        yield ""
        yield (
            f"{self.rows / total:,.0f} records/s; {total / least:.1f} times the floor"
            f" ({least:.2f} s). Import of Great Expectations:"
            f" {self.costs['validate']['import_seconds']:.1f} s."
        )


def machine() -> str:
    """The machine, the versions and the day, as a sentence."""
    return (
        f"Machine: {_cpu_name()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}."
        f" Python {platform.python_version()},"
        f" DuckDB {version('duckdb')}, Great Expectations {version('great-expectations')},"
        f" PyArrow {version('pyarrow')}. {date.today():%Y-%m-%d}."
    )


def _records(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) - 1


def _cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"
