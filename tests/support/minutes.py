"""Where the time of a run goes, by file and folder of tests, and whether a folder has outgrown its budget.

CPU seconds, not the clock's: a busy machine waits, it does not work more. Counted are a worker's own
process and all it has started (Postgres, Airflow's components), as they stand when a file's last test has
ended; what a session starts once is in the file that asks first. Seconds of this machine mean little
elsewhere, so each worker does a small fixed job first, and a budget is a number of times that job's seconds.
"""

from __future__ import annotations

import json
import os
import statistics
import time
import tomllib
from collections import Counter
from collections.abc import Generator, Mapping
from math import ceil
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

BUDGET = Path(__file__).resolve().parents[1] / "budget.toml"
ALLOWED = 1.5
"""A folder fails when it takes more than so many times its budget."""
FILES_SHOWN = 20


class Minutes:
    """Measures in every worker, and says in the end what it was (and fails) in the controller."""

    def __init__(self, *, writes: bool) -> None:
        self.writes = writes
        self.jobs: list[float] = []
        self.cpu: Counter[str] = Counter()
        self.wall: Counter[str] = Counter()
        """Seconds by file."""
        self._last = (0.0, 0.0)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Before the first test of a worker."""
        if not hasattr(session.config, "workerinput") and session.config.getoption("dist") != "no":
            return  # the controller of workers runs no tests
        self.jobs.append(calibrate())
        self._last = (used(), time.monotonic())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """After the last test of a file: its seconds are its folder's."""
        done = yield
        if nextitem is None or nextitem.path != item.path:
            now = (used(), time.monotonic())
            file = item.nodeid.partition("::")[0]
            self.cpu[file] += now[0] - self._last[0]
            self.wall[file] += now[1] - self._last[1]
            self._last = now
        return done

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A worker hands over; alone or as the controller, a folder that outgrew its budget fails the run."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["minutes"] = (self.jobs, dict(self.cpu), dict(self.wall))
        elif session.exitstatus == pytest.ExitCode.OK:
            if self.writes and self.jobs:
                write(by_folder(self.cpu), statistics.mean(self.jobs))
            if self.outgrown():
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended; one that crashed has told nothing."""
        jobs, cpu, wall = getattr(node, "workeroutput", {}).get("minutes", ([], {}, {}))
        self.jobs += jobs
        self.cpu.update(cpu)
        self.wall.update(wall)

    def outgrown(self) -> list[str]:
        """What is wrong with the budget or with a folder, in words."""
        if not self.jobs:
            return ["nothing was measured"]
        return compare(by_folder(self.cpu), statistics.mean(self.jobs), budgets())

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The tables, and what is wrong, above pytest's own last line."""
        job = statistics.mean(self.jobs or [1.0])
        known = budgets()
        terminalreporter.section(f"seconds of the {FILES_SHOWN} longest files")
        terminalreporter.write_line(f"{'':52} {'CPU s':>8} {'waiting':>8}")
        for file, cpu in self.cpu.most_common(FILES_SHOWN):
            waiting = max(0.0, self.wall[file] - cpu)
            terminalreporter.write_line(
                f"{file.removeprefix('tests/'):52} {cpu:8.1f} {waiting:8.1f}"
            )
        terminalreporter.section("minutes by folder")
        terminalreporter.write_line(f"{'':20} {'CPU min':>8} {'min':>8} {'jobs':>8} {'budget':>8}")
        wall = by_folder(self.wall)
        for folder, cpu in by_folder(self.cpu).most_common():
            numbers = f"{cpu / 60:8.1f} {wall[folder] / 60:8.1f} {cpu / job:8.0f}"
            terminalreporter.write_line(f"{folder:20} {numbers} {known.get(folder, '-'):>8}")
        total = sum(self.cpu.values())
        numbers = f"{total / 60:8.1f} {sum(self.wall.values()) / 60:8.1f} {total / job:8.0f}"
        terminalreporter.write_line(f"{'all':20} {numbers} {sum(known.values()):>8}")
        terminalreporter.write_line(f"one job: {job:.2f} CPU seconds here")
        for problem in self.outgrown():
            terminalreporter.write_line(f"BUDGET: {problem}", red=True)


def compare(cpu: Mapping[str, float], job: float, known: Mapping[str, int]) -> list[str]:
    """Folders over their budget and folders without one, in words. ``job``: a calibration's CPU seconds."""
    problems = []
    for folder, seconds in sorted(cpu.items()):
        jobs = seconds / job
        if folder not in known:
            problems.append(f"{folder} has no line in tests/budget.toml; it took {jobs:.0f} jobs")
        elif jobs > ALLOWED * known[folder]:
            problems.append(
                f"{folder} took {jobs:.0f} jobs, its budget is {known[folder]}: remove the cause,"
                " or raise tests/budget.toml and say why"
            )
    return problems


def write(cpu: Mapping[str, float], job: float) -> None:
    """Make the budget of what a green run of everything took: a fifth more, in tens, and 60 at least."""
    head = BUDGET.read_text(encoding="utf-8").partition("[folders]")[0]
    lines = (
        f"{json.dumps(folder)} = {max(60, ceil(seconds / job * 1.2 / 10) * 10)}"
        for folder, seconds in sorted(cpu.items())
    )
    BUDGET.write_text("\n".join((f"{head}[folders]", *lines, "")), encoding="utf-8")


def budgets() -> dict[str, int]:
    """Folder -> jobs."""
    with BUDGET.open("rb") as file:
        return dict(tomllib.load(file)["folders"])


def by_folder(seconds: Mapping[str, float]) -> Counter[str]:
    """Sums over the files of each folder."""
    total: Counter[str] = Counter()
    for file, one in seconds.items():
        total[folder_of(file)] += one  # type: ignore[assignment]  # a Counter of seconds
    return total


def folder_of(file: str) -> str:
    """``tests/diff/test_limits.py`` is of ``diff``; files beside the folders are of ``.``."""
    parts = file.split("/")
    return parts[1] if len(parts) > 2 else "."


def used() -> float:
    """CPU seconds of this process and all below it, those that have ended included."""
    own = os.times()
    total = own.user + own.system + own.children_user + own.children_system
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.Error:  # it ended while we looked: its parent has its seconds
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def calibrate() -> float:
    """CPU seconds of the fixed job: half of it Python, half DuckDB, about a second on a machine of 2024."""
    begun = time.process_time()
    words: dict[str, int] = {}
    for number in range(1_200_000):
        word = f"{number % 9973:05}"
        words[word] = words.get(word, 0) + number
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("create table t as select i, hash(i)::varchar as h from range(400000) as r(i)")
        con.execute(
            "select count(*) from t as a join t as b on a.h = b.h where a.i >= b.i"
        ).fetchall()
        for number in range(60):
            con.execute(f"create or replace table u as select {number} as n, h from t limit 100")
    return time.process_time() - begun
