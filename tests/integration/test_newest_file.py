"""Who is told when a newer file of the day says less than the one before, or nothing."""

from __future__ import annotations

import pytest

from rostersync.ledger.results import Outcome
from rostersync.pipeline.decisions.slots import put_back, remove
from rostersync.pipeline.steps.retry import retry_unknown_students
from rostersync.pipeline.watch.alerts import list_alerts
from rostersync.pipeline.watch.digest import raise_digest
from rostersync.spec import Domain
from tests.integration.conftest import Begin
from tests.support.school_day import DAY, ELEMENTARY, NOTICES, Row, SchoolDay, absent

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

PERIODS = ("1", "2", "3", "4", "5", "6")
BY_PERIOD = """\
attendance:
  codes: {A: Absent, T: Tardy}
  notices:
    - {id: morning, at: "09:15", periods: ["1", "2", "3", "4", "5", "6"], codes: [A]}
"""
UNHEARD, P0_UNSAID = "attendance.period.unheard", "attendance.period.p0_unsaid"
TOLD = "1 A 2 A 3 A 4 A 5 A 6 A"


@pytest.fixture
def day(begin: Begin) -> SchoolDay:
    return begin()


@pytest.fixture
def periods(begin: Begin) -> SchoolDay:
    return begin(BY_PERIOD)


def all_periods(*students: str) -> list[Row]:
    return [row for p in PERIODS for row in absent(*students, period=p)]


def alerts(day: SchoolDay) -> list[str]:
    return [a.alert.kind for a in list_alerts(day.warehouse, district=None, newest=100)][::-1]


def kept(day: SchoolDay) -> int:
    [(count,)] = day.rows("select count(*) from attendance.events")
    return int(count)


def test_what_only_the_vanishing_guard_keeps_is_not_told(periods: SchoolDay) -> None:
    five = ("e1", "e2", "e3", "e4", "e5")
    periods.file("09:00", all_periods(*five), slot="09:05")
    periods.file("09:12", all_periods("e1"))
    assert kept(periods) == 30, "24 of 30 would vanish"
    assert periods.send("09:15") == [f"e1 {TOLD}"]
    assert "events_kept" in alerts(periods)
    assert [s for s, was in periods.states("morning").items() if was.startswith("withdrawn")] == [
        "e2",
        "e3",
        "e4",
        "e5",
    ]


def test_a_consumer_that_was_down_tells_what_the_newest_file_says(periods: SchoolDay) -> None:
    periods.file("09:12", all_periods("e1", "e2", "e3", "e4", "e5"))
    periods.file("09:20", all_periods("e3"), slot="09:20")
    assert periods.send("09:40") == [f"e3 {TOLD}"]


def test_a_family_that_was_told_is_not_withdrawn_by_events_that_stay(periods: SchoolDay) -> None:
    periods.file("09:12", all_periods("e1", "e2", "e3", "e4", "e5"))
    assert len(periods.send("09:15")) == 5
    periods.file("09:20", all_periods("e3"), slot="09:20")
    assert {was.split()[0] for was in periods.states("morning").values()} == {"acknowledged"}


def test_an_older_slot_that_is_loaded_again_does_not_bring_back_what_was_wrong(
    periods: SchoolDay,
) -> None:
    wrong = all_periods("e1", "e2", "e3", "e4", "e5")
    periods.file("09:00", wrong, slot="09:05")
    periods.file("09:12", all_periods("e1"))
    periods.load(f"{DAY}T09:05", 1, periods.at("09:13"))
    periods.file("09:14", wrong, slot="09:05")
    assert periods.send("09:15") == [f"e1 {TOLD}"]


@pytest.mark.parametrize("slot", ["09:15", "09:20"], ids=["the same slot", "a second slot"])
def test_the_right_families_of_a_mass_go_with_the_corrected_file(day: SchoolDay, slot: str) -> None:
    assert day.file("09:00", absent(*ELEMENTARY)).notices[0].held == 20
    result = day.file("09:20", absent("e1", "e2"), slot=slot)
    (notice,) = (n for n in result.notices if n.notice == "elementary")
    assert (notice.pending, notice.held, notice.hold_reason) == (2, 0, None)
    assert day.send("09:21") == ["e1 all_day A", "e2 all_day A"]
    assert day.rows("select * from attendance.held") == []


def test_a_mass_that_lapsed_goes_when_a_newer_file_is_within_the_guard(day: SchoolDay) -> None:
    day.file("09:00", absent(*ELEMENTARY))
    still = day.file("10:02", absent(*ELEMENTARY[:15]), slot="10:02")
    assert still.notices[0].held == 15, "it lapsed, and is too many still"
    assert day.send("10:03") == []
    day.file("10:05", absent("e1", "e2"), slot="10:05")
    assert day.send("10:06") == ["e1 all_day A", "e2 all_day A"]
    assert alerts(day).count("notice_held") == 1


