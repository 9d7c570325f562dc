"""Terms and attendance beside the nightly core: whole runs from folders, as `rostersync sync` makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from rostersync.archive import FileState
from rostersync.errors import ConfigError
from rostersync.fold import FindingSummary
from rostersync.ledger.results import Outcome, RunResult
from rostersync.spec import Domain
from tests.support.district import Copy, District
from tests.support.districts import write_config
from tests.support.uploads import EVENTS, TERMS, write_core, write_csv

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

TERMS_ON = 'terms: {day: sunday, at: "06:00"}\n'
CODES = "attendance: {codes: {A: Absent, T: Tardy}}\n"
FALL = ["1", "FALL", "Fall", "semester", "2026-08-17", "12/18/2026", "2027"]
SPRING = ["1", "SPRING", "Spring", "semester", "2027-01-05", "2027-05-28", "2027"]


class Whole(District):
    """A district of one school with terms and attendance."""

    def core(
        self, slot: str, students: Sequence[str] = ("s1", "s2", "s3"), **more: Any
    ) -> RunResult:
        return self.sync_upload(slot, write_core(self.fresh(), students, **more))

    def terms(self, slot: str, *rows: Sequence[object]) -> RunResult:
        upload = self.fresh()
        write_csv(upload / "terms.csv", TERMS, rows)
        return self.sync_upload(slot, upload, Domain.TERMS)

    def attendance(
        self, slot: str, rows: Iterable[Sequence[object]], header: Sequence[str] = EVENTS
    ) -> RunResult:
        upload = self.fresh()
        write_csv(upload / "attendance.csv", header, rows)
        return self.sync_upload(slot, upload, Domain.ATTENDANCE)

    def events(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "select school_id, student_id, date::text, period, code from attendance.events"
            " order by 1, 2, 3, 4"
        )


@pytest.fixture
def district(tmp_path: Path, warehouse: str) -> Whole:
    return Whole(tmp_path, warehouse, more=TERMS_ON + CODES)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]) -> Whole:
    """Its first night, loaded once for all tests."""
    district = Whole(tmp_path_factory.mktemp("begun"), fresh_warehouse(), more=TERMS_ON + CODES)
    district.core("2026-09-01")
    return district


@pytest.fixture
def loaded(begun: Whole, tmp_path: Path, copy_warehouse: Copy) -> Whole:
    return begun.again(tmp_path, copy_warehouse)


def configured(district: Whole, more: str) -> Whole:
    """From now on."""
    district.cfg = write_config(district.folder / "districts", more=more)
    return district


def finding(result: RunResult, file: str, rule: str) -> FindingSummary:
    (found,) = [f for f in result.files[file].findings if f.rule == rule]
    return found


def rules(result: RunResult, file: str) -> set[str]:
    return {f.rule for f in result.files[file].findings}


def test_terms_load_with_their_dates_and_history(loaded: Whole) -> None:
    result = loaded.terms("2026-09-06", FALL)
    assert (result.outcome, result.changes["terms"].added) == (Outcome.LOADED, 1)
    loaded.terms("2026-09-13", FALL, SPRING)
    assert loaded.rows(
        "select term_id, end_date::text, school_year from roster.terms order by 1"
    ) == [
        ("FALL", "2026-12-18", 2027),
        ("SPRING", "2027-05-28", 2027),
    ]
    assert loaded.rows(
        "select valid_from::text from roster_history.terms where term_id = 'SPRING'"
    ) == [("2026-09-13",)]


def test_terms_of_an_unknown_school_only_are_another_districts(loaded: Whole) -> None:
    loaded.terms("2026-09-06", FALL)
    result = loaded.terms("2026-09-13", ["9", *FALL[1:]])
    assert result.outcome is Outcome.REJECTED
    assert rules(result, "terms") == {"file.records.orphaned", "terms.school_id.known"}
    assert loaded.rows("select term_id from roster.terms") == [("FALL",)]


@pytest.mark.parametrize("domain", [Domain.TERMS, Domain.ATTENDANCE])
def test_before_the_first_night_there_is_nothing_to_refer_to(
    district: Whole, domain: Domain
) -> None:
    if domain is Domain.TERMS:
        result = district.terms("2026-09-06", FALL)
    else:
        result = district.attendance(
            "2026-09-06T10:30", [["1", "s1", "2026-09-06", "all_day", "A"]]
        )
    assert result.outcome is Outcome.REJECTED
    assert "load a night of the district first" in result.message


def test_a_section_of_a_term_nobody_knows_loads_and_is_told(district: Whole) -> None:
    first = district.core("2026-09-01", terms=("FALL", "SUMMER"))
    assert rules(first, "sections") == {"file.references.not_looked_up"}, "no terms were loaded yet"
    district.terms("2026-09-06", FALL)
    result = district.core("2026-09-07", terms=("FALL", "SUMMER"))
    assert finding(result, "sections", "sections.term_id.known").lines == (3,)
    assert district.rows("select term_id from roster.sections order by 1") == [
        ("FALL",),
        ("SUMMER",),
    ]
    assert result.files["rosters"].quarantined == 0


def test_a_night_that_is_recomputed_looks_into_the_terms_it_looked_into(district: Whole) -> None:
    district.core("2026-09-01", terms=("SUMMER",))
    district.core("2026-09-03", terms=("SUMMER",))
    district.terms("2026-09-02", FALL)
    late = district.core("2026-09-02", ("s1", "s2"), terms=("SUMMER",))
    assert finding(late, "sections", "sections.term_id.known").count == 1
    assert late.recomputed == ("2026-09-03",)
    assert district.rows(
        "select slot, foreign_states ->> 'terms' = repeat('0', 32) from sync.slots"
        " where domain = 'core' order by 1"
    ) == [
        ("2026-09-01", True),
        ("2026-09-02", False),
        ("2026-09-03", True),
    ]


def test_both_layouts_say_the_same(loaded: Whole) -> None:
    day = "2026-09-02"
    by_row = [
        ["1", "s1", day, "all_day", "A"],
        ["1", "s2", day, "1", "T"],
        ["1", "s2", day, "3", "A"],
    ]
    assert loaded.attendance("2026-09-02T10:30", by_row).changes["attendance"].added == 3
    before = loaded.events()
    by_column = [["1", "s1", "9/2/2026", "A", "", ""], ["1", "s2", "09/02/2026", "", "T", " A "]]
    header = ["school_id", "student_id", "date", "p0", "p1", "p3"]
    result = loaded.attendance("2026-09-02T11:30", by_column, header)
    assert result.files["attendance"].accepted == 2
    assert result.changes["attendance"].touched == 0
    assert (
        loaded.events()
        == before
        == [
            ("1", "s1", day, "all_day", "A"),
            ("1", "s2", day, "1", "T"),
            ("1", "s2", day, "3", "A"),
        ]
    )


def test_a_blank_cell_withdraws_the_event(loaded: Whole) -> None:
    header = ["school_id", "student_id", "date", "p1", "p2"]
    loaded.attendance("2026-09-02T10:30", [["1", "s1", "2026-09-02", "A", "A"]], header)
    result = loaded.attendance("2026-09-02T11:30", [["1", "s1", "2026-09-02", "", "A"]], header)
    assert result.changes["attendance"].removed == 1
    assert loaded.events() == [("1", "s1", "2026-09-02", "2", "A")]
    assert loaded.rows(
        "select valid_from::text, valid_to::text from attendance.event_history where period = '1'"
    ) == [("2026-09-02 10:30:00", "2026-09-02 11:30:00")]


def test_p0_is_the_period_the_district_says(loaded: Whole) -> None:
    district = configured(loaded, "attendance: {codes: {A: Absent}, p0: zero_period}\n")
    header = ["school_id", "student_id", "date", "p0"]
    district.attendance("2026-09-02T10:30", [["1", "s1", "2026-09-02", "A"]], header)
    assert district.events() == [("1", "s1", "2026-09-02", "0", "A")]


def test_codes_that_are_not_listed_are_stored_and_told_near_misses_apart(
    loaded: Whole,
) -> None:
    day = "2026-09-02"
    rows = [["1", "s1", day, "1", "a"], ["1", "s1", day, "2", "X"], ["1", "s2", day, "2", "X"]]
    result = loaded.attendance("2026-09-02T10:30", rows)
    assert len(loaded.events()) == 3
    near = finding(result, "attendance", "attendance.code.case")
    assert (near.lines, near.values) == ((2,), 'Sent: "a" (1)')
    unknown = finding(result, "attendance", "attendance.code.known")
    assert (unknown.lines, unknown.values) == ((3, 4), 'Sent: "X" (2)')


def test_a_district_without_a_list_of_codes_is_told_the_codes_seen(loaded: Whole) -> None:
    district = configured(loaded, "")
    rows = [["1", "s1", "2026-09-02", "1", "AE"], ["1", "s1", "2026-09-02", "2", "T"]]
    with pytest.raises(ConfigError, match=r'attendance\.codes.*"AE", "T"'):
        district.attendance("2026-09-02T10:30", rows)
    assert district.events() == []


def test_an_unknown_student_is_tried_again_after_the_next_night(loaded: Whole) -> None:
    rows = [["1", "s1", "2026-09-02", "all_day", "A"], ["1", "s9", "2026-09-02", "all_day", "A"]]
    result = loaded.attendance("2026-09-02T10:30", rows)
    assert finding(result, "attendance", "attendance.student_id.known").lines == (3,)
    assert [e[1] for e in loaded.events()] == ["s1"]
    loaded.core("2026-09-02", ("s1", "s2", "s3", "s9"))
    assert [e[1] for e in loaded.events()] == ["s1", "s9"]
    runs = "select count(*) from sync.runs where domain = 'attendance'"
    assert loaded.rows(runs) == [(2,)]
    loaded.core("2026-09-03", ("s1", "s2", "s3", "s9", "s10"))
    assert loaded.rows(runs) == [(2,)], "it is known now: nothing is tried again"


def test_a_header_without_an_event_is_nobody_absent(loaded: Whole) -> None:
    loaded.attendance("2026-09-02T10:30", [["1", "s1", "2026-09-02", "all_day", "A"]])
    before = loaded.events()
    result = loaded.attendance("2026-09-02T11:30", [])
    assert result.outcome is Outcome.NOBODY_ABSENT
    assert result.outcome.is_success
    assert result.files["attendance"].state is FileState.HEADER_ONLY
    assert loaded.events() == before


def test_an_empty_attendance_file_is_rejected_and_withdraws_nothing(loaded: Whole) -> None:
    loaded.attendance("2026-09-02T10:30", [["1", "s1", "2026-09-02", "all_day", "A"]])
    before = loaded.events()
    upload = loaded.folder / "empty"
    upload.mkdir()
    (upload / "attendance.csv").touch()
    result = loaded.sync_upload("2026-09-02T11:30", upload, Domain.ATTENDANCE)
    assert result.outcome is Outcome.REJECTED
    assert loaded.events() == before


def test_late_and_repeated_slots_give_the_same_events(
    begun: Whole, tmp_path: Path, copy_warehouse: Copy
) -> None:
    day, next_day = "2026-09-02", "2026-09-03"
    slots = {
        f"{day}T10:30": [["1", "s1", day, "1", "A"], ["1", "s2", day, "1", "A"]],
        f"{day}T13:30": [["1", "s1", day, "1", "T"]],
        f"{next_day}T10:30": [["1", "s3", next_day, "1", "A"], ["1", "s2", day, "2", "A"]],
    }
    seen = []
    for order in (sorted(slots), sorted(slots, reverse=True)):
        district = begun.again(tmp_path / str(len(seen)), copy_warehouse)
        for slot in [*order, order[0]]:
            district.attendance(slot, slots[slot])
        columns = "slot::text, op::text, student_id, date::text, period, code"
        log = f"select {columns} from attendance.event_log order by 1, 3, 4, 5"
        seen.append((district.events(), district.rows(log)))
    assert seen[0] == seen[1]
    assert seen[0][0] == [("1", "s2", day, "2", "A"), ("1", "s3", next_day, "1", "A")]
