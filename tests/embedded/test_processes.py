"""Nothing that is started outlives its stop, or its parent's death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from tests.support.waiting import until

from rostersync.embedded.processes import GuardedProcess, Program, Supervisor

pytestmark = pytest.mark.slow

# A program with a child, and a daemon in a session of its own; all ignore SIGTERM.
FAMILY = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sleeper = "import time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", sleeper])
if os.fork() == 0:
    os.setsid()
    daemon = subprocess.Popen([sys.executable, "-c", sleeper])
    print(daemon.pid, flush=True)
    os._exit(0)
print(os.getpid(), child.pid, flush=True)
time.sleep(600)
"""


def family(folder: Path) -> Program:
    command = [sys.executable, "-c", FAMILY]
    return Program("family", command, folder / "family.log", grace=0.5)


def members(log: Path) -> list[int]:
    assert until(lambda: len(log.read_text().split()) == 3 if log.exists() else False)
    return [int(pid) for pid in log.read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="daemons are adopted on Linux only")
def test_stop_ends_children_and_daemons(tmp_path: Path) -> None:
    process = GuardedProcess(family(tmp_path))
    pids = members(tmp_path / "family.log")
    assert all(map(is_alive, pids))
    process.stop()
    assert not any(map(is_alive, pids))


@pytest.mark.skipif(sys.platform != "linux", reason="daemons are adopted on Linux only")
def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from rostersync.embedded.processes import GuardedProcess, Program\n"
        f"program = Program('family', [sys.executable, '-c', {FAMILY!r}],"
        f" Path({str(tmp_path)!r}) / 'family.log', grace=0.5)\n"
        "process = GuardedProcess(program)\n"
        "time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script])
    pids = members(tmp_path / "family.log")
    parent.kill()
    parent.wait()
    assert until(lambda: not any(map(is_alive, pids)))


@pytest.mark.skipif(sys.platform != "linux", reason="daemons are adopted on Linux only")
def test_orphans_that_end_leave_no_zombies(tmp_path: Path) -> None:
    orphan = (
        "import os, time\nif os.fork() == 0:\n    os.fork() or time.sleep(0.3)\n    os._exit(0)\n"
    )
    command = [
        sys.executable,
        "-c",
        f"{orphan}os.wait(); print('ready', flush=True); time.sleep(60)",
    ]
    process = GuardedProcess(Program("orphan", command, tmp_path / "log"))
    try:
        assert until(lambda: "ready" in (tmp_path / "log").read_text())
        time.sleep(0.5)
        assert len(_children(process)) == 1
    finally:
        process.stop()


def test_a_program_that_obeys_is_not_killed(tmp_path: Path) -> None:
    script = (
        "import signal, sys, time\n"
        "def bye(*_):\n    print('tidied up', flush=True)\n    sys.exit(7)\n"
        "signal.signal(signal.SIGINT, bye); print('ready', flush=True); time.sleep(600)"
    )
    log = tmp_path / "log"
    command = [sys.executable, "-c", script]
    process = GuardedProcess(Program("tidy", command, log, stop_signal=signal.SIGINT))
    assert until(lambda: "ready" in log.read_text())
    process.stop()
    assert "tidied up" in process.log_tail()
    assert process.exit_code == 7


def test_the_terminals_ctrl_c_does_not_reach_a_program(tmp_path: Path) -> None:
    process = GuardedProcess(Program("sleep", ["sleep", "600"], tmp_path / "log"))
    try:
        (child,) = _children(process)
        assert os.getpgid(child) != os.getpgid(0)
    finally:
        process.stop()


def test_a_crashed_program_is_started_again_with_backoff(tmp_path: Path) -> None:
    events: list[str] = []
    supervisor = Supervisor(events.append)
    process = supervisor.start(Program("sleep", ["sleep", "600"], tmp_path / "log"))
    try:
        (first,) = _children(process)
        os.kill(first, signal.SIGKILL)
        assert until(lambda: len(events) == 1)
        assert events == ["sleep ended with 137: again in 1 s"]
        assert until(lambda: bool(_sleeping(first)))
        (second,) = _sleeping(first)
        os.kill(second, signal.SIGKILL)
        assert until(lambda: len(events) == 2)
        assert events[1].endswith("again in 2 s")
        assert supervisor.crashes("sleep") == 2
    finally:
        supervisor.stop()
    assert not _sleeping(first)


def test_programs_are_stopped_side_by_side(tmp_path: Path) -> None:
    supervisor = Supervisor()
    ignores = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    for n in range(3):
        command = [sys.executable, "-c", ignores]
        supervisor.start(Program(str(n), command, tmp_path / str(n), grace=1.0))
    time.sleep(0.5)  # until they ignore it
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 2.5


def test_stopped_programs_do_not_come_back(tmp_path: Path) -> None:
    before = threading.active_count()
    supervisor = Supervisor()
    supervisor.start(Program("sleep", ["sleep", "600"], tmp_path / "log"))
    supervisor.stop()
    assert until(lambda: threading.active_count() == before)
    assert supervisor.log_tail("sleep") == ""


def _children(process: GuardedProcess) -> list[int]:
    guard = psutil.Process(process._guard.pid)
    assert until(lambda: bool(guard.children()))
    return [child.pid for child in guard.children()]


def _sleeping(other_than: int) -> list[int]:
    ours = psutil.Process().children(recursive=True)
    return [p.pid for p in ours if p.name() == "sleep" and p.pid != other_than]
