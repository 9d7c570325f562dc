"""Ids that seem damaged wait for a person; meant so, they are new keys for good (a real warehouse)."""

from __future__ import annotations

import io

import pytest
from click.testing import CliRunner

from rostersync.archive import Archive
from rostersync.cli import main
from rostersync.pipeline.decisions.approve import discard
from rostersync.pipeline.holds.changes import write_changes
from tests.integration.conftest import After
from tests.support.two_schools import FULL, TwoSchools, ids, names

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


def shouted(students: list[str], count: int) -> list[str]:
    """The first ones' ids in upper case."""
    return [s.upper() if n < count else s for n, s in enumerate(students)]


def changed(count: int) -> dict[str, list[str]]:
    return {"1": shouted(ids("1", 30), count), "2": ids("2", 20)}


ALL = {*FULL["1"], *FULL["2"]}


def damage(district: TwoSchools) -> None:
    result = district.sync(2, changed(3))
    assert {(h.kind, h.entity, h.count) for h in result.holds} == {
        ("ids", "students", 3),
        ("ids", "parents", 3),
    }


@pytest.fixture
def damaged(after: After, two_schools: TwoSchools) -> TwoSchools:
    """On the second, three ids seem damaged: they wait."""
    return after(damage, two_schools)


def test_damaged_ids_wait_and_meant_so_they_are_new_keys_for_good(damaged: TwoSchools) -> None:
    assert damaged.students() == ALL
    (hold,) = damaged.holds()
    listed = io.StringIO()
    write_changes(damaged.warehouse, Archive(damaged.archive), hold, listed)
    assert "students,new id,,1s00,1S00\r\n" in listed.getvalue()
    damaged.approve(hold, "students:ids")
    now = {*changed(3)["1"], *FULL["2"]}
    assert damaged.students() == now
    contacts = "select count(*), count(distinct student_id) from roster.parents"
    assert damaged.rows(contacts) == [(50, 50)]
    before = damaged.tables()["roster.parents"]
    # the next night asks nothing, nor does a late one, or one that it makes anew; another id is asked about
    assert damaged.sync(4, changed(3)).holds == ()
    late = damaged.sync(3, {**changed(3), "2": ids("2", 19)})
    assert (late.holds, late.recomputed) == ((), ("2026-09-04",))
    assert damaged.students() == now
    assert len(damaged.tables()["roster.parents"]) == len(before)
    assert {h.kind for h in damaged.sync(5, changed(4)).holds} == {"ids"}
    assert damaged.students() == now


def test_many_ids_that_are_meant_so_are_judged_by_the_limits(district: TwoSchools) -> None:
    district.sync(2, changed(20))
    (hold,) = district.holds()
    assert names(hold) == {"students:ids:", "parents:ids:"}
    result = district.approve(hold)
    assert district.students() == ALL
    assert {(h.entity, h.kind) for h in result.holds} >= {
        ("students", "added"),
        ("students", "removed"),
    }
    newest = district.hold()
    assert newest.status == "open"
    district.approve(newest)
    assert district.students() == {*changed(20)["1"], *FULL["2"]}
    assert district.rows("select count(distinct student_id) from roster.parents") == [(50,)]


def test_damage_is_discarded_and_asked_about_on_the_next_night(damaged: TwoSchools) -> None:
    (hold,) = damaged.holds()
    discard(damaged.run(hold.slot), hold, who="pat", why="their export lost the case")
    assert damaged.students() == ALL
    assert {h.kind for h in damaged.sync(3, changed(3)).holds} == {"ids"}
    first = damaged.hold()
    damaged.sync(4, changed(3))
    assert damaged.hold().hold_id == first.hold_id, "the same ids are no news"


def test_the_command_line_accepts_ids(district: TwoSchools) -> None:
    where = ["--warehouse", district.warehouse, "--archive", district.archive]
    config = ["--config", str(next((district.folder / "districts").glob("*.yaml")))]
    said = ["ids", "accept", "--district", district.cfg.id, "--reason", "new SIS", "--by", "pat"]
    nothing = CliRunner().invoke(main, [*said, *config, *where])
    assert nothing.exit_code == 3
    district.sync(2, changed(2))
    done = CliRunner().invoke(main, [*said, "--entity", "students", *config, *where])
    assert done.exit_code == 0, done.output
    assert district.students() == {*changed(2)["1"], *FULL["2"]}
