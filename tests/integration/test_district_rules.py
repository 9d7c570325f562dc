"""Two districts send the same upload, and one differs in its rules: what loads is not the same."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rostersync.config import DistrictConfig
from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.ground.run import Run, new_run
from rostersync.pipeline.steps.sync import replay, sync_folder
from tests.support.districts import write_config, write_nights
from tests.warehouse.fold import everything

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SLOT = "2026-09-01"
RULES = """\
rules:
  parents.mobile.valid: {min_digits: 7}
  parents.language.known: {severity: error}
  students.grade_level.known: {severity: warning}
  staff.last_name.length: {max_length: 20}
"""


@dataclass
class Place:
    folder: Path
    warehouse: str
    upload: Path

    def run(self, cfg: DistrictConfig) -> Run:
        return new_run(cfg, SLOT, archive=self.folder / "archive", warehouse=self.warehouse)

    def sync(self, cfg: DistrictConfig) -> RunResult:
        return sync_folder(self.run(cfg), self.upload)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.warehouse) as conn:
            return conn.execute(query, values).fetchall()

    def tables(self, district: str) -> dict[str, list[Any]]:
        """Without what names the run or the district."""
        own = ("_run_id", "district_id")
        with psycopg.connect(self.warehouse) as conn:
            return {
                table: sorted(
                    ({k: v for k, v in row.items() if not k.endswith(own)} for row in rows),
                    key=repr,
                )
                for table, rows in everything(conn, district).items()
            }

    def pin(self, district: str) -> str:
        [(pin,)] = self.rows("select pin from sync.slots where district_id = %s", district)
        return str(pin)


@pytest.fixture(scope="module")
def upload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean night in which four records break a rule that may differ, each in another way."""
    (upload,) = write_nights(tmp_path_factory.mktemp("nights"), nights=1)
    _set(upload / "parents.csv", 0, mobile="555-0199 x12", email="cedar@example.org")
    _set(upload / "parents.csv", 1, language="Testish")
    _set(upload / "students.csv", 30, grade_level="TX")
    _set(upload / "staff.csv", 0, last_name="Testsson-Testlund-Testberg")
    return upload


def _set(path: Path, place: int, **values: str) -> None:
    with path.open(newline="") as source:
        rows = list(csv.DictReader(source))
    assert set(values) <= set(rows[place])
    rows[place] |= values
    with path.open("w", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def synced(
    tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str], upload: Path
) -> tuple[Place, dict[str, RunResult]]:
    """Districts ``oak`` (with rules of its own) and ``elm``, each with the upload loaded."""
    place = Place(tmp_path_factory.mktemp("place"), fresh_warehouse(), upload)
    oak = write_config(place.folder / "districts", "oak", more=RULES)
    elm = write_config(place.folder / "districts", "elm")
    return place, {"oak": place.sync(oak), "elm": place.sync(elm)}


def _first(upload: Path, file: str, place: int) -> dict[str, str]:
    with (upload / f"{file}.csv").open(newline="") as source:
        return list(csv.DictReader(source))[place]


def _findings(result: RunResult, rule: str) -> tuple[str, int] | None:
    file = result.files[rule.split(".")[0]]
    return next(((f.severity, f.count) for f in file.findings if f.rule == rule), None)


def test_the_upload_loads_in_both(synced) -> None:
    _, results = synced
    assert {r.outcome for r in results.values()} == {Outcome.LOADED}


def test_a_short_phone_is_a_value_where_the_district_s_rule_says_so(synced) -> None:
    place, results = synced
    sent = _first(place.upload, "parents", 0)
    mobile = "select mobile from roster.parents where (district_id, student_id, parent_id) = (%s, %s, %s)"
    key = sent["student_id"], sent["parent_id"]
    assert place.rows(mobile, "oak", *key) == [("5550199",)]
    assert place.rows(mobile, "elm", *key) == [(None,)]
    assert _findings(results["oak"], "parents.mobile.valid") is None
    assert _findings(results["elm"], "parents.mobile.valid") == ("warning", 1)


def test_a_raised_rule_keeps_the_record_out(synced) -> None:
    place, results = synced
    sent = _first(place.upload, "parents", 1)
    language = (
        "select language from roster.parents"
        " where (district_id, student_id, parent_id) = (%s, %s, %s)"
    )
    key = sent["student_id"], sent["parent_id"]
    assert place.rows(language, "oak", *key) == []
    assert place.rows(language, "elm", *key) == [(None,)]
    assert _findings(results["oak"], "parents.language.known") == ("error", 1)
    assert _findings(results["elm"], "parents.language.known") == ("warning", 1)
    assert results["oak"].files["parents"].quarantined == 1


def test_a_lowered_rule_lets_the_record_in_without_the_value(synced) -> None:
    place, results = synced
    student = _first(place.upload, "students", 30)["student_id"]
    grade = "select grade_level from roster.students where (district_id, student_id) = (%s, %s)"
    assert place.rows(grade, "oak", student) == [(None,)]
    assert place.rows(grade, "elm", student) == []
    assert _findings(results["oak"], "students.grade_level.known") == ("warning", 1)
    assert _findings(results["elm"], "students.grade_level.known") == ("error", 1)


def test_a_tighter_length_keeps_the_record_out(synced) -> None:
    place, results = synced
    staff = _first(place.upload, "staff", 0)["staff_id"]
    there = "select count(*) from roster.staff where (district_id, staff_id) = (%s, %s)"
    assert place.rows(there, "oak", staff) == [(0,)]
    assert place.rows(there, "elm", staff) == [(1,)]
    assert _findings(results["oak"], "staff.last_name.length") == ("error", 1)
    assert _findings(results["elm"], "staff.last_name.length") is None


def test_a_replay_keeps_the_rules_of_the_pin_until_it_is_told_not_to(synced) -> None:
    place, _ = synced
    before, pin = place.tables("oak"), place.pin("oak")
    assert before != place.tables("elm")
    today = place.run(write_config(place.folder / "later", "oak"))
    assert today.inputs.pin != pin
    (result,) = replay(today).values()
    assert result.outcome is Outcome.IDENTICAL
    assert (place.tables("oak"), place.pin("oak")) == (before, pin)

    (result,) = replay(today, revalidate=True).values()
    assert result.outcome is Outcome.LOADED
    assert place.pin("oak") == today.inputs.pin
    tables = {d: place.tables(d) for d in ("oak", "elm")}
    pins = [t.pop("sync.slots")[0]["pin"] for t in tables.values()]
    assert pins[0][:12] == pins[1][:12], "they say the same of rows now"
    assert tables["oak"] == tables["elm"]
