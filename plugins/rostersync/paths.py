"""Where the project's own files lie: include/, expectations/, and the embedded state folder.

Found from this file's place in a checkout; ``ROSTERSYNC_HOME`` overrides it (needed when the package is
installed as a wheel, away from include/ and expectations/).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def home() -> Path:
    """The project folder: the one that holds include/ and expectations/."""
    override = os.environ.get("ROSTERSYNC_HOME")
    return Path(override).resolve() if override else Path(__file__).resolve().parents[2]


def sql_folder() -> Path:
    """include/sql."""
    return home() / "include" / "sql"


def districts_folder() -> Path:
    """Folder of the district YAMLs; ``ROSTERSYNC_DISTRICTS`` overrides it."""
    override = os.environ.get("ROSTERSYNC_DISTRICTS")
    return Path(override) if override else home() / "include" / "districts"


def expectations_folder() -> Path:
    """Folder of the suites; ``ROSTERSYNC_EXPECTATIONS`` overrides it."""
    override = os.environ.get("ROSTERSYNC_EXPECTATIONS")
    return Path(override) if override else home() / "expectations"


def write_page(name: str, text: str) -> None:
    """Write a generated page of this repository (``docs/cli.md``), and print where it lies."""
    path = home() / name
    path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{path}\n")


def state_folder() -> Path:
    """The embedded stack's own state (never committed): ``.local/`` of the project."""
    override = os.environ.get("ROSTERSYNC_STATE")
    return Path(override) if override else home() / ".local"
