"""What is over a district's caps is refused before a byte of it is fetched."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from rostersync.archive import landing_numbers
from rostersync.config.caps import Caps
from rostersync.errors import (
    ArchiveFullError,
    TooManyLandingsError,
    TransientError,
    UploadChangedError,
    UploadTooLargeError,
)
from rostersync.landing import (
    land_from_folder,
    land_from_server,
)

pytestmark = pytest.mark.sftp

MB = 1_000_000


@pytest.fixture
def land(archive, layout, cfg, seen):
    """Lands what a sensor sees of a drop now, under these caps; of a folder where it is given one."""

    def run(drop, number=1, *, after=lambda name, done, total: None, **caps):
        capped = cfg.model_copy(update={"caps": Caps.model_validate(caps)})
        if isinstance(drop, Path):
            return land_from_folder(
                archive, layout, number, drop, capped, "core", on_progress=after
            )
        return land_from_server(
            archive, layout, number, drop.account, seen(drop), capped, on_progress=after
        )

    return run


def never(name, done, total):
    pytest.fail(f"{done} bytes of {name} were fetched")


def bytes_in(archive) -> int:
    root = Path(archive.root)
    return sum(p.stat().st_size for p in root.rglob("*") if p.is_file())


def test_a_file_that_is_too_large_is_refused_unread(any_drop, archive, land):
    """With holes, as a full disk is made of 48 kB."""
    any_drop.fill()
    os.truncate(any_drop.path / "students.csv", 3_000 * MB)
    with pytest.raises(UploadTooLargeError) as refused:
        land(any_drop, after=never)
    message = refused.value.message()
    assert "file students.csv" in message
    assert "at most 2,000,000,000 bytes a file (caps.file)" in message
    assert "3,000,000,000 bytes" in message
    assert "can be raised" in message
    assert bytes_in(archive) == 0


def test_files_that_are_too_large_together_are(any_drop, archive, land):
    any_drop.fill(size=1 * MB)
    with pytest.raises(UploadTooLargeError) as refused:
        land(any_drop, after=never, upload="5MB")
    assert "at most 5,000,000 bytes an upload (caps.upload)" in refused.value.message()
    assert "6,000,000 bytes, 1,000,000 of them in" in refused.value.message()
    assert bytes_in(archive) == 0
    assert len(land(any_drop, upload="6MB").files) == 6


def test_one_that_grows_is_read_no_further_than_it_was(drop, archive, land):
    drop.fill()
    drop.put("students.csv", b"x" * 2 * MB)
    read = []

    def grow(name, done, total):
        if name == "students":
            read.append(done)
            with (drop.path / "students.csv").open("ab") as file:
                file.write(b"x" * 4 * MB)

    with pytest.raises(UploadChangedError):
        land(drop, after=grow, file="3MB")
    assert max(read) <= 2 * MB
    drop.set_age("students.csv", 3600)
    with pytest.raises(UploadTooLargeError):
        land(drop, after=never, file="3MB")


def test_a_slot_keeps_so_many_landings(any_drop, archive, layout, land):
    any_drop.fill()
    for number in (1, 2):
        any_drop.put("rosters.csv", b"%d" % number * number)
        assert land(any_drop, number, landings=2).number == number
    again = land(any_drop, 3, after=never, landings=2)
    assert again.number == 2, "the same files again are no landing"
    any_drop.put("rosters.csv", b"another")
    with pytest.raises(TooManyLandingsError) as refused:
        land(any_drop, 3, after=never, landings=2)
    assert "at most 2 landings a slot (caps.landings)" in refused.value.message()
    assert landing_numbers(archive, layout) == [1, 2]
    assert land(any_drop, 3, landings=3).number == 3


def test_without_room_on_the_disk_it_is_tried_again(any_drop, archive, land):
    any_drop.fill(size=1000)
    with pytest.raises(ArchiveFullError) as refused:
        land(any_drop, after=never, free="900000TB")
    assert isinstance(refused.value, TransientError)
    free = shutil.disk_usage(Path(archive.root).parent).free
    message = refused.value.message()
    assert "900,000,000,000,006,000 bytes free: 6,000 for the upload" in message
    assert f"Found: {free:,}"[:8] in message
    assert bytes_in(archive) == 0


def test_a_folder_is_no_way_around(drop, archive, layout, land):
    drop.fill()
    os.truncate(drop.path / "students.csv", 3_000 * MB)
    with pytest.raises(UploadTooLargeError):
        land(drop.path, after=never)
    drop.put("students.csv", b"x")
    with pytest.raises(ArchiveFullError):
        land(drop.path, after=never, free="900000TB")
    assert land(drop.path, landings=1).number == 1
    assert land(drop.path, 2, after=never, landings=1).number == 1
    drop.put("students.csv", b"longer")
    with pytest.raises(TooManyLandingsError):
        land(drop.path, 2, after=never, landings=1)
    assert landing_numbers(archive, layout) == [1]
