"""Of an id that may be another child's no family hears until a person has said whose it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.embedded.sftp_server import SftpServer
from rostersync.engine.postgres import connect
from rostersync.ledger.holds import OpenedHold, find_holds
from rostersync.ledger.results import RunResult
from rostersync.pipeline.decisions.approve import approve, discard
from rostersync.spec import Domain
from tests.integration.conftest import Begin
from tests.support.district import Copy
from tests.support.school_day import SchoolDay, absent

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

NIGHT, MORNING = "2026-09-02", "2026-09-03"
ANOTHER = {"e1": ["Rowan", "Otherchild", "2"]}
FAMILY = {"e1": ["Otherchild", "new@example.org"]}
MOVED = {"e2": ["Testparent", "moved@example.org"]}
LISTED = "select student_id, first_name, reason from attendance.unreachable order by 1"


@pytest.fixture(scope="module")
def reused(
    night: SchoolDay, tmp_path_factory: pytest.TempPathFactory, copy_warehouse: Copy
) -> SchoolDay:
    """The night that holds another child, loaded once for all tests."""
    day = night.again(tmp_path_factory.mktemp("reused"), copy_warehouse)
    assert [h.kind for h in reused_night(day, NIGHT).holds] == ["reused"]
    return day


@pytest.fixture
def day(reused: SchoolDay, server: SftpServer, tmp_path: Path, copy_warehouse: Copy) -> SchoolDay:
    return reused.again(tmp_path, copy_warehouse, server=server)


def reused_night(day: SchoolDay, slot: str) -> RunResult:
    return day.night(slot, FAMILY, children=ANOTHER)


def hold(day: SchoolDay) -> OpenedHold:
    with connect(day.warehouse) as conn:
        return find_holds(conn, district=day.cfg.id)[0]


def test_no_family_hears_of_an_id_that_may_be_another_childs(day: SchoolDay) -> None:
    day.file("09:05", absent("e1", "e2", day=MORNING), day=MORNING)
    assert day.send("09:15", MORNING) == ["e2 all_day A"]
    assert day.rows(LISTED) == [("e1", None, "another child?")]


def test_once_approved_the_new_family_is_told(day: SchoolDay) -> None:
    approve(day.run(Domain.CORE, NIGHT), hold(day), who="pat", why="Aspen left")
    day.file("09:05", absent("e1", "e2", day=MORNING), day=MORNING)
    assert day.send("09:15", MORNING) == ["e1 all_day A", "e2 all_day A"]
    contacts = "select email from directory.contactable_parents where student_id = 'e1'"
    assert day.rows(contacts) == [("new@example.org",)]


def test_a_discarded_reuse_is_not_told_until_the_upload_has_the_known_child_again(
    day: SchoolDay,
) -> None:
    discard(day.run(Domain.CORE, NIGHT), hold(day), who="pat", why="ask them")
    day.file("09:05", absent("e1", "e2", day=MORNING), day=MORNING)
    assert day.send("09:15", MORNING) == ["e2 all_day A"]
    day.night(MORNING, MOVED)
    day.file("09:05", absent("e1", "e2", day="2026-09-04"), day="2026-09-04")
    assert day.send("09:15", "2026-09-04") == ["e1 all_day A", "e2 all_day A"]


def test_a_notice_that_waits_already_does_not_go_once_the_id_is_in_doubt(
    begin: Begin, server: SftpServer
) -> None:
    day = begin(server=server)
    day.file("09:05", absent("e1", "e2"))
    reused_night(day, NIGHT)
    assert day.send("09:15") == ["e2 all_day A"]
    assert day.rows(LISTED) == [("e1", None, "another child?")]


def test_the_doubt_outlives_later_nights_and_a_late_one(day: SchoolDay) -> None:
    reused_night(day, "2026-09-05")
    day.night("2026-09-04", MOVED)
    monday = "2026-09-07"
    day.file("09:05", absent("e1", "e2", day=monday), day=monday)
    assert day.send("09:15", monday) == ["e2 all_day A"]
    approve(day.run(Domain.CORE, "2026-09-05"), hold(day), who="pat", why="Aspen left")
    day.file("09:05", absent("e1", "e2", day="2026-09-08"), day="2026-09-08")
    assert day.send("09:15", "2026-09-08") == ["e1 all_day A", "e2 all_day A"]


def test_a_repaired_night_without_the_other_child_ends_the_doubt(day: SchoolDay) -> None:
    day.night(NIGHT)
    day.file("09:05", absent("e1", "e2", day=MORNING), day=MORNING)
    assert day.send("09:15", MORNING) == ["e1 all_day A", "e2 all_day A"]
