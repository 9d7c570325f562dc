"""Imported by a Celery worker before it forks its processes (Celery's setting ``imports``)."""

from __future__ import annotations

from rostersync.orchestration.warm import warm

warm()
