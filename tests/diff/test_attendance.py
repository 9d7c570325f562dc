"""Attendance: what a file is the truth of, which events stay, and how its records are counted."""

from __future__ import annotations

import time
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace

import pytest

from rostersync.archive import Archive, Layout
from rostersync.diff import Codes
from rostersync.engine import open_session
from rostersync.fold import DAY_MARK, AppliedSlot, base_before
from rostersync.spec import ENTITIES, FILES, Domain
from tests.diff.school_days import DAY, OTHER_DAY, Day, event, whole

RULES = (
    "attendance.key.conflicting_duplicate",
    "attendance.student_id.known",
    "attendance.code.known",
    "attendance.code.case",
    "attendance.date.vanishing",
    "attendance.date.far",
    "attendance.period.unheard",
    "attendance.period.p0_unsaid",
    "attendance.school_id.known",
)
"""Rules of resolve that tests here break."""

OF_THE_LOAD = ("attendance.date.too_old",)
"""Rules that only the load can judge: it knows when the file was written (tests/integration)."""


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(Archive(tmp_path), [f"s{n}" for n in range(1, 31)])


def test_a_file_is_the_whole_truth_of_a_school_a_date_and_a_kind(day: Day) -> None:
    day.file(
        event("s1"),
        event("s2"),
        event("s3", "all_day"),
        event("s4", school_id="2"),
        event("s5", date=OTHER_DAY),
    )
    diff = day.file(event("s1", code="T"))
    found = diff.entities["attendance"]
    assert (found.changed, found.removed, found.reasons) == (1, 1, {"out_of_scope": 2})
    assert day.said() == [("s1", "1"), ("s3", "all_day"), ("s5", "1"), ("s4", "1")]


def test_a_day_the_file_does_not_speak_of_is_not_even_read(day: Day) -> None:
    day.file(event("s1"), event("s2", date=OTHER_DAY))
    before = day.diffs[-1].fingerprints
    diff = day.file(event("s3"))
    assert day.state[f"attendance@{OTHER_DAY}"] == before[f"attendance@{OTHER_DAY}"]
    assert diff.entities["attendance"].rows == 1
    assert day.said() == [("s2", "1"), ("s3", "1")]


def test_by_row_a_blank_code_is_no_event_and_speaks_of_its_school_date_and_kind(day: Day) -> None:
    day.file(event("s1"), event("s2", "all_day"), event("s3", school_id="2"))
    diff = day.file(event("s9", code=None))
    assert diff.files["attendance"].accepted == 1
    assert day.said() == [("s2", "all_day"), ("s3", "1")]


def test_by_column_a_file_speaks_of_the_kinds_its_header_has(day: Day) -> None:
    day.file(event("s1", "all_day"), event("s1", "2"))
    day.file(whole("s2", {"1": None, "2": None}))
    assert day.said() == [("s1", "all_day")]
    day.file(whole("s2", {"all_day": "A"}))
    assert day.said() == [("s2", "all_day")]


@pytest.mark.parametrize(
    ("known", "gone", "stay"), [(20, 11, True), (20, 10, False), (22, 11, False), (10, 10, False)]
)
def test_more_than_half_and_more_than_ten_do_not_vanish(
    day: Day, known: int, gone: int, stay: bool
) -> None:
    day.file(*(event(f"s{n}") for n in range(1, known + 1)), event("s30", school_id="2"))
    kept = [event(f"s{n}") for n in range(1, known - gone + 1)] or [event("s30")]
    diff = day.file(*kept)
    found = diff.entities["attendance"]
    assert found.removed == (0 if stay else gone)
    assert found.reasons.get("held", 0) == (gone if stay else 0)
    told = [f.count for f in diff.files["attendance"].findings if f.rule.endswith("vanishing")]
    assert told == ([gone] if stay else [])