def test_one_schools_mass_holds_that_school_only(day: SchoolDay) -> None:
    result = day.file("14:50", absent(*ELEMENTARY, "h1", "h2"), slot="15:00")
    (notice,) = result.notices
    assert (notice.pending, notice.held) == (2, 20)
    assert day.send("15:00") == ["h1 all_day A", "h2 all_day A"]
    assert day.rows("select school_id, students from attendance.held") == [("1", 20)]
    assert alerts(day) == ["notice_held"]
    assert day.release("15:10", "everyone") == 20
    assert len(day.send("15:10")) == 20
    again = day.file("15:12", absent(*ELEMENTARY, "h1", "h2"), slot="15:12")
    assert again.notices[0].held == 0


def test_a_second_schools_mass_alerts_too(day: SchoolDay) -> None:
    day.file("14:40", absent(*ELEMENTARY), slot="15:00")
    later = absent(*ELEMENTARY, *(f"h{n}" for n in range(1, 12)))
    result = day.file("14:50", later, slot="15:00")
    assert result.notices[0].held == 31
    assert alerts(day) == ["notice_held"] * 2


def test_ten_of_a_small_school_are_told(day: SchoolDay) -> None:
    day.file("09:10", absent(*ELEMENTARY[:10]))
    assert len(day.send("09:15")) == 10


def test_a_record_in_quarantine_is_not_told(day: SchoolDay) -> None:
    day.file("09:00", absent("e1", "e2", "e3"), slot="09:05")
    conflicting = absent("e1", code="A") + absent("e1", code="T")
    day.file("09:12", conflicting + absent("e2"))
    assert day.rows("select student_id from attendance.events order by 1") == [("e1",), ("e2",)]
    assert day.send("09:15") == ["e2 all_day A"]
    assert day.states("elementary")["e1"] == "withdrawn all_day A"


SLOTS = pytest.mark.parametrize("slot", ["09:15", "09:20"], ids=["the same slot", "a second slot"])


@SLOTS
def test_a_header_after_a_few_absences_withdraws_their_notices(day: SchoolDay, slot: str) -> None:
    day.file("09:00", absent("e1", "e2", "e3"))
    result = day.file("09:10", [], slot=slot)
    assert result.outcome is Outcome.NOBODY_ABSENT
    assert "file.content.header_only" in {f.rule for f in result.files["attendance"].findings}
    assert kept(day) == 3, "it withdraws no event"
    assert day.send("09:15") == []
    assert set(day.states("elementary").values()) == {"withdrawn all_day A"}
    assert len(day.rows("select student_id from attendance.withdrawn")) == 3


@SLOTS
def test_a_header_after_more_is_held_until_somebody_has_looked(day: SchoolDay, slot: str) -> None:
    four = ("e1", "e2", "e3", "e4")
    day.file("09:00", absent(*four))
    result = day.file("09:10", [], slot=slot)
    assert (result.notices[0].held, result.notices[0].withdrawn, kept(day)) == (4, 0, 4)
    assert "4 students of school 1, of which the newest file has no row" in result.message
    assert alerts(day) == ["notice_held"]
    assert day.send("09:15") == []
    assert day.release("09:20") == 4
    day.file("09:21", [], slot="09:21")
    assert len(day.send("09:22")) == 4, "somebody has said so"


@SLOTS
def test_a_right_file_after_a_header_brings_the_families_back(day: SchoolDay, slot: str) -> None:
    day.file("09:00", absent("e1", "e2", "e3", "e4"))
    day.file("09:18", [], slot=slot)
    day.load(f"{DAY}T09:15", 1, day.at("09:19"))
    assert day.send("09:19") == []
    day.file("09:22", absent("e2", "e3"), slot="09:22")
    assert day.send("09:23") == ["e2 all_day A", "e3 all_day A"]


def test_a_landing_with_events_comes_before_a_header_of_its_slot_in_either_order(
    day: SchoolDay,
) -> None:
    day.file("09:00", absent("e1", "e2"))
    day.file("09:10", [])
    day.load(f"{DAY}T09:15", 1, day.at("09:11"))
    assert kept(day) == 2
    day.file("09:12", absent("e2"))
    assert day.rows("select student_id from attendance.events") == [("e2",)]
    assert day.send("09:15") == ["e2 all_day A"]


