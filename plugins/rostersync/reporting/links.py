"""Where a reader of an alert goes next."""

from __future__ import annotations

import os

DOCS_URL = "ROSTERSYNC_DOCS_URL"
"""Environment variable: where this repository's docs folder can be read, e.g. your Git host's page of it."""


def runbook(page: str) -> str:
    """A page of docs/runbooks as a URL, or as its path where nobody said where the docs are."""
    base = os.environ.get(DOCS_URL, "").rstrip("/")
    return f"{base or 'docs'}/runbooks/{page}.md"
