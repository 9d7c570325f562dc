"""The compose file as data, with the values its variables have when nobody sets them."""

from __future__ import annotations

import re
from typing import Any

import yaml

from rostersync import paths

VARIABLE = re.compile(r"(?<!\$)\$\{(\w+):-([^}]*)\}")
"""Compose's ``${NAME:-value when it is not set}``; ``$$`` is a plain dollar."""


def text() -> str:
    return (paths.home() / "docker-compose.yaml").read_text()


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(VARIABLE.sub(r"\2", text()))
    return document


def variables() -> dict[str, str]:
    """What the file takes from .env, and the value without it."""
    return dict(VARIABLE.findall(text()))


def environment() -> dict[str, str]:
    """What every Airflow component is told."""
    told: dict[str, str] = compose()["x-environment"]
    return told
