"""`rostersync check` on whole uploads."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.demo.generate import read_expected
from tests.cli.conftest import change_header, run, run_process

pytestmark = pytest.mark.slow

FILE_KEYS = {"state", "records", "accepted", "quarantined", "duplicates", "rejected", "findings"}
FINDING_KEYS = {"rule", "severity", "column", "count", "lines", "message"}
COUNTS = {"added", "changed", "removed", "unchanged", "carried", "held"}


def test_a_clean_upload_is_0(nights: list[Path]):
    ran = run("check", nights[0])
    assert ran.code == 0
    assert "This upload can be loaded." in ran.out
    assert ran.err == ""


def test_quarantined_records_are_1_and_the_json_has_its_stable_shape(nights: list[Path]):
    ran = run_process("check", nights[1], "--format", "json")
    assert ran.code == 1
    report = ran.json
    assert {"outcome", "files", "changes", "holds"} <= set(report)
    assert set(report["files"]) == {
        f"{n}.csv" for n in ("schools", "students", "parents", "staff", "sections", "rosters")
    }
    for file in report["files"].values():
        assert set(file) == FILE_KEYS
        assert file["records"] == file["accepted"] + file["quarantined"] + file["duplicates"]
        for finding in file["findings"]:
            assert set(finding) == FINDING_KEYS
            assert 0 < len(finding["lines"]) <= 20
    for counts in report["changes"].values():
        assert set(counts) == COUNTS
    found = {f["rule"]: f["count"] for f in report["files"]["students.csv"]["findings"]}
    assert found == read_expected(nights[1].parent, 2).bad["students"]


def test_a_missing_column_is_2_and_the_likely_one_is_named(upload: Path):
    change_header(upload, "students", "last_name", "lastname")
    ran = run("check", upload)
    assert ran.code == 2
    assert "last_name" in ran.out
    assert "lastname" in ran.out
    assert ran.out.rstrip().endswith("Cannot be used: students.csv.")
    as_json = run("check", upload, "--format", "json")
    assert as_json.code == 2
    assert as_json.json["outcome"] == "rejected"
    assert as_json.json["files"]["students.csv"]["state"] == "rejected"


def test_a_missing_required_file_is_2(upload: Path):
    (upload / "staff.csv").unlink()
    ran = run("check", upload)
    assert ran.code == 2
    assert "Missing: staff.csv." in ran.out


def test_an_empty_folder_is_2_and_told_what_belongs_in_it(tmp_path: Path):
    ran = run("check", tmp_path, "--format", "json")
    assert (ran.code, ran.json["outcome"]) == (2, "missing")
    assert "students.csv" in ran.json["message"]


TERMS = "school_id,term_id,term_name,portion,start_date,end_date,school_year\n"


JSON = ("--format", "json")


def test_every_known_file_is_looked_at_unless_a_domain_is_named(upload: Path):
    (upload / "terms.csv").write_text(TERMS + "9,FALL,Fall,,2026-08-17,2026-12-18,2026\n")
    ran = run("check", upload, *JSON)
    assert ran.json["files"]["terms.csv"]["state"] == "rejected", "no school of it is known"
    assert "terms.csv" not in run("check", upload, "--domain", "core", *JSON).json["files"]
    alone = run("check", upload, "--domain", "terms", *JSON)
    assert list(alone.json["files"]) == ["terms.csv"]
    assert alone.json["files"]["terms.csv"]["accepted"] == 1, "nothing says which schools there are"


def test_a_folder_of_another_domain_alone_is_checked_without_the_nights_files(tmp_path: Path):
    (tmp_path / "attendance.csv").write_text(
        "school_id,student_id,date,period,code\n1,s1,9/1/2026,all_day,A\n1,s1,9/1/2026,1,\n"
    )
    ran = run("check", tmp_path, *JSON)
    assert (ran.code, list(ran.json["files"])) == (1, ["attendance.csv"])
    rules = {f["rule"] for f in ran.json["files"]["attendance.csv"]["findings"]}
    assert rules == {"attendance.code.known", "attendance.code.present"}


def test_a_check_leaves_nothing_behind(upload: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("ROSTERSYNC_STATE", str(tmp_path / "state"))
    before = sorted(p.name for p in upload.iterdir())
    run("check", upload)
    assert sorted(p.name for p in upload.iterdir()) == before
    assert not (tmp_path / "state").exists()
