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
    document: dict[str, Any] = yaml.load(VARIABLE.sub(r"\2", text()), yaml.CSafeLoader)
    return document


def variables() -> dict[str, str]:
    """What the file takes from .env, and the value without it."""
    return dict(VARIABLE.findall(text()))


def environment() -> dict[str, str]:
    """What Airflow's components are told, all together."""
    document = compose()
    parts = ("environment", "database", "encryption", "tokens", "queue", "storage")
    told: dict[str, str] = {k: v for p in parts for k, v in document[f"x-{p}"].items()}
    return {**document["services"]["api-server"]["environment"], **told}


SERVICES: dict[str, Any] = compose()["services"]
AIRFLOW = ("init", "api-server", "scheduler", "dag-processor", "triggerer", "worker", "history")
COMMANDS = ("cli", "owner")
"""Started for one command each (docker/rostersync)."""
