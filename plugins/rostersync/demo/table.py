"""A file of a demo's upload, read and written back in the district's own form."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rostersync.config import DistrictConfig
    from rostersync.spec import File


class Table:
    """``rows`` of a file, which may be changed and written back.

    ``folder``: of the upload, which must hold the file. ``cfg``: of the district that uploads it. ``file``:
    of the contract.
    """

    def __init__(self, folder: Path, cfg: DistrictConfig, file: File) -> None:
        self._path = folder / cfg.uploaded_name(file)
        self._delimiter = cfg.delimiter(file)
        with self._path.open(encoding="utf-8", newline="") as f:
            self._header, *self.rows = csv.reader(f, delimiter=self._delimiter)
        aliases = cfg.header_aliases(file)
        self._columns = [aliases.get(name, name) for name in self._header]

    def place(self, column: str) -> int:
        """Where in a row a column of the contract stands."""
        return self._columns.index(column)

    def values(self, column: str) -> list[str]:
        """A column of the contract, a value a row."""
        place = self.place(column)
        return [row[place] for row in self.rows]

    def write(self) -> None:
        """Write the file anew."""
        with self._path.open("w", encoding="utf-8", newline="") as f:
            writer = csv.writer(f, delimiter=self._delimiter, lineterminator="\n")
            writer.writerows([self._header, *self.rows])
