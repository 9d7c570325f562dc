"""Where a demo keeps its state: one folder, empty at its beginning, its own while it lasts."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rostersync import paths
from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.errors import TerminalError

_DYING_SECONDS = 20.0


@contextlib.contextmanager
def demo_folder() -> Iterator[Path]:
    """``.local/demo`` without what the last demo left, or a temporary folder where that cannot be written.

    The temporary one goes with the block, unless the block fails; so does what Postgres had to keep
    elsewhere. Raises TerminalError while another demo runs here.
    """
    try:
        kept = paths.state_folder()
        kept.mkdir(parents=True, exist_ok=True)
        lock = os.open(kept / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:  # a read-only checkout, or somebody else's
        folder = Path(tempfile.mkdtemp(prefix="rostersync-demo-"))
        folder.chmod(0o711)  # the unprivileged server of root passes through
        yield folder
        _remove(folder)
        return
    with contextlib.closing(os.fdopen(lock)):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TerminalError(
                "Another demo runs in this project", next_step="end it first, with Ctrl-C"
            ) from None
        folder = kept / "demo"
        _remove(folder)
        folder.mkdir(mode=0o711)  # the unprivileged server of root passes through
        try:
            yield folder
        finally:
            server = EmbeddedPostgres(folder / "postgres")
            if server.home != server.folder:
                server.remove()


def _remove(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres")
    deadline = time.monotonic() + _DYING_SECONDS
    while server.is_running() and time.monotonic() < deadline:  # of a demo that was killed just now
        time.sleep(0.2)
    server.remove()
    if folder.exists():
        shutil.rmtree(folder)
