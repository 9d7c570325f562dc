"""errors.csv and report.html: what a district's secretary is given."""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from rostersync import paths
from rostersync.archive import FileState
from rostersync.fold import FileResult
from rostersync.ledger.results import Outcome, RunResult
from rostersync.reporting.district_report import (
    COLUMNS,
    neutral,
    write_district_report,
)
from rostersync.reporting.problems import REASONS, RuleWords
from tests.reporting.results import accepted, finding, loaded_night, rejected_night

RULES = {
    "students.grade_level.known": RuleWords("grade_unknown", "Use -4 to 12."),
    "rosters.student_id.known": RuleWords("orphan", "Add the student."),
}
LINES = {
    "students": [("students.email.shared", n) for n in range(2, 32)]
    + [("students.grade_level.known", 5)],
    "rosters": [("rosters.student_id.known", 7), ("rosters.student_id.known", 9)],
    "schools": [("schools.zip.present", 3)],
}
HOSTILE = '=cmd|"/C calc"!A0<script src="https://example.org/x.js"></script>'


def write(folder: Path, result: RunResult) -> tuple[list[list[str]], str]:
    """The rows of errors.csv without its header, and the page."""
    table, page = write_district_report(
        folder, result, RULES, lambda name: LINES.get(name, []), title="Testville <Unified>"
    )
    raw = table.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    with table.open(encoding="utf-8-sig", newline="") as source:
        header, *rows = csv.reader(source)
    assert tuple(header) == COLUMNS
    return rows, page.read_text(encoding="utf-8")


