"""Whole runs of one district from folders, as `rostersync sync` makes them: what a bad night leaves."""

from __future__ import annotations

import copy
import csv
import hashlib
import random
import shutil
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rostersync.archive import Archive, FileState, Layout, Manifest
from rostersync.engine.postgres import connect
from rostersync.errors import WarehouseUnavailableError
from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.ground.stage import stage
from rostersync.pipeline.ground.validate import validate
from rostersync.pipeline.steps.land import land_folder
from rostersync.pipeline.steps.sync import replay, sync_folder
from rostersync.spec import Domain
from rostersync.validation import suites_from
from tests.integration.conftest import After
from tests.support.district import Copy, District
from tests.support.districts import write_nights

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


class Generated(District):
    """A district with three generated nights on disk."""

    nights: Sequence[Path] = ()

    def sync(self, night: int, upload: Path | None = None, **changes: Any) -> RunResult:
        twin = copy.copy(self)
        twin.cfg = self.cfg.model_copy(update=changes)
        return twin.sync_upload(night, upload or self.nights[night - 1])

    def edited(self, night: int, edit: Callable[[Path], None]) -> Path:
        """A copy of a night's upload, edited."""
        edited = self.folder / f"edited-{night}-{len(list(self.folder.iterdir()))}"
        shutil.copytree(self.nights[night - 1], edited)
        edit(edited)
        return edited


@pytest.fixture(scope="module")
def checked(
    tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]
) -> Generated:
    """Its archive has the good nights validated: saves half the time."""
    folder = tmp_path_factory.mktemp("checked")
    district = Generated(folder, fresh_warehouse())
    district.nights = write_nights(folder / "uploads", nights=3)
    for night, upload in enumerate(district.nights, 1):
        run = district.run(night)
        landing = land_folder(run, upload)
        stage(run, landing)
        validate(run, landing)
    return district


@pytest.fixture(scope="module")
def begun(
    checked: Generated, tmp_path_factory: pytest.TempPathFactory, copy_warehouse: Copy
) -> Generated:
    """The first night is loaded, once for all tests."""
    district = checked.again(tmp_path_factory.mktemp("begun"), copy_warehouse)
    assert district.sync(1).outcome is Outcome.LOADED
    return district


def lives_three_nights(district: Generated) -> None:
    for night in (1, 2, 3):
        district.sync(night)


@pytest.fixture
def lived(after: After, checked: Generated) -> Generated:
    return after(lives_three_nights, checked)


@pytest.fixture
def district(checked: Generated, tmp_path: Path, copy_warehouse: Copy) -> Generated:
    return checked.again(tmp_path, copy_warehouse)


@pytest.fixture
def loaded(begun: Generated, tmp_path: Path, copy_warehouse: Copy) -> Generated:
    return begun.again(tmp_path, copy_warehouse)


def _keep_rows(path: Path, share: float) -> None:
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows[: int(len(rows) * share)]])


def _groups(folder: Path) -> None:
    school = (folder / "schools.csv").read_text().splitlines()[1].split(",")[0]
    (folder / "groups.csv").write_text(f"school_id,group_id,group_name\n{school},g1,Chess\n")


