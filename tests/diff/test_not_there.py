"""A file that is not there accuses nobody: what it may have is looked up nowhere, or held against no file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rostersync.archive import Archive, FileState, Layout
from rostersync.diff import compute_diff
from rostersync.fold import FindingSummary, SlotDiff
from rostersync.spec import Domain
from rostersync.spec.rules import NOT_LOOKED_UP, PARENT_QUARANTINED, UNRESOLVED
from tests.diff.sentences import wrong
from tests.diff.test_measure import measured
from tests.support.landings import (
    AnyRule,
    Upload,
    full_upload,
    member,
    parent,
    section,
    student,
    user_member,
    write_upload,
)
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out

NOT_THERE = [FileState.MISSING, FileState.EMPTY, FileState.HEADER_ONLY, FileState.REJECTED]


def without(upload: Upload, *files: str, state: FileState) -> Upload:
    kept = {n: rows for n, rows in upload.files.items() if n not in files}
    return Upload(kept, states=dict.fromkeys(files, state))


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    nights = Nights(Archive(tmp_path))
    nights.upload(full_upload())
    return nights


def resolve(nights: Nights, upload: Upload, **how: Any) -> SlotDiff:
    """The upload as a check or a failing night looks at it."""
    layout = Layout("testville", Domain.CORE, "2026-10-01")
    files = write_upload(nights.archive, layout.check(1, "pin"), upload)
    return compute_diff(
        nights.archive,
        layout,
        landing=1,
        pin="pin",
        files=files,
        findings=f"{layout.check(1, 'pin')}/findings.parquet",
        rules=AnyRule(),
        **{"previous": {}, **how},
    )


def said(diff: SlotDiff) -> dict[str, list[FindingSummary]]:
    return {n: list(f.findings) for n, f in diff.files.items() if f.findings}


@pytest.mark.parametrize("state", NOT_THERE)
def test_a_check_says_one_sentence_of_a_file_that_is_not_there(
    nights: Nights, state: FileState
) -> None:
    diff = resolve(nights, without(full_upload(), "students", state=state), folder_only=True)
    assert sum(f.quarantined for f in diff.files.values()) == 0
    assert diff.files["parents"].accepted == 3
    assert diff.files["group_members"].state is FileState.ACCEPTED
    ((name, (finding,)),) = said(diff).items()
    assert (name, finding.rule, finding.severity) == ("students", NOT_LOOKED_UP, "warning")
    assert finding.message == (
        "students.csv brings no records, so it was not looked up whether it has what parents.csv,"
        " rosters.csv, group_members.csv and emergency_contacts.csv refer to."
    )


def test_a_night_that_fails_says_it_too_whatever_was_known_before(nights: Nights) -> None:
    upload = without(
        full_upload(parents=[parent("s9", "p9")], group_user_members=[]),
        *("students",),
        state=FileState.REJECTED,
    )
    diff = resolve(nights, upload, previous=nights.diffs[-1].fingerprints, fails=True)
    assert diff.files["parents"].accepted == 1
    assert set(said(diff)) == {"students"}


def test_what_is_said_of_a_night_that_fails_is_not_what_it_would_load(nights: Nights) -> None:
    upload = without(
        full_upload(parents=[parent("s9", "p9")], group_user_members=[]),
        *("students",),
        state=FileState.STALE,
    )
    known = nights.diffs[-1].fingerprints
    assert resolve(nights, upload, previous=known, fails=True).files["parents"].accepted == 1
    assert resolve(nights, upload, previous=known).files["parents"].accepted == 0


def test_an_optional_file_that_nobody_misses_is_named_where_it_is_referred_to(
    nights: Nights,
) -> None:
    upload = without(full_upload(), "groups", state=FileState.MISSING)
    diff = resolve(nights, upload, folder_only=True)
    assert {n: [f.rule for f in found] for n, found in said(diff).items()} == {
        "group_members": [NOT_LOOKED_UP]
    }


def test_a_file_of_orphans_is_not_looked_into_either(nights: Nights) -> None:
    """It counts as rejected, and what refers to it is held against nobody."""
    upload = full_upload(groups=[{"school_id": "9", "group_id": "g", "group_name": "Chess"}])
    diff = resolve(nights, upload, folder_only=True)
    assert diff.files["groups"].state is FileState.REJECTED
    assert diff.files["group_members"].accepted == 3
    assert NOT_LOOKED_UP in {f.rule for f in said(diff)["groups"]}


def test_a_teacher_is_not_looked_up_in_a_file_that_is_not_there(nights: Nights) -> None:
    upload = without(
        full_upload(sections=[section("a", "t9")], group_user_members=[]),
        *("staff",),
        state=FileState.REJECTED,
    )
    diff = resolve(nights, upload, folder_only=True)
    ((name, (finding,)),) = said(diff).items()
    assert (name, finding.rule) == ("staff", NOT_LOOKED_UP)
    assert "it has what sections.csv and group_user_members.csv refer to" in finding.message


def test_with_a_state_the_finding_names_the_file_that_is_not_there(nights: Nights) -> None:
    upload = full_upload(parents=[parent(s, "p") for s in ("s1", "s7", "s8", "s9")])
    upload.states = {"students": FileState.STALE}
    diff = nights.upload(upload)
    (finding,) = (f for f in diff.files["parents"].findings if f.rule == UNRESOLVED)
    assert (finding.count, finding.lines) == (3, (3, 4, 5))
    assert finding.values == "Not there: students.csv (stale)."


def test_what_refers_to_a_record_in_quarantine_is_told_where_that_is(nights: Nights) -> None:
    known = [student("s1"), student("s2"), student("s3")]
    upload = full_upload(
        students=[student("s8", last_name=None), *known, student("s9", last_name=None)],
        parents=[
            parent("s1", "ps1"),
            parent("s8", "p8"),
            parent("s9", "p9"),
            parent("s1", "p1", last_name=None, email="ash@example.org"),
        ],
        group_user_members=[
            user_member("g", staff_id="t1"),
            user_member("g", email="ash@example.org"),
        ],
    )
    for file, line in (("students", 2), ("students", 6), ("parents", 5)):
        upload = wrong(upload, file, line, "last_name.present", "last_name")
    diff = nights.upload(upload)
    assert {
        name: finding.values
        for name, file in diff.files.items()
        for finding in file.findings
        if finding.rule == PARENT_QUARANTINED
    } == {
        "parents": "In quarantine: students.csv lines 2, 6.",
        "group_user_members": "In quarantine: parents.csv line 5.",
    }


def test_it_counts_for_no_limit_of_the_whole_upload(nights: Nights) -> None:
    upload = full_upload(parents=[parent(s, "p") for s in ("s1", "s7", "s8", "s9")])
    upload.states = {"students": FileState.STALE}
    assert measured(nights.upload(upload)).unreachable == {"parents": 3}


def test_orphans_of_a_file_that_is_there_still_reject_an_optional_file(nights: Nights) -> None:
    upload = full_upload(group_members=[member("other", "s1")])
    upload.states = {"students": FileState.STALE}
    assert nights.upload(upload).files["group_members"].state is FileState.REJECTED
