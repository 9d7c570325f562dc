"""The warehouse is lost; the archive is not (docs/operations.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rostersync.archive import Archive
from rostersync.embedded.sftp_server import SftpServer
from rostersync.engine.postgres import connect
from rostersync.errors import ConfigError
from rostersync.ledger.holds import find_holds
from rostersync.ledger.results import Outcome
from rostersync.pipeline.decisions.approve import approve
from rostersync.pipeline.decisions.restore import restore
from rostersync.pipeline.decisions.slots import remove
from rostersync.pipeline.decisions.waivers import add_waiver
from rostersync.pipeline.upkeep.rebuild import keep_ledger, rebuild
from rostersync.pipeline.watch.drift import find_drift
from rostersync.pipeline.watch.notices import skip_day
from rostersync.spec import Domain
from rostersync.warehouse import LEDGER_TABLES
from tests.support.district import Copy
from tests.support.school_day import SchoolDay, absent

pytestmark = [pytest.mark.postgres, pytest.mark.sftp, pytest.mark.slow]

_TABLES = """
    select table_schema || '.' || table_name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema in ('roster', 'roster_log', 'attendance', 'sync')
      and table_name <> 'migrations'
    order by 1
"""


def tables(url: str) -> dict[str, list[str]]:
    """Every row of every table, in no order that could differ."""
    with psycopg.connect(url) as conn:
        conn.execute("set timezone to 'UTC'")
        names = [name for (name,) in conn.execute(_TABLES).fetchall()]
        return {
            name: sorted(text for (text,) in conn.execute(f"select t::text from {name} as t"))  # type: ignore[call-overload]
            for name in names
        }


@pytest.fixture(scope="module")
def past(
    night: SchoolDay,
    server: SftpServer,
    tmp_path_factory: pytest.TempPathFactory,
    copy_warehouse: Copy,
) -> SchoolDay:
    """Nights, one late, a hold approved, a restore, a waiver, a day's notices: lived through once."""
    day = night.again(tmp_path_factory.mktemp("past"), copy_warehouse, server=server)
    day.night("2026-09-05", children={"e1": ["Aspen", "Testchild", "4"]})
    day.night("2026-09-03", more=("e77", "h77"))  # late: the fifth is recomputed
    day.file("09:20", absent("e1", "e2", "h1"))
    day.send("09:40")
    day.file("10:20", absent("e1", "h1"), slot="10:15")
    run = day.run(Domain.CORE, "2026-09-06")
    day.night("2026-09-06", more=tuple(f"e{n}" for n in range(100, 160)))
    with connect(day.warehouse) as conn:
        (hold,) = find_holds(conn, district=day.cfg.id, status="open")
    approve(run, hold, who="pat", why="a class moved in")
    restore(run, to="2026-09-05", entities=["parents"], who="pat", why="half an export")
    day.night("2026-09-04", more=("e78",))
    remove(day.run(Domain.CORE, "2026-09-04"), who="pat", why="last year's")
    until = date.today() + timedelta(days=30)
    add_waiver(
        day.warehouse,
        run.inputs,
        rule="students.grade_level.known",
        until=until,
        who="pat",
        why="known",
    )
    skip_day(
        day.warehouse,
        district=day.cfg.id,
        day=date(2026, 9, 8),
        who="pat",
        why="snow",
        now=day.at("12:00"),
    )
    return day


@pytest.fixture
def lived(past: SchoolDay, tmp_path: Path, copy_warehouse: Copy) -> SchoolDay:
    """A district with a past."""
    return past.again(tmp_path, copy_warehouse)


def archive_of(day: SchoolDay) -> Archive:
    return Archive(day.folder / "archive")


def test_the_rebuilt_warehouse_equals_the_one_it_replaces(
    lived: SchoolDay, fresh_warehouse: Callable[[], str]
) -> None:
    keep_ledger(lived.warehouse, archive_of(lived), lived.cfg.id)
    new = fresh_warehouse()
    slots: list[str] = []

    rebuilt = rebuild(new, archive_of(lived), lived.cfg.id, on_slot=slots.append)

    before, after = tables(lived.warehouse), tables(new)
    assert {name: len(rows) for name, rows in after.items()} == {
        name: len(rows) for name, rows in before.items()
    }
    assert after == before
    assert before["attendance.notices"]
    assert before["sync.decisions"]
    assert rebuilt.slots["core"] == 4
    assert rebuilt.unknown == ()
    assert len(slots) == sum(rebuilt.slots.values())
    for domain in (Domain.CORE, Domain.ATTENDANCE):
        where = {"district": lived.cfg.id, "domain": domain}
        assert not find_drift(new, archive_of(lived), full=True, **where).found


def test_life_goes_on_in_the_rebuilt_warehouse(
    lived: SchoolDay, fresh_warehouse: Callable[[], str]
) -> None:
    keep_ledger(lived.warehouse, archive_of(lived), lived.cfg.id)
    lived.warehouse, old = fresh_warehouse(), lived.warehouse
    rebuild(lived.warehouse, archive_of(lived), lived.cfg.id)
    result = lived.night("2026-09-09")
    assert result.outcome in (Outcome.LOADED, Outcome.HELD)
    add = {"who": "pat", "why": "known", "until": date.today() + timedelta(days=9)}
    run = lived.run(Domain.CORE, "2026-09-09")
    add_waiver(lived.warehouse, run.inputs, rule="students.status.known", **add)  # its own number
    assert old != lived.warehouse


def test_the_copy_of_a_run_is_enough_for_the_months_it_wrote(
    lived: SchoolDay, fresh_warehouse: Callable[[], str]
) -> None:
    archive = archive_of(lived)
    keep_ledger(lived.warehouse, archive, lived.cfg.id)
    lived.night("2026-10-01", more=("e88",))
    keep_ledger(lived.warehouse, archive, lived.cfg.id, ["2026-10-01"])
    new = fresh_warehouse()
    rebuild(new, archive, lived.cfg.id)
    assert tables(new) == tables(lived.warehouse)


def test_a_landing_the_copy_does_not_know_is_named(
    lived: SchoolDay, fresh_warehouse: Callable[[], str]
) -> None:
    keep_ledger(lived.warehouse, archive_of(lived), lived.cfg.id)
    lived.night("2026-09-09")
    rebuilt = rebuild(fresh_warehouse(), archive_of(lived), lived.cfg.id)
    assert rebuilt.unknown == ("core 2026-09-09 landing 1",)


def test_what_is_there_is_never_written_over(lived: SchoolDay) -> None:
    keep_ledger(lived.warehouse, archive_of(lived), lived.cfg.id)
    before = tables(lived.warehouse)
    with pytest.raises(ConfigError, match="has rows of this district already"):
        rebuild(lived.warehouse, archive_of(lived), lived.cfg.id)
    assert tables(lived.warehouse) == before


def test_without_a_copy_it_says_what_to_do(tmp_path: Path, warehouse: str) -> None:
    with pytest.raises(ConfigError, match="no copy of this district's ledger"):
        rebuild(warehouse, Archive(tmp_path), "testville")


def test_every_table_is_copied_or_folded(warehouse: str) -> None:
    """A table that a migration adds is lost by a rebuild, unless somebody thinks of it here."""
    folded = ("roster", "roster_log")
    events = {"attendance.events", "attendance.event_log"}
    known: set[Any] = {table.name for table in LEDGER_TABLES} | events
    there = {name for name in tables(warehouse) if name.split(".")[0] not in folded}
    assert there == known