def test_a_school_that_a_newer_file_leaves_out_waits_and_the_others_go(begin: Begin) -> None:
    day = begin(NOTICES.replace('schools: ["1"]', "schools: all"))
    day.file("09:00", absent("e1", "e2", "e3", "e4", "h1", "h2"), slot="09:05")
    day.file("09:12", absent("h2"))
    assert day.send("09:15") == ["h2 all_day A"]
    states = day.states("elementary")
    assert {s: was.split()[0] for s, was in states.items()} == {
        **dict.fromkeys(("e1", "e2", "e3", "e4"), "held"),
        "h1": "withdrawn",
        "h2": "acknowledged",
    }
    assert day.rows("select school_id, students, state from attendance.held where true") == [
        ("1", 4, "lapsed")
    ]
    assert kept(day) == 5


def test_few_of_a_school_that_is_left_out_are_withdrawn(begin: Begin) -> None:
    day = begin(NOTICES.replace('schools: ["1"]', "schools: all"))
    day.file("09:00", absent("e1", "e2", "e3", "h1"), slot="09:05")
    day.file("09:12", absent("h1"))
    assert day.send("09:15") == ["h1 all_day A"]
    assert day.states("elementary")["e1"] == "withdrawn all_day A"
    assert kept(day) == 4


def test_a_blank_code_takes_the_only_absence_back(day: SchoolDay) -> None:
    day.file("09:00", absent("e1"), slot="09:05")
    result = day.file("09:12", absent("e1", code=""))
    assert (result.outcome, kept(day)) == (Outcome.LOADED, 0)
    assert day.send("09:15") == []
    assert day.states("elementary") == {"e1": "withdrawn all_day A"}


def test_the_office_hears_of_a_file_with_periods_that_no_notice_tells(day: SchoolDay) -> None:
    def unheard(period: str) -> str:
        file = day.file("10:25", absent("h1", period=period), slot="10:30").files["attendance"]
        return " ".join(f.values for f in file.findings if f.rule == UNHEARD)

    assert 'Notice secondary tells "1", "2"; the file has "01".' in unheard("01")
    assert "secondary" not in unheard("1")


def test_the_digest_of_the_night_names_once_what_no_family_hears(day: SchoolDay) -> None:
    told = []
    for date in (DAY, "2026-09-03"):
        day.file("10:25", absent("h1", period="01", day=date), slot="10:30", day=date)
        day.night(date)
        told.append(raise_digest(day.run(Domain.CORE, date), day.at("21:00", date)))
    assert told == [True, False]
    (one,) = (
        a.alert
        for a in list_alerts(day.warehouse, district=None, newest=9)
        if a.alert.kind == "digest"
    )
    assert f"{UNHEARD}: 1 file of attendance that no family hears of" in one.body


def test_the_district_is_told_that_its_file_was_too_old(day: SchoolDay) -> None:
    file = day.file("06:00", absent("e1")).files["attendance"]
    assert [(f.rule, f.severity) for f in file.findings] == [("attendance.date.too_old", "warning")]
    assert day.file("09:12", absent("e1")).files["attendance"].findings == ()


def test_p0_that_nobody_has_explained_is_a_warning(begin: Begin) -> None:
    day = begin(NOTICES.replace("  p0: all_day\n", ""))
    header = ("school_id", "student_id", "date", "p0", "p1")
    result = day.file(
        "09:10", [["1", "e1", DAY, "A", ""], ["1", "e2", DAY, "", "A"]], header=header
    )
    found = {f.rule: f for f in result.files["attendance"].findings}
    assert (found[P0_UNSAID].severity, found[P0_UNSAID].lines) == ("warning", (2,))
    quiet = day.file("09:12", [["1", "e2", DAY, "", "A"]], header=header)
    assert P0_UNSAID not in {f.rule for f in quiet.files["attendance"].findings}


def test_p0_may_be_the_first_period(begin: Begin) -> None:
    day = begin(NOTICES.replace("p0: all_day", "p0: period_1"))
    header = ("school_id", "student_id", "date", "p0", "p1", "p2")
    day.file(
        "10:25",
        [["2", "h1", DAY, "A", "", ""], ["2", "h2", DAY, "", "", "A"]],
        slot="10:30",
        header=header,
    )
    assert day.rows("select student_id, period from attendance.events order by 1") == [
        ("h1", "1"),
        ("h2", "3"),
    ]
    assert day.send("10:30") == ["h1 1 A"]


