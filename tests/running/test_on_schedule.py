"""Terms and attendance by the clock: the real scheduler starts them; silence before a notice is told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rostersync.embedded.sftp_server import upload_as_district
from rostersync.synthetic.generate import generate
from tests.support.clock import zone_at_noon
from tests.support.desk import Desk, running_stack
from tests.support.mail import MailServer, text_of
from tests.support.uploads import EVENTS, write_csv
from tests.support.waiting import until

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.postgres,
    pytest.mark.sftp,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]

EVERY_DAY = "[mon, tue, wed, thu, fri, sat, sun]"
YAML = """
id: {id}
name: {id} Test District
timezone: {zone}
core: {{at: "{far}", quiet: 1s}}
first_load: auto
terms: {{day: {day}, at: "{start:%H:%M}"}}
attendance:
  codes: {{A: Absent}}
  starts_before: 3m
  notices: [{{id: soon, at: "{notice:%H:%M}", periods: ["1"], codes: [A]}}]
calendar_days: {{weekdays: {days}}}
alerts: {{email: [ops@example.org]}}
"""
TERMS = ("school_id", "term_id", "term_name", "start_date", "end_date", "school_year")
ZONE = zone_at_noon()
AHEAD = timedelta(seconds=120)
"""The DAG processor reads the districts' files meanwhile."""
LEAD = timedelta(minutes=3)


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def clockwork(tmp_path_factory: pytest.TempPathFactory, mail: MailServer) -> Iterator[Desk]:
    """Two districts' accounts and Airflow with its clock on."""
    folder = tmp_path_factory.mktemp("clockwork")
    (folder / "districts").mkdir()
    environment = {"AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(mail.connection)}
    with running_stack(folder, ("aspen", "cedar"), environment) as desk:
        yield desk


def test_terms_and_attendance_start_by_the_clock_and_silence_is_told_once(
    clockwork: Desk, mail: MailServer, tmp_path: Path
) -> None:
    (night,) = generate(tmp_path, students=60, seed=7, nights=1)
    configure(clockwork, datetime.now(ZONE) + timedelta(hours=8))
    yesterday = (datetime.now(ZONE) - timedelta(days=1)).date().isoformat()
    where = (clockwork.stack.warehouse, "archive")
    for district in ("aspen", "cedar"):
        assert clockwork.cli("sync", district, night, yesterday, *where) == 0
    notice = configure(clockwork, soon())
    school = clockwork.ask("select min(school_id) from roster.schools")[0][0]
    day = notice.astimezone(ZONE).date()
    year = [f"{day.year}-01-01", f"{day.year}-12-31", day.year]
    write_csv(tmp_path / "terms.csv", TERMS, [[school, "t1", "Whole year", *year]])
    send(clockwork, {"terms.csv": tmp_path / "terms.csv"})
    absent = clockwork.ask(
        "select school_id, student_id from roster.students where district_id = 'aspen' order by 2 limit 3"
    )
    rows = [[*one, day.isoformat(), "1", "A"] for one in absent]
    write_csv(tmp_path / "attendance.csv", EVENTS, rows)
    send(clockwork, {"attendance.csv": tmp_path / "attendance.csv"})
    known = {f"{domain}__{d}" for d in ("aspen", "cedar") for domain in ("terms", "attendance")}
    assert until(lambda: known <= set(clockwork.ops.dag_ids()), 110), clockwork.ops.import_errors()
    assert datetime.now(UTC) < notice - LEAD, "the DAGs were there before their time"

    for dag in ("terms__aspen", "attendance__aspen"):
        assert until(lambda dag=dag: ended(clockwork, dag), 300), dag
        (run,) = clockwork.ops.runs(dag)
        assert (run["state"], run["run_type"]) == ("success", "scheduled"), dag
    assert clockwork.ask("select count(*) > 0 from roster.terms") == [(True,)]
    told = clockwork.ask("select district_id, state, send_after from attendance.notices")
    assert told == [("aspen", "pending", notice)] * 3

    assert until(lambda: bool(mail.mails), 120), "cedar sent nothing"
    assert datetime.now(UTC) < notice + timedelta(minutes=1)
    (one,) = mail.mails
    assert one["Subject"] == "cedar: no attendance for notice soon"
    assert "no new file on the server" in text_of(one)
    assert clockwork.ask("select kind, district_id, delivered_at is not null from sync.alerts") == [
        ("missing_attendance", "cedar", True)
    ]

    look = clockwork.ops.trigger("heartbeat")
    assert clockwork.ops.wait_for_run("heartbeat", look, timeout=60) == "success"
    assert len(mail.mails) == 1, "both districts are younger than their last night"


def soon() -> datetime:
    """The next full minute that is far enough."""
    return (datetime.now(ZONE) + AHEAD + timedelta(minutes=1)).replace(second=0, microsecond=0)


def configure(desk: Desk, start: datetime) -> datetime:
    """Terms and the wait of the notice begin at ``start``; the notice's time in UTC."""
    notice = start + LEAD
    for district in ("aspen", "cedar"):
        yaml = YAML.format(
            id=district,
            zone=ZONE.key,
            far=f"{start - timedelta(hours=1):%H:%M}",
            day=f"{start:%a}".lower(),
            days=EVERY_DAY,
            start=start,
            notice=notice,
        )
        desk.config(district).write_text(yaml)
    return notice.astimezone(UTC)


def send(desk: Desk, files: dict[str, Path]) -> None:
    assert desk.stack.sftp
    upload_as_district(desk.stack.sftp.account("aspen"), files, mtime=time.time())


def ended(desk: Desk, dag: str) -> bool:
    return any(run["state"] in ("success", "failed") for run in desk.ops.runs(dag))
