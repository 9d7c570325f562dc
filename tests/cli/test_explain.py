"""`rostersync explain`: one row's life, from the warehouse and the archive."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ran, run
from tests.support.districts import write_config
from tests.support.uploads import EVENTS, TERMS, write_core, write_csv

STUDENTS = ["school_id", "student_id", "first_name", "last_name", "grade_level"]


class District:
    """A hand-written district; each sync has an upload folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        more = 'terms: {day: sunday, at: "06:00"}\nattendance: {codes: {A: Absent, T: Tardy}}\n'
        write_config(folder / "districts", more=more + "files: {students: {name: pupils.csv}}\n")

    def core(self, slot: str, grades: dict[str, str], **ids: str) -> Path:
        """A night: each student's grade; ``ids``: sent under another id."""
        upload = write_core(self.folder / slot, list(grades))
        sent = [["1", ids.get(s, s), "Aspen", "Testkid", grade] for s, grade in grades.items()]
        write_csv(upload / "pupils.csv", STUDENTS, sent)
        (upload / "students.csv").unlink()
        self.sync("core", slot, upload)
        return upload

    def sync(self, domain: str, slot: str, upload: Path) -> None:
        config = self.folder / "districts" / "testville.yaml"
        ran = run("sync", upload, "--config", config, "--slot", slot, "--domain", domain)
        assert ran.code in (0, 1), ran.err + ran.out


def explain(*arguments: str) -> Ran:
    return run("explain", "-d", "testville", *arguments)


def told(*arguments: str) -> Any:
    ran = explain(*arguments, "--format", "json")
    assert ran.code == 0, ran.err
    return ran.json


