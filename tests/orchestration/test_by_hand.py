"""The DAGs run by hand: what would a sync do, and is the warehouse what was loaded?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.orchestration.night import Night, Sync

pytestmark = [pytest.mark.airflow, pytest.mark.postgres, pytest.mark.sftp, pytest.mark.slow]

NIGHT = datetime(2026, 9, 14, 20, 12, tzinfo=ZoneInfo("America/Denver"))
ROWS = "select count(*) from roster.students"
RUNS = "select count(*) from sync.runs"


def what_if(sync: Sync, **conf: str) -> Night:
    from airflow.dag_processing.dagbag import DagBag

    run = DagBag().dags["what_if"].test(run_conf={"district": "aspen", **conf})
    return sync.night(run.run_id)


def test_it_tells_what_a_night_would_do_and_writes_nothing(sync: Sync) -> None:
    sync.upload(1, at=NIGHT)
    told = what_if(sync, slot="2026-09-14")
    assert told.state == "success"
    result = told.xcoms["rehearse"]["return_value"]
    assert (result["outcome"], result["changes"]["students"]["added"]) == ("loaded", 60)
    assert sync.ask(ROWS) == sync.ask(RUNS) == [(0,)]
    assert not list(Path(sync.archive).rglob("landing-*"))

    assert sync.run(slot="2026-09-14", wait_minutes=0).state == "success"
    students = sync.server.root / "aspen" / "students.csv"
    lines = students.read_text().splitlines()
    students.write_text("\n".join(lines[:45]) + "\n")
    result = what_if(sync, slot="2026-09-15").xcoms["rehearse"]["return_value"]
    assert result["outcome"] == "loaded"
    assert {h["entity"] for h in result["holds"]} == {
        "students",
        "student_schools",
        "parents",
        "rosters",
    }
    assert {h["bundle"] for h in result["holds"]} == {1}, "what is tied is decided as one"
    assert (sync.ask(ROWS), sync.ask(RUNS)) == ([(60,)], [(1,)])


def test_the_weekly_look_is_red_until_drift_is_repaired(sync: Sync) -> None:
    from airflow.dag_processing.dagbag import DagBag

    def drift(**conf: object) -> Night:
        return sync.night(DagBag().dags["drift"].test(run_conf=conf).run_id)

    sync.upload(1, at=NIGHT)
    assert sync.run(slot="2026-09-14", wait_minutes=0).state == "success"
    assert drift().state == "success"
    with psycopg.connect(sync.warehouse) as conn:
        conn.execute("update roster.students set first_name = 'Odd' where student_id = '0000001'")
    found = drift()
    assert (found.state, found.states["compare_all"]) == ("failed", "failed")
    assert "1 row different" in str(found.xcoms["compare_all"]["failure"])
    assert drift(district="aspen", repair=True).state == "success"
    assert drift().state == "success"


def test_an_upload_that_would_be_rejected_is_an_answer(sync: Sync) -> None:
    sync.upload(1, at=NIGHT)
    (sync.server.root / "aspen" / "students.csv").write_text("no such column\n1\n")
    told = what_if(sync, slot="2026-09-14")
    assert told.state == "success"
    assert told.xcoms["rehearse"]["return_value"]["outcome"] == "rejected"
    assert sync.ask(RUNS) == [(0,)]
