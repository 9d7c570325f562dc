"""A school day: files that come, are corrected, come late or not at all, and who is told what."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rostersync.embedded.sftp_server import SftpServer
from rostersync.errors import DecisionError
from rostersync.ledger.results import Outcome
from rostersync.pipeline.steps.wait import plan_wait
from rostersync.pipeline.watch.notices import release_notice, skip_day, why_no_school
from rostersync.spec import Domain
from tests.integration.conftest import Begin
from tests.support.school_day import DAY, ELEMENTARY, NOTICES, SchoolDay, absent

pytestmark = [pytest.mark.postgres, pytest.mark.sftp, pytest.mark.slow]

YESTERDAY = "2026-09-01"
TODAY = date.fromisoformat(DAY)
COLUMNS = ("school_id", "student_id", "date", "p0", "p1", "p2")


@pytest.fixture
def day(begin: Begin) -> SchoolDay:
    return begin()


@pytest.fixture
def by_sftp(begin: Begin, server: SftpServer) -> SchoolDay:
    return begin(server=server)


def test_three_files_before_the_notice_make_one_notice_each_family(by_sftp: SchoolDay) -> None:
    by_sftp.file("09:00", absent("e1", "e2"))
    by_sftp.file("09:08", absent("e1", "e3"))
    result = by_sftp.file("09:12", absent("e1", "e3", "e4", "h1"))
    assert by_sftp.send("09:14") == [], "not before its time"
    assert by_sftp.send("09:15") == ["e1 all_day A", "e3 all_day A", "e4 all_day A"]
    assert by_sftp.send("09:16") == []
    assert by_sftp.states("elementary") == {
        "e1": "acknowledged all_day A",
        "e2": "withdrawn all_day A",
        "e3": "acknowledged all_day A",
        "e4": "acknowledged all_day A",
    }
    (notice,) = result.notices
    assert (notice.notice, notice.pending, notice.withdrawn) == ("elementary", 3, 1)
    assert by_sftp.rows("select student_id, was_told, withdrawn_at from attendance.withdrawn") == [
        ("e2", False, by_sftp.at("09:08"))
    ]


def test_a_whole_day(by_sftp: SchoolDay) -> None:
    by_sftp.file("09:00", absent("e1", "e2") + absent("h1", period="1"))
    assert by_sftp.send("09:15") == ["e1 all_day A", "e2 all_day A"]
    by_sftp.file(
        "10:20",
        absent("h1", "h2", period="1")
        + absent("h2", period="2", code="T")
        + absent("h3", code="A"),
        slot="10:30",
    )
    assert by_sftp.send("10:30") == ["h1 1 A", "h2 1 A 2 T"]
    by_sftp.file("14:50", absent("e1", "e3", "h3", "h4"), slot="15:00")
    assert by_sftp.send("15:00") == ["e3 all_day A", "h3 all_day A", "h4 all_day A"], "e1 knows"
    assert by_sftp.file("18:00", absent("e1", "e5"), slot="18:00").outcome is Outcome.LOADED
    assert by_sftp.send("18:01") == [], "an evening run is for no notice"
    assert {row[:3] for row in by_sftp.table()} == {
        ("elementary", "e1", "acknowledged"),
        ("elementary", "e2", "withdrawn"),
        ("everyone", "e3", "withdrawn"),
        ("everyone", "h3", "acknowledged"),
        ("everyone", "h4", "acknowledged"),
        ("secondary", "h1", "acknowledged"),
        ("secondary", "h2", "acknowledged"),
    }


def test_a_file_of_six_tells_nobody(day: SchoolDay) -> None:
    assert "elementary still has no file" in day.file("06:00", absent("e1")).message
    day.file("06:00", absent("e1"), slot="06:00")
    assert day.table() == []
    assert day.rows("select student_id from attendance.events") == [("e1",)]
    assert day.send("09:15") == []


def test_a_correction_before_the_notice_is_in_it(day: SchoolDay) -> None:
    day.file("09:00", absent("e1", "e2"))
    day.file("09:12", absent("e1", code="T") + absent("e2"))
    assert day.send("09:15") == ["e2 all_day A"]
    assert day.states("elementary")["e1"] == "withdrawn all_day A"


def test_a_correction_after_the_notice_is_told_by_the_next(day: SchoolDay) -> None:
    assert day.file("09:12", absent("e1", "e2", "e3")).message == ""
    day.send("09:15")
    day.file("09:20", absent("e1", code="T") + absent("e3", "e4"))
    assert day.send("09:21") == [], "the notice had its file: e4 is told by the next"
    assert day.states("elementary") == {
        "e1": "acknowledged all_day A",
        "e2": "withdrawn all_day A",
        "e3": "acknowledged all_day A",
    }
    assert day.rows("select student_id, was_told, withdrawn_at from attendance.withdrawn") == [
        ("e2", True, day.at("09:20"))
    ]
    day.file("14:50", absent("e1", code="T") + absent("e3", "e4"), slot="15:00")
    assert day.send("15:00") == ["e1 all_day T", "e4 all_day A"]


def test_what_was_not_taken_in_time_follows_the_correction(day: SchoolDay) -> None:
    day.file("09:12", absent("e1", "e2", "e3"))
    day.file("09:20", absent("e1", code="E") + absent("e3", "e4"))
    assert day.send("09:21") == ["e3 all_day A"]


def test_an_absence_that_comes_back_before_the_notice_is_told(day: SchoolDay) -> None:
    day.file("09:00", absent("e1", "e2"))
    day.file("09:05", absent("e2"))
    assert day.states("elementary")["e1"] == "withdrawn all_day A"
    day.file("09:10", absent("e1", "e2"))
    assert day.send("09:15") == ["e1 all_day A", "e2 all_day A"]
    assert day.rows("select count(*) from attendance.withdrawn") == [(0,)]


def test_an_all_day_file_leaves_the_periods_alone(day: SchoolDay) -> None:
    day.file("10:20", absent("h1", "h2", period="1"), slot="10:30")
    day.send("10:30")
    day.file("14:55", absent("e1", "h1"), slot="15:00")
    assert day.send("15:00") == ["e1 all_day A", "h1 all_day A"]
    assert day.states("secondary") == {"h1": "acknowledged 1 A", "h2": "acknowledged 1 A"}


def test_the_only_absentee_corrected(day: SchoolDay) -> None:
    by_column = [["1", "e1", DAY, "A", "", ""], ["1", "e2", DAY, "", "", ""]]
    day.file("09:00", by_column, header=COLUMNS)
    assert day.states("elementary") == {"e1": "pending all_day A"}
    by_column[0][3] = ""
    result = day.file("09:10", by_column, header=COLUMNS)
    assert day.send("09:15") == []
    assert day.states("elementary") == {"e1": "withdrawn all_day A"}
    assert [n.withdrawn for n in result.notices] == [1]


TWO_LISTS = """\
attendance:
  codes: {A: Absent, T: Tardy}
  notices:
    - {id: first, at: "09:15", schools: ["1"], periods: [all_day], codes: [A]}
    - {id: second, at: "09:15", schools: ["2"], periods: [all_day, "1"], codes: [A, T]}
