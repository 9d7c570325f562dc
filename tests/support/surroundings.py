"""Where a run of the tests lives: nothing of this machine is read, and nothing stays behind."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_KEPT = ("ROSTERSYNC_EXAMPLES", "ROSTERSYNC_HISTORIES", "ROSTERSYNC_HISTORY", "ROSTERSYNC_SEED")
_FOLDER = "TESTS_RUN_FOLDER"
_OWNER = "TESTS_RUN_OWNER"
"""Process id of the controller."""


def isolate() -> None:
    """Give this process, and all it starts, a temporary folder of the run's and an Airflow of its own.

    Airflow reads its surroundings when it is first imported: before any test.
    """
    for name in list(os.environ):
        if name.startswith(("AIRFLOW_", "ROSTERSYNC_", "PG")) and name not in _KEPT:
            del os.environ[name]
    if not _is_worker():
        _make_folder()
    os.fsync = lambda fd: None  # type: ignore[assignment]  # no test pulls the plug
    home = run_folder() / f"airflow-{worker()}"
    os.environ |= {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "TZ": "UTC",
        "ROSTERSYNC_DUCKDB_THREADS": "1",  # tiny districts, a worker per core: a second thread only costs
    }


def _is_worker() -> bool:
    """A worker has the folder from its controller; a pytest that a test starts has one of its own."""
    is_of_xdist = "PYTEST_XDIST_WORKER" in os.environ
    return is_of_xdist and os.environ.get(_OWNER) == str(os.getppid())


def worker() -> str:
    """This process among those of the run."""
    return os.environ.get("PYTEST_XDIST_WORKER", "alone")


def run_folder() -> Path:
    """What the processes of one run share: things made once, such as a server's empty data."""
    return Path(os.environ[_FOLDER])


def remove() -> list[str]:
    """Delete the run's folders at its very end; the names of what of ours was left in the temporary one."""
    temporary = Path(tempfile.gettempdir())
    left = sorted(p.name for p in temporary.glob("rostersync-*"))  # what libraries leave is theirs
    shutil.rmtree(run_folder(), ignore_errors=True)
    return left


def _make_folder() -> None:
    # pytest's own folders stay where one looks for them after a failure
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix="rostersync-tests-"))
    temporary = folder / "tmp"
    temporary.mkdir()
    for one in (folder, temporary):
        one.chmod(0o711)  # a server of root's runs as another user, who has to find its way in
    os.environ |= {_FOLDER: str(folder), _OWNER: str(os.getpid()), "TMPDIR": str(temporary)}
    atexit.register(_remove_own, folder, os.getpid())
    tempfile.tempdir = None  # asked for anew


def _remove_own(folder: Path, owner: int) -> None:
    """When pytest stopped before its end; never in a process that was forked from it."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)
