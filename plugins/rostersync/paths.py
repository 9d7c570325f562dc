"""Where the project's own files lie: include/, expectations/, and the embedded state folder.

Found from this file's place in a checkout; ``ROSTERSYNC_HOME`` overrides it (needed when the package is
installed as a wheel, away from include/ and expectations/).
"""

from __future__ import annotations

from pathlib import Path

from rostersync import environment


def home() -> Path:
    """The project folder: the one that holds include/ and expectations/."""
    override = environment.HOME.get()
    return Path(override).resolve() if override else Path(__file__).resolve().parents[2]


def package_folder() -> Path:
    """The library itself."""
    return Path(__file__).resolve().parent


def sql_folder() -> Path:
    """include/sql."""
    return home() / "include" / "sql"


def districts_folder() -> Path:
    """Folder of the district YAMLs; ``ROSTERSYNC_DISTRICTS`` overrides it."""
    override = environment.DISTRICTS.get()
    return Path(override) if override else home() / "include" / "districts"


def expectations_folder() -> Path:
    """Folder of the suites; ``ROSTERSYNC_EXPECTATIONS`` overrides it."""
    override = environment.EXPECTATIONS.get()
    return Path(override) if override else home() / "expectations"


def state_folder() -> Path:
    """The embedded stack's own state (never committed): ``.local/`` of the project."""
    override = environment.STATE.get()
    return Path(override) if override else home() / ".local"