def test_a_date_of_another_year_is_an_error(day: SchoolDay) -> None:
    result = day.file(
        "09:10", absent("e1") + absent("e2", day="2025-07-01") + absent("e3", day="2025-07-29")
    )
    found = {f.rule: f for f in result.files["attendance"].findings}
    assert (found["attendance.date.far"].severity, found["attendance.date.far"].lines) == (
        "error",
        (3,),
    )
    assert day.rows("select student_id from attendance.events order by 1") == [("e1",), ("e3",)]


def test_a_notice_may_be_told_from_an_older_file(begin: Begin) -> None:
    day = begin(NOTICES.replace("codes: [A]}", "codes: [A], fresh: 3h}", 1))
    day.file("06:30", absent("e1"))
    assert day.send("09:15") == ["e1 all_day A"]
    day.file("06:00", absent("e2", day="2026-09-03"), day="2026-09-03")
    assert day.send("09:15", "2026-09-03") == []


def test_a_student_who_was_unknown_is_never_told_from_that_file(begin: Begin) -> None:
    day = begin()
    first = day.file("08:50", absent("e1", "e99"))
    assert [f.rule for f in first.files["attendance"].findings] == ["attendance.student_id.known"]
    run = day.run(Domain.CORE, "2026-09-01")
    day.night("2026-09-01", more=["e99"], now=day.at("09:00"))
    retry_unknown_students(run, now=day.at("09:01"))
    assert kept(day) == 2
    assert day.send("09:15") == ["e1 all_day A"]
    day.file("14:55", absent("e1", "e99"), slot="15:00")
    assert day.send("15:00") == ["e99 all_day A"], "a later file says so of a student who is known"


def test_who_releases_a_mass_is_told_that_the_newest_file_lacks_its_school(day: SchoolDay) -> None:
    day.file("09:00", absent(*ELEMENTARY))
    (notice, *_) = day.file("09:10", [], slot="09:20").notices
    assert "20 of the 20 students of school 1" in (notice.hold_reason or "")
    assert "no row" in (notice.hold_reason or "")
    assert day.release("09:16") == 20
    assert len(day.send("09:17")) == 20


def test_a_newer_landing_of_the_slot_without_a_school_holds_it_too(begin: Begin) -> None:
    day = begin(NOTICES.replace('schools: ["1"]', "schools: all"))
    day.file("09:00", absent("e1", "e2", "e3", "e4", "h1"))
    day.file("09:12", absent("h1"))
    assert day.send("09:15") == ["h1 all_day A"]
    assert day.rows("select school_id, students from attendance.held") == [("1", 4)]
    day.file("09:20", absent("e2", "h1"))
    assert day.send("09:21") == ["e2 all_day A"]


def test_who_was_told_is_not_withdrawn_by_a_landing_without_their_school(begin: Begin) -> None:
    day = begin(NOTICES.replace('schools: ["1"]', "schools: all"))
    day.file("09:12", absent("e1", "h1"))
    assert len(day.send("09:15")) == 2
    day.file("09:20", absent("h1"))
    assert day.states("elementary")["e1"] == "acknowledged all_day A"
    day.file("09:22", absent("e2"))
    assert day.states("elementary")["e1"] == "withdrawn all_day A"


def test_a_file_that_is_taken_out_is_told_to_nobody_and_what_was_before_it_is(
    day: SchoolDay,
) -> None:
    """Of two files the newer one is wrong: it has the wrong families, and misses one."""
    said = {"who": "pat", "why": "of another day"}
    day.file("09:00", absent("e1", "e2"), slot="09:00")
    day.file("09:05", absent("e1", *ELEMENTARY[3:9]), slot="09:05")
    wrong = day.run(Domain.ATTENDANCE, f"{DAY}T09:05")
    before = day.table(), kept(day)
    remove(wrong, now=day.at("09:10"), **said)
    assert {s: w.split()[0] for s, w in day.states("elementary").items()} == {
        "e1": "pending",
        "e2": "pending",
        **dict.fromkeys(ELEMENTARY[3:9], "withdrawn"),
    }
    put_back(wrong, now=day.at("09:11"), **said)
    assert (day.table(), kept(day)) == before
    remove(wrong, now=day.at("09:12"), **said)
    remove(day.run(Domain.ATTENDANCE, f"{DAY}T09:00"), now=day.at("09:13"), **said)
    assert day.send("09:15") == []
    assert {w.split()[0] for w in day.states("elementary").values()} == {"withdrawn"}
    day.file("09:20", absent("e5"), slot="09:20")
    assert day.send("09:21") == ["e5 all_day A"], "the notice may have another file"
    remove(day.run(Domain.ATTENDANCE, f"{DAY}T09:20"), now=day.at("09:30"), **said)
    assert day.states("elementary")["e5"] == "withdrawn all_day A", "the office must call them"
    assert kept(day) == 0