def _rename_column(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    header, rest = text.split("\n", 1)
    path.write_text(f"{header.replace(old, new)}\n{rest}")


def test_accounting_holds_for_every_accepted_file(loaded: Generated) -> None:
    for name, file in loaded.sync(2).files.items():
        assert file.state in (FileState.ACCEPTED, FileState.IDENTICAL)
        assert file.records == file.accepted + file.quarantined + file.duplicates, name


def test_missing_required_file_ends_missing_and_leaves_the_last_state(loaded: Generated) -> None:
    before = loaded.tables()
    result = loaded.sync(2, loaded.edited(2, lambda f: (f / "parents.csv").unlink()))
    assert result.outcome is Outcome.MISSING
    assert result.files["parents"].state is FileState.MISSING
    assert "parents.csv" in result.message
    assert loaded.tables() == before


def test_missing_column_rejects_with_the_suggestion_and_leaves_the_last_state(
    loaded: Generated,
) -> None:
    before = loaded.tables()
    bad = loaded.edited(2, lambda f: _rename_column(f / "students.csv", "last_name", "lastname"))
    result = loaded.sync(2, bad)
    assert result.outcome is Outcome.REJECTED
    assert result.files["students"].state is FileState.REJECTED
    assert "last_name" in result.message
    assert "lastname" in result.message
    assert loaded.tables() == before
    # the other files are accounted for all the same: the district hears everything at once
    rosters = result.files["rosters"]
    assert rosters.records == rosters.accepted + rosters.quarantined + rosters.duplicates


def test_several_missing_columns_are_all_told_and_kept(district: Generated) -> None:
    def without_names(folder: Path) -> None:
        _rename_column(folder / "students.csv", "first_name", "given")
        _rename_column(folder / "students.csv", "last_name", "family")

    result = district.sync(1, district.edited(1, without_names))
    told = [f.column for f in result.files["students"].findings if f.severity == "critical"]
    assert sorted(filter(None, told)) == ["first_name", "last_name"]
    with psycopg.connect(district.warehouse) as conn:
        kept = conn.execute("select count(*) from sync.findings where severity = 'critical'")
        assert kept.fetchone() == (2,)


def test_file_that_used_to_end_with_a_newline_and_was_cut_loses_nobody(loaded: Generated) -> None:
    def cut(folder: Path) -> None:
        path = folder / "parents.csv"
        text = path.read_text().rstrip("\n")
        path.write_text(text[: text.rindex(",")])  # within the last record

    result = loaded.sync(2, loaded.edited(1, cut))
    assert result.outcome is Outcome.LOADED
    found = {f.rule: f.count for f in result.files["parents"].findings}
    assert found.get("file.record.cut") == 1
    assert result.changes["parents"].removed == 0


def test_the_longest_ids_and_names_load(district: Generated) -> None:
    """Keys of several ids, each as long as the rules let it be, fit into Postgres' indexes."""
    draw = random.Random(1)

    def long(first: int = 0x4E00) -> str:
        return "".join(chr(first + draw.randint(0, 0x4000)) for _ in range(255))

    ids: dict[str, str] = {}

    def lengthen(folder: Path) -> None:
        for path in sorted(folder.glob("*.csv")):
            with path.open(newline="") as file:
                rows = list(csv.DictReader(file))
            for row in rows:
                for column in {"school_id", "student_id", "section_id"} & set(row):
                    row[column] = ids.setdefault(row[column], long())
                if path.stem == "parents":
                    row["parent_id"] = ""
                    row["first_name"], row["last_name"] = long(0x20000), long(0x20000)
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, rows[0].keys())
                writer.writeheader()
                writer.writerows(rows)

    result = district.sync(1, district.edited(1, lengthen))
    assert result.outcome is Outcome.LOADED
    assert result.quarantined == 0
    assert result.changes["parents"].added == result.files["parents"].records


def test_correction_of_a_rejected_night_loads_and_equals_a_good_one(
    loaded: Generated, tmp_path: Path
) -> None:
    shutil.rmtree(loaded.folder / "archive" / loaded.cfg.id / "core" / "2026-09-02")
    loaded.sync(2, loaded.edited(2, lambda f: _rename_column(f / "staff.csv", "email", "mail")))
    loaded.sync(3)
    repaired = loaded.sync(2)
    assert repaired.outcome is Outcome.LOADED
    assert repaired.recomputed == ("2026-09-03",)
    with psycopg.connect(loaded.warehouse) as conn:
        landings = conn.execute("select slot, landing from sync.slots order by slot").fetchall()
    assert landings == [("2026-09-01", 1), ("2026-09-02", 2), ("2026-09-03", 1)]


def test_broken_correction_does_not_take_a_good_night_back(loaded: Generated) -> None:
    before = loaded.tables()
    bad = loaded.edited(1, lambda f: _rename_column(f / "students.csv", "grade_level", "grade"))
    assert loaded.sync(1, bad).outcome is Outcome.REJECTED
    assert loaded.tables() == before


def test_more_than_half_of_the_students_gone_waits_whole_whatever_the_limits(
    loaded: Generated,
) -> None:
    before = loaded.tables()
    halved = loaded.edited(2, lambda f: _keep_rows(f / "students.csv", 0.3))
    # the ragged record of night 2 would freeze removals; a clean short file is the danger
    shutil.copy(loaded.nights[0] / "students.csv", halved / "students.csv")
    _keep_rows(halved / "students.csv", 0.3)
    result = loaded.sync(2, halved)
    assert result.outcome is Outcome.HELD
    assert "students known are in the upload" in result.message
    assert loaded.tables() == before
    assert loaded.sync(2, halved, limits="off").outcome is Outcome.HELD
    assert loaded.tables() == before


@pytest.mark.parametrize("hollow", ["missing", "empty", "header only"])
def test_rosters_without_records_are_carried(loaded: Generated, hollow: str) -> None:
    [(known,)] = loaded.rows("select count(*) from roster.rosters")

    def empty(folder: Path) -> None:
        path = folder / "rosters.csv"
        header = path.read_text().split("\n", 1)[0]
        path.unlink() if hollow == "missing" else path.write_text(
            "" if hollow == "empty" else header + "\n"
        )

    same = loaded.edited(1, empty)
    result = loaded.sync(2, same)
    assert result.outcome is Outcome.LOADED
    rosters = result.changes["rosters"]
    assert (rosters.removed, rosters.carried) == (0, known)
    assert rosters.reasons == {"file_missing": rosters.carried}


def test_first_load_waits_for_a_person(district: Generated) -> None:
    held = district.sync(1, first_load="approve")
    assert held.outcome is Outcome.HELD
    assert [h.kind for h in held.holds] == ["first_load"]
    assert held.changes["students"].held > 0
    assert district.tables()["roster.students"] == []
    assert district.sync(1).outcome is Outcome.LOADED


