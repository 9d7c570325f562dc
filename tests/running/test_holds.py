"""A person in the loop: what waits is asked about in Airflow, answered by those who may, and applied."""

# long: one running Airflow lives through a story, step by step; its parts mean nothing alone.

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from rostersync.errors import TerminalError
from rostersync.synthetic.generate import generate
from tests.support.desk import Desk, eventually
from tests.support.waiting import until

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.postgres,
    pytest.mark.sftp,
    pytest.mark.slow,
]

NIGHTS = [f"2026-09-{day:02}" for day in range(14, 19)]
PUPILS = "select school_id, count(*) from roster.students where district_id = 'maple' group by 1 order by 1"
DECISIONS = (
    "select slot, action, decided_by, reason from sync.decisions where district_id = 'maple'"
    " order by decision_id"
)
HOLDS = "select slot, kind, state from sync.holds where district_id = 'maple' order by opened_at"


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A night with two schools, and two nights without the first of them, with a new student each."""
    out = tmp_path_factory.mktemp("maple")
    (whole,) = generate(out, students=60, seed=5, nights=1)
    folders = [whole]
    for number in (1, 2):
        folder = out / f"without-{number}"
        shutil.copytree(whole, folder)
        for path in folder.glob("*.csv"):
            leave_out_school(path, "0001")
        add_students(folder / "students.csv", number)
        folders.append(folder)
    return folders


def leave_out_school(path: Path, school: str) -> None:
    with path.open(newline="") as f:
        header, *rows = csv.reader(f)
    at = header.index("school_id")
    with path.open("w", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows(
            [header, *(r for r in rows if r[at] != school)]
        )


def add_students(path: Path, count: int) -> None:
    """The last row again under other ids."""
    header, *rows = path.read_text().splitlines()
    at = header.split(",").index("student_id")
    for n in range(count):
        cells = rows[-1].split(",")
        cells[at] = f"new{n}"
        rows.append(",".join(cells))
    path.write_text("\n".join([header, *rows]) + "\n")


def night(desk: Desk, upload: Path, slot: str) -> str:
    """One night through its DAG, from the archive; how it ended."""
    desk.land("maple", upload, slot)
    run = desk.run("core__maple", slot=slot, source="archive")
    assert desk.ops.run("core__maple", run)["state"] == "success"
    ((outcome,),) = desk.ask("select outcome from sync.runs where airflow_run_id = %s", run)
    return outcome


def ask(desk: Desk, waiting: int) -> list[dict[str, Any]]:
    """What people are asked about, after DAG ``ask`` has looked."""
    before = scheduler_said(desk)
    run = desk.run("ask")
    assert desk.ops.run("ask", run)["state"] == "success"
    assert eventually(lambda: len(desk.ops.required_actions()) == waiting, 60)
    actions = desk.ops.required_actions()
    for (
        action
    ) in actions:  # Airflow asks anew when it is answered before it knows how the asking ended
        asking = action["task_instance"]["dag_run_id"]
        known = re.compile(rf"executor event with state success .*task_id='ask', run_id='{asking}'")
        assert until(lambda known=known: known.search(scheduler_said(desk)[len(before) :]), 30)
    return actions


def scheduler_said(desk: Desk) -> str:
    assert desk.stack.airflow
    return (desk.stack.airflow.folder / "logs" / "scheduler.log").read_text()


def answer(desk: Desk, user: str, option: str, **given: Any) -> str:
    """Answer the one required action as a user; the state of its run afterwards."""
    assert desk.stack.airflow
    (action,) = desk.ops.required_actions()
    run = action["task_instance"]["dag_run_id"]
    desk.stack.airflow.client(user).answer("holds", run, "ask", option, given)
    return desk.ops.wait_for_run("holds", run, timeout=90)


def forge(desk: Desk, user: str, name: str) -> None:
    """An answer in somebody else's name, as a value of the task that is set to success: an error."""
    assert desk.stack.airflow
    (action,) = desk.ops.required_actions()
    run = action["task_instance"]["dag_run_id"]
    task = f"/api/v2/dags/holds/dagRuns/{run}/taskInstances/ask"
    answer = {"option": "Approve", "input": {"reason": "as agreed"}, "by": {"id": name}}
    as_user = desk.stack.airflow.client(user)
    as_user.send("POST", f"{task}/xcomEntries", json={"key": "return_value", "value": answer})
    as_user.send("PATCH", task, json={"new_state": "success"})
    assert desk.ops.wait_for_run("holds", run, timeout=90) == "failed"
    assert desk.ops.task_states("holds", run) == {"ask": "success", "tell": "failed"}


def is_ended(desk: Desk, slot: str) -> bool:
    """Nobody is asked about that night any more."""
    runs = [run["dag_run_id"] for run in desk.ops.runs("holds")]
    mine = [run for run in runs if run.startswith(f"maple__core__{slot}__")]
    return {desk.ops.task_states("holds", run)["ask"] for run in mine} == {"skipped"}


def fetch(desk: Desk, url: str, user: str | None) -> httpx.Response:
    """A page as a browser of that user gets it."""
    assert desk.stack.airflow
    airflow = desk.stack.airflow
    with httpx.Client(trust_env=False) as http:
        if user:
            login = {"username": user, "password": airflow.users[user]}
            token = http.post(f"{airflow.url}/auth/token", json=login).json()["access_token"]
            http.cookies.set("_token", token)
        return http.get(url)


