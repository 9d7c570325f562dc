"""A release grows the contract between two nights: nothing archived is touched, all of it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rostersync.ledger.results import Outcome
from rostersync.spec import Column, Kind
from tests.support.growing import GrowingDistrict, Rows
from tests.support.grown import contract, with_column

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SECOND = Column("second_email", Kind.EMAIL)


def second_email(address: str, student: str = "s1") -> Callable[[Rows], None]:
    """The parents' file has a second address, of one parent."""

    def more(rows: Rows) -> None:
        for row in rows["parents"]:
            row["second_email"] = address if row["student_id"] == student else ""

    return more


@pytest.fixture
def district(tmp_path: Path, warehouse: str) -> GrowingDistrict:
    """Two nights under the release before: the second has one student less."""
    district = GrowingDistrict(tmp_path, warehouse)
    assert district.sync(1).outcome is Outcome.LOADED
    assert district.sync(2, ["s1", "s2"]).outcome is Outcome.LOADED
    return district


@pytest.fixture
def upgraded(district: GrowingDistrict) -> Iterator[GrowingDistrict]:
    """The same after the release that has a second email of parents."""
    with contract(*with_column("parents", SECOND)):
        district.upgrade("parents")
        yield district


def test_an_upgrade_alone_recomputes_nothing(district: GrowingDistrict) -> None:
    before = district.rows("roster_history.parents", "student_id, email, valid_from, valid_to")
    slots = district.rows("sync.slots", "slot, fingerprints::text, base")
    files = _files(district)
    with contract(*with_column("parents", SECOND)):
        district.upgrade("parents")
        results = district.replay()
        assert [r.outcome for r in results.values()] == [Outcome.IDENTICAL] * 2
        assert all(not r.recomputed for r in results.values())
        assert _files(district) == files
        assert district.rows("sync.slots", "slot, fingerprints::text, base") == slots
        history = district.rows("roster_history.parents", "student_id, email, valid_from, valid_to")
        assert history == before
        assert district.drift() == []


def _files(district: GrowingDistrict) -> dict[str, int]:
    root = district.folder / "archive"
    return {str(f): f.stat().st_mtime_ns for f in root.rglob("*") if f.is_file()}


def test_a_district_that_does_not_send_the_column_sees_no_change(upgraded: GrowingDistrict) -> None:
    states = upgraded.states()
    result = upgraded.sync(3, ["s1", "s2"])
    assert sum(e.touched for e in result.changes.values()) == 0
    assert upgraded.states() == states
    assert upgraded.drift() == []


def test_what_is_sent_is_loaded_and_goes_again(upgraded: GrowingDistrict) -> None:
    result = upgraded.sync(3, ["s1", "s2"], more=second_email("Second@example.org"))
    assert result.changes["parents"].changed == 1
    assert upgraded.rows("roster.parents", "student_id, second_email") == [
        ("s1", "second@example.org"),
        ("s2", None),
    ]
    assert upgraded.drift() == []
    upgraded.sync(4, ["s1", "s2", "s4"])
    assert upgraded.rows("roster.parents", "student_id, second_email") == [
        (s, None) for s in ("s1", "s2", "s4")
    ]
    assert upgraded.rows(
        "roster_history.parents", "student_id, valid_from::text, second_email"
    ) == [
        ("s1", "2026-09-01", None),
        ("s1", "2026-09-03", "second@example.org"),
        ("s1", "2026-09-04", None),
        ("s2", "2026-09-01", None),
        ("s3", "2026-09-01", None),
        ("s4", "2026-09-04", None),
    ]
    assert upgraded.drift() == []


def test_late_nights_corrections_restores_and_a_rebuild_go_across_the_upgrade(
    upgraded: GrowingDistrict, fresh_warehouse: Callable[[], str]
) -> None:
    upgraded.sync(4, ["s1", "s2"], more=second_email("a@example.org"))
    late = upgraded.sync(3, ["s1", "s2", "s4"], more=second_email("b@example.org", "s2"))
    assert late.recomputed == ("2026-09-04",)
    corrected = upgraded.sync(2, ["s1", "s2", "s5"])
    assert corrected.recomputed == ("2026-09-03",), "with the third it is as it was"
    assert upgraded.rows("roster.parents", "student_id, second_email") == [
        ("s1", "a@example.org"),
        ("s2", None),
    ]
    upgraded.restore(4, to=1)
    assert upgraded.rows("roster.parents", "student_id, second_email") == [
        (s, None) for s in ("s1", "s2", "s3")
    ], "as it was before there was such a column"
    upgraded.sync(5, ["s1", "s2"], more=second_email("c@example.org"))
    assert upgraded.drift() == []
    before = upgraded.everything()
    assert all(r.outcome is Outcome.IDENTICAL for r in upgraded.replay().values())
    assert upgraded.everything() == before
    other = fresh_warehouse()
    upgraded.warehouse, kept = other, upgraded.warehouse
    upgraded.upgrade("parents")
    upgraded.warehouse = kept
    assert upgraded.everything(upgraded.rebuilt(other)) == before


def test_judged_anew_under_the_release_that_has_the_column(upgraded: GrowingDistrict) -> None:
    upgraded.sync(3, ["s1", "s2"], more=second_email("a@example.org"))
    before = upgraded.everything()
    upgraded.replay(revalidate=True)
    after = upgraded.everything()
    for table in ("roster.parents", "roster_log.parents", "roster_history.parents"):
        assert after[table] == before[table]
    assert upgraded.drift() == []