"""


def test_two_school_lists_at_one_time_share_the_file(begin: Begin) -> None:
    day = begin(TWO_LISTS)
    day.file("09:05", absent("e1", "h1") + absent("h1", period="1", code="T"))
    assert day.send("09:15") == ["e1 all_day A", "h1 all_day A 1 T"]
    assert [row[:2] for row in day.table()] == [("first", "e1"), ("second", "h1")]


def test_a_half_day_tells_at_its_own_time(begin: Begin) -> None:
    day = begin(NOTICES + f'calendar_days: {{times: {{{DAY}: {{elementary: "08:30"}}}}}}\n')
    day.file("08:20", absent("e1"), slot="08:30")
    assert day.send("08:30") == ["e1 all_day A"]
    day.file("09:10", absent("e2"), slot="09:15")
    assert day.send("09:15") == [], "not today"


def test_a_school_elsewhere_is_told_by_its_own_clock(begin: Begin) -> None:
    day = begin(
        """\
attendance:
  codes: {A: Absent}
  timezones: {"2": America/Denver}
  notices: [{id: all, at: "09:15", periods: [all_day], codes: [A]}]
"""
    )
    day.file("09:05", absent("e1", "h1"))
    assert day.send("09:15") == ["e1 all_day A"]
    day.file("10:05", absent("e1", "h1"), slot="10:15")
    assert day.send("10:14") == []
    assert day.send("10:15") == ["h1 all_day A"]


def test_a_holiday_the_calendar_lacks(day: SchoolDay) -> None:
    day.file("09:00", absent("e1", day=YESTERDAY))
    assert day.file("09:05", []).outcome is Outcome.NOBODY_ABSENT
    assert day.send("09:15") == []
    assert day.table() == []


def test_a_holiday_and_a_skipped_day_tell_nobody(begin: Begin) -> None:
    day = begin(NOTICES + f"calendar_days: {{holidays: [{DAY}]}}\n")
    slot = f"{DAY}T09:15"
    day.file("09:00", absent("e1"))
    assert day.table() == []
    assert "calendar" in (why_no_school(day.cfg, slot, warehouse=day.warehouse) or "")
    day.configure(NOTICES)
    assert why_no_school(day.cfg, slot, warehouse=day.warehouse) is None
    said = {"district": "testville", "who": "office", "why": "snow"}
    skip_day(day.warehouse, day=TODAY, now=day.at("07:00"), **said)
    assert "skipped" in (why_no_school(day.cfg, slot, warehouse=day.warehouse) or "")
    day.file("09:02", absent("e1", "e2"))
    assert day.table() == []
    skip_day(day.warehouse, day=TODAY, undo=True, now=day.at("09:03"), **said)
    day.file("09:05", absent("e1", "e2", "e3"))
    skip_day(day.warehouse, day=TODAY, now=day.at("09:10"), **said)
    assert day.send("09:15") == [], "written, but the day was skipped since"
    skip_day(day.warehouse, day=TODAY, undo=True, now=day.at("09:20"), **said)
    assert len(day.send("09:21")) == 3


def test_a_child_whose_parents_are_all_in_quarantine(tmp_path: Path, warehouse: str) -> None:
    day = SchoolDay(tmp_path, warehouse)
    day.night(parents={"e1": ["", "e1@example.org"], "e2": ["Testparent", ""]})
    day.file("09:05", absent("e1", "e2", "e3"))
    assert day.send("09:15") == ["e3 all_day A"]
    assert day.rows("select student_id, notice_id from attendance.unreachable order by 1") == [
        ("e1", "elementary"),
        ("e2", "elementary"),
    ]


def test_everyone_absent_is_held_until_somebody_has_looked(day: SchoolDay) -> None:
    result = day.file("09:00", absent(*ELEMENTARY))
    assert "20 of the 20 students of school 1" in result.message
    assert day.send("09:15") == []
    assert day.rows("select state, students from attendance.held") == [("lapsed", 20)]
    who = {"district": "testville", "notice": "elementary", "day": TODAY}
    assert (
        release_notice(day.warehouse, **who, who="office", why="a flu", now=day.at("09:20")) == 20
    )
    assert len(day.send("09:20")) == 20
    with pytest.raises(DecisionError, match="No such notice"):
        release_notice(day.warehouse, **who, who="office", why="again", now=day.at("09:21"))
    assert day.rows("select action, students, decided_by from sync.attendance_decisions") == [
        ("release", 20, "office")
    ]


def test_what_is_held_lapses(day: SchoolDay) -> None:
    day.file("09:00", absent(*ELEMENTARY))
    with pytest.raises(DecisionError, match="lapsed"):
        day.release("10:00")
    assert day.send("10:01") == []


def test_a_corrected_mass_goes_by_itself(day: SchoolDay) -> None:
    day.file("09:00", absent(*ELEMENTARY[:11]))
    assert day.send("09:15") == []
    assert day.file("09:20", absent("e1", "e2")).notices[0].pending == 2
    assert day.send("09:21") == ["e1 all_day A", "e2 all_day A"]


def test_what_was_released_is_held_again_when_it_grows(by_sftp: SchoolDay) -> None:
    by_sftp.file("09:00", absent(*ELEMENTARY[:11]))
    by_sftp.release("09:05")
    assert by_sftp.file("09:06", absent(*ELEMENTARY[:11])).notices[0].pending == 11
    assert by_sftp.file("09:10", absent(*ELEMENTARY)).notices[0].held == 20
    assert by_sftp.send("09:15") == []


def test_twenty_six_are_a_mass_where_three_are_usual(begin: Begin) -> None:
    big = begin()
    with_more = (
        "insert into roster.student_schools select district_id, 'n' || g, '1', 3, 1, _run_id,"
    )
    with_more += " _file_sha256, 1, _first_slot, _changed_slot from roster.student_schools,"
    with_more += " generate_series(1, 100) g where student_id = 'e1' returning 1"
    assert len(big.rows(with_more)) == 100  # so that 20 are not 30 % of the school
    notice = """\
