"""`rostersync waivers`: what a district cannot mend yet holds no night up, and is told all the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.cli.conftest import Ran, run
from tests.support.districts import write_config
from tests.support.uploads import write_core

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

RULE = "parents.first_name.present"
DAY = timedelta(days=1)
TODAY = datetime.now(ZoneInfo("America/Chicago")).date()
"""Of the district."""


class District:
    """Eight students; the slots are of these days, as waivers end in the future and no slot lies there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        write_config(folder / "districts")
        self.config = folder / "districts" / "testville.yaml"

    def sync(self, days: int, *more: str, nameless: int = 0) -> Ran:
        """A night so many days after one three days ago; of so many parents the first name is blank."""
        upload = write_core(self.folder / f"upload-{days}", [f"s{n}" for n in range(8)])
        path = upload / "parents.csv"
        lines = path.read_text().splitlines()
        lines[1 : 1 + nameless] = [r.replace("Aspen", "") for r in lines[1 : 1 + nameless]]
        path.write_text("\n".join(lines) + "\n")
        slot = (TODAY + (days - 3) * DAY).isoformat()
        return run("sync", upload, "--config", self.config, "--slot", slot, *more)

    def add(self, rule: str = RULE, days: int = 30, *more: str) -> Ran:
        until = (TODAY + days * DAY).isoformat()
        where = ("-d", "testville", "--config", self.config, "--by", "Pat Testadmin")
        why = ("--reason", "mended over the summer")
        return run("waivers", "add", *where, "--rule", rule, "--until", until, *why, *more)


@pytest.fixture
def district(tmp_path: Path, warehouse: str, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setenv("ROSTERSYNC_WAREHOUSE", warehouse)
    monkeypatch.setenv("ROSTERSYNC_ARCHIVE", str(tmp_path / "archive"))
    district = District(tmp_path)
    assert district.sync(0).code == 0
    return district


def test_a_waived_rule_holds_nothing_until_its_date_and_loads_nothing(
    district: District, warehouse: str
) -> None:
    assert "held" in district.sync(1, "--dry-run", nameless=5).out.lower()
    added = district.add(days=1)
    assert (added.code, added.err) == (0, "")
    told = district.sync(2, "--format", "json", nameless=5)
    assert told.json["outcome"] == "loaded"
    parents = told.json["files"]["parents.csv"]
    assert (parents["quarantined"], parents["accepted"]) == (5, 3)
    (found,) = [f for f in parents["findings"] if f["rule"] == RULE]
    assert (found["count"], found["waived_until"]) == (5, (TODAY + DAY).isoformat())
    with psycopg.connect(warehouse) as conn:
        (count,) = conn.execute(
            "select count(*) from roster.parents where _changed_slot > %s", [TODAY - 3 * DAY]
        ).fetchone() or (None,)
        assert count == 0, "no record loads by a waiver"
    shown = district.sync(3, nameless=6).out
    assert "accepted until" in shown
    assert "by Pat Testadmin: mended over the summer" in shown
    with psycopg.connect(warehouse) as conn:  # as if days had passed
        conn.execute("update sync.waivers set until = %s", [TODAY])
    assert "held" in district.sync(4, nameless=6).out.lower(), "its last day has passed"


def test_other_rules_count_beside_a_waived_one(district: District) -> None:
    assert district.add("parents.last_name.present").code == 0
    told = district.sync(1, "--format", "json", nameless=5).json
    assert told["outcome"] == "held"
    (found,) = told["files"]["parents.csv"]["findings"]
    assert "waived_until" not in found


def test_a_waiver_that_was_ended_counts_no_more(district: District) -> None:
    assert district.add().code == 0
    end = ("waivers", "end", "-d", "testville", "--rule", RULE, "--reason", "mended")
    assert run(*end).code == 0
    assert district.sync(1, "--format", "json", nameless=5).json["outcome"] == "held"
    again = run(*end)
    assert again.code == 3
    assert "no waiver of this rule" in again.err


def test_waivers_are_listed_with_who_and_why_and_one_replaces_the_other(
    district: District,
) -> None:
    assert run("waivers", "list").out == "No rule is waived.\n"
    district.add(days=10)
    district.add(
        days=20,
    )
    (one,) = run("waivers", "list", "--format", "json").json["waivers"]
    assert (one["rule"], one["until"]) == (RULE, (TODAY + 20 * DAY).isoformat())
    assert (one["who"], one["why"]) == ("Pat Testadmin", "mended over the summer")
    every = run("waivers", "list", "--all", "--format", "json").json["waivers"]
    assert [w["status"] for w in every] == ["in force", "ended"]
    shown = run("waivers", "list", "-d", "testville").out
    assert "in force" in shown
    assert "mended over the summer" in shown
    assert run("waivers", "list", "-d", "elsewhere").out == "No rule is waived.\n"


def test_what_cannot_be_waived_is_told(district: District) -> None:
    wrong = district.add("parents.first_name.presnt")
    assert wrong.code == 3
    assert f"Expected: {RULE}" in wrong.err
    for days in (-1, -400, 400):
        ran = district.add(days=days)
        assert ran.code == 3
        assert "within a year" in ran.err
    assert run("waivers", "list", "--all").out == "No rule is waived.\n"


def test_a_waiver_says_nothing_of_a_slot_that_has_loaded(
    district: District, warehouse: str
) -> None:
    """Replayed after the waiver has ended, it stands as it was: it is not judged again."""
    district.add()
    assert district.sync(1, nameless=5).code == 1
    run("waivers", "end", "-d", "testville", "--rule", RULE, "--reason", "mended")
    ran = run("replay", "-d", "testville", "--config", district.config)
    assert ran.code in (0, 1), ran.out + ran.err
    with psycopg.connect(warehouse) as conn:
        assert conn.execute("select count(*) from sync.slots").fetchone() == (2,)
        assert conn.execute("select count(*) from sync.holds").fetchone() == (0,)