def outbox_folder(desk: Desk, slot: str) -> Path:
    assert desk.stack.sftp
    return desk.stack.sftp.root / "maple" / "outbox" / slot


def outbox(desk: Desk, slot: str) -> list[str]:
    """What the district finds on its account."""
    return sorted(path.name for path in outbox_folder(desk, slot).iterdir())


def test_a_district_begins_and_loses_a_school_only_when_a_person_says_so(
    desk: Desk, uploads: list[Path]
) -> None:
    # The first upload waits as a whole. It lacks a school, and the district sends it again.
    assert night(desk, uploads[1], NIGHTS[0]) == "held"
    (action,) = ask(desk, 1)
    assert "| students | 60 |" not in action["body"]
    assert night(desk, uploads[0], NIGHTS[0]) == "held"
    assert desk.ask(PUPILS) == []
    assert outbox(desk, NIGHTS[0]) == ["HELD", "errors.csv", "summary.html"]
    (action,) = ask(desk, 1)
    assert "first upload waits" in action["subject"]
    assert "| students | 60 |" in action["body"]
    with pytest.raises(TerminalError) as refused:
        answer(desk, "viewer", "Approve", reason="let me in")
    assert refused.value.where["status"] == 403
    forge(desk, "operator", "admin")
    assert desk.ask(DECISIONS) == []
    assert desk.ask(PUPILS) == []
    ask(desk, 1)
    assert answer(desk, "operator", "Approve", reason="counts as agreed") == "success"
    assert sum(count for _, count in desk.ask(PUPILS)) == 60
    assert desk.ask(DECISIONS) == [(NIGHTS[0], "approve", "operator", "counts as agreed")]
    assert outbox(desk, NIGHTS[0]) == ["ACCEPTED", "errors.csv", "summary.html"]

    # A school is missing: the rest loads, the school stays, and a person is asked.
    before = dict(desk.ask(PUPILS))
    assert night(desk, uploads[1], NIGHTS[1]) == "loaded"
    after = dict(desk.ask(PUPILS))
    assert after["0001"] == before["0001"]
    assert after["0002"] == before["0002"] + 1
    (action,) = ask(desk, 1)
    assert "schools:gone:0001" in action["body"]
    assert re.search(rf"\| 0001 .*\| students \|  \|  \| {before['0001']} \|", action["body"])
    (url,) = re.findall(r"\((http[^)]+changes.csv)\)", action["body"])
    assert [fetch(desk, url, user).status_code for user in (None, "viewer", "operator")] == [
        401,
        403,
        200,
    ]
    listed = list(csv.DictReader(fetch(desk, url, "operator").text.lstrip("\ufeff").splitlines()))
    assert len([row for row in listed if row["entity"] == "students"]) == before["0001"]
    assert {row["change"] for row in listed} == {"removed"}

    # The same again the next night: the same hold, asked about once, for the new night.
    assert night(desk, uploads[2], NIGHTS[2]) == "loaded"
    (action,) = ask(desk, 1)
    assert action["task_instance"]["dag_run_id"].startswith(f"maple__core__{NIGHTS[2]}__")
    assert f"It has waited since {NIGHTS[1]}" in action["body"]
    assert eventually(lambda: is_ended(desk, NIGHTS[1]), 60)

    # An answer without a reason decides nothing, and is asked for again.
    chosen = {"bundles": ["schools:gone:0001"], "discard_until": None}
    assert answer(desk, "operator", "Approve", reason=" ", **chosen) == "failed"
    assert dict(desk.ask(PUPILS))["0001"] == before["0001"]
    (action,) = ask(desk, 1)
    assert answer(desk, "admin", "Approve", reason="the school closed", **chosen) == "success"
    assert "0001" not in dict(desk.ask(PUPILS))
    once = [(NIGHTS[2], "approve", "admin", "the school closed")]
    assert desk.ask(DECISIONS)[1:] == once
    assert outbox(desk, NIGHTS[2])[0] == "ACCEPTED"
    assert ask(desk, 0) == []

    # A try that was killed after the commit is tried again: it finds its own decision.
    run = action["task_instance"]["dag_run_id"]
    desk.ops.clear("holds", run, "ask")
    assert until(lambda: desk.ops.run("holds", run)["state"] != "success", 10)
    assert desk.ops.wait_for_run("holds", run, timeout=90) == "success"
    assert desk.ask(DECISIONS)[1:] == once

    # The district is told then, too.
    marker = outbox_folder(desk, NIGHTS[2]) / "ACCEPTED"
    marker.rename(marker.with_name("HELD"))
    desk.ops.clear("holds", run, "tell")
    assert until(lambda: outbox(desk, NIGHTS[2])[0] == "ACCEPTED", 60)
    assert desk.ops.wait_for_run("holds", run, timeout=90) == "success"


def test_a_hold_the_next_night_does_not_repeat_is_asked_about_no_more(
    desk: Desk, uploads: list[Path]
) -> None:
    """Runs after the test above, on its district: an old upload, then the right one."""
    assert night(desk, uploads[0], NIGHTS[3]) == "held"
    (action,) = ask(desk, 1)
    assert "the whole upload waits" in action["subject"]
    assert list(action["params"]) == ["reason"]

    assert night(desk, uploads[2], NIGHTS[4]) == "identical"
    assert ask(desk, 0) == []
    assert eventually(lambda: is_ended(desk, NIGHTS[3]), 60)
    assert desk.ask(HOLDS)[-1] == (NIGHTS[3], "set", "superseded")
