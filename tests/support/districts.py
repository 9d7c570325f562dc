"""A small generated district with its configuration, for whole runs."""

from __future__ import annotations

import functools
from pathlib import Path

from rostersync import paths
from rostersync.config import DistrictConfig, load_district
from rostersync.synthetic.generate import generate
from rostersync.validation import Suites, load_suites

_YAML = """\
id: {id}
name: Testville Unified
enabled: true
timezone: America/Chicago
sftp: {{conn_id: sftp_{id}, folder: /}}
first_load: {first_load}
{more}
"""


@functools.cache
def todays_suites() -> Suites:
    """The repository's: reading them takes a fiftieth of a night, and no test of whole runs writes them."""
    return load_suites(paths.expectations_folder())


def write_config(
    folder: Path, district: str = "testville", *, first_load: str = "auto", more: str = ""
) -> DistrictConfig:
    """A minimal district YAML in ``folder``, loaded."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{district}.yaml"
    path.write_text(_YAML.format(id=district, first_load=first_load, more=more))
    return load_district(path)


def write_nights(folder: Path, *, nights: int = 2, students: int = 60, seed: int = 1) -> list[Path]:
    """Folders of generated uploads, one per night; bad rows from the second on."""
    return generate(folder, students=students, nights=nights, seed=seed, churn=5)
