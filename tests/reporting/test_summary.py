from __future__ import annotations

from dataclasses import replace
from datetime import date

from rostersync.ledger.results import Hold, Outcome, RunResult
from rostersync.reporting import markdown_report, summary_line
from rostersync.reporting.words import ending, faults, findings_of, lines_of
from tests.reporting.results import accepted, entity, finding, loaded_night, rejected_night, waiver


def test_a_loaded_night_is_one_line_of_counts():
    assert summary_line(loaded_night(), "springfield", "2026-09-02") == (
        "springfield 2026-09-02 loaded: 11,008 records, 3 quarantined;"
        " students +21 ~40 -12, rosters +60 -31"
    )


def test_a_night_without_changes_says_so():
    night = RunResult(Outcome.IDENTICAL, {"schools": accepted(1)}, {"schools": entity()})
    line = summary_line(night, "springfield", "2026-09-02")
    assert line == "springfield 2026-09-02 identical: 1 record, 0 quarantined; no changes"


def test_a_rejected_night_names_the_files_that_are_to_blame():
    assert summary_line(rejected_night(), "lakeside", "2026-09-03") == (
        "lakeside 2026-09-03 rejected: students.csv rejected, staff.csv missing, parents.csv empty"
    )


def test_a_held_night_tells_how_many_changes_wait():
    holds = (Hold("first_load", None, "district", 1_234, "f" * 24),)
    night = RunResult(Outcome.HELD, {"students": accepted(1_300)}, holds=holds)
    assert summary_line(night, "x", "2026-09-01").endswith("0 quarantined; 1,234 changes held")


def test_a_late_night_tells_how_many_others_it_moved():
    night = replace(loaded_night(), recomputed=("2026-09-03", "2026-09-04"))
    assert summary_line(night, "x", "2026-09-02").endswith("; 2 later slots recomputed")


def test_findings_come_in_the_order_in_which_to_fix_them():
    assert [(file, f.rule) for file, f in findings_of(loaded_night())] == [
        ("schools", "schools.zip.present"),
        ("students", "students.grade_level.known"),
        ("students", "students.email.shared"),
        ("rosters", "rosters.student_id.known"),
    ]


def test_lines_end_in_dots_when_there_are_more():
    assert lines_of(finding("r", count=1, lines=(5,))) == "line 5"
    assert lines_of(finding("r", count=2, lines=(5, 9))) == "lines 5, 9"
    assert (
        lines_of(finding("r", count=30, lines=tuple(range(2, 22))), most=3) == "lines 2, 3, 4 ..."
    )
    assert lines_of(finding("r", count=9)) == ""


def test_markdown_has_a_row_per_file_entity_and_finding():
    report = markdown_report(loaded_night(), district="springfield", slot="2026-09-02", landing=2)
    assert report.startswith("## springfield 2026-09-02: loaded\n\nLoaded, 3 records quarantined")
    assert "(landing 2)." in report
    report = " ".join(report.split())
    assert "| students.csv | accepted | 2,004 | 2,003 | 1 | 0 | 0 |" in report
    assert "| students | 21 | 40 | 12 | 1,930 | 1 | 0 |" in report
    assert "| students.csv | error | `students.grade_level.known` | line 5 | 1 |" in report


def test_markdown_tables_can_be_read_as_they_stand():
    """A log shows them so."""
    report = markdown_report(loaded_night(), district="springfield", slot="2026-09-02")
    for part in report.split("\n\n"):
        if part.startswith("|"):
            assert len({len(line) for line in part.splitlines()}) == 1, part


def test_markdown_holds_no_text_a_file_could_have_put_there():
    """Logs and alerts carry counts only: a header that was quoted may be a person's row."""
    assert "No last_name" not in markdown_report(rejected_night(), district="x", slot="2026-09-01")
    assert "cannot be used" not in markdown_report(
        rejected_night(), district="x", slot="2026-09-01"
    )


def test_markdown_says_what_is_accepted_by_whom_and_why():
    rule = "students.email.shared"
    waived = {r: waiver(r, date(2027, 6, 30)) for r in (rule, "staff.email.valid")}
    night = {"result": loaded_night(), "district": "x", "slot": "2026-09-01"}
    report = markdown_report(**night, waived=waived)
    said = "accepted until 2027-06-30 by Pat Testadmin: vendor ticket 1182 asked twice"
    assert report.splitlines()[-1] == f"- `{rule}`: {said}"
    assert "staff.email.valid" not in report, "nothing was found of it"


def test_markdown_counts_what_it_does_not_list():
    many = tuple(finding(f"students.rule_{n:02}.x") for n in range(45))
    night = RunResult(Outcome.LOADED, {"students": accepted(100, *many)})
    assert "... and 5 more rules broken." in markdown_report(night, district="x", slot="s")


def test_faults_name_the_required_files_that_fail_a_check():
    assert faults(rejected_night()) == (
        "Cannot be used: students.csv. Missing: staff.csv. Empty: parents.csv."
    )


def test_a_night_of_which_something_waits_says_how_much_and_where_to_look():
    holds = (Hold("removed", "students", "district", 60, "f"), Hold("gone", "schools", "2", 1, ""))
    night = replace(loaded_night(), holds=holds)
    assert "; 61 changes held; " in summary_line(night, "springfield", "2026-09-02")
    assert "2 slices of changes held (rostersync holds list)" in ending(night)
