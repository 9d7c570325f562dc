"""A small upload, resolved as a city's is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from rostersync.diff import compute
from rostersync.engine import session


@contextmanager
def as_large() -> Iterator[None]:
    """Views over the archive's files and several threads, where a small one has tables and one thread."""
    sizes = {"_SMALL": -1, "TINY_ROWS": -1}
    with mock.patch.multiple(compute, **sizes), mock.patch.object(session, "TINY_BYTES", 0):
        yield
