"""``rostersync ...``: the same pipeline without Airflow."""

from rostersync.cli.commands import main

__all__ = ["main"]
