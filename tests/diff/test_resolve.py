"""Resolve and diff as a whole; what each sentence of the contract demands is in test_spec_sentences.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive
from tests.support.landings import Upload, school, small_upload, student
from tests.support.nights import Nights


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(Archive(tmp_path))


def test_first_upload_adds_every_entity(nights: Nights) -> None:
    diff = nights.upload(small_upload())
    added = {name: e.added for name, e in diff.entities.items()}
    assert added == {
        "schools": 1,
        "students": 3,
        "student_schools": 3,
        "staff": 1,
        "sections": 1,
        "section_teachers": 1,
        "parents": 3,
        "rosters": 3,
        **dict.fromkeys(("groups", "group_members", "group_user_members", "emergency_contacts"), 0),
    }


def test_same_upload_again_changes_nothing(nights: Nights) -> None:
    first = nights.upload(small_upload())
    second = nights.upload(small_upload())
    assert second.touched == 0
    assert second.fingerprints == first.fingerprints


def test_optional_file_that_was_never_sent_is_not_mentioned(nights: Nights) -> None:
    assert set(nights.upload(small_upload()).files) == {
        "schools",
        "students",
        "parents",
        "staff",
        "sections",
        "rosters",
    }


@pytest.mark.parametrize("separator", ["\x1f", "|", ""], ids=["unit", "bar", "none"])
def test_values_that_move_between_cells_are_another_state(nights: Nights, separator: str) -> None:
    def named(name: str, zip_code: str) -> Upload:
        return small_upload(schools=[school(school_name=name, school_zip=zip_code)])

    first = nights.upload(named(f"A{separator}B", "C"))
    second = nights.upload(named("A", f"B{separator}C"))
    assert first.fingerprints["schools"] != second.fingerprints["schools"]


def test_an_unknown_school_is_one_finding_that_names_it(nights: Nights) -> None:
    lost = [student(f"x{n}", "99" if n % 3 else "S2") for n in range(1_000)]
    found = nights.upload(small_upload(students=[student("s1"), *lost])).files["students"].findings
    assert [(f.rule, f.count) for f in found] == [("students.school_id.known", 1_000)]
    assert found[0].values == 'Not known: "99" (666), "S2" (334)'
    assert len(found[0].lines) == 20
