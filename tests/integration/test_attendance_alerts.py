"""Who is told that attendance is missing, or odd, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pytest

from rostersync.errors import AlertNotDeliveredError, RosterSyncError
from rostersync.ledger.alerts import Alert
from rostersync.ledger.results import Outcome
from rostersync.pipeline.steps.land import land_folder
from rostersync.pipeline.watch.alerts import deliver_alerts, list_alerts
from rostersync.pipeline.watch.deadlines import Arriving, tell_if_silent
from rostersync.pipeline.watch.notices import skip_day
from rostersync.spec import Domain
from tests.integration.conftest import Begin
from tests.support.districts import write_config
from tests.support.school_day import DAY, ELEMENTARY, NOTICES, SchoolDay, absent
from tests.support.uploads import EVENTS

Tried = tuple[str, RosterSyncError | None]

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def day(begin: Begin) -> SchoolDay:
    return begin()


def tell(
    day: SchoolDay,
    time: str,
    *,
    others: Iterable[str] = (),
    arriving: Arriving = lambda places: set(),
    on: str = DAY,
) -> Alert | None:
    """What the deadline's callback of the district tells at that moment."""
    fleet = [day.cfg] + [write_config(day.folder / "others", o, more=NOTICES) for o in others]
    return tell_if_silent(
        day.cfg,
        lambda: fleet,
        archive=str(day.folder / "archive"),
        warehouse=day.warehouse,
        arriving=arriving,
        now=day.at(time, on),
    )


def sending(*districts: str) -> Arriving:
    """Their servers hold a file."""
    return lambda places: {cfg.id for cfg, _ in places} & set(districts)


def raised(day: SchoolDay) -> list[tuple[str, str | None, str]]:
    found = list_alerts(day.warehouse, district=None, newest=100)
    return [(one.alert.kind, one.alert.district, one.alert.about) for one in reversed(found)]


def test_a_missing_file_is_told_two_minutes_before_the_notice_and_once_a_day(
    day: SchoolDay,
) -> None:
    assert tell(day, "09:12") is None, "it may still come"
    alert = tell(day, "09:13")
    assert alert is not None
    assert "elementary (09:15)" in alert.body
    assert "no new file" in alert.body
    assert tell(day, "09:25") is None
    assert tell(day, "10:28") is None, "the second notice of the day is not another alert"
    assert raised(day) == [("missing_attendance", "testville", DAY)]
    assert tell(day, "09:13", on="2026-09-03") is not None


def test_nobody_is_told_of_what_is_loaded_or_on_its_way(day: SchoolDay) -> None:
    landed = land_folder(
        day.run(Domain.ATTENDANCE, f"{DAY}T09:15"), day.upload(absent("e1")), now=day.at("09:12")
    )
    assert tell(day, "09:13") is None, "being loaded"
    day.load(f"{DAY}T09:15", landed, day.at("09:14"))
    assert tell(day, "09:25") is None, "loaded"
    sends = sending("testville")
    assert tell(day, "10:28", arriving=sends) is None
    late = tell(day, "10:30", arriving=sends)
    assert late is not None, "it lies there and nobody takes it"
    assert "secondary" in late.subject


def test_a_landing_that_nobody_loads_is_told_at_the_notices_time(day: SchoolDay) -> None:
    land_folder(
        day.run(Domain.ATTENDANCE, f"{DAY}T09:15"), day.upload(absent("e1")), now=day.at("09:12")
    )
    assert tell(day, "09:14") is None
    stuck = tell(day, "09:15")
    assert stuck is not None
    assert "landed and is not loaded" in stuck.body


def test_the_next_notices_file_hides_no_missing_one(day: SchoolDay) -> None:
    day.file("10:27", absent("h1", period="1"), slot="10:30")
    alert = tell(day, "10:14")
    assert alert is not None
    assert "elementary" in alert.subject


def test_a_file_that_was_rejected_is_told_with_its_reason(day: SchoolDay) -> None:
    both = (*EVENTS, "p1")
    rejected = day.file("09:10", [[*absent("e1")[0], "A"]], header=both)
    assert rejected.outcome is Outcome.REJECTED
    alert = tell(day, "09:13")
    assert alert is not None
    assert "rejected" in alert.body
    assert "attendance.csv" in alert.body


def test_yesterdays_file_is_no_file(day: SchoolDay) -> None:
    day.file("09:12", absent("e1", day="2026-09-01"))
    assert tell(day, "09:13") is not None


