"""The compose file as data."""

from __future__ import annotations

from typing import Any

import yaml

from rostersync import paths


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((paths.home() / "docker-compose.yaml").read_text())
    return document


def environment() -> dict[str, str]:
    """What every Airflow component is told."""
    told: dict[str, str] = compose()["x-environment"]
    return told
