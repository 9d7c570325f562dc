"""What a file is compared with: the newest accepted one of its name in an earlier slot."""

from __future__ import annotations

import pytest

from rostersync.archive import Archive, FileState
from rostersync.fold import SlotDiff
from rostersync.spec.rules import CUT
from tests.support.landings import Upload, parent, small_upload, student
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out

GONE, NEW = "file.header.column_gone", "file.header.new_column"


@pytest.fixture
def nights(archive: Archive) -> Nights:
    return Nights(archive)


def ending(*open_ends: str, **files: list[dict[str, object]]) -> Upload:
    upload = small_upload(**files)
    upload.open_ends = set(open_ends)
    return upload


def found(diff: SlotDiff, file: str, rule: str) -> list[str]:
    return [f.message for f in diff.files[file].findings if f.rule == rule]


def family(*ids: str) -> list[dict[str, object]]:
    return [parent("s1", p) for p in ids]


class TestLastRecordWithoutALineEnd:
    def test_after_a_file_that_ended_with_one_it_may_be_cut_and_nobody_is_removed(
        self, nights: Nights
    ) -> None:
        nights.upload(ending(parents=family("p1", "p2", "p3")))
        diff = nights.upload(ending("parents", parents=family("p1", "p4")))
        assert nights.quarantine() == [("parents", 3, CUT, "parse")]
        assert nights.keys("parents", "parent_id") == ["p1", "p2", "p3"]
        file = diff.files["parents"]
        assert (file.records, file.accepted, file.quarantined) == (2, 1, 1)

    def test_after_one_that_did_not_it_is_a_record(self, nights: Nights) -> None:
        nights.upload(ending("parents", parents=family("p1", "p2")))
        nights.upload(ending("parents", parents=family("p1", "p4")))
        assert nights.quarantine() == []
        assert nights.keys("parents", "parent_id") == ["p1", "p4"]

    def test_with_nothing_before_it_is_a_record(self, nights: Nights) -> None:
        nights.upload(ending("parents", parents=family("p1")))
        assert nights.keys("parents", "parent_id") == ["p1"]

    @pytest.mark.parametrize("state", [FileState.MISSING, FileState.STALE, FileState.REJECTED])
    def test_the_file_before_is_the_newest_accepted_one(
        self, nights: Nights, state: FileState
    ) -> None:
        nights.upload(ending())
        between = ending("rosters")
        if state is FileState.MISSING:
            del between.files["rosters"]
        between.states["rosters"] = state
        nights.upload(between)
        nights.upload(ending("rosters"))
        assert [(file, rule) for file, _, rule, _ in nights.quarantine()] == [("rosters", CUT)]

    def test_what_validation_found_in_it_is_not_believed(self, nights: Nights) -> None:
        nights.upload(ending())
        upload = ending("students")
        upload.errors.append(("students", 4, "students.last_name.present", "last_name"))
        diff = nights.upload(upload)
        assert nights.quarantine() == [("students", 4, CUT, "parse")]
        assert [f.rule for f in diff.files["students"].findings] == [CUT]

    def test_one_that_cannot_be_read_either_is_one_finding(self, nights: Nights) -> None:
        nights.upload(ending())
        upload = ending("students", students=[student("s1"), student("s2")])
        upload.ragged.append(("students", 4))
        diff = nights.upload(upload)
        assert nights.quarantine() == [("students", 4, CUT, "parse")]
        assert nights.keys("students") == ["s1", "s2", "s3"]
        assert diff.files["students"].records == 3


class TestColumns:
    def test_one_that_is_gone_is_a_warning_once(self, nights: Nights) -> None:
        whole, without = small_upload(), small_upload()
        whole.optional["sections"] = ("is_primary", "term_id")
        without.optional["sections"] = ("is_primary",)
        nights.upload(whole)
        [message] = found(nights.upload(without), "sections", GONE)
        assert "had the column term_id last time" in message
        assert found(nights.upload(without), "sections", GONE) == []

    def test_one_of_the_districts_own_is_a_warning_when_it_is_new(self, nights: Nights) -> None:
        plain, more = small_upload(), small_upload()
        more.beside = {"students": ("Bus",), "sections": ("Room",)}
        assert found(nights.upload(plain), "students", NEW) == []
        diff = nights.upload(more)
        [message] = found(diff, "students", NEW)
        assert '"Bus"' in message
        assert found(diff, "sections", NEW) == []  # not kept: reported each night as unknown
        assert found(nights.upload(more), "students", NEW) == []

    def test_one_that_is_refused_is_not_told_as_new(self, nights: Nights) -> None:
        plain, more = small_upload(), small_upload()
        more.beside = {"students": ("Bus", "ssn")}
        more.refused = {"students": ("ssn",)}
        nights.upload(plain)
        [message] = found(nights.upload(more), "students", NEW)
        assert "Bus" in message
        assert "ssn" not in message


class TestAState:
    def test_names_what_the_files_looked_like(self, nights: Nights) -> None:
        first = nights.upload(small_upload())
        again = nights.upload(small_upload())
        other = nights.upload(ending("staff"))
        assert first.fingerprints["staff.csv"] == again.fingerprints["staff.csv"]
        assert other.fingerprints["staff.csv"] != first.fingerprints["staff.csv"]
        assert other.fingerprints["staff"] == first.fingerprints["staff"]
