from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NOBODY = 65534


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that all users can enter: pytest's own are closed when root runs it."""
    folder = Path(tempfile.mkdtemp(prefix="rostersync-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def as_ordinary_user(open_folder: Path) -> Callable[[str], str]:
    """Runs a Python script as an unprivileged user in ``open_folder``; its output."""
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    folder = open_folder / "home"
    folder.mkdir(mode=0o700)
    if user:
        os.chown(folder, NOBODY, NOBODY)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def run(script: str) -> str:
        done = subprocess.run(
            [_python(user), "-c", script],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            **user,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def _python(user: dict[str, object]) -> str:
    """A Python of our version that the user can run: ours may lie in root's home."""
    same = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{same}", f"/usr/local/bin/{same}"):
        try:
            subprocess.run([candidate, "-c", ""], check=True, cwd="/", **user)
        except OSError:
            continue
        return candidate
    pytest.skip("no Python that an ordinary user can run")
