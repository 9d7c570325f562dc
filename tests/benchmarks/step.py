"""Runs one step of one slot in this process and prints what it cost as JSON.

Usage: python -m tests.benchmarks.step STEP DOMAIN CONFIG SLOT FOLDER ARCHIVE; the warehouse is
ROSTERSYNC_WAREHOUSE. It happens at the slot's moment (UTC).
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rostersync.config import load_district
from rostersync.pipeline.ground.run import new_run
from rostersync.pipeline.ground.stage import stage
from rostersync.pipeline.ground.validate import validate
from rostersync.pipeline.steps.diff import diff
from rostersync.pipeline.steps.land import land_folder
from rostersync.pipeline.steps.load import load
from rostersync.pipeline.steps.sync import sync_folder
from rostersync.spec import Domain
from tests.benchmarks import floor


def main() -> None:
    step, domain, config, slot, folder, archive = sys.argv[1:]
    warehouse = os.environ["ROSTERSYNC_WAREHOUSE"]
    run = new_run(
        load_district(Path(config)),
        slot,
        archive=archive,
        warehouse=warehouse,
        domain=Domain(domain),
    )
    now = datetime.fromisoformat(slot).replace(tzinfo=UTC)
    passed: dict[str, float] = {}

    def on_stage(name: str) -> None:
        passed[name] = time.perf_counter()

    steps: dict[str, Callable[[], object]] = {
        "whole night": lambda: sync_folder(run, folder, now=now),
        "land": lambda: land_folder(run, folder, now=now),
        "stage": lambda: stage(run, 1),
        "validate": lambda: validate(run, 1),
        "diff": lambda: diff(run, 1),
        "load": lambda: load(run, 1, now=now, on_stage=on_stage),
        "floor: scan": lambda: floor.scan(Path(folder)),
        "floor: copy and merge": lambda: floor.copy_and_merge(run),
    }
    ready = _cpu()
    imports = 0.0
    if step == "validate":  # its import is a cost of the process, not of the rows
        began = time.perf_counter()
        __import__("great_expectations")
        imports = time.perf_counter() - began
        ready = _cpu()
    began = time.perf_counter()
    steps[step]()
    print(
        json.dumps(
            {
                "step": step,
                "seconds": time.perf_counter() - began,
                "cpu": _cpu() - ready,
                "import_seconds": imports,
                "peak_mib": _peak_mib(),
                "stages": {"notices": passed["notified"] - passed["recorded"]}
                if "notified" in passed
                else {},
            }
        )
    )


def _peak_mib() -> float:
    """Of this program alone: getrusage also counts the process it was started from."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
