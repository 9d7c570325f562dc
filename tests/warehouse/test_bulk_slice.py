"""A slice is merged in time that grows with its rows, whatever the planner believes of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest

from rostersync.fold import EntityDiff
from rostersync.spec import ENTITIES
from rostersync.warehouse.splice import merge_newest

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

ROWS = 100_000


LOG = (
    "roster_log.student_schools"
    " (district_id, slot, op, student_id, school_id, _run_id, _file_sha256, _line)"
)
ONE = EntityDiff("0" * 32, ROWS)


@pytest.fixture
def conn(warehouse: str) -> Iterator[psycopg.Connection]:
    """The log is known to hold a night each of many districts, current to be nearly empty."""
    with psycopg.connect(warehouse, autocommit=True) as conn:
        conn.execute(
            f"insert into {LOG} select 'd' || n, '2026-08-01', 'I', 's', '1', gen_random_uuid(), 'x', 2"
            " from generate_series(1, 3000) n"
        )
        conn.execute("analyze roster_log.student_schools, roster.student_schools")
        yield conn


def slice_of(conn: psycopg.Connection, op: str, slot: str, told: EntityDiff) -> None:
    """A slice of so many rows as a district has is merged."""
    with conn.transaction():
        conn.execute("set local statement_timeout = '15s'")
        conn.execute(
            f"insert into {LOG} select 'new', %s, %s, 's' || n, '1', gen_random_uuid(), 'x', n"
            " from generate_series(1, %s) n",
            [slot, op, ROWS],
        )
        where = {"district": "new", "slot": slot}
        merge_newest(conn, ENTITIES["student_schools"], told, where)


def lines(conn: psycopg.Connection) -> list[tuple[Any, ...]]:
    return conn.execute(
        "select _first_slot, _changed_slot, count(*) from roster.student_schools group by 1, 2"
    ).fetchall()


def test_nights_of_many_rows(conn: psycopg.Connection) -> None:
    slice_of(conn, "I", "2026-09-01", replace(ONE, added=ROWS))
    first, second = date(2026, 9, 1), date(2026, 9, 2)
    assert lines(conn) == [(first, first, ROWS)]
    slice_of(conn, "U", "2026-09-02", replace(ONE, changed=ROWS))
    assert lines(conn) == [(first, second, ROWS)]
    slice_of(conn, "D", "2026-09-03", replace(ONE, rows=0, removed=ROWS))
    assert lines(conn) == []