def test_same_upload_for_the_next_slot_is_identical(loaded: Generated) -> None:
    result = loaded.sync(2, loaded.nights[0])
    assert result.outcome is Outcome.IDENTICAL
    assert all(e.touched == 0 for e in result.changes.values())
    assert {f.state for f in result.files.values()} == {FileState.IDENTICAL}


def test_nights_in_any_order_give_the_same_tables(district: Generated, lived: Generated) -> None:
    for night in (3, 1, 2, 1):
        district.sync(night)
    assert district.tables() == lived.tables()


def test_replay_rebuilds_an_empty_warehouse_from_the_archive(
    lived: Generated, fresh_warehouse: Callable[[], str]
) -> None:
    expected = lived.tables()
    lived.warehouse = fresh_warehouse()
    results = replay(lived.run(1))
    assert [r.outcome for r in results.values()] == [Outcome.LOADED] * 3
    assert lived.tables() == expected


def test_slot_pinned_before_a_suite_existed_is_replayed_as_it_was(district: Generated) -> None:
    upload = district.edited(1, _groups)
    run = district.run(1)
    documents = dict(run.inputs.suites.documents)
    del documents["groups"]
    old = replace(run, inputs=replace(run.inputs, suites=suites_from(documents, complete=False)))
    shutil.rmtree(district.folder / "archive")
    assert sync_folder(old, upload).outcome is Outcome.LOADED
    before = district.tables()
    assert before["roster.groups"] == []
    (result,) = replay(run).values()
    assert result.outcome is Outcome.IDENTICAL
    assert "groups" not in result.files
    assert district.tables() == before


def test_ledger_keeps_no_value_that_a_map_lacks(district: Generated) -> None:
    def edit(folder: Path) -> None:
        path = folder / "students.csv"
        header, first, *rest = path.read_text().splitlines()
        cells = dict(zip(header.split(","), first.split(","), strict=True))
        line = ",".join({**cells, "grade_level": "PKX"}.values())
        path.write_text("\n".join([header, line, *rest]) + "\n")

    result = district.sync(1, district.edited(1, edit))
    (found,) = (f for f in result.files["students"].findings if f.rule.startswith("students.grade"))
    assert found.values == 'Not known: "PKX" (1)'
    with psycopg.connect(district.warehouse) as conn:
        kept = conn.execute("select message from sync.findings where rule = %s", [found.rule])
        assert [m for (m,) in kept if "PKX" in m or not m] == []
        assert kept.rowcount == 1


def test_loaded_night_names_the_files_it_did_not_take(district: Generated) -> None:
    shutil.rmtree(district.folder / "archive")  # the same bytes are no new landing
    upload = district.edited(1, lambda f: (f / "Groups.csv").write_text("x"))
    assert district.sync(1, upload).ignored == ("Groups.csv (expected groups.csv)",)


def test_warehouse_that_cannot_be_reached_is_said_without_its_password(district: Generated) -> None:
    good = district.warehouse
    district.warehouse = "postgresql://someone:pa55word@127.0.0.1:9/nowhere"
    with pytest.raises(WarehouseUnavailableError) as caught:
        district.sync(1)
    assert "127.0.0.1:9/nowhere" in str(caught.value)
    assert "pa55word" not in str(caught.value)
    district.warehouse = good
    assert district.sync(1).outcome is Outcome.LOADED


def test_a_refused_write_never_quotes_a_row(district: Generated) -> None:
    with psycopg.connect(district.warehouse, autocommit=True) as conn:
        conn.execute("alter table roster.students add constraint no check (last_name is null)")
    with pytest.raises(Exception, match="constraint no") as caught:
        district.sync(1)
    assert "Testkid" not in repr(caught.value)
    assert "Failing row" not in repr(caught.value)
    assert "Testkid" not in "".join(traceback.format_exception(caught.value))


def test_a_statement_cut_short_never_quotes_a_row(district: Generated) -> None:
    run = district.run(1)

    def cancel(conn: psycopg.Connection[Any]) -> None:
        conn.execute("set statement_timeout = 1")
        conn.execute("select pg_sleep(1), 'Testkid'")

    with pytest.raises(WarehouseUnavailableError) as caught, connect(run.warehouse) as conn:
        cancel(conn)
    assert "QueryCanceled" in str(caught.value)
    assert "psycopg" not in "".join(traceback.format_exception(caught.value))


def test_two_uploads_landing_at_once_become_two_landings(district: Generated) -> None:
    shutil.rmtree(district.folder / "archive")

    def land(upload: Path) -> int:
        run = district.run(1)
        return land_folder(run, upload)

    with ThreadPoolExecutor() as pool:
        numbers = list(pool.map(land, district.nights[:2]))
    assert sorted(numbers) == [1, 2]
    archive, layout = (
        Archive(district.folder / "archive"),
        Layout(district.cfg.id, Domain.CORE, "2026-09-01"),
    )
    for number in numbers:
        for file in Manifest.from_json(archive.read_json(layout.manifest(number))).files:
            landed = Path(archive.path(layout.file(number, file.name))).read_bytes()
            assert hashlib.sha256(landed).hexdigest() == file.sha256
