"""Key ``caps`` of a district's YAML: how much of the archive's disk an upload may take."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from rostersync.config.base import Model
from rostersync.config.values import Rows, Size


class Caps(Model):
    """What is taken of a district at most. More is refused before it is fetched, and told."""

    file: Size = "2GB"  # type: ignore[assignment]
    """Bytes of a file."""
    upload: Size = Field("5GB", examples=["8GB"])  # type: ignore[assignment]
    """Bytes of all files of an upload."""
    landings: Annotated[Rows, Field(ge=1, le=10_000)] = 20
    """Copies of uploads that the archive keeps for a slot."""
    free: Size = "1GB"  # type: ignore[assignment]
    """What has to stay free on the archive's disk; with less the landing waits and is tried again."""
