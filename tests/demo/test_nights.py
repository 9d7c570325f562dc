"""The whole demo once: real Postgres, SFTP, Airflow's own scheduler; then everything is gone."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.support.processes import listening, processes_of

from rostersync.demo import __main__ as command
from rostersync.demo import uploads
from rostersync.demo.check import problems, read_ended
from rostersync.demo.play import Played
from rostersync.demo.stack import METADATA
from rostersync.ledger import Outcome
from rostersync.ledger.queries import RunSummary, newest_runs

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.sftp,
    pytest.mark.airflow,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]

PERSONAL = re.compile(r"name|email|phone|mobile|address|student_id|parent_id|staff_id|login")
OF_SCHOOLS = ("school_name",)
OURS = {"Testkid", "Testparent", "Testteacher"}


@dataclass
class Finished:
    """What the test looked at while the demo was up, and how it ended."""

    folder: Path
    code: int
    played: Played
    runs: dict[tuple[str, int], RunSummary]
    sabotaged: list[str]
    metadata: str
    ports: set[int]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("demo")
    seen: dict[str, object] = {}

    def look(played: Played) -> None:
        with psycopg.connect(played.reader) as conn:
            runs = newest_runs(conn, newest=100)
            first = played.districts[0]
            night = played.nights[0].isoformat()
            ended = read_ended(conn, first.id, night, airflow="success", before={})
        wrong = replace(first.uploads[0].expected, outcome=Outcome.IDENTICAL)
        slots = [night.isoformat() for night in played.nights]
        stack = played.stack
        assert stack.airflow
        assert stack.sftp
        seen.update(
            played=played,
            runs={(run.district, slots.index(run.slot) + 1): run for run in runs},
            sabotaged=problems(wrong, ended),
            metadata=dump(stack.postgres.dsn(METADATA, METADATA)),
            ports={
                stack.postgres.port,
                stack.sftp.port,
                int(stack.airflow.url.rpartition(":")[2]),
            },
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROSTERSYNC_STATE", str(folder))
        patch.setattr(uploads, "real_upload", lambda: None)  # so that every value is a known one
        code = command.main(["--exit", "--students", "100"], then=look)
    assert seen, f"the demo ended with {code} before its end"
    return Finished(folder, code, **seen)


def dump(url: str) -> str:
    """Every row of Airflow's database as text, without the DAGs themselves."""
    parts = []
    with psycopg.connect(url) as conn:
        tables = conn.execute(
            "select tablename from pg_tables where schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            if table not in ("serialized_dag", "dag_code"):
                query = sql.SQL("select t::text from {} t").format(sql.Identifier(table))
                parts += [row for (row,) in conn.execute(query).fetchall()]
    return "\n".join(parts)


def personal_values(folder: Path) -> set[str]:
    """Values of people in the uploads that cannot be anything else: not a word, not a small number."""
    values = set()
    for path in folder.glob("*/night-*/*.csv"):
        delimiter = ";" if ";" in path.read_text().splitlines()[0] else ","
        for row in csv.DictReader(path.open(newline=""), delimiter=delimiter):
            for column, value in row.items():
                if column in OF_SCHOOLS:  # a required action names the schools it is about
                    continue
                if column and value and PERSONAL.search(column.lower()):
                    values |= {value, re.sub(r"\D", "", value)[-10:]}
    return {v for v in values if len(v) > 9 or v.partition("-")[2] in OURS}


def test_it_exits_with_0(finished):
    assert finished.code == 0
    assert finished.played.problems == []


@pytest.mark.parametrize(
    ("district", "outcomes"),
    [
        ("springfield", ["loaded", "loaded", "rejected"]),
        ("lakeside", ["loaded", "loaded", "loaded"]),
        ("grandbend", ["loaded", "loaded", "identical"]),
    ],
)
def test_every_night_ends_as_it_should(finished, district, outcomes):
    assert [finished.runs[district, night].outcome for night in (1, 2, 3)] == outcomes


def test_nothing_else_ran(finished):
    assert len(finished.runs) == 9


def test_the_bad_rows_of_the_second_night_are_kept_out(finished):
    assert [finished.runs[d, 2].quarantined for d in ("springfield", "lakeside")] == [7, 7]


def test_the_judge_sees_a_night_that_is_not_as_expected(finished):
    assert "the outcome is loaded instead of identical" in finished.sabotaged


def test_no_persons_value_is_in_airflows_database_or_any_log(finished):
    demo = finished.folder / "demo"
    values = personal_values(demo / "uploads")
    assert len(values) > 500
    logs = [path for path in demo.rglob("*.log*") if path.is_file()]
    assert len(logs) > 60  # 9 runs of 7 tasks, and the servers
    text = "\n".join(path.read_text(errors="replace") for path in logs) + finished.metadata
    assert {value for value in values if value in text} == set()


def test_afterwards_nothing_of_it_runs_or_listens(finished):
    assert processes_of(finished.folder) == []
    assert not finished.ports & {port for _, port in listening()}
