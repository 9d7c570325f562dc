"""What is refused before a byte of it is fetched: too large an upload, too many landings, a full disk."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rostersync.archive import Archive, Layout, Manifest, landing_numbers
from rostersync.errors import ArchiveFullError, TooManyLandingsError, UploadTooLargeError
from rostersync.landing.completeness import is_same
from rostersync.spec import FILES

if TYPE_CHECKING:
    from rostersync.config import DistrictConfig

    Seen = tuple[str, int, float]
    """Contract name, size and mtime of a file."""


_SMALLER = "look at the export and send it again; if it is right, caps in the district's YAML can be raised"


def refuse_too_much(archive: Archive, cfg: DistrictConfig, sizes: Mapping[str, int]) -> None:
    """Look at an upload's bytes before they are taken. ``sizes``: by contract name, as the server says.

    A file with holes counts with the bytes that fetching it would give.

    Raises UploadTooLargeError: a file, or all of them, are over the district's caps. ArchiveFullError:
    the disk has no room for them now.
    """
    over = sorted(name for name, size in sizes.items() if size > cfg.caps.file)
    if over:
        raise UploadTooLargeError(
            "A file of the upload is larger than is taken",
            district=cfg.id,
            file=", ".join(FILES[name].csv for name in over),
            expected=f"at most {cfg.caps.file:,} bytes a file (caps.file)",
            found=", ".join(f"{sizes[name]:,} bytes" for name in over),
            next_step=_SMALLER,
        )
    total = sum(sizes.values())
    if total > cfg.caps.upload:
        largest = max(sizes, key=lambda name: sizes[name])
        raise UploadTooLargeError(
            "The files of the upload are larger together than is taken",
            district=cfg.id,
            file=FILES[largest].csv,
            expected=f"at most {cfg.caps.upload:,} bytes an upload (caps.upload)",
            found=f"{total:,} bytes, {sizes[largest]:,} of them in {FILES[largest].csv}",
            next_step=_SMALLER,
        )
    _refuse_full(archive, cfg, total)


def _refuse_full(archive: Archive, cfg: DistrictConfig, total: int) -> None:
    """Of object storage the copies here have to have room: they are made before they are sent."""
    place = Path(archive.root if archive.is_local else tempfile.gettempdir())
    place = next(p for p in (place, *place.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    if free < total + cfg.caps.free:
        raise ArchiveFullError(
            "The disk has no room for the upload",
            district=cfg.id,
            disk="the archive's" if archive.is_local else "of temporary files",
            expected=f"{total + cfg.caps.free:,} bytes free: {total:,} for the upload, and {cfg.caps.free:,}"
            " stay free (caps.free)",
            found=f"{free:,} bytes free",
            next_step="make room (docs/operations.md, Keep); it is tried again",
        )


def kept_landing(
    archive: Archive, layout: Layout, cfg: DistrictConfig, files: Iterable[Seen]
) -> Manifest | None:
    """The slot's newest landing where it has as many as there may be and these files are those of it.

    None: there is room for one more. Raises TooManyLandingsError where there is none.
    """
    numbers = landing_numbers(archive, layout)
    if len(numbers) < cfg.caps.landings:
        return None
    newest = Manifest.from_json(archive.read_json(layout.manifest(numbers[-1])))
    landed = {f.name: (f.size, f.mtime) for f in newest.files}
    seen = list(files)
    names = {name for name, _, _ in seen}
    if names == set(landed) and all(is_same(size, m, landed[name]) for name, size, m in seen):
        return newest
    raise TooManyLandingsError(
        "The slot has as many landings as are kept",
        district=cfg.id,
        domain=layout.domain,
        slot=layout.slot,
        expected=f"at most {cfg.caps.landings} landings a slot (caps.landings)",
        found=f"{len(numbers)}, and files that are not those of the newest",
        next_step="see why the district sends so often; if this upload is to count, raise caps.landings in"
        " its YAML and run the slot again",
    )
