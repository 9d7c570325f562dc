"""The whole demo once: real Postgres, SFTP, Airflow's own scheduler; then everything is gone."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from tests.support.processes import listening, processes_of
from tests.support.school_day import client

from rostersync import paths
from rostersync.demo import __main__ as command
from rostersync.demo import uploads
from rostersync.demo.check import problems, read_ended
from rostersync.demo.show import CLIENT, Played
from rostersync.embedded.stack import METADATA
from rostersync.ledger.queries import RunSummary, newest_runs
from rostersync.ledger.results import Outcome
from rostersync.spec import Domain

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
    runs: list[RunSummary]
    sabotaged: list[str]
    early: str
    told: list[str]
    forbidden: list[str]
    metadata: str
    ledger: str
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
            ended = read_ended(conn, first.id, Domain.CORE, night, airflow="success", before={})
        wrong = replace(first.uploads[0].expected, outcome=Outcome.IDENTICAL)
        stack = played.stack
        assert stack.airflow
        assert stack.sftp
        seen.update(
            played=played,
            runs=runs,
            sabotaged=problems(wrong, ended),
            early=send_now(played.messenger),
            told=send_when_due(played),
            forbidden=refused(played.messenger),
            metadata=dump(stack.postgres.dsn(METADATA, METADATA)),
            ledger=dump(stack.warehouse, "sync"),
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


def send_now(url: str) -> str:
    """What the example client says minutes before the notices' time."""
    run = [sys.executable, str(paths.home() / CLIENT), url]
    return subprocess.run(run, check=True, capture_output=True, text=True, timeout=60).stdout


def send_when_due(played: Played) -> list[str]:
    """Notices the example client tells at their time, and at once again."""
    told: list[str] = []

    def tell(notice, contacts):
        assert contacts, "a notice for nobody"
        told.append(notice.notice_id)

    for minutes in (0, 1):
        moment = played.notices[0].send_after + timedelta(minutes=minutes)
        client.send_due(played.messenger, tell, consumer="test", moment=moment)
    return told


def refused(url: str) -> list[str]:
    """What the messenger's login may not do, of what it must not."""
    must_not = [
        "delete from attendance.notices",
        "insert into attendance.notice_days select * from attendance.notice_days",
        "update roster.students set first_name = first_name",
    ]
    found = []
    for statement in must_not:
        with psycopg.connect(url) as conn:
            try:
                conn.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                found.append(statement)
            conn.rollback()
    return found if found != must_not else ["all"]


def dump(url: str, schema: str = "public") -> str:
    """Every row of Airflow's database (or of a schema) as text, without the DAGs themselves."""
    parts = []
    with psycopg.connect(url) as conn:
        query = "select tablename from pg_tables where schemaname = %s"
        for (table,) in conn.execute(query, [schema]).fetchall():
            if table not in ("serialized_dag", "dag_code"):
                query = sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table))
                parts += [row for (row,) in conn.execute(query).fetchall()]
    return "\n".join(parts)


def personal_values(folder: Path) -> set[str]:
    """Values of people in the uploads that cannot be anything else: not a word, not a small number."""
    values = set()
    for path in [*folder.glob("*/night-*/*.csv"), *folder.glob("*/attendance/*.csv")]:
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


def outcomes(finished: Finished, district: str, domain: Domain) -> list[str]:
    runs = [r for r in finished.runs if (r.district, r.domain) == (district, domain)]
    return [run.outcome for run in sorted(runs, key=lambda run: run.slot)]


@pytest.mark.parametrize(
    ("district", "ends"),
    [
        ("springfield", ["loaded", "loaded", "rejected"]),
        ("lakeside", ["loaded", "loaded", "loaded"]),
        ("grandbend", ["loaded", "loaded", "identical"]),
    ],
)
def test_every_night_ends_as_it_should(finished, district, ends):
    assert outcomes(finished, district, Domain.CORE) == ends


def test_terms_and_attendance_are_loaded(finished):
    for domain in (Domain.TERMS, Domain.ATTENDANCE):
        assert outcomes(finished, "springfield", domain) == ["loaded"]


def test_nothing_else_ran(finished):
    assert len(finished.runs) == 11


def test_the_bad_rows_of_the_second_night_are_kept_out(finished):
    night = finished.played.nights[1].isoformat()
    kept_out = {
        r.district: r.quarantined for r in finished.runs if (r.domain, r.slot) == ("core", night)
    }
    assert (kept_out["springfield"], kept_out["lakeside"]) == (
        9,
        7,
    )  # two parents without a contact


def test_the_notices_are_there_before_their_time_and_go_at_it(finished):
    absent, late = finished.played.notices
    assert (absent.notice, absent.pending, absent.unreachable) == ("absent", 6, 1)
    assert (late.notice, late.pending, late.held) == ("late", 0, 24)
    assert late.hold_reason
    assert finished.early == "families told: 0\n"
    assert finished.told == ["absent"] * 6


def test_the_messengers_login_may_do_nothing_else(finished):
    assert finished.forbidden == ["all"]


def test_the_judge_sees_a_night_that_is_not_as_expected(finished):
    assert "the outcome is loaded instead of identical" in finished.sabotaged


def test_no_persons_value_is_in_airflows_database_or_any_log(finished):
    demo = finished.folder / "demo"
    values = personal_values(demo / "uploads")
    assert len(values) > 500
    logs = [path for path in demo.rglob("*.log*") if path.is_file()]
    assert len(logs) > 75  # 11 runs of 7 tasks, and the servers
    text = "\n".join(path.read_text(errors="replace") for path in logs) + finished.metadata
    assert {value for value in values if value in text} == set()
    absent = demo / "uploads" / "springfield" / "attendance" / "attendance.csv"
    with absent.open(newline="") as file:
        ids = {row["student_id"] for row in csv.DictReader(file)}
    assert len(ids) == 31
    assert ids & set(re.findall(r"\w+", text)) == set()


def test_no_persons_value_is_in_what_districts_and_data_ops_are_told(finished):
    demo = finished.folder / "demo"
    values = personal_values(demo / "uploads")
    reports = [p for p in demo.rglob("outbox/*/*") if p.is_file()]
    kinds = {path.name for path in reports}
    assert {"summary.html", "errors.csv", "ACCEPTED", "REJECTED"} <= kinds
    assert "docs/runbooks/rejected-upload.md" in finished.ledger, "a digest was raised"
    pages = list(demo.rglob("docs-*/*.html"))
    assert {"index.html", "students.html", "terms.html", "attendance.html"} <= {
        p.name for p in pages
    }
    told = "\n".join(path.read_text() for path in (*reports, *pages)) + finished.ledger
    assert {value for value in values if value in told} == set()


def test_afterwards_nothing_of_it_runs_or_listens(finished):
    assert processes_of(finished.folder) == []
    assert not finished.ports & {port for _, port in listening()}
