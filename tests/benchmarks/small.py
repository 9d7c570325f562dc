"""Small districts: CPU seconds by step, without imports; thousands of districts pay them each night.

Usage of a child: python -m tests.benchmarks.small CONFIG UPLOADS ARCHIVE; the warehouse is
ROSTERSYNC_WAREHOUSE. It runs all nights of UPLOADS one after the other and prints JSON.
"""

from __future__ import annotations

import builtins
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from rostersync import paths
from rostersync.config import load_district
from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.synthetic.generate import generate
from tests.benchmarks.measured import PIPELINE, Bench, OnStep, machine

NIGHTS = 4
STEPS = ("begin", *PIPELINE)
_FIRST = datetime(2026, 9, 1, tzinfo=UTC)
_OPTIONAL = {
    "groups": (
        "select distinct school_id, 'G1' as group_id, 'Chess' as group_name, 'Club' as category"
        " from {students}"
    ),
    "group_members": "select school_id, 'G1' as group_id, student_id from {students}",
    "group_user_members": (
        "select school_id, 'G1' as group_id, staff_id, null as parent_id, null as email, null as mobile,"
        " 'Coach' as role from {staff}"
    ),
    "emergency_contacts": (
        "select school_id, student_id, 'E' || student_id as contact_id, 'Birch' as first_name,"
        " 'Testaunt' as last_name, null as email, '2145550100' as phone from {students}"
    ),
}
"""The core's files that no generator makes: the upload has all ten."""


def district(server: EmbeddedPostgres, students: int, on_step: OnStep) -> dict[str, Any]:
    """``import``: CPU seconds of Great Expectations' import. ``nights``: those of each step, by night.

    ``same``: of one more night in which no byte is other than the night before. ``changed``: files that are,
    in a later one.
    """
    with tempfile.TemporaryDirectory(prefix="rostersync-bench-") as scratch:
        folder = Path(scratch)
        bench = Bench.begin(server, f"bench_small_{students}", folder)
        on_step(f"generate {students:,} students")
        for upload in generate(folder / "uploads", students=students, nights=NIGHTS, churn=1.0):
            _add_optional(upload)
        on_step(f"{students:,} students: {NIGHTS} nights")
        arguments = map(str, (bench.config, folder / "uploads", folder / "archive"))
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.small", *arguments],
            cwd=paths.home(),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            # not an argument: it has a password
            env={**os.environ, "ROSTERSYNC_WAREHOUSE": bench.warehouse},
        )
        changed = _changed(folder / "uploads")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**found, "changed": changed}


def _changed(uploads: Path) -> float:
    """How many files of a later upload are not byte for byte those of the one before: the median."""
    nights = [
        {f.name: f.read_bytes() for f in u.glob("*.csv")} for u in sorted(uploads.glob("night-?"))
    ]
    return median(
        sum(now[name] != before.get(name) for name in now)
        for before, now in itertools.pairwise(nights)
    )


def _add_optional(upload: Path) -> None:
    sources = {
        n: f"read_csv('{upload / n}.csv', all_varchar = true)" for n in ("students", "staff")
    }
    with duckdb.connect() as con:
        for name, query in _OPTIONAL.items():
            target = upload / f"{name}.csv"
            con.execute(f"copy ({query.format(**sources)} order by all) to '{target}' (header)")


def page(sizes: dict[int, dict[str, Any]]) -> Iterator[str]:
    """Lines of Markdown. ``sizes``: by the number of students."""
    yield from (
        "# Small districts",
        "",
        'Written by `make bench ARGS="--small --write"`. CPU seconds of a core night of ten files, without',
        "imports, all nights in one process: the first one, the median of those after it (1 % churn), and",
        "one in which every file is as it was the night before. What is known of the same bytes is not",
        "computed again: of a later night that is the files that did not change; it is said how many did.",
        "A process compiles and reads once what its later nights find ready. Beside them, in parts of it,",
        "the import of Great Expectations in the same sitting: machines differ.",
        "",
        machine(),
    )
    for students, found in sizes.items():
        yield from ("", f"## {students:,} students", "")
        yield f"In a later night {found['changed']:g} of ten files have other bytes."
        yield ""
        yield "| step | first night | later night | of the import | nothing changed |"
        yield "| --- | ---: | ---: | ---: | ---: |"
        for step in (*STEPS, None):
            of_nights = (*found["nights"], found["same"])
            first, *later, same = (n[step] if step else sum(n.values()) for n in of_nights)
            mark = "" if step else "**"
            cells = (
                f"{first:.2f}",
                f"{median(later):.2f}",
                f"{median(later) / found['import']:.2f}",
                f"{same:.2f}",
            )
            yield f"| {mark}{step or 'night'}{mark} | {' | '.join(f'{mark}{c}{mark}' for c in cells)} |"
        yield f"| import of Great Expectations | {found['import']:.2f} | | | |"


def main() -> None:
    config, uploads, archive = sys.argv[1:]
    with _ImportsApart() as imports:
        began = _cpu()
        import great_expectations  # noqa: F401 - what a process pays once, measured

        imported = _cpu() - began
        sent = sorted(Path(uploads).glob("night-?"))
        *nights, same = [
            _night(imports, config, upload, archive, number)
            for number, upload in enumerate([*sent, sent[-1]])
        ]
    print(json.dumps({"import": imported, "nights": nights, "same": same}))


def _night(
    imports: _ImportsApart, config: str, upload: Path, archive: str, number: int
) -> dict[str, float]:
    """CPU seconds of each step."""
    from rostersync.pipeline.ground.run import new_run
    from rostersync.pipeline.ground.stage import stage
    from rostersync.pipeline.ground.validate import validate
    from rostersync.pipeline.steps.diff import diff
    from rostersync.pipeline.steps.land import land_folder
    from rostersync.pipeline.steps.load import load

    now = _FIRST + timedelta(days=number)
    costs: dict[str, float] = {}

    def timed(step: str, work: Callable[[], Any]) -> Any:
        began = _cpu() - imports.seconds
        done = work()
        costs[step] = _cpu() - imports.seconds - began
        return done

    run = timed(
        "begin",
        lambda: new_run(
            load_district(Path(config)),
            f"{now:%Y-%m-%d}",
            archive=archive,
            warehouse=os.environ["ROSTERSYNC_WAREHOUSE"],
        ),
    )
    timed("land", lambda: land_folder(run, upload, now=now))
    timed("stage", lambda: stage(run, 1))
    timed("validate", lambda: validate(run, 1))
    timed("diff", lambda: diff(run, 1))
    timed("load", lambda: load(run, 1, now=now))
    return costs


class _ImportsApart:
    """Adds up what import statements cost while the block runs: ``seconds`` of CPU."""

    def __enter__(self) -> _ImportsApart:
        self.seconds = 0.0
        self._is_inside = False
        self._import = builtins.__import__
        builtins.__import__ = self._timed
        return self

    def __exit__(self, *_: object) -> None:
        builtins.__import__ = self._import

    def _timed(self, *arguments: Any, **named: Any) -> Any:
        if self._is_inside:
            return self._import(*arguments, **named)
        self._is_inside = True
        began = _cpu()
        try:
            return self._import(*arguments, **named)
        finally:
            self._is_inside = False
            self.seconds += _cpu() - began


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
