"""Landed bytes -> normalised Parquet with line numbers, and the records that cannot be read.

``stage_file`` is the way in; it looks at one file alone. ``shape_of``: what the next one is compared with.
"""

from rostersync.staging.header import shape_of
from rostersync.staging.model import FileFinding, StagedFile
from rostersync.staging.stage import stage_file

__all__ = [
    "FileFinding",
    "StagedFile",
    "shape_of",
    "stage_file",
]
