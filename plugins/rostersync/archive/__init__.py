"""Where bytes and Parquet live: landings, checks, diffs, states, pinned inputs."""

from rostersync.archive.landings import (
    UNUSABLE,
    FileEntry,
    FileShape,
    FileState,
    Manifest,
    landing_numbers,
    new_landing,
    says_nobody,
)
from rostersync.archive.layout import ROWS_LETTERS, CheckFolder, DiffFolder, Layout
from rostersync.archive.not_taken import NotTaken, Why, read_not_taken
from rostersync.archive.overlay import OverlayArchive
from rostersync.archive.store import Archive

__all__ = [
    "ROWS_LETTERS",
    "UNUSABLE",
    "Archive",
    "CheckFolder",
    "DiffFolder",
    "FileEntry",
    "FileShape",
    "FileState",
    "Layout",
    "Manifest",
    "NotTaken",
    "OverlayArchive",
    "Why",
    "landing_numbers",
    "new_landing",
    "read_not_taken",
    "says_nobody",
]
