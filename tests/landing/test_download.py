"""Landings from servers and folders: whole or not at all, and a re-run completes them."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest
from tests.support.sftp import crash, restart

from rostersync.archive import Manifest, landing_numbers
from rostersync.embedded import sftp_server
from rostersync.errors import (
    ArchiveError,
    ConfigError,
    MissingUploadError,
    SftpConnectionError,
    UploadChangedError,
)
from rostersync.landing import (
    land_from_folder,
    land_from_server,
)

pytestmark = pytest.mark.sftp

MB = 1024 * 1024


def artefacts(archive) -> set[str]:
    root = Path(archive.root)
    return {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}


def test_lands_byte_for_byte(any_drop, archive, layout, cfg, seen):
    any_drop.fill()
    content = os.urandom(9 * MB + 17)
    any_drop.put("students.csv", content)
    any_drop.put("Parents.csv")
    (any_drop.path / "groups.csv").symlink_to("/etc/passwd")
    progress: dict[str, list[tuple[int, int]]] = {}

    manifest = land_from_server(
        archive,
        layout,
        1,
        any_drop.account,
        seen(any_drop),
        cfg,
        on_progress=lambda name, done, total: progress.setdefault(name, []).append((done, total)),
    )

    assert (Path(archive.root) / layout.file(1, "students")).read_bytes() == content
    students = manifest.file("students")
    assert students.sha256 == hashlib.sha256(content).hexdigest()
    assert students.size == len(content)
    assert students.mtime == (any_drop.path / "students.csv").stat().st_mtime
    assert manifest.file("schools").uploaded_as == "school.csv"
    assert manifest.file("groups") is None
    assert "Parents.csv (expected parents.csv)" in manifest.ignored
    assert "groups.csv (a symbolic link)" in manifest.ignored
    assert Manifest.from_json(archive.read_json(layout.manifest(1))) == manifest
    assert len(artefacts(archive)) == 7
    assert len(progress["students"]) > 1
    assert progress["students"][-1] == (len(content), len(content))


def test_an_empty_file_is_landed_as_it_is(drop, archive, layout, cfg, seen):
    drop.fill()
    drop.put("rosters.csv", b"")
    manifest = land_from_server(archive, layout, 1, drop.account, seen(drop), cfg)
    assert manifest.file("rosters").sha256 == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("cut", [0, 4 * MB])
def test_server_dies_mid_download_then_a_rerun_completes(
    server, drop, archive, layout, cfg, seen, cut
):
    drop.fill()
    drop.put("students.csv", os.urandom(24 * MB))
    files = seen(drop)

    def die(name, done, _total):
        if name == "students" and done > cut:
            crash(server)

    with pytest.raises(SftpConnectionError):
        land_from_server(archive, layout, 1, drop.account, files, cfg, on_progress=die)
    assert landing_numbers(archive, layout) == []
    assert not any("students" in name for name in artefacts(archive))

    restart(server)
    manifest = land_from_server(archive, layout, 1, drop.account, files, cfg)
    assert landing_numbers(archive, layout) == [1]
    assert len(manifest.files) == 6
    assert len(artefacts(archive)) == 7


def test_leftovers_of_a_killed_run_are_removed(drop, archive, layout, cfg, seen):
    drop.fill()
    folder = Path(archive.root) / layout.landing(1) / "files"
    folder.mkdir(parents=True)
    (folder / "students.csv.0badf00d.part").write_bytes(b"half")
    (folder / "groups.csv").write_bytes(b"of an upload that is gone")

    land_from_server(archive, layout, 1, drop.account, seen(drop), cfg)

    assert not [n for n in artefacts(archive) if "part" in n or "groups" in n]


def grow(path: Path) -> None:
    with path.open("ab") as f:
        f.write(b"more\n")


def rewrite(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])


def shrink(path: Path) -> None:
    os.truncate(path, 10)


def replace_by_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


@pytest.mark.parametrize("change", [grow, rewrite, shrink, Path.unlink, replace_by_link])
def test_a_file_that_changes_while_it_is_fetched(drop, archive, layout, cfg, seen, change):
    drop.fill()
    drop.put("students.csv", os.urandom(20 * MB))
    files = seen(drop)
    done: list[str] = []

    def meddle(name, *_):
        if name == "students" and not done:
            done.append(name)
            change(drop.path / "students.csv")

    with pytest.raises(UploadChangedError, match=r"students\.csv"):
        land_from_server(archive, layout, 1, drop.account, files, cfg, on_progress=meddle)
    assert landing_numbers(archive, layout) == []
    assert not archive.exists(layout.file(1, "students"))


def test_a_file_rewritten_since_the_sensor_is_taken_once_it_is_quiet(
    drop, archive, layout, cfg, seen
):
    drop.fill()
    files = seen(drop)
    drop.put("students.csv", b"new bytes\n", age=10)
    with pytest.raises(UploadChangedError, match="changed after"):
        land_from_server(archive, layout, 1, drop.account, files, cfg)
    drop.set_age("students.csv", 301)
    manifest = land_from_server(archive, layout, 1, drop.account, files, cfg)
    assert manifest.file("students").sha256 == hashlib.sha256(b"new bytes\n").hexdigest()


def test_a_file_gone_since_the_sensor(drop, archive, layout, cfg, seen):
    drop.fill()
    files = seen(drop)
    (drop.path / "students.csv").unlink()
    with pytest.raises(UploadChangedError, match="gone"):
        land_from_server(archive, layout, 1, drop.account, files, cfg)


def test_an_unreadable_file(drop, archive, layout, cfg, seen, monkeypatch):
    def refuse(*_):
        raise asyncssh.SFTPPermissionDenied("Permission denied")

    drop.fill()
    files = seen(drop)
    monkeypatch.setattr(sftp_server._Folder, "open", refuse)
    with pytest.raises(ConfigError, match="may not read"):
        land_from_server(archive, layout, 1, drop.account, files, cfg)


def test_the_same_bytes_again_make_no_new_landing(drop, archive, layout, cfg, seen):
    drop.fill()
    first = land_from_server(archive, layout, 1, drop.account, seen(drop), cfg)
    drop.set_age("students.csv", 10)
    again = land_from_server(archive, layout, 2, drop.account, seen(drop), cfg)
    assert again == first
    assert landing_numbers(archive, layout) == [1]
    assert len(artefacts(archive)) == 7

    drop.put("students.csv", b"a correction\n")
    second = land_from_server(archive, layout, 2, drop.account, seen(drop), cfg)
    assert second.number == 2
    assert landing_numbers(archive, layout) == [1, 2]


def test_a_complete_landing_never_changes(drop, archive, layout, cfg, seen):
    drop.fill()
    land_from_server(archive, layout, 1, drop.account, seen(drop), cfg)
    before = {n: (Path(archive.root) / n).stat().st_mtime_ns for n in artefacts(archive)}
    with pytest.raises(ArchiveError):
        land_from_server(archive, layout, 1, drop.account, seen(drop), cfg)
    assert {n: (Path(archive.root) / n).stat().st_mtime_ns for n in artefacts(archive)} == before


def test_stale_needs_size_time_and_bytes(drop, archive, layout, cfg, seen):
    drop.fill()
    last = land_from_server(archive, layout, 1, drop.account, seen(drop), cfg)
    tonight = replace(layout, slot="2026-09-02")
    same_size = b"stnedutsx"
    drop.put("parents.csv", b"other parents\n")
    path = drop.path / "students.csv"
    kept = path.stat().st_mtime
    path.write_bytes(same_size[: path.stat().st_size])
    os.utime(path, (kept, kept))

    manifest = land_from_server(
        archive, tonight, 1, drop.account, seen(drop), cfg, last_landing=last
    )

    stale = {f.name for f in manifest.files if f.stale}
    assert stale == {"schools", "staff", "sections", "rosters"}


def test_lands_a_folder(drop, archive, layout, cfg):
    drop.fill()
    drop.put("Student.csv")
    (drop.path / "groups.csv").symlink_to("students.csv")
    (drop.path / "old").mkdir()
    manifest = land_from_folder(archive, layout, 1, drop.path, cfg, "core")
    assert manifest.source == "folder"
    assert {f.name for f in manifest.files} == {
        "schools",
        "students",
        "parents",
        "staff",
        "sections",
        "rosters",
    }
    assert not any(f.stale for f in manifest.files)
    assert manifest.file("students").sha256 == hashlib.sha256(b"students\n").hexdigest()
    assert set(manifest.ignored) == {
        "Student.csv (expected students.csv)",
        "groups.csv (a symbolic link)",
        "old (not a file)",
    }
    assert land_from_folder(archive, layout, 2, drop.path, cfg, "core") == manifest


def test_folder_and_server_agree_on_the_bytes(drop, archive, layout, cfg, seen):
    drop.fill()
    first = land_from_folder(archive, layout, 1, drop.path, cfg, "core")
    assert land_from_server(archive, layout, 2, drop.account, seen(drop), cfg) == first


def test_a_folder_file_that_changes_while_it_is_copied(drop, archive, layout, cfg):
    drop.fill()

    def meddle(name, *_):
        if name == "students":
            grow(drop.path / "students.csv")

    with pytest.raises(UploadChangedError):
        land_from_folder(archive, layout, 1, drop.path, cfg, "core", on_progress=meddle)
    assert landing_numbers(archive, layout) == []


def test_a_folder_without_the_upload(tmp_path, archive, layout, cfg):
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "Students.csv").write_text("x")
    with pytest.raises(MissingUploadError, match=r"Students\.csv \(expected students\.csv\)"):
        land_from_folder(archive, layout, 1, tmp_path / "up", cfg, "core")
    with pytest.raises(MissingUploadError, match="does not exist"):
        land_from_folder(archive, layout, 1, tmp_path / "nowhere", cfg, "core")


def test_files_are_fetched_side_by_side(drop, archive, layout, cfg, seen):
    drop.fill(size=12 * MB)
    order: list[str] = []
    land_from_server(
        archive,
        layout,
        1,
        drop.account,
        seen(drop),
        cfg,
        on_progress=lambda name, *_: order.append(name),
    )
    first_end = max(i for i, n in enumerate(order) if n == order[0])
    assert len(set(order[:first_end])) > 1
