"""A day on which very many are absent: no statement may read all of them again for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import psycopg.sql
import pytest

from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.ledger.results import Outcome
from tests.support.district import Copy
from tests.support.school_day import SECONDARY, SchoolDay, absent

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

MANY = (*SECONDARY, *(f"h{n}" for n in range(21, 1501)))


@pytest.fixture(scope="module")
def known(
    tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]
) -> SchoolDay:
    """The night before, loaded once: a school of 1,500."""
    night = SchoolDay(tmp_path_factory.mktemp("night"), fresh_warehouse())
    night.night(more=MANY[len(SECONDARY) :])
    return night


@pytest.fixture
def day(known: SchoolDay, copy_warehouse: Copy, tmp_path: Path) -> SchoolDay:
    """A day whose warehouse gives no statement longer than five seconds."""
    day = known.again(tmp_path, copy_warehouse)
    with psycopg.connect(day.warehouse, autocommit=True) as conn:
        name = psycopg.sql.Identifier(conn.info.dbname)
        conn.execute(psycopg.sql.SQL("alter database {} set statement_timeout = '5s'").format(name))
    return day


def test_a_correction_while_all_wait_to_be_told(day: SchoolDay) -> None:
    first = [*absent(*MANY, period="1"), *absent(*MANY, period="2")]
    assert day.file("10:05", first, slot="10:05").outcome is Outcome.LOADED
    corrected = [*absent("h1", period="1", code="E"), *absent(*MANY[1:], period="1")]
    result = day.file("10:20", [*corrected, *absent(*MANY[2:], period="2")], slot="10:20")
    assert result.outcome is Outcome.LOADED
    told = day.states("secondary")
    assert len(told) == len(MANY)
    assert (told["h1"], told["h2"], told["h3"]) == ("withdrawn 1 A 2 A", "held 1 A", "held 1 A 2 A")


def test_a_correction_after_all_were_told(day: SchoolDay) -> None:
    day.file("10:05", absent(*MANY, period="1"), slot="10:05")
    with psycopg.connect(day.warehouse) as conn:
        conn.execute(
            "update attendance.notices set state = 'acknowledged', taken_at = send_after"
            " where notice_id = 'secondary'"
        )
    result = day.file("10:40", absent(*MANY[1:], period="1"), slot="10:40")
    assert result.outcome is Outcome.LOADED
    told = day.states("secondary")
    assert (told["h1"], told["h2"]) == ("withdrawn 1 A", "acknowledged 1 A")
    assert list(told.values()).count("acknowledged 1 A") == len(MANY) - 1


def test_a_file_of_another_kind_that_tells_nothing_of_those_absent(day: SchoolDay) -> None:
    """All the events of the first file stand without the second saying so."""
    day.file("10:05", absent(*MANY, period="1"), slot="10:05")
    result = day.file("10:20", absent("h1"), slot="10:20")
    assert result.outcome is Outcome.LOADED
    told = day.states("secondary")
    assert list(told.values()).count("withdrawn 1 A") == len(MANY)
    day.file("14:50", absent("h1", "h2"), slot="15:00")
    assert sorted(day.states("everyone")) == ["h1", "h2"]


def test_a_call_looks_at_the_notices_it_takes_and_not_at_all_that_are_due(
    postgres: EmbeddedPostgres, warehouse: str
) -> None:
    owner = psycopg.conninfo.make_conninfo(postgres.dsn("postgres"), dbname=database(warehouse))
    with psycopg.connect(owner, autocommit=True) as conn:
        conn.execute("set track_functions = 'all'")
        conn.execute(
            "insert into attendance.notices (district_id, notice_id, date, student_id, slot, events,"
            " state, send_after, expires_at) select 'd' || n, 'm', '2026-09-02', 's', 'x', '[{}]',"
            " 'pending', now() - interval '1 minute', now() + interval '1 hour'"
            " from generate_series(1, 5000) as n"
        )
        conn.execute("analyze attendance.notices")
        taken = conn.execute("select count(*) from attendance.take_notices('a', 100)").fetchone()
        conn.execute("select pg_stat_force_next_flush()")
        (calls,) = conn.execute(
            "select calls from pg_stat_user_functions where funcname = 'untold'"
        ).fetchall()
    assert taken == (100,)
    assert 100 <= calls[0] <= 1000


def database(url: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
