"""First nights of a process's tests, each resolved once: most tests of a file begin with the same one."""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from rostersync.archive import Archive
from rostersync.fold import SlotDiff
from tests.support import surroundings

MOST = 40
"""First nights that are kept at a time."""


@dataclass(frozen=True)
class First:
    """A night's diff, and a copy of the archive that it alone has left."""

    diff: SlotDiff
    folder: Path

    def again(self, archive: Archive) -> SlotDiff:
        """Leave in ``archive`` what the night leaves."""
        shutil.copytree(self.folder, archive.root, dirs_exist_ok=True)
        return copy.deepcopy(self.diff)


_KNOWN: OrderedDict[str, First] = OrderedDict()


def known(key: str) -> First | None:
    """The night of that name. ``key`` says all that the night is computed from."""
    return _KNOWN.get(key)


def keep(key: str, archive: Archive, diff: SlotDiff) -> None:
    """Remember a night; the oldest one goes when there are too many."""
    folder = Path(tempfile.mkdtemp(prefix="first-night-", dir=surroundings.run_folder()))
    shutil.copytree(archive.root, folder, dirs_exist_ok=True)
    _KNOWN[key] = First(copy.deepcopy(diff), folder)
    if len(_KNOWN) > MOST:
        _, oldest = _KNOWN.popitem(last=False)
        shutil.rmtree(oldest.folder)
