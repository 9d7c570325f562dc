"""Every sample upload through `rostersync check`, and what its report says to the district."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rostersync.archive import read_not_taken
from rostersync.spec import FILES
from tests.cli.conftest import Ran, run
from tests.uploads.cases import BASE, Case, load, names
from tests.uploads.compare import assert_findings

pytestmark = pytest.mark.slow

PERSONAL = ("Testkid", "Testparent", "Teststaff", "Testhead", "Testaunt", "@example.org", "214555")


class Checked:
    """One case's upload, checked with a report."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case = case
        self.upload = case.lay_out(folder / "upload")
        self.report = folder / "report"
        self.ran: Ran = run(
            *("check", self.upload, "--config", case.yaml),
            *("--format", "json", "--report", self.report),
        )
        self.files: dict[str, dict[str, Any]] = self.ran.json["files"]

    def errors(self) -> list[dict[str, str]]:
        text = (self.report / "errors.csv").read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture(scope="session")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Checked]:
    """Checks a case once, however many tests look at it."""
    done: dict[str, Checked] = {}

    def check(name: str) -> Checked:
        if name not in done:
            done[name] = Checked(load(name), tmp_path_factory.mktemp("case"))
        return done[name]

    return check


@pytest.mark.parametrize("name", names())
def test_outcome_counts_and_findings_are_as_written(
    name: str, checked: Callable[[str], Checked]
) -> None:
    found, case = checked(name), load(name)
    told = found.ran.json
    assert (found.ran.code, told["outcome"]) == (case.exit, case.outcome)
    assert told["ignored"] == case.ignored
    assert all(text in told["message"] for text in case.says), told["message"]
    assert set(case.files) <= set(found.files)
    for csv_name, file in found.files.items():
        expected = case.of_file(csv_name)
        if csv_name not in case.files and case.outcome != "checked":
            # no file is at fault for what it refers to in one that cannot be used
            assert file["records"] == expected.records, csv_name
            assert file["findings"] == [], csv_name
        else:
            assert {k: file[k] for k in expected.counts} == expected.counts, csv_name
            assert_findings(csv_name, file["findings"], expected.findings)


@pytest.mark.parametrize("name", names())
def test_every_record_is_accounted_for(name: str, checked: Callable[[str], Checked]) -> None:
    found, case = checked(name), load(name)
    accepted = {n: f for n, f in found.files.items() if f["state"] == "accepted"}
    for csv_name, file in accepted.items():
        parts = file["accepted"] + file["quarantined"] + file["duplicates"]
        assert file["records"] == parts, csv_name
        if case.of_file(csv_name).csv:
            assert file["records"] == _count(found.upload, case, csv_name), csv_name


def _count(upload: Path, case: Case, csv_name: str) -> int:
    """Records that have a value, by Python's csv module on the decoded text, without the header."""
    file = FILES[csv_name.removesuffix(".csv")]
    data = (upload / case.config.uploaded_name(file)).read_bytes()
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = data.decode("utf-16" if utf16 else "utf-8-sig", errors="replace")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=case.config.delimiter(file))
    return sum(any(cell.strip() for cell in row) for row in rows) - 1


@pytest.mark.parametrize("name", names())
def test_the_report_names_every_finding(name: str, checked: Callable[[str], Checked]) -> None:
    found, case = checked(name), load(name)
    rows = found.errors()
    page = (found.report / "report.html").read_text(encoding="utf-8")
    counted = Counter((r["file"], r["rule"], r["severity"]) for r in rows)
    for csv_name, file in found.files.items():
        for finding in file["findings"]:
            most = finding["count"] if finding["lines"] else 1
            assert counted[(csv_name, finding["rule"], finding["severity"])] >= most, csv_name
            assert finding["rule"] in page
        if file["state"] == "missing":
            assert any(r["file"] == csv_name and r["rule"] == "file.state.missing" for r in rows)
            assert csv_name in page
    unread = [read_not_taken(name) for name in case.ignored]
    assert [(r["file"], r["rule"]) for r in rows if r["rule"].startswith("file.name.")] == [
        (found.name, str(found.why)) for found in unread
    ]
    assert all(found.expected in page for found in unread)


@pytest.mark.parametrize("name", names())
def test_no_value_of_a_person_is_told(name: str, checked: Callable[[str], Checked]) -> None:
    found = checked(name)
    texts = [found.ran.out, found.ran.err]
    texts += [p.read_text(encoding="utf-8") for p in sorted(found.report.iterdir())]
    assert not [v for v in PERSONAL for text in texts if v in text]


def test_the_base_is_clean(checked: Callable[[str], Checked]) -> None:
    """Else a case's finding could be the base's."""
    assert not [f for file in checked(BASE).files.values() for f in file["findings"]]