def with_header(header: str) -> RunResult:
    found = finding("file.header.unknown", "warning", message=header)
    return RunResult(
        Outcome.CHECKED,
        {"sections": accepted(3, found)},
        ignored=("@SUM(A1).csv", "<img src=x>.csv", "bad\udcff.csv"),
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_could_start_a_formula_gets_an_apostrophe(start: str):
    assert neutral(f"{start}1") == f"'{start}1"


def test_other_cells_stay_as_they_are():
    assert [neutral(c) for c in ("", "a=b", "12", "Use -4")] == ["", "a=b", "12", "Use -4"]


def test_every_line_has_its_row_in_fix_order(tmp_path: Path):
    rows, _ = write(tmp_path, loaded_night())
    assert [r[0] for r in rows] == ["schools.csv"] + ["students.csv"] * 31 + ["rosters.csv"] * 2
    assert rows[-1] == [
        *("rosters.csv", "9", "", "rosters.student_id.known", "error"),
        *("The record refers to something that is not in the upload.", "Add the student.", ""),
    ]


def test_hostile_header_and_file_names_start_no_formula(tmp_path: Path):
    rows, _ = write(tmp_path, with_header(HOSTILE))
    assert not [c for row in rows for c in row if c.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert [r[0] for r in rows][1] == "'@SUM(A1).csv"
    assert rows[0][5] == f"'{HOSTILE}"


def test_the_page_escapes_names_and_refers_to_nothing_outside(tmp_path: Path):
    _, page = write(tmp_path, with_header(HOSTILE))
    assert "&lt;script" in page
    assert "Testville &lt;Unified&gt;" in page
    assert not re.search(
        r"<(script|img|link|iframe|object)\b|url\(|@import|(src|href)=[\"'/h]", page
    )


def test_the_page_says_what_is_wrong_where_and_what_to_do(tmp_path: Path):
    _, page = write(tmp_path, loaded_night())
    errors, warnings = page.split("<details>")
    assert "This upload was loaded, without 3 records." in errors
    assert errors.index("students.grade_level.known") < errors.index("rosters.student_id.known")
    assert "Lines 7, 9 of rosters.csv" in errors
    assert "Use -4 to 12." in errors
    assert "21 of students.csv, and 10 more, listed in errors.csv" in warnings


def test_a_rejected_upload_says_why_and_names_the_missing_files(tmp_path: Path):
    rows, page = write(tmp_path, rejected_night())
    assert "is rejected" in page
    assert "No last_name." in page
    critical = {r[0]: r[1] for r in rows if r[4] == "critical"}
    assert critical == {"students.csv": "", "staff.csv": "", "parents.csv": ""}


def test_nothing_wrong_is_said_plainly(tmp_path: Path):
    rows, page = write(tmp_path, RunResult(Outcome.CHECKED, {"schools": accepted(4)}))
    assert rows == []
    assert "No problems were found." in page


def test_earlier_reports_are_replaced_by_the_same_bytes_and_nothing_else_is_left(tmp_path: Path):
    write(tmp_path, rejected_night())
    write(tmp_path, loaded_night())
    first = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    write(tmp_path, loaded_night())
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == first
    assert set(first) == {"errors.csv", "report.html"}


def test_an_upload_without_a_file_has_both_reports(tmp_path: Path):
    files = {"schools": FileResult(FileState.MISSING)}
    nothing = RunResult(Outcome.MISSING, files, message="Where: folder /srv/upload.")
    rows, page = write(tmp_path / "new" / "folder", nothing)
    assert [r[0] for r in rows] == ["schools.csv"]
    assert "not complete" in page
    assert "/srv" not in page


def test_what_made_a_file_unusable_keeps_its_first_lines(tmp_path: Path):
    cause = finding("groups.school_id.known", count=30, lines=tuple(range(2, 22)))
    file = FileResult(FileState.REJECTED, 30, rejected=30, findings=(cause,))
    rows, page = write(tmp_path, RunResult(Outcome.CHECKED, {"groups": file}))
    assert [r[1] for r in rows] == [str(n) for n in range(2, 22)]
    assert "and 10 more" in page
    assert "listed in errors.csv" not in page


def test_stray_file_called_as_a_file_of_the_contract_is_only_named(tmp_path: Path):
    students = loaded_night().files["students"]
    result = RunResult(Outcome.CHECKED, {"students": students}, ignored=("students",))
    rows, page = write(tmp_path, result)
    assert [r[0] for r in rows if r[3] == "file.name.unknown"] == ["students"]
    assert [r[1] for r in rows if r[3] == "students.grade_level.known"] == ["5"]
    assert "students" in page


def test_optional_file_that_is_left_out_is_in_the_headline(tmp_path: Path):
    groups = FileResult(FileState.REJECTED, 4, rejected=4)
    result = RunResult(Outcome.CHECKED, {"students": accepted(3), "groups": groups})
    _, page = write(tmp_path, result)
    assert "This upload can be loaded, without groups.csv" in page
    assert 'class="top good"' not in page


def test_a_name_that_is_nearly_right_is_told_what_it_must_be(tmp_path: Path):
    missing = FileResult(FileState.MISSING)
    result = RunResult(
        Outcome.MISSING,
        {"students": missing, "staff": accepted(3)},
        ignored=("Students.csv (expected students.csv)", "staff (1).csv (expected staff.csv)"),
    )
    rows, page = write(tmp_path, result)
    told = {r[0]: (r[3], r[6]) for r in rows}
    assert told == {
        "students.csv": (
            "file.state.missing",
            "Rename Students.csv to students.csv and upload it again.",
        ),
        "Students.csv": ("file.name.near_miss", "Rename it to students.csv."),
        "staff (1).csv": (
            "file.name.near_miss",
            "Send it as staff.csv if it is the right one; else leave it out.",
        ),
    }
    assert "its name is not exactly students.csv" in page


def test_what_the_maps_do_not_know_is_on_the_page_once(tmp_path: Path):
    unknown = finding(
        "rosters.student_id.known",
        count=2,
        lines=(7, 9),
        message="Add the student.",
        values='Not known: "<PK>" (2)',
    )
    rows, page = write(tmp_path, RunResult(Outcome.CHECKED, {"rosters": accepted(3, unknown)}))
    assert page.count("Not known: &#34;&lt;PK&gt;&#34; (2)") == 1
    assert {r[6] for r in rows} == {"Add the student."}


def test_a_district_is_told_until_when_a_problem_is_accepted_and_no_more(tmp_path: Path):
    write_district_report(
        *(tmp_path, loaded_night(), RULES, lambda name: LINES.get(name, [])),
        title="",
        known_until={"rosters.student_id.known": date(2027, 6, 30)},
    )
    said = "Known, accepted until 2027-06-30."
    assert (tmp_path / "report.html").read_text().count(said) == 1
    rows = list(csv.DictReader((tmp_path / "errors.csv").open(encoding="utf-8-sig", newline="")))
    assert {r["rule"] for r in rows if said in r["message"]} == {"rosters.student_id.known"}
    assert len(rows) == 34, "nothing is left out"


def test_a_delivered_table_lists_so_many_lines_of_a_rule(tmp_path: Path):
    table, _ = write_district_report(
        *(tmp_path, loaded_night(), RULES, lambda name: LINES.get(name, [])),
        title="",
        most_lines=3,
    )
    rows = list(csv.DictReader(table.open(encoding="utf-8-sig", newline="")))
    shared = [r for r in rows if r["rule"] == "students.email.shared"]
    assert [r["line"] for r in shared] == ["2", "3", "4", ""]
    assert "27 more lines are not listed." in shared[-1]["message"]
    assert len([r for r in rows if r["rule"] == "rosters.student_id.known"]) == 2


def test_every_reason_of_the_suites_has_a_sentence_for_the_office():
    texts = "".join(p.read_text() for p in paths.expectations_folder().glob("*.json"))
    reasons = set(re.findall(r'"reason": "(\w+)"', texts))
    assert len(reasons) > 30
    assert reasons - set(REASONS) == set()


def test_what_a_line_keeps_stands_beside_it(tmp_path: Path):
    found = finding("rosters.student_id.known", "error", lines=(9,), count=1, kept=3)
    result = RunResult(Outcome.LOADED, {"rosters": accepted(9, found)})
    table, page = write_district_report(
        tmp_path, result, RULES, lambda name: [("rosters.student_id.known", 9, 3)], title=""
    )
    assert table.read_text(encoding="utf-8-sig").splitlines()[1].endswith(",3")
    assert "3 rows that would go stay until it is corrected" in page.read_text(encoding="utf-8")
