"""Drift: somebody else's hand in the warehouse is found, told in counts, and put right."""

from __future__ import annotations

import copy
import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rostersync.archive import Archive
from rostersync.config import DistrictConfig
from rostersync.errors import ArchiveError, DriftError
from rostersync.ledger.drift import Drift
from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.watch.drift import find_drift, repair_drift
from rostersync.spec import ENTITIES, Domain, entities_of
from tests.cli.conftest import run
from tests.support.district import District
from tests.support.uploads import EVENTS, TERMS, write_core, write_csv

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

NOBODY = "00000000-0000-0000-0000-00000000dead"
ODD = ['say "hi"', "two\nlines", "cr\rhere", "\\.", "\\N", "NULL", "a,b;c", "Zoë 🎒", "%s", "'"]
"""Names that a CSV could lose on its way back."""


MORE = 'terms: {day: sunday, at: "06:00"}\nattendance: {codes: {A: Absent, T: Tardy}}\n'


class Damaged(District):
    """Hand-written: two nights, a week of terms and two days of attendance."""

    def night(self, slot: str, grade: int, cfg: DistrictConfig | None = None) -> RunResult:
        ids = [f"s{n}" for n in range(len(ODD))]
        upload = write_core(self.folder / f"upload-{slot}", ids)
        header = ["school_id", "student_id", "first_name", "last_name", "grade_level", "bus"]
        rows = [
            ["1", s, "Aspen", odd, grade if s == "s1" else 3, odd]
            for s, odd in zip(ids, ODD, strict=True)
        ]
        with (upload / "students.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([header, *rows])
        twin = copy.copy(self)
        twin.cfg = cfg or self.cfg
        return twin.sync_upload(slot, upload)

    def load_all(self) -> None:
        self.night("2026-09-01", 3)
        self.night("2026-09-02", 4)
        fall = ["1", "FALL", "Fall", "semester", "2026-08-17", "2026-12-18", "2027"]
        write_csv(self.folder / "terms" / "terms.csv", TERMS, [fall])
        self.sync_upload("2026-09-02", self.folder / "terms", Domain.TERMS)
        for day in ("01", "02"):
            upload = self.folder / f"attendance-{day}"
            events = [["1", f"s{n}", f"2026-09-{day}", "2", "A"] for n in range(3)]
            write_csv(upload / "attendance.csv", EVENTS, events)
            self.sync_upload(f"2026-09-{day}T10:30", upload, Domain.ATTENDANCE)

    def find(self, domain: Domain, *, full: bool = False) -> Drift:
        return find_drift(
            self.warehouse, Archive(self.archive), district=self.cfg.id, domain=domain, full=full
        )

    def repair(self, domain: Domain) -> Drift:
        return repair_drift(
            self.warehouse, Archive(self.archive), district=self.cfg.id, domain=domain
        )

    def execute(self, statement: str) -> int:
        with psycopg.connect(self.warehouse) as conn:
            return conn.execute(statement).rowcount

    def current(self) -> dict[str, list[Any]]:
        """Every current row with its provenance."""
        with psycopg.connect(self.warehouse) as conn:
            return {
                e.name: conn.execute(
                    f"select to_jsonb(t)::text from {e.table} t order by 1"
                ).fetchall()
                for e in ENTITIES.values()
            }


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]) -> Damaged:
    district = Damaged(tmp_path_factory.mktemp("drift"), fresh_warehouse(), more=MORE)
    district.load_all()
    return district


@pytest.fixture
def district(loaded: Damaged) -> Iterator[Damaged]:
    """The loaded district; a test leaves it as it was."""
    before = loaded.current()
    yield loaded
    assert loaded.current() == before


def foreign(table: str, key: str, value: str) -> str:
    """A copy of a row under another key, by a run nobody knows."""
    entity = next(e for e in ENTITIES.values() if e.table == table)
    names = [c.name for c in entity.columns]
    columns = ", ".join(f'"{n}"' for n in names)
    values = ", ".join(f"'{value}'" if n == key else f'"{n}"' for n in names)
    return (
        f"insert into {table} (district_id, {columns}, _run_id, _file_sha256, _line, _first_slot,"
        f" _changed_slot) select district_id, {values}, '{NOBODY}', _file_sha256, _line, _first_slot,"
        f" _changed_slot from {table} limit 1"
    )


