"""Two districts never read one account or one folder, however it is spelt."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rostersync.config.model import DistrictConfig


def sharing_pairs(configs: Mapping[str, DistrictConfig]) -> Iterator[tuple[str, str]]:
    """Pairs of names that share a folder, or have one in the other's, or use the other's connection.

    ``configs``: by any name, a file's or a district's. Those that are switched off read nothing.
    """
    configs = {name: config for name, config in configs.items() if config.enabled}
    owners = {f"sftp_{config.id}": name for name, config in configs.items()}
    places: dict[str, list[tuple[str, PurePosixPath]]] = {}
    for name, config in configs.items():
        owner = owners.get(config.sftp.conn_id, name)
        if owner != name:
            yield name, owner
        folder = _plain(config.sftp.folder)
        others = places.setdefault(config.sftp.conn_id, [])
        for other, place in others:
            if other != owner and (folder.is_relative_to(place) or place.is_relative_to(folder)):
                yield name, other
        others.append((name, folder))


def _plain(folder: str) -> PurePosixPath:
    """``a``, ``/a/``, ``//a/./b/..`` are one folder."""
    return PurePosixPath("/", posixpath.normpath(folder.lstrip("/") or "."))
