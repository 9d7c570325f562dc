"""What holds of artefacts wherever they lie."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from rostersync.archive import Archive, Layout, Manifest, landing_numbers, new_landing
from rostersync.engine import open_session
from rostersync.errors import ArchiveError, ArchiveUnavailableError
from rostersync.spec import Domain
from tests.support.object_storage import BUCKET

LAYOUT = Layout("testville", Domain.CORE, "2026-09-01")


def die_writing(archive: Archive, name: str, half: bytes) -> None:
    with archive.writing(name) as f:
        f.write(half)
        raise RuntimeError


def again(archive: Archive) -> Archive:
    """As another process sees it."""
    return Archive(archive.url)


def test_a_document_comes_back(archive: Archive) -> None:
    archive.write_json("a/b.json", {"n": 1})
    assert again(archive).read_json("a/b.json") == {"n": 1}
    assert archive.exists("a/b.json")
    assert archive.list_names("a") == ["b.json"]
    assert archive.list_names("") == ["a"]


@pytest.mark.parametrize("name", ["../x.json", "a/../../x.json", "/etc/x.json"])
def test_no_name_leads_out_of_it(archive: Archive, name: str) -> None:
    with pytest.raises(ArchiveError, match="leads out"):
        archive.write_json(name, {})


def test_a_missing_document_is_named(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="is missing") as caught:
        archive.read_json("a/b.json")
    assert "a/b.json" in caught.value.message()
    assert not archive.exists("a/b.json")
    assert archive.list_names("a") == []


def test_what_is_written_anew_is_seen_by_who_has_looked_before(archive: Archive) -> None:
    reader = again(archive)
    archive.write_json("a/1.json", 1)
    assert reader.list_names("a") == ["1.json"]
    archive.write_json("a/2.json", 2)
    archive.write_json("a/1.json", 3)
    assert reader.list_names("a") == ["1.json", "2.json"]
    assert reader.read_json("a/1.json") == 3


@pytest.fixture
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("usual_umask")
def test_only_its_owner_may_look_into_a_folder_archive(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "disk" / "archive")
    archive.write_json("a/b/c.json", 1)
    archive.copy("a/b/c.json", "d/c.json")
    with open_session(archive) as session:
        session.write_parquet("select 1 as n", "a/e/t.parquet")
    made = [Path(archive.root), *Path(archive.root).rglob("*")]
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in made} == {
        "archive": 0o700,
        **dict.fromkeys(["a", "b", "d", "e"], 0o700),
        **dict.fromkeys(["c.json", "t.parquet"], 0o600),
    }
    assert stat.S_IMODE((tmp_path / "disk").stat().st_mode) == 0o755, "what lies above is not ours"


@pytest.mark.parametrize(("mode", "warned"), [(0o755, 1), (0o701, 1), (0o770, 0), (0o700, 0)])
def test_an_archive_that_everybody_may_enter_is_warned_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, mode: int, warned: int
) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive").chmod(mode)
    for _ in range(2):
        Archive(tmp_path / "archive")
    assert caplog.text.count(f"chmod -R o= {tmp_path / 'archive'}") == warned


@pytest.mark.parametrize("size", [10, 12_000_000])
def test_a_writer_that_dies_leaves_nothing(archive: Archive, size: int) -> None:
    with pytest.raises(RuntimeError):
        die_writing(archive, "a/b", b"x" * size)
    assert not archive.exists("a/b")
    assert archive.list_names("a") == []


def test_a_query_that_fails_leaves_nothing(archive: Archive) -> None:
    with open_session(archive) as session, pytest.raises(Exception, match="boom"):
        session.write_parquet(
            "select case when range > 2999990 then error('boom') else hash(range)::text end"
            " from range(3000000)",
            "a/b.parquet",
        )
    assert archive.list_names("a") == []


def test_what_was_there_stays_when_its_successor_dies(archive: Archive) -> None:
    archive.write_json("a.json", 1)
    with pytest.raises(RuntimeError):
        die_writing(archive, "a.json", b"{")
    assert again(archive).read_json("a.json") == 1


def test_duckdb_reads_what_it_wrote_without_an_extension_for_it(archive: Archive) -> None:
    with open_session(archive) as session:
        session.write_parquet("select range as n from range(200000)", "a/n.parquet")
        session.view_parquet("numbers", "a/n.parquet", "a/n.parquet")
        assert session.con.execute("select count(*), max(n) from numbers").fetchall() == [
            (400000, 199999)
        ]
        for name in ("httpfs", "aws"):
            with pytest.raises(duckdb.PermissionException):
                session.con.execute(f"load {name}")


def test_a_landing_counts_when_its_manifest_is_there(archive: Archive) -> None:
    with archive.writing(LAYOUT.file(1, "students")) as f:
        f.write(b"student_id\n")
    assert landing_numbers(archive, LAYOUT) == []
    assert new_landing(archive, LAYOUT) == 1
    manifest = Manifest("testville", "core", "2026-09-01", 1, "folder", "2026-09-01T20:00:00Z", ())
    archive.write_json(LAYOUT.manifest(1), manifest.to_json())
    assert landing_numbers(again(archive), LAYOUT) == [1]
    assert Manifest.from_json(archive.read_json(LAYOUT.manifest(1))) == manifest


def test_a_folder_goes_with_all_that_is_in_it(archive: Archive) -> None:
    archive.write_json("a/b/1.json", 1)
    archive.write_json("ab/1.json", 1)
    archive.remove("a")
    archive.remove("a")
    assert archive.list_names("") == ["ab"]


def test_an_artefact_is_at_hand_for_a_while(archive: Archive) -> None:
    archive.write_json("a.json", {"n": 1})
    with archive.at_hand("a.json") as path:
        assert json.loads(Path(path).read_text()) == {"n": 1}
    assert Path(path).exists() is archive.is_local
    assert archive.exists("a.json")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux' full device")
def test_a_full_disk_here_is_no_fault_of_storage(storage: dict[str, str]) -> None:
    archive = Archive(f"s3://{BUCKET}/full")
    archive.write_json("a.json", {"n": 1})
    with pytest.raises(OSError, match="No space left"):
        archive.fetch("a.json", "/dev/full")


def test_a_copy_is_fetched(archive: Archive, tmp_path: Path) -> None:
    archive.write_json("a.json", 1)
    archive.fetch("a.json", tmp_path / "copy")
    with archive.reading("a.json") as f:
        assert f.read() == (tmp_path / "copy").read_bytes()


def test_a_bucket_that_is_not_there_is_not_made(storage: dict[str, str]) -> None:
    archive = Archive("s3://no-such-bucket-of-tests/prefix")
    with pytest.raises(ArchiveError, match="no such bucket"):
        archive.write_json("a.json", 1)
    assert not archive.exists("a.json")
    assert not archive.fs.exists("no-such-bucket-of-tests")


def test_storage_that_does_not_answer_is_a_passing_failure(
    storage: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    archive = Archive(f"s3://{BUCKET}/gone")
    archive.fs.clear_instance_cache()
    archive = Archive(f"s3://{BUCKET}/gone")
    with pytest.raises(ArchiveUnavailableError, match="does not answer") as caught:
        archive.read_json("a.json")
    assert storage["AWS_SECRET_ACCESS_KEY"] not in str(caught.value)
    archive.fs.clear_instance_cache()
