"""An artefact appears under its name whole or not at all, whatever happens to its writer."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from rostersync.archive import Archive
from rostersync.engine import open_session

_ENDLESS = """
import sys
from rostersync.archive import Archive
from rostersync.engine import open_session
with open_session(Archive(sys.argv[1])) as session:
    session.write_parquet("select i from range(100000000000) r(i)", "states/students/f.parquet")
"""

_FAILING = """
import sys
import duckdb
from rostersync.archive import Archive
from rostersync.engine import open_session
query = "select case when range > 299990 then error('stop') else hash(range)::text end from range(300000)"
with open_session(Archive(sys.argv[1])) as session:
    for _ in range(50):
        try:
            session.write_parquet(query, "folder/x.parquet")
        except duckdb.Error:
            print("failed")
"""


def test_parquet_of_a_query_that_fails_does_not_appear(archive: Archive) -> None:
    with open_session(archive) as session, pytest.raises(duckdb.Error):
        session.write_parquet("select error('stop') as i", "folder/x.parquet")
    assert archive.list_names("folder") == []


@pytest.mark.slow
def test_a_query_that_fails_in_the_middle_never_hangs(tmp_path: Path) -> None:
    """In a process that can be killed: a hang inside DuckDB heeds no timeout of Python's."""
    command = [sys.executable, "-c", _FAILING, str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert ended.stdout.splitlines() == ["failed"] * 50


def test_parquet_of_a_killed_writer_does_not_appear(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    surroundings = {**os.environ, "TMPDIR": str(tmp_path)}  # where it leaves its scratch folder
    writer = subprocess.Popen([sys.executable, "-c", _ENDLESS, str(tmp_path)], env=surroundings)
    try:
        deadline = time.monotonic() + 60
        folder = tmp_path / "states" / "students"
        while not any(f.stat().st_size for f in folder.glob("*")) if folder.exists() else True:
            assert writer.poll() is None, "the writer ended by itself"
            assert time.monotonic() < deadline, "the writer wrote nothing"
            time.sleep(0.05)
    finally:
        writer.kill()
        writer.wait()
    assert os.listdir(folder), "the writer was killed before it wrote"
    assert not archive.exists("states/students/f.parquet")
    with open_session(archive) as session:  # the step run again is not disturbed by what was left
        session.write_parquet("select 1 as i", "states/students/f.parquet")
        session.view_parquet("f", "states/students/f.parquet")
        assert session.scalar("select count(*) from f") == 1


def test_a_tiny_session_never_grows_with_the_square_of_its_rows(archive: Archive) -> None:
    """It does without most of what looks for a better plan, not without what finds a join in a condition."""
    with open_session(archive, is_tiny=True) as session:
        session.con.execute("create table a as select range as i from range(10)")
        session.con.execute("create table b as from a")
        for query in (
            "select * from a, b where a.i = b.i",
            "select * from a where exists (select 1 from b where a.i = b.i)",
            "select i, (select max(b.i) from b where b.i = a.i) from a",
        ):
            [(_, plan)] = session.con.execute(f"explain {query}").fetchall()
            assert "Hash Join" in plan, query
            assert "Cross Product" not in plan, query
        left_out = session.scalar("select current_setting('disabled_optimizers')")
        assert "join_order" in left_out


def test_a_session_of_more_rows_plans_as_duckdb_does(archive: Archive) -> None:
    with open_session(archive, is_small=True) as session:
        assert session.scalar("select current_setting('disabled_optimizers')") == ""


def test_a_statement_that_is_known_reads_the_tables_of_its_session(archive: Archive) -> None:
    """Of whatever session: statements are parsed once a process."""
    for is_tiny, school in itertools.product((True, False), ("1", "2")):
        with open_session(archive, is_tiny=is_tiny) as session:
            session.con.execute("create table reused_students (school_id varchar)")
            session.con.execute("insert into reused_students values ($1)", [school])
            assert session.run("duckdb/diff/reused.sql") == [(school, 1)]


def test_what_is_spilled_is_bounded(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one step fills the disk of all."""
    monkeypatch.setenv("ROSTERSYNC_DUCKDB_MEMORY", "100MB")
    large = "create table t as select hash(range)::text || hash(range + 1)::text as h from range(4000000)"
    with open_session(archive, threads=1) as session:
        session.con.execute(large)
    monkeypatch.setenv("ROSTERSYNC_DUCKDB_SPILL", "1MB")
    with (
        open_session(archive, threads=1) as session,
        pytest.raises(duckdb.OutOfMemoryException, match="max_temp_directory_size"),
    ):
        session.con.execute(large)


def test_it_is_bounded_without_a_setting(archive: Archive) -> None:
    """DuckDB's own bound is nine tenths of the disk."""
    with open_session(archive) as session:
        assert session.scalar("select current_setting('max_temp_directory_size')") == "18.6 GiB"


@pytest.mark.parametrize("is_tiny", [False, True])
@pytest.mark.parametrize(
    "statement",
    [
        "from read_text('{outside}/secret')",
        "from read_text('{inside}/../outside/secret')",
        "copy (select 1) to '{outside}/written.csv'",
        "attach '{outside}/other.db' as other",
        "from read_csv('http://127.0.0.1:9/x.csv')",
        "load httpfs",
        "set enable_external_access = true",
        "set memory_limit = '1TB'",
    ],
)
def test_no_statement_reaches_what_is_not_a_sessions(
    archive: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    statement: str,
    is_tiny: bool,
) -> None:
    outside = tmp_path / "outside"
    for folder in (outside, tmp_path / "tmp"):
        folder.mkdir()
    (outside / "secret").write_text("key")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    with open_session(archive, is_tiny=is_tiny) as session:
        session.write_parquet("select 1 as i", "folder/x.parquet")
        session.view_parquet("f", "folder/x.parquet")
        assert session.scalar("select i from f") == 1
        with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
            session.con.execute(statement.format(outside=outside, inside=archive.root))
    assert [p.name for p in outside.iterdir()] == ["secret"]


def test_two_archives_in_a_process_are_each_their_own(archive: Archive, tmp_path: Path) -> None:
    other = Archive(tmp_path / "other")
    for one in (archive, other, archive):
        with open_session(one, is_tiny=True) as session:
            session.write_parquet("select 1 as i", "folder/x.parquet")
            session.view_parquet("f", "folder/x.parquet")
            assert session.scalar("select count(*) from f") == 1


def test_an_archive_may_be_behind_a_link(archive: Archive, tmp_path: Path) -> None:
    Path(archive.root).mkdir()
    (tmp_path / "link").symlink_to(archive.root)
    with open_session(Archive(tmp_path / "link"), is_tiny=True) as session:
        session.write_parquet("select 1 as i", "folder/x.parquet")
        session.view_parquet("f", "folder/x.parquet")
        assert session.scalar("select count(*) from f") == 1
