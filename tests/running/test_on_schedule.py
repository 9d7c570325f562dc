"""Terms and attendance by the clock: the real scheduler starts them; silence before a notice is told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rostersync.embedded.sftp_server import upload_as_district
from tests.support.clock import zone_at_noon
from tests.support.desk import BY_CLOCK, Desk, eventually
from tests.support.mail import MailServer, text_of
from tests.support.uploads import EVENTS, write_csv

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
  starts_before: 2m
  notices: [{{id: soon, at: "{notice:%H:%M}", periods: ["1"], codes: [A]}}]
calendar_days: {{weekdays: {days}}}
alerts: {{email: [ops@example.org]}}
"""
TERMS = ("school_id", "term_id", "term_name", "start_date", "end_date", "school_year")
ZONE = zone_at_noon()
AHEAD = timedelta(seconds=45)
"""The DAG processor reads the districts' files meanwhile."""
LEAD = timedelta(minutes=2)
SENDS, SILENT = BY_CLOCK


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def clockwork(any_desk: Desk, mail: MailServer) -> Desk:
    """Airflow with its clock on, and no district yet."""
    for configuration in (any_desk.folder / "districts").iterdir():
        configuration.unlink()
    any_desk.schedule_by(
        {
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "True",
            "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(mail.connection),
        }
    )
    return any_desk


def test_terms_and_attendance_start_by_the_clock_and_silence_is_told_once(
    clockwork: Desk, mail: MailServer, generated: Path, tmp_path: Path
) -> None:
    configure(clockwork, datetime.now(ZONE) + timedelta(hours=8))
    yesterday = (datetime.now(ZONE) - timedelta(days=1)).date().isoformat()
    where = (clockwork.stack.warehouse, "archive")
    for district in BY_CLOCK:
        assert clockwork.cli("sync", district, generated / "night-1", yesterday, *where) == 0
    notice = configure(clockwork, soon())
    clockwork.parse("core.py", "terms.py", "attendance.py")
    students = "select school_id, student_id from roster.students where district_id = %s order by 2"
    absent = clockwork.ask(f"{students} limit 3", SENDS)
    school = absent[0][0]
    day = notice.astimezone(ZONE).date()
    year = [f"{day.year}-01-01", f"{day.year}-12-31", day.year]
    write_csv(tmp_path / "terms.csv", TERMS, [[school, "t1", "Whole year", *year]])
    send(clockwork, {"terms.csv": tmp_path / "terms.csv"})
    rows = [[*one, day.isoformat(), "1", "A"] for one in absent]
    write_csv(tmp_path / "attendance.csv", EVENTS, rows)
    send(clockwork, {"attendance.csv": tmp_path / "attendance.csv"})
    known = [f"{domain}__{d}" for d in BY_CLOCK for domain in ("terms", "attendance")]
    assert eventually(lambda: clockwork.knows(*known), 60), clockwork.ops.import_errors()
    assert datetime.now(UTC) < notice - LEAD, "the DAGs were there before their time"

    for dag in (f"terms__{SENDS}", f"attendance__{SENDS}"):
        assert eventually(lambda dag=dag: ended(clockwork, dag), 300), dag
        (run,) = clockwork.ops.runs(dag)
        assert (run["state"], run["run_type"]) == ("success", "scheduled"), dag
    assert clockwork.ask("select count(*) > 0 from roster.terms") == [(True,)]
    told = clockwork.ask("select district_id, state, send_after from attendance.notices")
    assert told == [(SENDS, "pending", notice)] * 3

    assert eventually(lambda: bool(mail.mails), 120), f"{SILENT} sent nothing"
    assert datetime.now(UTC) < notice + timedelta(minutes=1)
    (one,) = mail.mails
    assert one["Subject"] == f"{SILENT}: no attendance for notice soon"
    assert "no new file on the server" in text_of(one)
    alerts = "select kind, district_id, delivered_at is not null from sync.alerts where district_id = any(%s)"
    assert clockwork.ask(alerts, [*BY_CLOCK]) == [("missing_attendance", SILENT, True)]

    look = clockwork.ops.trigger("heartbeat")
    assert clockwork.ops.wait_for_run("heartbeat", look, timeout=60) == "success"
    assert len(mail.mails) == 1, "both districts are younger than their last night"


def soon() -> datetime:
    """The next full minute that is far enough."""
    return (datetime.now(ZONE) + AHEAD + timedelta(minutes=1)).replace(second=0, microsecond=0)


def configure(desk: Desk, start: datetime) -> datetime:
    """Terms and the wait of the notice begin at ``start``; the notice's time in UTC."""
    notice = start + LEAD
    for district in BY_CLOCK:
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
    upload_as_district(desk.stack.sftp.account(SENDS), files, mtime=time.time())


def ended(desk: Desk, dag: str) -> bool:
    return any(run["state"] in ("success", "failed") for run in desk.ops.runs(dag))