attendance:
  codes: {A: Absent}
  notices: [{id: all, at: "09:15", periods: [all_day], codes: [A]}]
"""
    big.configure(notice)
    mass = (*ELEMENTARY, *(f"h{n}" for n in range(1, 7)))
    assert big.file("09:00", absent(*mass, day=YESTERDAY), day=YESTERDAY).notices[0].pending == 26
    assert big.send("09:15", YESTERDAY) != []
    big.file("09:00", absent("e1", "e2", "e3", "e4"))
    big.file("09:00", absent("e1", "e2", "e3", day="2026-09-03"), day="2026-09-03")
    friday = "2026-09-04"
    held = big.file("09:00", absent(*mass, day=friday), day=friday)
    assert held.notices[0].hold_reason == "26 students, usually 4"
    monday, tuesday = "2026-09-07", "2026-09-08"
    held = big.file("09:00", absent(*mass, day=monday), day=monday)
    assert held.notices[0].hold_reason == "26 students, usually 4", "Friday's never went"
    assert big.file("09:00", absent(*mass[:25], day=tuesday), day=tuesday).notices[0].held == 0


def test_yesterdays_file_tells_nobody_and_a_late_one_is_taken(day: SchoolDay) -> None:
    day.file("09:10", absent("e1", "e2", day=YESTERDAY))
    assert day.send("09:15") == []
    day.file("09:30", absent("e3"))
    assert day.send("09:31") == ["e3 all_day A"]


def test_a_file_that_comes_after_the_grace_tells_nobody(day: SchoolDay) -> None:
    day.file("09:46", absent("e3"))
    assert day.send("09:47") == []
    assert day.table() == []


def test_mixed_dates_tell_of_today_only(day: SchoolDay) -> None:
    day.file("09:10", absent("e1", day=YESTERDAY) + absent("e2") + absent("e3", day="2026-09-03"))
    assert day.send("09:15") == ["e2 all_day A"]


def test_codes_in_the_wrong_case_and_unlisted_ones_tell_nobody(day: SchoolDay) -> None:
    result = day.file("09:10", absent("e1", code="a") + absent("e2", code="X") + absent("e3"))
    assert day.send("09:15") == ["e3 all_day A"]
    assert "attendance.code.case" in {f.rule for f in result.files["attendance"].findings}


def test_p0_is_not_told_before_the_district_has_said_what_it_is(begin: Begin) -> None:
    unsaid = begin(NOTICES.replace("  p0: all_day\n", ""))
    unsaid.file("09:05", [["1", "e1", DAY, "A", "", ""]], header=COLUMNS)
    assert unsaid.rows("select period from attendance.events") == [("all_day",)]
    assert unsaid.send("09:15") == []
    unsaid.file("14:50", absent("e1"), slot="15:00")
    assert unsaid.send("15:00") == ["e1 all_day A"], "by row it is what it says"


def test_an_empty_file_at_the_notices_time(day: SchoolDay) -> None:
    day.file("09:00", absent("e1"))
    folder = day.folder / "empty"
    folder.mkdir()
    (folder / "attendance.csv").touch()
    result = day.sync(Domain.ATTENDANCE, f"{DAY}T09:15", folder, day.at("09:14"))
    assert result.outcome is Outcome.REJECTED
    assert day.send("09:15") == ["e1 all_day A"], "the file before it still is the newest good one"


def test_nobody_absent_is_an_alert_only_where_five_are_usual(day: SchoolDay) -> None:
    day.file("09:00", absent(*ELEMENTARY[:5], day=YESTERDAY), day=YESTERDAY)
    day.send("09:15", YESTERDAY)
    assert "usually tells 5" in day.file("09:10", []).message
    assert "usually" not in day.file("09:10", [], day="2026-09-03").message, "the median is 2.5"


def test_a_notice_on_the_day_the_clocks_change(tmp_path: Path, warehouse: str) -> None:
    change = "2026-11-01"
    more = NOTICES.replace('"09:15"', '"01:30"') + f"calendar_days: {{extra: [{change}]}}\n"
    day = SchoolDay(tmp_path, warehouse, more)
    day.night("2026-10-31")
    day.file("01:20", absent("e1", day=change), slot="01:30", day=change)
    assert day.send("01:29", change) == []
    assert day.send("01:30", change) == ["e1 all_day A"]
    second = day.rows("select expires_at - send_after from attendance.notices")[0][0]
    assert second.total_seconds() == 3600


def test_events_of_an_older_file_are_not_told(day: SchoolDay) -> None:
    day.file("09:00", absent("e1", "h1"))
    day.send("09:15")
    day.file("14:50", absent("e2"), slot="15:00")
    assert day.send("15:00") == ["e2 all_day A"], "this file says nothing of school 2"


def test_each_notice_needs_a_file_of_its_own(day: SchoolDay) -> None:
    day.file("09:50", absent("e1") + absent("h1", period="1"), slot="10:30")
    assert day.send("10:30") == ["h1 1 A"]
    assert day.send("15:00") == []


def test_what_nobody_took_in_time_expires_and_is_told_by_the_next(day: SchoolDay) -> None:
    day.file("09:00", absent("e1"))
    assert day.send("10:15") == []
    day.file("14:50", absent("e1"), slot="15:00")
    assert day.send("15:00") == ["e1 all_day A"]


def test_a_wait_looks_for_a_file_of_the_hour_before_until_the_grace_ends(day: SchoolDay) -> None:
    run = day.run(Domain.ATTENDANCE, f"{DAY}T09:15")
    plan = plan_wait(run, now=day.at("08:45"))
    assert plan.window == (day.at("08:15").timestamp(), day.at("09:45").timestamp())
    assert (plan.deadline, plan.expected, plan.quiet) == (day.at("09:45").timestamp(), True, 60.0)


def test_a_backfill_tells_nobody(day: SchoolDay) -> None:
    thursday = "2026-09-03"
    day.file("09:05", absent("e1", "e2", day=thursday), day=thursday)
    before = day.table()
    folder = day.upload(absent("e3"))
    result = day.sync(Domain.ATTENDANCE, f"{DAY}T09:15", folder, day.at("09:10", thursday))
    assert (result.outcome, result.notices) == (Outcome.LOADED, ())
    assert day.table() == before
