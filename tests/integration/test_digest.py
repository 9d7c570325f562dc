"""When a night's digest is raised, and what it says."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from rostersync import paths
from rostersync.ledger.alerts import RaisedAlert
from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.decisions.waivers import add_waiver
from rostersync.pipeline.steps.report import record_result
from rostersync.pipeline.watch.alerts import list_alerts
from rostersync.pipeline.watch.digest import raise_digest
from rostersync.reporting.digest import RUNBOOKS
from tests.support.district import Copy
from tests.support.two_schools import Schools, TwoSchools, ids, write_upload

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

BIG: Schools = {"1": ids("1", 60), "2": ids("2", 60)}
"""Of which 35 parents are less than half, so that no hold takes the whole night."""
NOW = datetime(2026, 9, 20, tzinfo=UTC)


class Watched(TwoSchools):
    """Every night ends with its digest, as in Airflow."""

    def night(
        self,
        day: int,
        schools: Schools = BIG,
        without: str = "",
        bad: int = 0,
        beside: Sequence[str] = (),
    ) -> list[str]:
        """The items of the digest of the night, none when there is none.

        ``bad``: parents without a name. ``beside``: names of other files in the folder.
        """
        upload = write_upload(self.fresh(), schools)
        if without:
            (upload / f"{without}.csv").unlink()
        for name in beside:
            (upload / name).write_text("x\n")
        if bad:
            self.spoil(upload / "parents.csv", bad)
        self.sync_upload(day, upload)
        return self.digest(day)

    def digest(self, day: int) -> list[str]:
        before = len(self.alerts())
        raised = raise_digest(self.run(day), NOW + timedelta(days=day))
        after = self.alerts()
        assert len(after) == before + raised
        return sorted(after[0].alert.items) if raised else []

    def alerts(self) -> list[RaisedAlert]:
        return list_alerts(self.warehouse, district=self.cfg.id, newest=100)

    @staticmethod
    def spoil(path: Path, bad: int) -> None:
        lines = path.read_text().splitlines()
        header = lines[0].split(",")
        at = header.index("first_name")
        for n in range(1, bad + 1):
            cells = lines[n].split(",")
            cells[at] = ""
            lines[n] = ",".join(cells)
        path.write_text("\n".join(lines) + "\n")


Usual = Callable[..., Watched]


@pytest.fixture(scope="module")
def lived(
    tmp_path_factory: pytest.TempPathFactory,
    fresh_warehouse: Callable[[], str],
    copy_warehouse: Copy,
) -> Usual:
    """A district after nights nobody has to look at, each loaded once for all tests."""

    @functools.cache
    def after(nights: int, bad: int) -> Watched:
        folder = tmp_path_factory.mktemp("usual")
        if nights == 1:
            district = Watched(folder, fresh_warehouse())
        else:
            district = after(nights - 1, bad).again(folder, copy_warehouse)
        assert district.night(nights, bad=bad) == []
        return district

    return after


@pytest.fixture
def usual(lived: Usual, tmp_path: Path, copy_warehouse: Copy) -> Usual:
    """Gives a district whose next night is news or not; ``bad`` parents had no name in each night before."""

    def usual(nights: int = 4, bad: int = 0) -> Watched:
        return lived(nights, bad).again(tmp_path, copy_warehouse)

    return usual


def test_normal_nights_are_no_news(usual: Usual) -> None:
    assert usual().alerts() == []


def test_known_noise_is_no_news(usual: Usual) -> None:
    assert usual(bad=4).alerts() == []


def test_a_rule_that_was_never_broken_is_news_once(usual: Usual) -> None:
    district = usual()
    assert district.night(5, bad=2) == ["new:parents.first_name.present"]
    assert district.digest(5) == [], "the same run told again"
    assert district.night(6, bad=2) == [], "known since yesterday"


def test_a_level_that_moves_is_news_and_a_little_more_is_not(usual: Usual) -> None:
    district = usual(bad=4)
    assert district.night(5, bad=8) == []
    many = district.night(6, bad=35)
    assert many == ["moved:parents.first_name.present", "quarantine:parents"]
    (one,) = district.alerts()
    assert "35 records (usually 4)" in one.alert.body
    assert "lines 2, 3, 4" in one.alert.body


def test_what_is_waived_is_no_news(usual: Usual) -> None:
    district = usual()
    run = district.run("2026-09-05")
    until = date.today() + timedelta(days=90)
    add = {"until": until, "who": "pat", "why": "known"}
    add_waiver(district.warehouse, run.inputs, rule="parents.first_name.present", **add)
    with psycopg.connect(district.warehouse) as conn:
        conn.execute("update sync.waivers set granted_at = '2026-08-01'")
    assert district.night(5, bad=30) == []


def test_a_failure_is_told_when_it_is_new_and_when_it_lasts(usual: Usual) -> None:
    district = usual(1)
    assert district.night(2, without="students") == ["missing:students.csv missing"]
    assert district.night(3, without="students") == []
    assert district.night(4, without="students") == ["bad_nights:3"]
    assert district.night(5, without="students") == []
    newest = district.alerts()[0].alert
    assert newest.subject == "Testville Unified: night 2026-09-04: 3 bad nights in a row"
    assert "docs/runbooks/three-bad-nights.md" in newest.body


def test_a_hold_is_told_on_its_first_night(usual: Usual) -> None:
    district = usual(1)
    fewer: Schools = {"1": ids("1", 30), "2": ids("2", 60)}
    (item,) = district.night(2, fewer)
    assert item.startswith("hold:")
    assert "30 students removed" in district.alerts()[0].alert.body
    assert district.night(3, fewer) == []


def test_old_nights_that_are_backfilled_tell_nothing(usual: Usual) -> None:
    district = usual(1)
    district.night(5)
    assert district.night(3, without="students") == []


def test_a_mail_needs_no_explanation_and_holds_no_value(usual: Usual) -> None:
    district = usual(bad=4)
    district.night(5, bad=35)
    alert = district.alerts()[0].alert
    for text in (alert.subject, alert.body, alert.html):
        for value in ("Testkid", "example.org", "1s0", "2s1"):
            assert value not in text
    assert alert.subject.startswith("Testville Unified: night 2026-09-05: parents.csv: 35 records")
    assert "<script" not in alert.html
    assert "Next: " in alert.html


def test_every_page_that_is_named_is_there() -> None:
    pages = paths.home() / "docs" / "runbooks"
    assert [p for p in RUNBOOKS.values() if not (pages / f"{p}.md").exists()] == []


def test_a_file_that_nobody_reads_is_told_when_it_is_new_and_each_week(usual: Usual) -> None:
    district = usual(1)
    off = ["file.domain.off:terms"]
    assert district.night(2, beside=["terms.csv"]) == off
    assert "terms.csv is here, terms are off" in district.alerts()[0].alert.body
    for day in range(3, 8):
        assert district.night(day, beside=["terms.csv"]) == [], day
    assert district.night(8, beside=["terms.csv"]) == off
    assert district.night(9) == []
    assert district.night(10, beside=["terms.csv"]) == off, "it is new again"


def test_a_file_that_nobody_reads_stands_in_each_digest_there_is(usual: Usual) -> None:
    district = usual(4)
    district.night(5, beside=["terms.csv"])
    items = district.night(6, bad=2, beside=["terms.csv"])
    assert items == ["file.domain.off:terms", "new:parents.first_name.present"]


def test_an_upload_under_other_names_is_told_with_what_is_missing(usual: Usual) -> None:
    district = usual(1)
    names = ["Students.csv", "Jo Testkid.xlsx", "parents.csv.part"]
    assert district.night(2, without="students", beside=names) == [
        "file.name.near_miss:students",
        "file.name.unfinished:",
        "file.name.unknown:",
        "missing:students.csv missing",
    ]
    body = district.alerts()[0].alert.body
    assert "students.csv under another name" in body
    assert "Jo Testkid" not in body
    assert district.night(3, beside=["notes.txt"]) == [], "beside an upload it is the report's"


def test_rows_kept_by_a_broken_record_are_told_on_their_third_night(usual: Usual) -> None:
    district = usual()

    def night(day: int, *gone: str) -> list[str]:
        upload = write_upload(district.fresh(), BIG)
        path = upload / "parents.csv"
        lines = [n for n in path.read_text().splitlines() if not any(f",p{s}," in n for s in gone)]
        path.write_text("\n".join([*lines, "1,broken"]) + "\n")
        district.sync_upload(day, upload)
        return [item for item in district.digest(day) if item.startswith("kept")]

    assert night(5, "1s00") == []
    assert night(6, "1s00", "1s01") == []
    assert night(7, "1s00", "1s01") == ["kept:parents:3"]
    (mail,) = (a.alert.body for a in district.alerts() if "kept:parents:3" in a.alert.items)
    assert "1 row kept by records that cannot be read" in mail
    assert night(8, "1s00", "1s01") == ["kept:parents:3"], "of the other one it is the third now"
    assert night(9, "1s00", "1s01") == []


def test_damaged_ids_without_an_answer_are_told_on_their_third_night(usual: Usual) -> None:
    district = usual()
    shouted = {**BIG, "1": ["1S00", *BIG["1"][1:]]}
    told = [district.night(day, shouted) for day in (5, 6, 7, 8)]
    assert [
        [i.split(":")[0] for i in items if i.startswith(("hold", "ids"))] for items in told
    ] == [
        ["hold"],
        [],
        ["ids"],
        [],
    ]


def test_a_folder_of_other_names_is_told_on_a_day_without_an_upload(usual: Usual) -> None:
    """A district that uploads by hand is expected on no day: its `Students.csv` would be missed by nobody."""
    district = usual(1)

    def nothing_came(day: int, *names: str) -> list[str]:
        record_result(district.run(day), RunResult(Outcome.NOT_EXPECTED, ignored=names))
        return district.digest(day)

    misnamed = "Students.csv (expected students.csv)"
    assert nothing_came(2) == []
    assert nothing_came(3, misnamed, "notes.txt") == [
        "file.name.near_miss:students",
        "file.name.unknown:",
    ]
    assert "students.csv under another name" in district.alerts()[0].alert.body
    assert nothing_came(4, misnamed, "notes.txt") == []
    assert district.night(5) == [], "an upload that is right is no news"