@pytest.fixture
def district(tmp_path: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setenv("ROSTERSYNC_WAREHOUSE", warehouse)
    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
    monkeypatch.setenv("ROSTERSYNC_STATE", str(tmp_path / "state"))
    return District(tmp_path)


@pytest.mark.postgres
@pytest.mark.slow
def test_a_students_whole_life(district: District):
    district.core("2026-09-01", {"s1": "3", "s2": "3", "s3": "3"})
    second = district.core("2026-09-02", {"s1": "4", "s2": "3", "s3": "3"})
    district.core("2026-09-03", {"s1": "x", "s2": "3", "s3": "3", "s9": "y"})
    district.core("2026-09-04", {"s1": "5", "s2": "3"})

    s1 = told("students", "s1")
    versions = [(v["slot"], v["op"], v["columns"], v["line"]) for v in s1["versions"]]
    assert versions == [
        ("2026-09-01", "added", [], 2),
        ("2026-09-02", "changed", ["grade_level"], 2),
        ("2026-09-04", "changed", ["grade_level"], 2),
    ]
    assert s1["present"]
    changed = s1["versions"][1]
    assert (changed["landing"], changed["file"]) == (1, "pupils.csv")
    assert changed["sha256"] == hashlib.sha256((second / "pupils.csv").read_bytes()).hexdigest()
    status = run("status", "--format", "json").json["runs"]
    assert changed["run_id"] == next(r["run_id"] for r in status if r["slot"] == "2026-09-02")
    assert changed["applied_at"].startswith("20")
    (kept,) = s1["kept"]
    assert (kept["slot"], kept["carried"]) == ("2026-09-03", "frozen")
    (record,) = kept["records"]
    assert (record["line"], record["rule"]) == (2, "students.grade_level.known")
    assert "grade" in record["hint"]

    assert [v["op"] for v in told("students", "s3")["versions"]] == ["added", "removed"]
    assert not told("students", "s3")["present"]
    never_loaded = told("students", "s9")
    assert (never_loaded["versions"], never_loaded["outcome"]) == ([], "seen")
    assert [r["line"] for r in never_loaded["kept"][0]["records"]] == [5]
    assert told("students", "s1", "--slots", "1")["kept"] == []

    text = explain("students", "s1").out
    assert "testville students: 3 versions, in the warehouse as of 2026-09-04." in text
    assert "2026-09-02  changed  grade_level" in text
    assert "2026-09-03  carried  as it was (frozen)" in text
    assert "students.grade_level.known" in text
    assert "Testkid" not in text
    assert "values" not in s1["versions"][0]
    shown = told("students", "s1", "--values")["versions"]
    assert shown[0]["values"]["last_name"] == [None, "Testkid"]
    assert shown[1]["values"] == {"grade_level": ["3", "4"]}
    assert 'grade_level: "3" -> "4"' in explain("students", "s1", "--values").out

    shutil.rmtree(district.folder / "archive" / "testville" / "core" / "2026-09-03")
    s1 = told("students", "s1")
    assert (len(s1["versions"]), s1["kept"], s1["unread"]) == (3, [], ["2026-09-03"])


@pytest.mark.postgres
@pytest.mark.slow
def test_a_damaged_id_is_told_to_whom_it_may_mean_and_the_rest_follows(district: District):
    grades = {"007": "3", "s2": "3"}
    district.core("2026-09-01", grades)
    district.core("2026-09-02", grades, **{"007": "7"})
    (kept,) = told("students", "007")["kept"]
    assert kept["carried"] == "frozen"
    assert [r["reason"] for r in kept["records"]] == ["id_damaged"]
    # the student's schools are frozen with the student
    (place,) = told("student_schools", "007/1")["kept"]
    assert (place["carried"], place["records"]) == ("frozen", kept["records"])
    assert told("student_schools", "s2", "1")["kept"] == []


@pytest.mark.postgres
@pytest.mark.slow
def test_every_entity_has_its_answer(district: District):
    assert "nothing of this district was loaded yet" in explain("students", "s1").out
    district.core("2026-09-01", {"s1": "3", "s2": "3"})
    write_csv(
        district.folder / "t" / "terms.csv",
        TERMS,
        [["1", "FALL", "Fall", "semester", "2026-08-17", "2026-12-18", "2027"]],
    )
    district.sync("terms", "2026-09-01", district.folder / "t")
    for slot, code in (("2026-09-01T10:30", "A"), ("2026-09-01T11:30", "T")):
        upload = district.folder / code
        write_csv(upload / "attendance.csv", EVENTS, [["1", "s1", "2026-09-01", "2", code]])
        district.sync("attendance", slot, upload)

    keys = {
        "schools": ["1"],
        "terms": ["1/FALL"],
        "students": ["s1"],
        "student_schools": ["s1/1"],
        "staff": ["1/t1"],
        "sections": ["1/a0"],
        "section_teachers": ["1", "a0", "t1"],
        "parents": ["s1/ps1"],
        "rosters": ["1/a0/s1"],
        "attendance": ["1/s1/2026-09-01/2"],
    }
    seen = {entity: told(entity, *key) for entity, key in keys.items()}
    assert {e for e, answer in seen.items() if answer["present"]} == set(keys)
    assert [(v["slot"], v["op"], v["columns"]) for v in seen["attendance"]["versions"]] == [
        ("2026-09-01T10:30", "added", []),
        ("2026-09-01T11:30", "changed", ["code"]),
    ]
    optional = {
        "groups": "1/g",
        "group_members": "1/g/s1",
        "group_user_members": "1/g/staff t1",
        "emergency_contacts": "s1/e1",
    }
    assert {told(e, key)["outcome"] for e, key in optional.items()} == {"never_seen"}

    never = explain("students", "nobody")
    assert (never.code, "never seen up to 2026-09-01" in never.out) == (0, True)


def test_a_key_that_does_not_fit_names_the_columns():
    for key in (["s1"], ["s1/a/b"], ["s1", ""], ["a", "b", "c"]):
        ran = run("explain", "-d", "testville", "parents", *key)
        assert ran.code == 3
        assert "named by student_id / contact_key" in ran.err
    ran = run("explain", "-d", "testville", "attendance", "1/s1/9-1/2")
    assert (ran.code, "date is YYYY-MM-DD" in ran.err) == (3, True)
    unknown = run("explain", "-d", "testville", "pupils", "s1")
    assert (unknown.code, "section_teachers" in unknown.err) == (3, True)
