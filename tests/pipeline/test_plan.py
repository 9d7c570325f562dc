"""Where a slot's files come from: the archive or the server, by what lies there and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from rostersync.errors import MissingLandingError
from rostersync.landing import Source, WaitPlan
from rostersync.pipeline.steps.land import land_folder
from tests.pipeline.one_slot import SENT, SLOT, TOMORROW, TONIGHT, OneSlot

pytestmark = [pytest.mark.postgres, pytest.mark.sftp, pytest.mark.slow]


def took(plan: WaitPlan) -> tuple[bool, int | None]:
    return plan.looks, plan.landing


def test_a_slot_without_a_landing_takes_what_was_sent_in_its_own_time(desk: OneSlot) -> None:
    tomorrow = desk.plan()
    assert took(tomorrow) == (True, None)
    start, end = tomorrow.window
    assert end == datetime(2026, 9, 2, 10, tzinfo=UTC).timestamp()
    assert end - start == timedelta(days=1).total_seconds()
    assert desk.plan(now=TONIGHT).window == (None, None)


def test_a_landing_of_a_night_that_is_over_is_taken_without_a_look(desk: OneSlot) -> None:
    assert desk.land_from_server("s1") == 1
    assert took(desk.plan()) == (False, 1)


def test_until_the_wait_ends_a_newer_upload_may_come(desk: OneSlot) -> None:
    desk.land_from_server("s1")
    plan = desk.plan(now=TONIGHT)
    assert took(plan) == (True, 1)
    assert {(name, mtime) for name, _, mtime in plan.landed} == {
        (name, SENT) for name in ("schools", "students", "parents", "staff", "sections", "rosters")
    }


def test_the_server_is_looked_at_again_when_the_newest_landing_was_rejected(desk: OneSlot) -> None:
    desk.reject(desk.land_from_server("s1"))
    assert took(desk.plan()) == (True, 1)
    assert desk.land_from_server("s1", "s2", at=SENT + 60) == 2
    assert took(desk.plan()) == (False, 2)


def test_what_was_landed_from_a_folder_is_not_taken_for_what_lies_on_the_server(
    desk: OneSlot,
) -> None:
    desk.land_from_server("s1")
    assert land_folder(desk.run, desk.upload("s1", "s2")) == 2
    plan = desk.plan(now=TONIGHT)
    assert took(plan) == (True, 2)
    assert {mtime for *_, mtime in plan.landed} == {SENT}


def test_a_landing_is_as_fresh_as_the_file_on_the_server_and_a_folder_as_its_naming(
    desk: OneSlot,
) -> None:
    named = datetime(2026, 9, 2, 2, tzinfo=UTC)
    desk.land_from_server("s1")
    desk.land_from_server("s1", at=SENT + 60)
    land_folder(desk.run, desk.upload("s1", "s2"), now=named)
    with psycopg.connect(desk.warehouse) as conn:
        fresh = conn.execute("select landing, fresh_at from sync.landings order by 1").fetchall()
    sent_again = datetime.fromtimestamp(SENT + 60, UTC)
    assert fresh == [(1, sent_again), (2, named)]


def test_archive_takes_the_newest_landing_whatever_became_of_it(desk: OneSlot) -> None:
    desk.reject(desk.land_from_server("s1"))
    for now in (TONIGHT, TOMORROW):
        assert took(desk.plan(Source.ARCHIVE, now)) == (False, 1)


def test_server_looks_whatever_the_archive_has(desk: OneSlot) -> None:
    desk.land_from_server("s1")
    assert took(desk.plan(Source.SERVER)) == (True, None)


def test_folder_takes_only_what_was_put_there(desk: OneSlot) -> None:
    land_folder(desk.run, desk.upload("s1", "s2"))
    desk.land_from_server("s1")
    assert took(desk.plan(Source.FOLDER)) == (False, 1)
    assert took(desk.plan(Source.ARCHIVE)) == (False, 2)


@pytest.mark.parametrize("source", [Source.ARCHIVE, Source.FOLDER])
def test_what_is_not_there_is_an_error_that_says_how_to_put_it_there(
    desk: OneSlot, source: Source
) -> None:
    if source is Source.FOLDER:
        desk.land_from_server("s1")
    with pytest.raises(MissingLandingError) as missing:
        desk.plan(source)
    assert "rostersync land FOLDER" in str(missing.value)
    assert SLOT in str(missing.value)