CORE, TERMS_, EVENTS_ = Domain.CORE, Domain.TERMS, Domain.ATTENDANCE
DAMAGES = {
    "a student deleted": (
        CORE,
        "delete from roster.students where student_id = 's1'",
        "students: 9 rows where 10 were loaded",
        "students: 9 rows where 10 were loaded, 1 row missing",
    ),
    "a name changed": (
        CORE,
        "update roster.students set last_name = 'Testother' where student_id in ('s1', 's2')",
        "",
        "students: 2 rows different",
    ),
    "blank made NULL": (
        CORE,
        "update roster.parents set relationship = '' where student_id = 's1'",
        "",
        "parents: 1 row different",
    ),
    "a teacher nobody loaded": (
        CORE,
        foreign("roster.staff", "staff_id", "t9"),
        "staff: 2 rows where 1 were loaded, 1 row of an unknown run",
        "staff: 2 rows where 1 were loaded, 1 row extra, 1 row of an unknown run",
    ),
    "a roster row's key changed": (
        CORE,
        "update roster.rosters set student_id = 'zz' where student_id = 's1'",
        "",
        "rosters: 1 row missing, 1 row extra",
    ),
    "everything gone": (
        CORE,
        "delete from roster.schools",
        "schools: 0 rows where 2 were loaded",
        "schools: 0 rows where 2 were loaded, 2 rows missing",
    ),
    "a run nobody knows": (
        CORE,
        f"update roster.sections set _run_id = '{NOBODY}'",
        "sections: 1 row of an unknown run",
        "sections: 1 row of an unknown run",
    ),
    "a row of tomorrow": (
        CORE,
        "update roster.students set _changed_slot = '2030-01-01' where student_id = 's3'",
        "students: 1 row later than the newest slot",
        "students: 1 row later than the newest slot",
    ),
    "a term's date": (
        TERMS_,
        "update roster.terms set end_date = '2026-12-19'",
        "",
        "terms: 1 row different",
    ),
    "an event deleted": (
        EVENTS_,
        "delete from attendance.events where student_id = 's1' and date = '2026-09-01'",
        "",
        "attendance: 1 row missing",
    ),
    "an event changed": (
        EVENTS_,
        "update attendance.events set code = 'T' where student_id = 's1'",
        "",
        "attendance: 2 rows different",
    ),
    "a day nobody sent": (
        EVENTS_,
        foreign("attendance.events", "date", "2026-09-09"),
        "attendance: 1 row of an unknown run",
        "attendance: 1 row extra, 1 row of an unknown run",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_found_by_its_look_and_repaired(district: Damaged, damage: str) -> None:
    domain, statement, cheap, full = DAMAGES[damage]
    others = [d for d in (CORE, TERMS_, EVENTS_) if d is not domain]
    assert district.execute(statement) > 0
    assert district.find(domain).words() == cheap
    assert district.find(domain, full=True).words() == full
    assert [district.find(d, full=True).words() for d in others] == ["", ""]

    repaired = district.repair(domain)  # and the fixture holds every column against what it was
    assert (repaired.words(), repaired.is_repaired) == (full, True)
    assert district.find(domain, full=True).words() == ""


def test_what_was_loaded_is_clean_and_a_repair_of_nothing_writes_nothing(
    district: Damaged,
) -> None:
    for domain in (CORE, TERMS_, EVENTS_):
        found = district.find(domain, full=True)
        assert found.words() == ""
        assert set(found.entities) == {e.name for e in entities_of(domain)}
        assert not district.repair(domain).is_repaired
    students = district.find(CORE, full=True).entities["students"]
    assert (students.rows, students.expected, students.missing) == (10, 10, 0)
    assert district.find(CORE).entities["students"].missing is None


def test_a_damaged_log_is_said_and_nothing_is_written(district: Damaged) -> None:
    before = district.current()
    district.execute("update roster_log.students set last_name = 'X' where student_id = 's2'")
    district.execute("delete from roster.students where student_id = 's1'")
    district.execute("update roster.students set last_name = 'X' where student_id = 's2'")
    damaged = district.current()
    with pytest.raises(DriftError, match="students: 1 row different") as caught:
        district.repair(CORE)
    assert "runbooks/drift.md" in caught.value.message()
    assert district.current() == damaged
    # by hand, as it was
    district.execute(
        f"update roster_log.students set last_name = '{ODD[2]}' where student_id = 's2'"
    )
    district.repair(CORE)
    assert district.current() == before


def test_a_state_the_archive_lost_is_said(district: Damaged, tmp_path: Path) -> None:
    statement = "update roster.students set city = {} where student_id = 's1'"
    district.execute(statement.format("'Testfield'"))
    with pytest.raises(ArchiveError, match="lacks the state"):
        find_drift(
            district.warehouse, Archive(tmp_path), district="testville", domain=CORE, full=True
        )
    district.execute(statement.format("null"))


def test_the_command_tells_counts_and_ends_with_one_while_there_is_drift(
    district: Damaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROSTERSYNC_WAREHOUSE", district.warehouse)
    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(district.folder / "archive"))
    district.execute("update roster.students set last_name = 'Testother' where student_id = 's1'")
    asked = ("drift", "-d", "testville")
    assert run(*asked).code == 0
    full = run(*asked, "--full")
    assert full.code == 1
    assert "testville core: drift in 1 of 12 tables, against 2026-09-02" in full.out
    assert "students: 1 row different" in full.out
    assert "testville terms: no drift, every row is as loaded up to 2026-09-02" in full.out
    assert "Testother" not in full.out
    data = run(*asked, "--domain", "core", "--full", "--format", "json")
    assert (data.code, data.json["outcome"], list(data.json["domains"])) == (1, "drift", ["core"])
    assert data.json["domains"]["core"]["entities"]["students"]["different"] == 1
    repaired = run(*asked, "--repair", "--format", "json")
    assert (repaired.code, repaired.json["outcome"]) == (0, "repaired")
    clean = run(*asked, "--full", "--format", "json")
    assert (clean.code, clean.json["outcome"]) == (0, "clean")


def test_a_load_stops_at_drift_or_tells_of_it_when_told_to(tmp_path: Path, warehouse: str) -> None:
    district = Damaged(tmp_path, warehouse, more=MORE)
    assert district.find(CORE, full=True).words() == ""  # nothing was loaded yet
    first = district.night("2026-09-01", 3)
    assert (first.outcome, first.message) == (Outcome.LOADED, "")
    district.execute("delete from roster.students where student_id = 's5'")

    strict = replace_drift(district.cfg, "fail")
    with pytest.raises(DriftError) as caught:
        district.night("2026-09-02", 4, strict)
    assert "students: 9 rows where 10 were loaded" in caught.value.message()
    assert "--repair" in caught.value.message()
    assert district.execute("select from sync.slots") == 1

    warned = district.night("2026-09-02", 4, replace_drift(district.cfg, "warn"))
    assert warned.outcome is Outcome.LOADED
    assert "students: 9 rows where 10 were loaded" in warned.message
    assert district.execute("select from sync.runs where message like '%9 rows where 10%'") == 2
    district.repair(CORE)
    assert district.night("2026-09-03", 5, strict).message == ""


def test_a_load_repairs_drift_first(tmp_path: Path, warehouse: str) -> None:
    district = Damaged(tmp_path, warehouse, more=MORE)
    district.night("2026-09-01", 3)
    before = district.current()
    district.execute("delete from roster.students where student_id = 's5'")
    district.execute("update roster.parents set email = 'x@example.org' where student_id = 's1'")

    again = district.night("2026-09-02", 3)
    assert "were repaired before this one" in again.message
    assert "students: 9 rows where 10 were loaded, 1 row missing" in again.message
    assert district.find(CORE, full=True).words() == ""
    assert len(district.current()["students"]) == len(before["students"])


def replace_drift(cfg: DistrictConfig, drift: str) -> DistrictConfig:
    changed = cfg.model_copy(update={"drift": drift})
    assert changed.fingerprint() == cfg.fingerprint()  # no slot is pinned anew for it
    return changed
