"""Runs one step of one night in this process and prints what it cost as JSON.

Usage: python -m tests.benchmarks.step STEP CONFIG SLOT FOLDER ARCHIVE; the warehouse is ROSTERSYNC_WAREHOUSE.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rostersync.config import load_district
from rostersync.pipeline import Run, diff, land_folder, load, new_run, stage, validate
from tests.benchmarks import floor

STEPS: dict[str, Callable[[Run, str], object]] = {
    "land": lambda run, folder: land_folder(run, folder),
    "stage": lambda run, folder: stage(run, 1),
    "validate": lambda run, folder: validate(run, 1),
    "diff": lambda run, folder: diff(run, 1),
    "load": lambda run, folder: load(run, 1),
    "floor: scan": lambda run, folder: floor.scan(Path(folder)),
    "floor: copy and merge": lambda run, folder: floor.copy_and_merge(run),
}


def main() -> None:
    step, config, slot, folder, archive = sys.argv[1:]
    warehouse = os.environ["ROSTERSYNC_WAREHOUSE"]
    run = new_run(load_district(Path(config)), slot, archive=archive, warehouse=warehouse)
    ready = _cpu()
    imports = 0.0
    if step == "validate":  # its import is a cost of the process, not of the rows
        began = time.perf_counter()
        __import__("great_expectations")
        imports = time.perf_counter() - began
        ready = _cpu()
    began = time.perf_counter()
    STEPS[step](run, folder)
    print(
        json.dumps(
            {
                "step": step,
                "seconds": time.perf_counter() - began,
                "cpu": _cpu() - ready,
                "import_seconds": imports,
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
