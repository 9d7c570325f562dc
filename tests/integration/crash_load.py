"""Runs one load in a process of its own and dies by SIGKILL at a given stage.

Usage: python -m tests.integration.crash_load CONFIG SLOT ARCHIVE WAREHOUSE RUN_ID LANDING STAGE NTH
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from rostersync.config import load_district
from rostersync.pipeline.ground.run import new_run
from rostersync.pipeline.steps.load import load


def main() -> None:
    config, slot, archive, warehouse, run_id, landing, stage, nth = sys.argv[1:]
    left = int(nth)

    def die_at(passed: str) -> None:
        nonlocal left
        if passed == stage:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    run = new_run(
        load_district(Path(config)), slot, archive=archive, warehouse=warehouse, run_id=run_id
    )
    load(run, int(landing), on_stage=die_at)


if __name__ == "__main__":
    main()
