"""`rostersync check` on whole uploads."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from rostersync import paths
from rostersync.ledger.results import Outcome
from rostersync.pipeline.steps.sync import check_folder
from rostersync.synthetic.generate import read_expected
from rostersync.validation import load_suites
from tests.cli.conftest import change_header, run, run_process
from tests.support.districts import write_config

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


def test_a_file_that_cannot_be_read_accuses_no_other(upload: Path):
    """What refers to it is not called unknown, nor a file of it another year's."""
    change_header(upload, "students", "last_name", "lastname")
    (upload / "groups.csv").write_text("school_id,group_id,group_name\n1,g,Chess\n")
    (upload / "group_members.csv").write_text("school_id,group_id,student_id\n1,g,nobody\n")
    (upload / "attendance.csv").write_text(
        "school_id,student_id,date,period,code\n1,nobody,9/1/2026,all_day,A\n"
    )
    ran = run("check", upload, *JSON, "--report", upload.parent / "report")
    files = ran.json["files"]
    assert (ran.code, files["group_members.csv"]["state"]) == (2, "accepted")
    assert sum(f["quarantined"] for f in files.values()) == 0
    found = {(n, f["rule"]) for n, file in files.items() for f in file["findings"]}
    assert {(n, r) for n, r in found if r.endswith(".known") and "student_id" in r} == set()
    (said,) = (f for f in files["students.csv"]["findings"] if "not_looked_up" in f["rule"])
    assert said["message"].startswith("students.csv brings no records, so it was not looked up")
    assert "no such student" not in (upload.parent / "report" / "report.html").read_text()
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


def test_a_file_that_no_sync_of_the_district_reads_is_said_so(upload: Path, tmp_path: Path):
    (upload / "terms.csv").write_text(TERMS + "S1,FALL,Fall,,2026-08-17,2026-12-18,2026\n")
    write_config(tmp_path, "elm")
    write_config(tmp_path, "oak", more="terms: {}\n")

    def rules(*options: str | Path) -> set[str]:
        files = run("check", upload, *options, *JSON).json["files"]
        return {f["rule"] for f in files["terms.csv"]["findings"]} & {"file.domain.off"}

    off = ("--config", tmp_path / "elm.yaml")
    assert rules(*off) == {"file.domain.off"}
    assert rules("--config", tmp_path / "oak.yaml") == set()
    assert rules() == set(), "nobody has said what the district is"
    core = ("--domain", "core", *JSON)
    ignored = run("check", upload, *core, *off).json["ignored"]
    assert ignored == ["terms.csv (terms are off)"]
    assert run("check", upload, *core).json["ignored"] == []


def test_a_folder_of_another_domain_alone_is_checked_without_the_nights_files(tmp_path: Path):
    (tmp_path / "attendance.csv").write_text(
        "school_id,student_id,date,period,code\n1,s1,9/1/2026,all_day,A\n1,s1,9/1/2026,,A\n"
    )
    ran = run("check", tmp_path, *JSON)
    assert (ran.code, list(ran.json["files"])) == (1, ["attendance.csv"])
    rules = {f["rule"] for f in ran.json["files"]["attendance.csv"]["findings"]}
    assert rules == {
        "attendance.code.known",
        "attendance.period.present",
        "file.references.not_looked_up",
    }


def test_a_check_names_the_periods_that_no_notice_tells_and_a_p0_nobody_has_explained(
    tmp_path: Path,
):
    more = """\
attendance:
  codes: {A: Absent}
  notices: [{id: morning, at: "09:15", periods: ["1"], codes: [A]}]
"""
    write_config(tmp_path / "districts", more=more)
    config = ("--config", tmp_path / "districts" / "testville.yaml")
    upload = tmp_path / "upload"
    upload.mkdir()
    csv = upload / "attendance.csv"
    csv.write_text("school_id,student_id,date,period,code\n1,s1,9/1/2026,01,A\n")
    ran = run("check", upload, *config)
    assert (ran.code, 'tells "1"; the file has "01"' in " ".join(ran.out.split())) == (0, True)
    csv.write_text("school_id,student_id,date,p0,p1\n1,s1,9/1/2026,A,\n")
    findings = run("check", upload, *config, *JSON).json["files"]["attendance.csv"]["findings"]
    (found,) = (f for f in findings if f["rule"] != "file.references.not_looked_up")
    assert (found["rule"], found["lines"]) == ("attendance.period.p0_unsaid", [2])
    assert "attendance.p0" in found["message"]