def test_nobody_is_missed_without_school_after_expiry_and_where_nobody_is_absent(
    begin: Begin,
) -> None:
    day = begin()
    assert tell(day, "12:00") is None, "a run of the morning, backfilled"
    assert tell(day, "09:13", on="2026-09-05") is None, "Saturday"
    day.file("09:12", [])
    assert tell(day, "09:13") is None, "a file with a header says that nobody is absent"
    skip_day(
        day.warehouse,
        district="testville",
        day=date(2026, 9, 3),
        who="pat",
        why="snow",
        now=day.at("06:00", "2026-09-03"),
    )
    assert tell(day, "09:13", on="2026-09-03") is None
    assert raised(day) == []


def test_a_silent_fleet_is_one_alert(day: SchoolDay) -> None:
    others = [f"d{n}" for n in range(9)]
    alert = tell(day, "09:13", others=others)
    assert alert is not None
    assert alert.district is None
    assert alert.subject == "Attendance: 10 of 10 districts are silent"
    assert tell(day, "09:13", others=others) is None
    assert raised(day) == [("silent_fleet", None, DAY)]
    own = tell(day, "15:00", others=others)
    assert own is not None, "the morning's alert does not speak for the afternoon"
    assert own.district == "testville"


def test_districts_that_are_sending_are_not_silent(day: SchoolDay) -> None:
    others = [f"d{n}" for n in range(9)]
    alert = tell(day, "09:13", others=others, arriving=sending(*others))
    assert alert is not None
    assert alert.district == "testville"


def test_two_silent_districts_are_no_fleet(day: SchoolDay) -> None:
    alert = tell(day, "09:13", others=["d1"])
    assert alert is not None
    assert alert.district == "testville"


def test_a_notice_that_is_held_again_alerts_again(day: SchoolDay) -> None:
    day.file("08:50", absent(*ELEMENTARY[:11]))
    day.release("08:55")
    day.file("09:10", absent(*ELEMENTARY))
    assert [kind for kind, _, _ in raised(day)] == ["notice_held"] * 2


def test_a_held_notice_alerts_once_in_the_loads_own_transaction(day: SchoolDay) -> None:
    day.file("09:05", absent(*ELEMENTARY))
    day.file("09:10", absent(*ELEMENTARY, "h1"))
    (told,) = raised(day)
    assert told[:2] == ("notice_held", "testville")
    assert told[2].startswith(f"elementary {DAY}T09:15")
    (held,) = list_alerts(day.warehouse, district="testville", newest=5)
    assert "20 of the 20 students of school 1" in held.alert.body
    assert not any(student in held.alert.body for student in ("e11", "e20"))


def test_events_that_are_kept_alert_and_the_right_file_in_the_wrong_ones_place_ends_it(
    day: SchoolDay,
) -> None:
    day.file("09:10", absent(*ELEMENTARY, code="T"))
    day.file("10:20", absent("e1", code="T"), slot="10:30")
    assert raised(day) == [("events_kept", "testville", DAY)]
    assert day.rows("select count(*) from attendance.events") == [(20,)]
    day.file("11:00", absent("e1", "e2", code="T"), slot="09:15")
    assert day.rows("select student_id from attendance.events") == [("e1",)]


def test_nobody_absent_alerts_where_many_usually_are(day: SchoolDay) -> None:
    for n in range(3):
        before = (date.fromisoformat(DAY) + timedelta(days=n)).isoformat()
        day.file("09:10", absent(*ELEMENTARY[:5], day=before), day=before)
    friday = "2026-09-07"
    assert day.file("09:10", [], day=friday).outcome is Outcome.NOBODY_ABSENT
    assert raised(day) == [("nobody_absent", "testville", f"elementary {friday}")]


def test_what_was_not_delivered_is_tried_again_for_a_day(day: SchoolDay) -> None:
    tell(day, "09:13")
    sent: list[str] = []

    def refuse(alert: Alert, done: frozenset[str]) -> list[Tried]:
        assert not done
        return [("email", AlertNotDeliveredError("The mail server did not take the alert"))]

    def accept(alert: Alert, done: frozenset[str]) -> list[Tried]:
        sent.append(alert.subject)
        return [("email", None)]

    def deliver(how: Callable[[Alert, frozenset[str]], list[Tried]], minutes: int) -> list[str]:
        now = day.at("09:13") + timedelta(minutes=minutes)
        return [one.status for one in deliver_alerts(day.warehouse, how, now)]

    assert deliver(refuse, 1) == ["failed"]
    (one,) = list_alerts(day.warehouse, district="testville", newest=5)
    assert (one.status, one.failure) == ("failed", "email: The mail server did not take the alert.")
    assert deliver(accept, 60 * 25) == [], "history"
    assert deliver(accept, 6) == ["delivered"]
    assert deliver(accept, 11) == []
    assert sent == ["testville: no attendance for notice elementary"]
