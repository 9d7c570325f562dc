"""What b4c9af6 wrote under a contract that has grown: run by ``tests/contract`` in a copy of the project.

There, parents have a ``work_email``, schools send ``buses.csv``, and ``principals`` are an entity of
schools.csv. The tests are one life, in their order.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rostersync.ledger.results import Outcome
from rostersync.pipeline.decisions.restore import restore
from rostersync.pipeline.steps.sync import replay
from rostersync.pipeline.upkeep.rebuild import keep_ledger, rebuild
from tests.upgrade.past import DISTRICTS, Past, Tables, differences, drift, facts, tables
from tests.upgrade.test_b4c9af6 import Alder, as_of_today, diffs, touched

pytestmark = pytest.mark.postgres

NEW = ("roster.principals", "roster.buses", "roster_log.principals", "roster_log.buses")


@pytest.fixture(scope="module")
def alder(upgraded: Callable[[], Past]) -> Alder:
    return Alder(upgraded())


def test_the_upgrade_alone_changes_nothing(alder: Alder, dump: Tables) -> None:
    now = tables(alder.past.warehouse)
    assert differences(as_of_today(dump), now) == {}
    assert all(now[table] == [] for table in NEW)
    assert drift(alder.past) == {}


def test_a_slot_of_the_past_is_computed_as_it_was(
    upgraded: Callable[[], Past], dump: Tables
) -> None:
    past = upgraded()
    then = diffs(past)
    past.remove("cedar/attendance/*/landing-*/diff-*", "cedar/core/2026-09-0[78]/landing-*/diff-*")
    for _, domain, fold in (f for f in past.folds() if f[0] == "cedar"):
        replay(past.run("cedar", fold[-1].slot, domain))
    now = diffs(past)
    for slot, diff in now.items():
        for name in then[slot]["entities"]:
            assert diff["entities"][name] == then[slot]["entities"][name], (slot, name)
    assert differences(facts(as_of_today(dump)), tables(past.warehouse)) == {}


def test_it_is_rebuilt(alder: Alder, dump: Tables, fresh_warehouse: Callable[[], str]) -> None:
    new = fresh_warehouse()
    for district in DISTRICTS:
        rebuild(new, alder.past.archive, district)
    assert differences(as_of_today(dump), tables(new)) == {}


def test_a_night_without_what_is_new_changes_nothing_of_before(alder: Alder) -> None:
    before = alder.tables()
    assert alder.night("2026-09-15", like="2026-09-14").outcome is Outcome.LOADED
    after = alder.tables()
    hmong = alder.hmong(after)
    assert touched(before, after, but=()) == {
        "roster.parents": (hmong, hmong),  # LANGUAGE, as in test_b4c9af6.py
        "roster_log.parents": (0, hmong),
        "roster.principals": (0, 1),  # of the school that is in the file
        "roster_log.principals": (0, 1),
    }


def what_is_new(upload: Path) -> None:
    """Buses, one of them without a route and one of a school nobody knows; one parent's work email."""
    buses = "school_id,bus_id,route\n1,b1,North\n1,b2,\n9,b3,South\n"
    (upload / "buses.csv").write_text(buses)
    header, first, *rest = (upload / "parents.csv").read_text().splitlines()
    rows = [f"{header},work_email", f"{first},Work@example.org", *(f"{row}," for row in rest)]
    (upload / "parents.csv").write_text("\n".join([*rows, ""]))


def test_what_is_new_is_loaded(alder: Alder) -> None:
    before = alder.tables()
    result = alder.night("2026-09-16", like="2026-09-14", edit=what_is_new)
    assert result.files["buses"].quarantined == 2
    assert touched(before, alder.tables(), but=()) == {
        "roster.parents": (1, 1),
        "roster_log.parents": (0, 1),
        "roster.buses": (0, 1),
        "roster_log.buses": (0, 1),
    }


def test_a_late_night_and_a_restore_go_across_the_upgrade(alder: Alder) -> None:
    before = alder.tables()
    late = alder.night("2026-09-07", like="2026-09-04", edit=what_is_new)
    assert late.recomputed[0] == "2026-09-08"
    assert touched(before, alder.tables(), but=()) == {
        # what followed is computed anew: with today's key, and HELD_OWNER: one is not removed on the ninth
        # and added on the tenth
        "roster.group_user_members": (1, 1),
        "roster_log.group_user_members": (3, 1),
        # the work email comes on the seventh and goes on the eighth; and LANGUAGE
        "roster_log.parents": (0, 2 + 14),
        # "everything of it is carried" while a school waits: two parents keep the email of the seventh
        "roster.parents": (2, 2),
        "roster.buses": (1, 1),  # known since the seventh: later uploads have no such file
        "roster_log.buses": (1, 1),
        "roster.principals": (1, 2),  # the same, and then of both schools
        "roster_log.principals": (1, 2),
    }
    assert drift(alder.past) == {}
    run = alder.past.run("alder", "2026-09-16")
    restore(run, to="2026-09-04", entities=["parents", "buses"], who="pat", why="a reason")
    now = tables(alder.past.warehouse)
    assert now["roster.buses"] == []
    assert {row["work_email"] for row in now["roster.parents"]} == {None}
    assert drift(alder.past) == {}


def test_what_both_wrote_is_rebuilt(alder: Alder, fresh_warehouse: Callable[[], str]) -> None:
    past = alder.past
    keep_ledger(past.warehouse, past.archive, "alder")
    new = fresh_warehouse()
    for district in DISTRICTS:
        rebuild(new, past.archive, district)
    assert differences(tables(past.warehouse), tables(new)) == {}
