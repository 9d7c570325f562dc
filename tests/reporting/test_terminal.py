from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from rostersync.ledger.queries import Applied, RunSummary
from rostersync.ledger.results import Outcome, RunResult
from rostersync.reporting.nights_table import night_table, status_view
from rostersync.reporting.terminal import check_view, run_view
from tests.reporting.results import accepted, finding, loaded_night, rejected_night


def printed(view: Any) -> str:
    out = io.StringIO()
    Console(file=out, width=160, markup=False, highlight=False).print(view)
    return out.getvalue()


def row(text: str, start: str) -> list[str]:
    return next(line for line in text.splitlines() if line.startswith(start)).split()


def run(district: str = "springfield", **more: Any) -> RunSummary:
    start = datetime(2026, 9, 2, 20, tzinfo=UTC)
    values: dict[str, Any] = {
        "district": district,
        "domain": "core",
        "slot": "2026-09-02",
        "landing": 1,
        "run_id": "r",
        "outcome": "loaded",
        "message": "",
        "started_at": start,
        "finished_at": start + timedelta(seconds=4.25),
        "files": 6,
        "records": 11_008,
        "accepted": 11_005,
        "quarantined": 3,
        "duplicates": 0,
    }
    return RunSummary(**{**values, **more})


def test_a_run_shows_counts_by_file_and_changes_by_entity():
    text = printed(run_view(loaded_night(), "springfield", "2026-09-02"))
    assert row(text, "students.csv ") == ["students.csv", "accepted", "2,004", "2,003", "1", "0"]
    assert row(text, "students ") == ["students", "21", "40", "12", "1,930", "1"]
    assert "error  students.grade_level.known  1x  line 5\n    Use -4 to 12." in text
    assert text.endswith("\nspringfield 2026-09-02: Loaded, 3 records quarantined.\n")


def test_a_rejected_run_ends_with_what_to_do():
    text = printed(run_view(rejected_night(), "springfield", "2026-09-02"))
    assert "critical  file.header.missing" in text
    assert row(text, "students.csv ") == ["students.csv", "rejected", "2,000", "-", "-", "-"]
    assert row(text, "schools.csv ") == ["schools.csv", "accepted", "4", "4", "0", "0"]
    assert text.endswith(
        "springfield 2026-09-02: Rejected: nothing was loaded, the last state stands.\n"
        "A required file cannot be used.\n"
    )


def test_a_check_promises_nothing_it_did_not_do():
    assert "This upload would be rejected: nothing would be loaded." in printed(
        check_view(rejected_night())
    )
    missing = RunResult(Outcome.MISSING, {"schools": accepted(4)})
    assert "not complete: nothing would be loaded." in printed(check_view(missing))
    clean = RunResult(Outcome.CHECKED, {"schools": accepted(4)})
    assert "This upload can be loaded." in printed(check_view(clean))
    kept_out = replace(loaded_night(), outcome=Outcome.CHECKED)
    assert "without 3 records that would be quarantined." in printed(check_view(kept_out))


def test_what_the_maps_do_not_know_follows_the_hint():
    unknown = finding("students.grade_level.known", message="Map it.", values='Not known: "PK" (2)')
    text = printed(check_view(RunResult(Outcome.CHECKED, {"students": accepted(4, unknown)})))
    assert 'Map it. Not known: "PK" (2)' in text


def test_a_files_text_cannot_drive_the_terminal():
    bad = finding(
        "file.header.unknown", "warning", message="column \x1b]0;owned\x07 [bold]x[/bold]"
    )
    text = printed(run_view(RunResult(Outcome.LOADED, {"schools": accepted(4, bad)}), "x", "s"))
    assert "column \ufffd]0;owned\ufffd [bold]x[/bold]" in text
    assert "\x1b" not in text


def test_the_night_table_has_two_lines_per_run_and_names_each_district_once_in_each_part():
    moved = {
        "rosters": {"added": 5, "changed": 0, "removed": 2},
        "schools": dict.fromkeys(("added", "changed", "removed"), 0),
    }
    rows = [run(changes=moved), run(slot="2026-09-03", outcome="rejected"), run("lakeside")]
    text = printed(night_table(rows))
    assert text.count("springfield") == 2
    assert "rosters +5 -2" in text
    assert "schools" not in text
    lines = [line.split() for line in text.splitlines() if "2026" in line]
    assert lines[0][:7] == ["springfield", "2026-09-02", "loaded", "6", "11,008", "11,005", "3"]
    assert lines[1][:6] == ["2026-09-03", "rejected", "6", "11,008", "0", "3"]
    assert lines[0][-1] == "4.2"
    assert [line[-1] for line in lines[3:]] == ["-2", "none", "none"]


def test_the_night_table_fits_a_narrow_terminal():
    console = Console(width=80, file=io.StringIO(), color_system=None)
    console.print(
        night_table([run(changes={"rosters": {"added": 16_000, "changed": 0, "removed": 0}})])
    )
    text = console.file.getvalue()
    assert "…" not in text
    assert "2026-09-02" in text
    assert "rosters +16,000" in text


def test_status_says_why_a_run_failed_and_what_the_warehouse_holds():
    failed = run(outcome="missing", message="A required file is missing: staff.csv.")
    fold = Applied("springfield", "core", 3, "2026-08-31", "2026-09-02", 2, {"students": 2_001})
    text = printed(status_view([failed, failed], [fold]))
    assert text.count("springfield 2026-09-02: A required file is missing: staff.csv.") == 1
    (held,) = (line.split() for line in text.splitlines() if " core " in line)
    assert held[2:] == ["3", "2026-08-31", "2026-09-02", "2", "students", "2,001"]
