"""The same day with crashes, repeats and replays tells the same families the same things."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from typing import Any

import pytest

from rostersync.embedded.sftp_server import SftpServer
from rostersync.pipeline.steps.land import land_folder
from rostersync.pipeline.steps.retry import retry_unknown_students
from rostersync.pipeline.steps.sync import replay
from rostersync.spec import Domain
from tests.integration.conftest import Begin
from tests.support.school_day import DAY, ELEMENTARY, SECONDARY, Row, SchoolDay, absent

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SEEDS = range(int(os.environ.get("ROSTERSYNC_EXAMPLES", "2")))
FIRST = int(os.environ.get("ROSTERSYNC_SEED", "1"))
STAGES = ("locked", "copied", "merged", "recorded", "notified", "before_commit", "committed")
TIMES = {
    "09:15": ("09:00", "09:08", "09:14", "09:20", "09:40"),
    "10:30": ("10:05", "10:20", "10:29", "10:41"),
    "15:00": ("14:40", "14:59", "15:10"),
    "18:00": ("18:00",),
}
SENDS = ("09:15", "09:25", "10:30", "10:45", "15:00", "15:20")


def random_rows(rng: random.Random) -> list[Row]:
    """A few absences, now and then nearly all of a school, none of one or of both, and of another day."""
    share = 0.8 if rng.random() < 0.1 else 0.12
    lacks = rng.choice((*[None] * 6, (ELEMENTARY,), (SECONDARY,), (ELEMENTARY, SECONDARY)))
    rows: list[Row] = []
    for students, periods in ((ELEMENTARY, ("all_day",)), (SECONDARY, ("all_day", "1", "2"))):
        for student in students if students not in (lacks or ()) else ():
            if rng.random() < share:
                code = rng.choice(("A", "A", "A", "T", "E", "a"))
                rows += absent(student, period=rng.choice(periods), code=code)
    if rng.random() < 0.2:
        rows += absent("e9", day="2026-09-01")
    return rows


def random_day(rng: random.Random) -> list[tuple[str, str, list[Row]]]:
    """What happens in order: (time, slot or nothing for a sender's turn, rows)."""
    files = [
        (time, slot, random_rows(rng))
        for slot, times in TIMES.items()
        for time in times
        if rng.random() < 0.6
    ]
    sends: list[tuple[str, str, list[Row]]] = [(time, "", []) for time in SENDS]
    return sorted(files + sends, key=lambda act: (act[0], act[1] == ""))


def as_it_should(day: SchoolDay, acts: list[tuple[str, str, list[Row]]]) -> None:
    for time, slot, rows in acts:
        if slot:
            day.file(time, rows, slot=slot)
        else:
            day.send(time)


def disturbed(day: SchoolDay, acts: list[tuple[str, str, list[Row]]], rng: random.Random) -> None:
    landed: list[tuple[str, int]] = []
    for time, slot, rows in acts:
        if slot:
            die_at = rng.choice((None, *STAGES))
            landing = day.disturbed(time, rows, slot=slot, die_at=die_at)
            landed.append((f"{DAY}T{slot}", landing))
        else:
            day.send(time)
        if landed and rng.random() < 0.6:
            day.load(*rng.choice(landed), day.at(time) + timedelta(minutes=1))
    later = rng.choice((day.at("18:30"), day.at("09:10", "2026-09-03")))
    for slot, landing in landed:
        day.load(slot, landing, later)


def outcome(day: SchoolDay) -> dict[str, Any]:
    columns = "notice_id, student_id, state, events, send_after, taken_at, acknowledged_at"
    return {
        "told": sorted(day.told),
        "notices": day.table(f"{columns}, date_trunc('minute', withdrawn_at)"),
        "days": day.rows(
            "select notice_id, slot, file_slot, file_landing, hold_reason from attendance.notice_days"
            " order by 1, 2"
        ),
    }


@pytest.mark.parametrize("seed", [FIRST + n for n in SEEDS])
def test_crashes_and_repeats_tell_nobody_twice_and_nobody_less(
    seed: int, begin: Begin, server: SftpServer
) -> None:
    acts = random_day(random.Random(seed))
    calm, wild = begin(server=server), begin(server=server)
    as_it_should(calm, acts)
    disturbed(wild, acts, random.Random(seed))
    assert calm.told != [], "a day on which nobody is told shows nothing"
    assert outcome(wild) == outcome(calm)
    once = {(notice, student) for notice, student, _ in wild.told}
    assert len(once) == len(wild.told)
    withdrawn = {s for _, s, state, _ in wild.table() if state == "withdrawn"}  # may be told anew
    said = [
        (student, period, code)
        for _, student, told in wild.told
        if student not in withdrawn
        for period, code in zip(told.split()[::2], told.split()[1::2], strict=True)
    ]
    assert len(set(said)) == len(said), "the same thing was told twice"


def test_a_replay_and_a_retry_after_the_night_tell_nobody(begin: Begin, server: SftpServer) -> None:
    day = begin(server=server)
    day.file("09:00", absent("e1", "e2"))
    day.send("09:15")
    before = outcome(day)
    run = day.run(Domain.ATTENDANCE, f"{DAY}T09:15")
    replay(run, revalidate=True)
    day.night(DAY)
    retry_unknown_students(day.run(Domain.CORE, DAY))
    assert outcome(day) == before


def test_a_student_who_was_unknown_is_known_after_the_night_and_never_told(
    begin: Begin, server: SftpServer
) -> None:
    day = begin(server=server)
    day.file("09:00", absent("e1", "e21"))
    day.night(more=["e21"], now=day.at("09:05"))
    students = "select student_id from attendance.events order by 1"
    assert day.rows(students) == [("e1",), ("e21",)]
    assert day.send("09:15") == ["e1 all_day A"]


def test_a_late_slot_before_a_loaded_one_writes_nothing(begin: Begin, server: SftpServer) -> None:
    day = begin(server=server)
    day.file("09:05", absent("e1", "e2"))
    day.file("09:10", absent("e1", "e3", "e4"), slot="08:50")
    assert day.send("09:15") == ["e1 all_day A", "e2 all_day A"]
    assert day.rows("select file_slot from attendance.notice_days") == [(f"{DAY}T09:15",)]


def test_a_late_slot_before_one_that_says_nothing_of_the_day_is_told(
    begin: Begin, server: SftpServer
) -> None:
    day = begin(server=server)
    day.file("09:05", absent("e1", day="2026-09-01"))
    day.file("09:10", absent("e2"), slot="08:50")
    assert day.send("09:15") == ["e2 all_day A"]


def test_a_file_that_is_loaded_after_the_notice_tells_the_others(
    begin: Begin, server: SftpServer
) -> None:
    day = begin(server=server)
    day.file("09:00", absent("e1", "e2"))
    slot = f"{DAY}T09:15"
    folder = day.upload(absent("e1", "e2", "e3"))
    landing = land_folder(day.run(Domain.ATTENDANCE, slot), folder, now=day.at("09:14"))
    assert day.send("09:15") == ["e1 all_day A", "e2 all_day A"]
    day.load(slot, landing, day.at("09:17"))
    assert day.send("09:18") == ["e3 all_day A"], "it came in time, and was loaded late"


def test_a_released_notice_survives_a_repeat(begin: Begin, server: SftpServer) -> None:
    day = begin(server=server)
    landing = day.disturbed("09:00", absent(*ELEMENTARY), slot="09:15", die_at="committed")
    day.release("09:05")
    day.load(f"{DAY}T09:15", landing, day.at("09:06"))
    assert len(day.send("09:15")) == 20
