"""Long-running child processes that never outlive this one.

Each program runs under a *guard*: a small process in a session of its own (Ctrl-C in the terminal
does not reach it) that holds the read end of a pipe. The pipe closes when the parent stops the program
or dies, even by ``kill -9``; the guard then ends the program and every process it left behind. What
daemonizes does not escape: on Linux the guard adopts the orphans of its tree.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil

_PR_SET_CHILD_SUBREAPER = 36
_LEFTOVERS_SECONDS = 3.0
_GUARD_SECONDS = 5.0
_BACKOFF = (1.0, 30.0)
_STABLE_SECONDS = 60.0


@dataclass(frozen=True)
class Program:
    """One program to run.

    ``name``: for messages. ``command``: the command line. ``log``: file that receives its output; that of the
    last start is kept as ``<log>.1``. ``env``: its whole environment. ``cwd``: where it runs. ``user``: (uid,
    gid) it runs as; None = ours. ``stop_signal``: asks it to end. ``grace``: seconds it gets to do so before
    SIGKILL.
    """

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path | None = None
    user: tuple[int, int] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 15.0


def as_user(user: tuple[int, int] | None) -> dict[str, Any]:
    """Arguments of ``subprocess`` that run a process as another user; none for our own."""
    return {"user": user[0], "group": user[1], "extra_groups": []} if user else {}


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class GuardedProcess:
    """A running :class:`Program`; started at once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.started_at = time.monotonic()
        program.log.parent.mkdir(parents=True, exist_ok=True)
        if program.log.exists():
            program.log.replace(program.log.with_name(program.log.name + ".1"))
        guard = [sys.executable, "-m", __name__, "--grace", str(program.grace)]
        guard += ["--signal", str(int(program.stop_signal))]
        if program.user:
            guard += ["--user", str(program.user[0]), str(program.user[1])]
        with open(program.log, "ab", opener=_private) as log:
            self._guard = subprocess.Popen(
                [*guard, "--", *program.command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(program.env),
                cwd=program.cwd,
                start_new_session=True,
            )

    @property
    def exit_code(self) -> int | None:
        """None while it runs; 128 + n after signal n."""
        return self._guard.poll()

    def wait(self) -> int:
        """Wait until it ends by itself; its exit code."""
        return self._guard.wait()

    def log_tail(self, lines: int = 15) -> str:
        """The last lines it wrote; those of the run before while this one has written none."""
        log = self.program.log
        for path in (log, log.with_name(log.name + ".1")):
            if path.exists() and path.stat().st_size:
                return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def request_stop(self) -> None:
        """Ask it to end; returns at once."""
        lifeline: IO[bytes] | None = self._guard.stdin
        if lifeline:
            lifeline.close()

    def stop(self) -> None:
        """End it and everything it started. Returns when nothing is left."""
        self.request_stop()
        try:
            self._guard.wait(self.program.grace + _LEFTOVERS_SECONDS + _GUARD_SECONDS)
        finally:
            # Only when the guard itself was killed or hangs: what shares its session goes with it.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._guard.pid, signal.SIGKILL)
            self._guard.wait()


class Supervisor:
    """Runs programs, starts them again when they crash, ends them together.

    ``on_event``: called with each crash and restart, from another thread.
    """

    def __init__(self, on_event: Callable[[str], None] = lambda _: None) -> None:
        self._on_event = on_event
        self._running: dict[str, GuardedProcess] = {}
        self._due: dict[str, tuple[float, Program]] = {}
        self._crashes: dict[str, int] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def start(self, program: Program) -> GuardedProcess:
        """Start one program and keep it running."""
        with self._lock:
            process = self._running[program.name] = GuardedProcess(program)
            if not self._watcher.is_alive():
                self._watcher.start()
        return process

    def crashes(self, name: str) -> int:
        """How often in a row the program has crashed; 0 once it has run for a minute."""
        return self._crashes.get(name, 0)

    def log_tail(self, name: str) -> str:
        """The last lines a program wrote."""
        with self._lock:
            process = self._running.get(name)
        return process.log_tail() if process else ""

    def stop(self) -> None:
        """End all, side by side. Returns when nothing is left."""
        self._stopping.set()
        with self._lock:
            for process in self._running.values():
                process.request_stop()
            for process in self._running.values():
                process.stop()
            self._running.clear()

    def _watch(self) -> None:
        while not self._stopping.wait(0.2):
            with self._lock:
                if not self._stopping.is_set():
                    self._restart_crashed()

    def _restart_crashed(self) -> None:
        now = time.monotonic()
        for name, process in self._running.items():
            if name not in self._due and process.exit_code is not None:
                stable = now - process.started_at > _STABLE_SECONDS
                self._crashes[name] = 1 if stable else self.crashes(name) + 1
                delay = min(_BACKOFF[0] * 2 ** (self._crashes[name] - 1), _BACKOFF[1])
                self._due[name] = (now + delay, process.program)
                self._on_event(f"{name} ended with {process.exit_code}: again in {delay:.0f} s")
        for name, (due, program) in list(self._due.items()):
            if now >= due:
                del self._due[name]
                self._running[name] = GuardedProcess(program)


def _guard(
    command: Sequence[str], user: tuple[int, int] | None, stop_signal: int, grace: float
) -> int:
    """Run a command until it ends or the lifeline (stdin) closes; leave no process behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, **as_user(user))

    ended = threading.Event()

    def end() -> None:
        for number in (stop_signal, signal.SIGKILL):
            if not ended.is_set():
                os.kill(child.pid, number)
                ended.wait(grace)

    def end_when_alone() -> None:
        os.read(0, 1)
        end()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: threading.Thread(target=end, daemon=True).start())
    threading.Thread(target=end_when_alone, daemon=True).start()
    pid = status = 0
    while pid != child.pid:
        pid, status = os.waitpid(-1, 0)  # adopted orphans end here too
    ended.set()
    child.returncode = code = os.waitstatus_to_exitcode(status)
    for _ in range(5):  # what is ended may have started something meanwhile
        if left := psutil.Process().children(recursive=True):
            end_all(left)
    return code if code >= 0 else 128 - code


def end_all(processes: Sequence[psutil.Process]) -> None:
    """End processes: SIGTERM, and SIGKILL for those that stay."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    for process in psutil.wait_procs(processes, timeout=_LEFTOVERS_SECONDS)[1]:
        with contextlib.suppress(psutil.Error):
            process.kill()


def main() -> None:
    """The guard's own process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--user", nargs=2, type=int)
    parser.add_argument("--signal", type=int, required=True)
    parser.add_argument("--grace", type=float, required=True)
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    user = (given.user[0], given.user[1]) if given.user else None
    sys.exit(_guard(given.command, user, given.signal, given.grace))


if __name__ == "__main__":
    main()
