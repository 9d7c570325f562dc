"""What runs and listens on this machine: to see that nothing stays."""

from __future__ import annotations

import os
from pathlib import Path

import psutil


def processes_of(folder: Path) -> list[str]:
    """Processes that know the folder by their command line, environment or place."""
    found = []
    for process in psutil.process_iter():
        try:
            known = [*process.cmdline(), process.cwd(), *process.environ().values()]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(folder) in text for text in known):
            found.append(" ".join(process.cmdline()))
    return found


def listening() -> set[tuple[str, int]]:
    """Address and port of every listening TCP socket."""
    sockets = psutil.net_connections("tcp")
    return {(s.laddr.ip, s.laddr.port) for s in sockets if s.status == psutil.CONN_LISTEN}
