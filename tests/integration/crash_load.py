"""Runs loads, each in a process of its own that dies by SIGKILL at a given stage.

Reads their arguments from lines of JSON (see ``_load``), and prints how each process ended. They are forked
after all is imported, which takes longer than a load.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from rostersync.config import load_district
from rostersync.pipeline.ground.run import new_run
from rostersync.pipeline.steps.load import load


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _load(*json.loads(line))
            finally:
                os._exit(1)  # it ought to be dead
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _load(
    config: str,
    slot: str,
    archive: str,
    warehouse: str,
    run_id: str,
    landing: int,
    stage: str,
    left: int,
) -> None:
    def die_at(passed: str) -> None:
        nonlocal left
        if passed == stage:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    cfg = load_district(Path(config))
    run = new_run(cfg, slot, archive=archive, warehouse=warehouse, run_id=run_id)
    load(run, landing, on_stage=die_at)


if __name__ == "__main__":
    main()
