"""`check` on a real upload, against counts and lines made with Python's csv module alone."""

from __future__ import annotations

import csv
from collections import defaultdict

import pytest

from rostersync import paths
from rostersync.archive import FileState
from rostersync.config import DistrictConfig, load_district
from rostersync.fold import FindingSummary
from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.steps.sync import check_folder
from rostersync.validation import load_suites

UPLOAD = paths.home().parent / "shared" / "uploads" / "grandbend"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not UPLOAD.is_dir(), reason="the real upload is not beside the project"),
]

Rows = list[tuple[int, dict[str, str]]]


def rows(name: str) -> Rows:
    """The file's records with their lines; no cell of these files holds a line break."""
    with (UPLOAD / f"{name}.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(enumerate(csv.DictReader(file), 2))


def checked(cfg: DistrictConfig) -> RunResult:
    return check_folder(cfg, load_suites(paths.expectations_folder()), UPLOAD)


@pytest.fixture(scope="module")
def result() -> RunResult:
    return checked(load_district(paths.home() / "include" / "districts" / "grandbend.yaml"))


def finding(result: RunResult, rule: str, file: str | None = None) -> FindingSummary:
    found = result.files[file or rule.split(".")[0]].findings
    return next(f for f in found if f.rule == rule)


def same(found: FindingSummary, lines: list[int]) -> None:
    assert (found.count, list(found.lines)) == (len(lines), sorted(lines)[:20])


def test_upload_can_be_loaded_and_every_record_is_accounted_for(result: RunResult) -> None:
    assert result.outcome is Outcome.CHECKED
    for name, file in result.files.items():
        assert file.records == len(rows(name))
        assert file.records == file.accepted + file.quarantined + file.duplicates, name


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("parents", ("email", "mobile")),
        ("staff", ("email", "mobile")),
        ("emergency_contacts", ("email", "phone")),
    ],
)
def test_people_who_cannot_be_reached(
    result: RunResult, file: str, columns: tuple[str, str]
) -> None:
    silent = [n for n, r in rows(file) if not any(r[c].strip() for c in columns)]
    if file == "staff":  # those of an unknown school are told as such
        known = {r["school_id"] for _, r in rows("schools")} | {"255901"}
        assert {r["school_id"] for _, r in rows("staff")} <= known
    assert silent
    same(finding(result, f"{file}.contact.unreachable"), silent)


def test_sections_that_share_an_id(result: RunResult) -> None:
    first: dict[tuple[str, str], tuple[str, ...]] = {}
    told = ("course_name", "term_id", "period_number")
    differing = []
    for line, row in rows("sections"):
        key = (row["school_id"], row["section_id"])
        said = tuple(row[c] for c in told)
        if first.setdefault(key, said) != said:
            differing.append(line)
    assert differing
    same(finding(result, "sections.section_id.consistent"), differing)
    # one row per section and teacher stands: the others repeat them
    teachers = {(r["school_id"], r["section_id"], r["staff_id"]) for _, r in rows("sections")}
    assert result.files["sections"].accepted == len(teachers)


def test_sections_with_several_primary_teachers(result: RunResult) -> None:
    primaries: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for line, row in rows("sections"):
        if row["is_primary"] == "1" and row["staff_id"]:
            primaries[row["school_id"], row["section_id"]][row["staff_id"]].append(line)
    several = [
        line for by in primaries.values() if len(by) > 1 for lines in by.values() for line in lines
    ]
    assert several
    same(finding(result, "sections.primary.single"), several)


def test_groups_of_an_unknown_school_are_told_as_one_cause() -> None:
    """The same upload, before the district says that its office has groups."""
    cfg = load_district(paths.home() / "include" / "districts" / "grandbend.yaml")
    result = checked(cfg.model_copy(update={"district_office": ()}))
    schools = {r["school_id"] for _, r in rows("schools")}
    unknown = [n for n, r in rows("groups") if r["school_id"] not in schools]
    assert unknown
    assert result.files["groups"].state is FileState.REJECTED
    same(finding(result, "groups.school_id.known"), unknown)
    strangers = [n for n, r in rows("staff") if r["school_id"] not in schools]
    reachable = {n for n, r in rows("staff") if r["email"].strip() or r["mobile"].strip()}
    same(finding(result, "staff.school_id.known"), [n for n in strangers if n in reachable])


def test_all_roster_rows_load(result: RunResult) -> None:
    assert result.changes["rosters"].added == len(rows("rosters")) == 60


def test_attendance_codes_that_contradict_each_other(result: RunResult) -> None:
    codes: dict[tuple[str, ...], set[str]] = defaultdict(set)
    key = ("school_id", "student_id", "date", "period")
    for _, row in rows("attendance"):
        codes[tuple(row[c] for c in key)].add(row["code"])
    against = [n for n, r in rows("attendance") if len(codes[tuple(r[c] for c in key)]) > 1]
    assert against
    same(finding(result, "attendance.key.conflicting_duplicate"), against)
    students = {r["student_id"] for _, r in rows("students")}
    assert {r["student_id"] for _, r in rows("attendance")} <= students
    assert result.changes["attendance"].added == len(codes) - 1


def test_terms_and_the_sections_that_name_them(result: RunResult) -> None:
    terms = {(r["school_id"], r["term_id"]) for _, r in rows("terms")}
    assert result.changes["terms"].added == len(terms) == 6
    unknown = [
        n
        for n, r in rows("sections")
        if r["term_id"] and (r["school_id"], r["term_id"]) not in terms
    ]
    told = [f for f in result.files["sections"].findings if f.rule == "sections.term_id.known"]
    assert [f.count for f in told] == ([len(unknown)] if unknown else [])
