"""A first night is merged in time that grows with its rows, whatever the planner believes of the tables."""

from __future__ import annotations

import psycopg
import pytest

from rostersync.ledger import EntityDiff
from rostersync.spec import ENTITIES
from rostersync.warehouse.splice import merge_newest

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

ROWS = 100_000


def test_first_night_of_many_rows(warehouse: str) -> None:
    with psycopg.connect(warehouse, autocommit=True) as conn:
        conn.execute(  # the log is known to hold a night each of many districts, current to be nearly empty
            "insert into roster_log.student_schools (district_id, slot, op, student_id, school_id, _run_id,"
            " _file_sha256, _line) select 'd' || n, '2026-08-01', 'I', 's', '1', gen_random_uuid(), 'x', 2"
            " from generate_series(1, 3000) n"
        )
        conn.execute("analyze roster_log.student_schools, roster.student_schools")
        with conn.transaction():
            conn.execute("set local statement_timeout = '15s'")
            conn.execute(
                "insert into roster_log.student_schools (district_id, slot, op, student_id, school_id,"
                " _run_id, _file_sha256, _line) select 'new', '2026-09-01', 'I', 's' || n, '1',"
                " gen_random_uuid(), 'x', n from generate_series(1, %s) n",
                [ROWS],
            )
            told = EntityDiff("0" * 32, ROWS, added=ROWS)
            where = {"district": "new", "slot": "2026-09-01"}
            merge_newest(conn, ENTITIES["student_schools"], told, where)
        count = conn.execute("select count(*) from roster.student_schools").fetchone()
    assert count == (ROWS,)
