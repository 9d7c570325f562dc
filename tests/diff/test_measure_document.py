"""The measures in the archived document, and those that are taken anew each time: of a week."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive
from rostersync.fold import Creep, SlotDiff
from tests.diff.measured import TWO, again, measured, pupils
from tests.support.landings import Upload, full_upload, small_upload, student
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(Archive(tmp_path))


def test_the_archived_document_has_the_measures(nights: Nights) -> None:
    upload = small_upload(students=[student("s1"), student("s2")])
    upload.errors = [("parents", 2, "parents.contact.unreachable", None)]
    nights.upload(small_upload())
    diff = nights.upload(upload)
    assert again(nights) == diff
    assert measured(diff).rows["students"]["1"].removed == 1
    assert measured(diff).unreachable == {"parents": 1}


def test_a_document_of_an_older_version_is_read_and_measured_anew(nights: Nights) -> None:
    diff = nights.upload(small_upload())
    document = f"{nights.layout(diff.slot).diff(1, 'pin', diff.base)}/diff.json"
    old = nights.archive.read_json(document)
    del old["measures"]
    assert SlotDiff.from_json(old).measures is None
    nights.archive.write_json(document, old)
    assert again(nights) == diff


def test_removed_since_a_week_is_measured_by_school(nights: Nights) -> None:
    def upload(first: int, second: int) -> Upload:
        people = [*pupils(first, "1"), *pupils(second, "2")]
        return small_upload(schools=TWO, students=people, parents=[], rosters=[])

    week_ago = nights.upload(upload(6, 4)).fingerprints
    nights.upload(upload(5, 3))
    diff = nights.upload(upload(4, 3))
    assert measured(diff).creep == {}
    seen = measured(again(nights, week_ago=week_ago)).creep
    assert seen["students"] == {"1": Creep(6, 2), "2": Creep(4, 1)}
    assert set(seen) == {"students", "student_schools"}  # nothing else lost a row tonight
    # it is of the state asked for, and no part of the document
    yesterday = nights.diffs[-2].fingerprints
    assert measured(again(nights, week_ago=yesterday)).creep["students"]["1"] == Creep(5, 1)
    assert again(nights) == diff


def test_an_entity_that_is_gone_altogether_has_crept_away(nights: Nights) -> None:
    week_ago = nights.upload(full_upload()).fingerprints
    nights.upload(full_upload(students=[student("x")]))
    upload = full_upload(students=[student("x")])
    seen = measured(again(nights, upload, week_ago=week_ago)).creep
    assert seen["students"] == {"1": Creep(3, 3)}
    assert seen["emergency_contacts"] == {"1": Creep(3, 0)}, "they went with the students"
    assert nights.keys("emergency_contacts") == []
