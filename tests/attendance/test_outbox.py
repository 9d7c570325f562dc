"""Taking notices: once each, by any number of consumers, never what is stopped, skipped or told already."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from psycopg.types.json import Jsonb

from rostersync.attendance import is_stopped, resume, skip, stop, unskip
from rostersync.errors import DecisionError
from tests.support.school_day import client

pytestmark = pytest.mark.postgres

DAY = date(2026, 9, 2)
NINE = datetime(2026, 9, 2, 14, tzinfo=UTC)
SAID = {"who": "office", "why": "a test", "now": NINE}
ABSENT = ("all_day", "A")

Conn = psycopg.Connection


@pytest.fixture
def conn(warehouse: str) -> Iterator[Conn]:
    with psycopg.connect(warehouse, autocommit=True) as conn:
        yield conn


def put(
    conn: Conn,
    student: str,
    *events: tuple[str, str],
    notice: str = "morning",
    after: int = 0,
    district: str = "oak",
    state: str = "pending",
) -> None:
    """A notice due ``after`` minutes past nine."""
    send_after = NINE + timedelta(minutes=after)
    listed = [{"school_id": "1", "period": p, "code": c} for p, c in events or (ABSENT,)]
    conn.execute(
        "insert into attendance.notices (district_id, notice_id, date, student_id, slot, events, state,"
        " send_after, expires_at) values (%s, %s, %s, %s, 'slot', %s, %s, %s, %s)",
        [
            district,
            notice,
            DAY,
            student,
            Jsonb(listed),
            state,
            send_after,
            send_after + timedelta(hours=1),
        ],
    )


def take(conn: Conn, minutes: int = 0, most: int = 100, district: str | None = None) -> list[str]:
    """Student and events of what is taken ``minutes`` past nine, in order of (notice, student)."""
    rows = conn.execute(
        "select notice_id, student_id, events from attendance.take_notices('test', %s, %s, %s)",
        [most, NINE + timedelta(minutes=minutes), district],
    ).fetchall()
    return [
        " ".join([n, s, *(f"{e['period']} {e['code']}" for e in events)])
        for n, s, events in sorted(rows, key=repr)
    ]


def acknowledge(conn: Conn, student: str, notice: str = "morning") -> bool:
    (done,) = conn.execute(
        "select attendance.acknowledge_notice('oak', %s, %s, %s, %s)", [notice, DAY, student, NINE]
    ).fetchone() or (None,)
    return bool(done)


def test_taken_between_its_time_and_its_end_once(conn: Conn) -> None:
    put(conn, "s1")
    assert take(conn, -1) == []
    assert take(conn, 60) == []
    assert take(conn, 0) == ["morning s1 all_day A"]
    assert take(conn, 1) == []


def test_what_was_not_acknowledged_comes_again_after_ten_minutes(conn: Conn) -> None:
    put(conn, "s1")
    put(conn, "s2")
    take(conn)
    assert acknowledge(conn, "s1") is True
    assert acknowledge(conn, "s1") is False
    assert take(conn, 9) == []
    assert take(conn, 10) == ["morning s2 all_day A"]
    assert take(conn, 70) == [], "expired"


def test_nothing_can_be_acknowledged_that_was_not_taken(conn: Conn) -> None:
    put(conn, "s1")
    assert acknowledge(conn, "s1") is False
    assert take(conn) == ["morning s1 all_day A"]


def test_two_consumers_never_take_the_same(conn: Conn, warehouse: str) -> None:
    for n in range(6):
        put(conn, f"s{n}")
    with psycopg.connect(warehouse) as other:
        first = take(other, most=3)  # not committed: its rows are locked
        second = take(conn)
        other.commit()
    assert len(first) == len(second) == 3
    assert not set(first) & set(second)


@pytest.mark.parametrize("state", ["held", "unreachable"])
def test_what_waits_for_a_person_is_not_taken(conn: Conn, state: str) -> None:
    put(conn, "s1", state=state)
    assert take(conn) == []


def test_a_later_notice_leaves_out_what_was_told_with_the_same_code(conn: Conn) -> None:
    put(conn, "s1", ABSENT, ("1", "T"))
    put(conn, "s1", ABSENT, ("1", "A"), ("2", "A"), notice="noon", after=30)
    put(conn, "s2", notice="morning")
    put(conn, "s2", notice="noon", after=30)
    take(conn)
    assert acknowledge(conn, "s1")
    assert acknowledge(conn, "s2")
    assert take(conn, 30) == ["noon s1 1 A 2 A"]


def test_the_earlier_notice_of_a_family_goes_first(conn: Conn, warehouse: str) -> None:
    put(conn, "s1", ABSENT)
    put(conn, "s1", ABSENT, ("1", "A"), notice="noon", after=30)
    with psycopg.connect(warehouse) as other:
        assert take(other, 40) == ["morning s1 all_day A"], "not both at once"
        assert take(conn, 40) == [], "the other consumer has not finished"
        other.commit()
    assert take(conn, 40) == ["noon s1 1 A"]


def test_what_was_withdrawn_after_it_was_told_may_be_told_again(conn: Conn) -> None:
    put(conn, "s1")
    put(conn, "s1", notice="noon", after=30)
    take(conn)
    conn.execute(
        "update attendance.notices set state = 'withdrawn', withdrawn_at = now()"
        " where notice_id = 'morning'"
    )
    assert take(conn, 30) == ["noon s1 all_day A"]


def test_stop_and_resume_of_one_district_and_of_all(conn: Conn) -> None:
    put(conn, "s1")
    put(conn, "s1", district="elm")
    stop(conn, district="oak", **SAID)
    assert is_stopped(conn, "oak")
    assert take(conn, district="oak") == []
    stop(conn, district=None, **SAID)
    assert take(conn) == []
    with pytest.raises(DecisionError, match="all districts are stopped"):
        resume(conn, district="elm", **SAID)
    resume(conn, district=None, **SAID)
    assert take(conn) == ["morning s1 all_day A"], "elm's: oak is still stopped"
    resume(conn, district="oak", **SAID)
    assert take(conn) == ["morning s1 all_day A"]
    with pytest.raises(DecisionError, match="not stopped"):
        resume(conn, district="oak", **SAID)


def test_a_skipped_day_is_not_taken(conn: Conn) -> None:
    put(conn, "s1")
    skip(conn, "oak", DAY + timedelta(days=1), **SAID)
    skip(conn, "oak", DAY, **SAID)
    assert take(conn) == []
    unskip(conn, "oak", DAY, **SAID)
    assert take(conn) == ["morning s1 all_day A"]
    with pytest.raises(DecisionError, match="not skipped"):
        unskip(conn, "oak", DAY, **SAID)


def test_a_client_that_dies_before_it_acknowledges_tells_again(conn: Conn, warehouse: str) -> None:
    put(conn, "s1")
    told = []

    def die(notice: object, contacts: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        client.send_due(warehouse, die, consumer="one", moment=NINE)
    later = NINE + timedelta(minutes=11)
    client.send_due(warehouse, lambda n, c: told.append(n.key), consumer="two", moment=later)
    assert told == [("oak", "morning", DAY, "s1")]
    assert conn.execute("select state, taken_by from attendance.notices").fetchone() == (
        "acknowledged",
        "two",
    )


def test_the_messenger_takes_and_acknowledges_and_writes_nothing_else(conn: Conn) -> None:
    put(conn, "s1")
    conn.execute("grant rostersync_messenger to current_user")
    conn.execute("set role rostersync_messenger")
    assert take(conn) == ["morning s1 all_day A"]
    assert acknowledge(conn, "s1")
    for forbidden in (
        "delete from attendance.notices",
        "update attendance.notices set send_after = now()",
        "insert into sync.attendance_decisions default values",
        "select from roster.students",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(forbidden)


def test_the_reader_sees_the_lists_and_takes_nothing(conn: Conn) -> None:
    put(conn, "s1", state="unreachable")
    conn.execute("set role rostersync_reader")
    for view in ("withdrawn", "unreachable", "held"):
        conn.execute(f"select * from attendance.{view}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        take(conn)
