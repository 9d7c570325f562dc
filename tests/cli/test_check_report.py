"""`rostersync check --report DIR` on whole uploads."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.conftest import change_header, run
from tests.support.districts import write_config

pytestmark = pytest.mark.slow


def test_errors_csv_has_as_many_rows_as_the_json_counts(nights: list[Path], tmp_path: Path):
    plain = run("check", nights[1], "--format", "json")
    ran = run("check", nights[1], "--format", "json", "--report", tmp_path)
    assert (ran.code, ran.json) == (plain.code, plain.json)
    with (tmp_path / "errors.csv").open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    counted = Counter((r["file"], r["rule"], r["severity"]) for r in rows if r["line"])
    found = {
        (name, f["rule"], f["severity"]): f["count"]
        for name, file in ran.json["files"].items()
        for f in file["findings"]
        if f["lines"]
    }
    assert counted == found
    assert len(found) > 3


def test_the_same_folder_gives_the_same_files_and_the_text_names_them(
    nights: list[Path], tmp_path: Path
):
    kept = []
    for name in ("one", "two"):
        ran = run("check", nights[1], "--report", tmp_path / name)
        for file in ("errors.csv", "report.html"):
            assert str(tmp_path / name / file) in ran.out.replace("\n", "")
        kept.append({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()})
    assert kept[0] == kept[1]


def test_a_district_s_own_rules_hold_and_stand_in_its_report(upload: Path, tmp_path: Path):
    parents = upload / "parents.csv"
    header, first, *rest = parents.read_text().splitlines()
    cells = dict(zip(header.split(","), first.split(","), strict=True)) | {"mobile": "555-0199"}
    parents.write_text("\n".join([header, ",".join(cells.values()), *rest]) + "\n")
    write_config(tmp_path, "plain")
    write_config(tmp_path, "oak", more="rules: {parents.mobile.valid: {min_digits: 7}}")
    found, pages = {}, {}
    for district in ("plain", "oak"):
        report = tmp_path / f"{district}-report"
        options = ("--config", tmp_path / f"{district}.yaml", "--report", report)
        ran = run("check", upload, "--format", "json", *options)
        found[district] = {f["rule"] for f in ran.json["files"]["parents.csv"]["findings"]}
        pages[district] = (report / "report.html").read_text(encoding="utf-8")
    assert found["plain"] - found["oak"] == {"parents.mobile.valid"}
    assert "parents.mobile.valid: min_digits 7 instead of 10" in pages["oak"]
    assert "Agreed for your district" not in pages["plain"]


def test_a_mistake_in_a_district_s_rules_is_told_with_the_others(upload: Path, tmp_path: Path):
    path = tmp_path / "oak.yaml"
    path.write_text(
        "id: oak\nname: Oak\ntimezone: America/Denvr\n"
        "rules: {parents.mobile.valid: {min_digits: 3}, parents.student_id.known: {severity: warning}}\n"
    )
    ran = run("check", upload, "--config", path)
    assert ran.code == 3
    told = " ".join(ran.err.split())
    assert "oak.yaml: timezone: " in told
    assert "oak.yaml: rules.parents.mobile.valid.min_digits: expected a whole number from 7" in told
    assert "oak.yaml: rules.parents.student_id.known.severity: expected no such key" in told


def test_a_rejected_upload_has_both_files(upload: Path, tmp_path: Path):
    change_header(upload, "students", "last_name", "<b>=lastname</b>")
    ran = run("check", upload, "--report", tmp_path / "report")
    assert ran.code == 2
    assert "students.csv" in (tmp_path / "report" / "errors.csv").read_text(encoding="utf-8-sig")
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "is rejected: nothing is loaded" in page
    assert "<b>" not in page


def test_an_empty_folder_has_both_files(tmp_path: Path):
    (tmp_path / "upload").mkdir()
    assert run("check", tmp_path / "upload", "--report", tmp_path / "report").code == 2
    assert (tmp_path / "report" / "errors.csv").exists()
    assert "not complete" in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")


def test_a_report_that_cannot_be_written_is_a_usage_error(upload: Path, tmp_path: Path):
    (tmp_path / "taken").write_text("")
    ran = run("check", upload, "--report", tmp_path / "taken" / "below")
    assert ran.code == 3
    assert "cannot be written" in ran.err
    assert run("check", "--report", upload, upload).code == 3
    assert not (upload / "errors.csv").exists()


def test_files_with_nearly_the_right_names_are_told_their_names(upload: Path, tmp_path: Path):
    (upload / "staff.csv").rename(upload / "Staff.csv")
    assert run("check", upload, "--report", tmp_path / "one").code == 2
    assert "Rename Staff.csv to staff.csv" in (tmp_path / "one" / "report.html").read_text()
    for path in sorted(upload.iterdir()):
        path.rename(upload / path.name.capitalize())
    assert run("check", upload, "--report", tmp_path / "all").code == 2
    with (tmp_path / "all" / "errors.csv").open(encoding="utf-8-sig", newline="") as source:
        near = {r["file"] for r in csv.DictReader(source) if r["rule"] == "file.name.near_miss"}
    assert near == {
        *("Schools.csv", "Students.csv", "Parents.csv", "Staff.csv", "Sections.csv", "Rosters.csv")
    }
