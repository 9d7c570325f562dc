"""Where a reader of an alert goes next."""

from __future__ import annotations

from rostersync import environment


def runbook(page: str) -> str:
    """A page of docs/runbooks as a URL, or as its path where nobody said where the docs are."""
    base = (environment.DOCS_URL.get() or "").rstrip("/")
    return f"{base or 'docs'}/runbooks/{page}.md"