@pytest.mark.parametrize("name", ["attendance.csv", "terms.csv"])
def test_a_folder_of_one_file_that_cannot_be_used_cannot_be_loaded(tmp_path: Path, name: str):
    (tmp_path / name).write_text("school_id,student_id,date,term_id\n1,s1,9/1/2026,FALL\n")
    ran = run("check", tmp_path, "--report", tmp_path / "out")
    assert (ran.code, "nothing would be loaded" in ran.out) == (2, True)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "nothing is loaded" in page
    assert f"Cannot be used: {name}." in page


def test_a_check_names_the_file_it_would_be_loaded_without(upload: Path):
    (upload / "terms.csv").write_text("school_id,term_id\n1,FALL\n")
    ran = run("check", upload)
    assert (ran.code, "can be loaded, without terms.csv." in ran.out) == (1, True)


def test_a_check_leaves_nothing_behind(upload: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("ROSTERSYNC_STATE", str(tmp_path / "state"))
    before = sorted(p.name for p in upload.iterdir())
    run("check", upload)
    assert sorted(p.name for p in upload.iterdir()) == before
    assert not (tmp_path / "state").exists()


def change_students(upload: Path, changes: list[dict[str, str]]) -> None:
    """Change the first records of students.csv."""
    path = upload / "students.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row, change in zip(rows, changes, strict=False):
        row.update(change)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_unmapped_grades_and_unknown_schools_are_one_finding_that_names_them(upload: Path):
    change_students(upload, [{"grade_level": "PKX"}] * 3 + [{"school_id": "S99"}] * 7)
    found = run("check", upload, "--format", "json").json["files"]["students.csv"]["findings"]
    told = {f["rule"]: (f["count"], f["message"]) for f in found}
    assert set(told) == {"students.grade_level.known", "students.school_id.known"}
    assert told["students.grade_level.known"][0] == 3
    assert told["students.grade_level.known"][1].endswith('Not known: "PKX" (3)')
    assert told["students.school_id.known"][0] == 7
    assert told["students.school_id.known"][1].endswith('Not known: "S99" (7)')
    ran = run("check", upload, "--report", upload.parent / "report")
    assert 'Not known: "PKX" (3)' in " ".join(ran.out.split())
    page = (upload.parent / "report" / "report.html").read_text(encoding="utf-8")
    assert "Not known: &#34;PKX&#34; (3)" in page
    assert "Not known: &#34;S99&#34; (7)" in page


def test_a_rule_that_rejects_a_file_is_told_with_its_lines(upload: Path):
    change_students(upload, [{"last_name": ""}])
    folder = upload.parent / "expectations"
    shutil.copytree(paths.expectations_folder(), folder)
    suite = json.loads((folder / "students.json").read_text(encoding="utf-8"))
    suite["expectations"][0]["meta"]["severity"] = "critical"
    (folder / "students.json").write_text(json.dumps(suite), encoding="utf-8")
    cfg = write_config(upload.parent / "districts")
    result = check_folder(cfg, load_suites(folder), upload)
    assert result.outcome is Outcome.REJECTED
    found = result.files["students"].findings
    assert [(f.rule, f.severity, f.count) for f in found] == [
        ("students.last_name.present", "critical", 1),
        ("file.references.not_looked_up", "warning", 2),
    ]
    assert found[0].lines == (2,)
    assert "last_name" in found[0].message
