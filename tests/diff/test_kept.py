"""What stays because of a record whose key cannot be read is counted beside the record."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive
from rostersync.fold import SlotDiff
from tests.diff.sentences import ragged, two_schools, wrong
from tests.support.landings import Upload, parent, roster, small_upload, student
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(Archive(tmp_path))


def kept(diff: SlotDiff, file: str) -> dict[str, int]:
    return {f.rule: f.kept for f in diff.files[file].findings if f.kept}


def test_what_a_line_keeps_is_counted_beside_its_rule(nights: Nights) -> None:
    nights.upload(
        small_upload(parents=[parent("s1", f"p{n}") for n in range(3)] + [parent("s2", "q")])
    )
    upload = wrong(
        small_upload(parents=[parent("s1", None, first_name=None), parent("s2", "q")]),
        *("parents", 2, "first_name.present", "first_name"),
    )
    assert kept(nights.upload(upload), "parents") == {"parents.first_name.present": 3}


def test_a_record_of_which_nothing_is_known_keeps_all(nights: Nights) -> None:
    nights.upload(two_schools())
    upload = ragged(two_schools(students=[student("s1"), student("x1", "2")]), "students", 4)
    # two students and their places
    assert kept(nights.upload(upload), "students") == {"file.record.ragged": 4}


def test_what_keeps_nothing_is_not_shown(nights: Nights) -> None:
    nights.upload(small_upload())
    diff = nights.upload(ragged(small_upload(), "rosters", 5))
    (found,) = diff.files["rosters"].findings
    assert found.kept == 0
    assert "kept" not in found.to_json()


def test_a_school_in_doubt_counts_its_rows(nights: Nights) -> None:
    nights.upload(two_schools())
    upload: Upload = wrong(
        two_schools(rosters=[roster("a", "s1"), roster("b", "nobody", "2")]),
        *("rosters", 3, "section_id.clean", "section_id"),
    )
    assert kept(nights.upload(upload), "rosters") == {"rosters.section_id.clean": 1}
