"""Landed bytes -> normalised Parquet with line numbers, and the records that cannot be read.

``stage_file`` is the way in; it looks at one file alone, with no previous state but the last header.
"""

from rostersync.staging.model import FileFinding, PreviousFile, StagedFile
from rostersync.staging.stage import stage_file

__all__ = [
    "FileFinding",
    "PreviousFile",
    "StagedFile",
    "stage_file",
]
