"""What an embedded service remembers between two starts: secrets, ports and where its data lies."""

from __future__ import annotations

import json
import os
import random
import secrets
import socket
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"
# Below the ranges of outgoing connections on Linux and macOS: a kept port stays free.
_PORTS = range(20000, 32000)


class State:
    """A small JSON object in one file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def all(self) -> dict[str, Any]:
        """Everything that is remembered; empty before the first start."""
        try:
            content: dict[str, Any] = json.loads(self.path.read_text())
        except FileNotFoundError:
            return {}
        return content

    def get(self, name: str) -> Any:
        """One value, or None."""
        return self.all().get(name)

    def set(self, name: str, value: Any) -> None:
        """Remember one value; the file is replaced whole."""
        write_private(self.path, json.dumps({**self.all(), name: value}, indent=1))

    def secret(self, name: str, size: int = 24) -> str:
        """A random text of ``size`` bytes, made at the first call. Safe in a URL."""
        if self.get(name) is None:
            self.set(name, secrets.token_urlsafe(size))
        return str(self.get(name))

    def port(self, name: str) -> int:
        """A loopback port that is free now: the one of last time when possible."""
        kept = self.get(name)
        if kept is None or not is_free(kept):
            others = set(self.all().values()) if kept is None else {*self.all().values(), kept}
            kept = free_port(avoid={port for port in others if isinstance(port, int)})
            self.set(name, kept)
        return int(kept)


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner only from the first moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    temporary.replace(path)


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # As servers do: a connection of the last run in TIME_WAIT does not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port(avoid: set[int] | None = None) -> int:
    """A free loopback port."""
    candidates = [port for port in _PORTS if port not in (avoid or ())]
    random.shuffle(candidates)  # two checkouts that start at once take different ports
    return next(port for port in candidates if is_free(port))