def test_conflicting_codes_are_quarantined_and_the_stored_event_is_frozen(day: Day) -> None:
    day.file(event("s1"), event("s2"))
    day.file(event("s1", code="A"), event("s1", code="A"), event("s1", code="T"), event("s2"))
    assert day.counts == (1, 2, 1), "A, A, T on one key: one duplicate, two quarantined"
    assert day.events() == [("1", "s1", DAY, "1", "A"), ("1", "s2", DAY, "1", "A")]


def test_by_column_a_conflict_keeps_the_record_out_and_the_rest_in(day: Day) -> None:
    day.file(
        whole("s1", {"1": "A", "2": "T"}),
        whole("s1", {"1": "T", "2": "T"}),  # against line 2 on period 1
        whole("s1", {"1": None, "2": "T"}),  # nobody else may say it now: both others are out
        whole("s2", {"1": "A", "2": None}),
        whole("s2", {"1": "A", "2": "T"}),  # repeats one event and brings another
        whole("s2", {"1": "A", "2": None}),  # a duplicate
        whole("s3", {"1": None, "2": None}),  # no event
    )
    assert day.counts == (4, 2, 1)
    assert day.events() == [
        ("1", "s1", DAY, "2", "T"),
        ("1", "s2", DAY, "1", "A"),
        ("1", "s2", DAY, "2", "T"),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_by_column_no_order_of_lines_lets_a_conflict_in(day: Day, order: tuple[int, ...]) -> None:
    rows = [whole("s1", {"1": "A"}), whole("s1", {"1": "A", "2": "T"}), whole("s1", {"1": "T"})]
    day.file(*(rows[n] for n in order))
    accepted, quarantined, duplicates = day.counts
    assert day.events() == []
    assert (accepted, quarantined + duplicates) == (0, 3)


def test_by_column_a_record_sent_twice_beside_a_conflict_is_a_duplicate(day: Day) -> None:
    both = {"1": "A", "2": "T"}
    day.file(whole("s1", both), whole("s1", both), whole("s1", {"1": "T"}))
    assert day.counts == (0, 2, 1)
    assert day.events() == []


def test_a_record_in_quarantine_withdraws_nothing_of_its_student(day: Day) -> None:
    day.file(event("s1", "1"), event("s1", "2"), event("s2", "1"))
    day.file(
        event("s1", "1", code="A" * 300),
        event("s1", None),  # type: ignore[arg-type]
        errors=[
            ("attendance", 2, "attendance.code.length", "code"),
            ("attendance", 3, "attendance.period.present", "period"),
        ],
    )
    assert day.diffs[-1].entities["attendance"].reasons == {"frozen": 1, "frozen_unidentified": 1}
    assert day.said() == [("s1", "1"), ("s1", "2")]


def test_a_line_that_cannot_be_read_withdraws_nothing_of_its_day(day: Day) -> None:
    day.file(event("s1"), event("s2"))
    day.file(event("s1"), ragged=[("attendance", 2)])
    assert day.said() == [("s1", "1"), ("s2", "1")]
    assert day.counts == (1, 1, 0)


def test_an_unknown_student_is_kept_out_also_when_nobody_is_known(day: Day) -> None:
    diff = day.file(event("nobody"), whole("no one", {"1": "A", "2": "T"}))
    assert day.counts == (0, 2, 0)
    assert day.events() == []
    (found,) = diff.files["attendance"].findings
    assert (found.rule, found.count) == ("attendance.student_id.known", 2)


def test_codes_out_of_the_list_are_stored_and_told(day: Day) -> None:
    diff = day.file(event("s1", code="a"), event("s2", code="X"), event("s3"))
    found = {f.rule: (f.lines, f.values) for f in diff.files["attendance"].findings}
    assert found == {
        "attendance.code.case": ((2,), 'Sent: "a" (1)'),
        "attendance.code.known": ((3,), 'Sent: "X" (1)'),
    }
    assert len(day.events()) == 3


def test_of_many_codes_and_lines_the_first_are_named(day: Day) -> None:
    sent = [event("s1", str(n), code=f"X{n}") for n in range(12)]
    diff = day.file(*sent, *(event("s2", str(n), code="X0") for n in range(12)))
    (found,) = diff.files["attendance"].findings
    assert (found.count, found.lines) == (24, tuple(range(2, 22)))
    named = ", ".join(f'"X{n}" (1)' for n in (1, 10, 11, 2, 3, 4, 5, 6, 7))
    assert found.values == f'Sent: "X0" (13), {named} and 2 more'


def test_without_a_list_the_codes_are_told_once(day: Day) -> None:
    day.codes = Codes()
    diff = day.file(event("s1"), event("s2"), event("s3", code="T"))
    (found,) = diff.files["attendance"].findings
    assert (found.rule, found.lines, found.count) == ("attendance.code.known", (), 2)
    assert found.values == 'Sent: "A" (2), "T" (1)'


def test_a_school_nobody_knows_is_told_and_the_event_stored(day: Day) -> None:
    day.foreign["schools"] = "d" * 32
    with open_session(day.archive) as session:
        state = Layout("testville", Domain.CORE, "x").state("schools", "d" * 32)
        session.write_parquet("from (values ('1')) as t(school_id)", state)
    diff = day.file(event("s1"), event("s2", school_id="9"))
    (found,) = diff.files["attendance"].findings
    assert (found.rule, found.lines) == ("attendance.school_id.known", (3,))
    assert len(day.events()) == 2


def test_a_late_day_leaves_slots_of_other_days_alone(day: Day) -> None:
    first = day.file(event("s1"))
    second = day.file(event("s2", date=OTHER_DAY))
    days = {name for name in second.fingerprints if DAY_MARK in name}
    assert days == {f"attendance@{OTHER_DAY}"}
    applied = AppliedSlot(
        "x", 1, "pin", second.base, "run", second.fingerprints, {}, second.settled
    )
    shape = {"attendance.csv": first.fingerprints["attendance.csv"]}
    assert base_before(applied, shape) == base_before(applied, first.fingerprints) == second.base


def test_past_events_of_a_student_who_left_stay(day: Day) -> None:
    day.file(event("s1", school_id="2"), event("s2"))
    layout = Layout("testville", Domain.CORE, "x")
    with open_session(day.archive) as session:
        session.write_parquet(
            "from (values ('s2')) as t(student_id)", layout.state("students", "e" * 32)
        )
    day.foreign = {"students": "e" * 32}
    day.file(event("s2"))
    assert day.said() == [("s2", "1"), ("s1", "1")]


def test_bad_records_do_not_multiply_with_the_events_that_are_known(tmp_path: Path) -> None:
    with open_session(Archive(tmp_path)) as session:
        many = "from range(30000) as t(n)"
        bad = "false as ok, false as readable, ['date'] as bad_columns"
        for statement in (
            "create table rows_attendance as"
            f" select n as _line, '1' as school_id, 's' || n as student_id, {bad} {many}",
            "create table excluded as"
            " select 'attendance' as file, _line, 'quarantined' as kind from rows_attendance",
            "create table rejects_attendance (_line bigint)",
            "create table prev_attendance as select '1' as school_id, student_id from rows_attendance",
        ):
            session.con.execute(statement)
        began = time.process_time()
        known = {}
        for column in ("student_id", "school_id"):
            known[column] = f"known_{column}"
            session.run(
                "duckdb/resolve/known_ids.sql",
                table=known[column],
                relations=["prev_attendance"],
                of=[column],
            )
        session.run(
            "duckdb/resolve/unread.sql",
            file=FILES["attendance"],
            entity=ENTITIES["attendance"],
            has_damaged=False,
            references=[
                SimpleNamespace(
                    columns=["student_id"],
                    known=known["student_id"],
                    to=["student_id"],
                    owners=["students"],
                )
            ],
            has_new_ids=False,
            students=known["student_id"],
            schools=known["school_id"],
        )
        session.run("duckdb/resolve/unidentified.sql", file=FILES["attendance"], has_rejects=True)
        took = time.process_time() - began
        assert session.scalar("select count(*) from unidentified_attendance") == 30_000
        assert took < 3
