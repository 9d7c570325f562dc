"""Nights that nobody ran, told by the YAML files and a real ledger."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from rostersync.embedded.postgres import EmbeddedPostgres
from rostersync.errors import ConfigError
from rostersync.pipeline.watch.alerts import list_alerts
from rostersync.pipeline.watch.heartbeat import Heartbeat, heartbeat, tell_heartbeat
from tests.cli.conftest import run
from tests.support.districts import write_config

pytestmark = pytest.mark.postgres

NIGHT = "2026-09-01"  # a Tuesday; in Chicago its wait ends on Wednesday at 10:00 UTC


def at(time: str, day: str = "2026-09-02") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


class Fleet:
    def __init__(self, folder: Path, warehouse: str) -> None:
        self.folder, self.warehouse = folder, warehouse

    def add(self, *districts: str, more: str = "", written: datetime | None = None) -> None:
        """Districts that loaded the night before; with ``written``: whose YAML is new, and that never ran."""
        for district in districts:
            write_config(self.folder, district, more=more)
            if written:
                os.utime(self.folder / f"{district}.yaml", (written.timestamp(),) * 2)
        if not written:
            self.ran(*districts, slot="2026-08-31")

    def ran(self, *districts: str, slot: str = NIGHT, outcome: str = "loaded") -> None:
        with psycopg.connect(self.warehouse) as conn:
            for district in districts:
                conn.execute(
                    "insert into sync.runs (run_id, district_id, domain, slot, outcome, started_at)"
                    " values (%s, %s, 'core', %s, %s, now())",
                    [uuid.uuid4(), district, slot, outcome],
                )

    def has_slot(self, district: str, domain: str, slot: str) -> None:
        with psycopg.connect(self.warehouse) as conn:
            conn.execute(
                "insert into sync.slots (district_id, domain, slot, landing, pin, base, run_id,"
                " fingerprints, sha256) values (%s, %s, %s, 1, '', '', %s, '{}', '{}')",
                [district, domain, slot, uuid.uuid4()],
            )

    def waits(self, district: str, slot: str) -> None:
        with psycopg.connect(self.warehouse) as conn:
            conn.execute(
                "insert into sync.holds (hold_id, district_id, domain, slot, landing, kind, state,"
                " first_slot) values (%s, %s, 'core', %s, 1, 'set', 'open', %s)",
                [uuid.uuid4(), district, slot, slot],
            )

    def look(self, now: datetime) -> Heartbeat:
        return heartbeat(self.folder, self.warehouse, now=now)

    def tell(self, now: datetime) -> list[str]:
        return [alert.subject for alert in tell_heartbeat(self.folder, self.warehouse, now=now)[1]]


@pytest.fixture
def fleet(tmp_path: Path, warehouse: str) -> Fleet:
    return Fleet(tmp_path / "districts", warehouse)


def test_a_night_that_nobody_ran_is_told_once_when_it_is_late(fleet: Fleet) -> None:
    fleet.add("aspen", "birch", "cedar", "dune")
    fleet.ran("aspen", "birch", "cedar")
    assert fleet.tell(at("11:59")) == [], "its load may still go on"
    assert fleet.tell(at("12:00")) == [f"Night {NIGHT}: no run at all of 1 district"]
    assert fleet.tell(at("13:00")) == []
    assert [n.district for n in fleet.look(at("13:00")).silent] == ["dune"], "and still so"
    (told,) = list_alerts(fleet.warehouse, district=None, newest=9)
    assert (told.alert.kind, told.alert.district) == ("no_run", None)
    assert "dune" in told.alert.body
    assert "aspen" not in told.alert.body
    fleet.ran("dune")
    assert fleet.look(at("14:00")).is_fine


def test_a_first_night_does_not_make_the_nights_before_it_missing(fleet: Fleet) -> None:
    fleet.add("aspen", "birch", written=at("15:00"))
    fleet.ran("aspen", "birch", slot="2026-09-02")
    assert fleet.look(at("11:00", "2026-09-03")).is_fine


def test_at_most_twenty_districts_are_named(fleet: Fleet) -> None:
    fleet.add(*(f"d{n:02}" for n in range(23)))
    alert = fleet.look(at("12:00")).alerts[0]
    assert "of 23 districts" in alert.subject
    assert "d19 and 3 more" in alert.body
    assert "d20" not in alert.body


def test_each_clock_has_its_own_hour_and_each_district_one_alert(fleet: Fleet) -> None:
    fleet.add("aspen", "birch", "cedar", "dune")
    fleet.add("early", more='core: {wait_until: "02:20"}')
    fleet.ran("aspen", "birch", "cedar")
    assert fleet.tell(at("09:00")) == [f"Night {NIGHT}: no run at all of 1 district"]
    assert fleet.tell(at("12:00")) == [f"Night {NIGHT}: no run at all of 1 district"]
    bodies = [one.alert.body for one in list_alerts(fleet.warehouse, district=None, newest=9)]
    assert ["dune" in b for b in bodies] == [True, False]
    assert ["early" in b for b in bodies] == [False, True]


def test_who_is_not_expected_or_switched_off_or_new_is_not_missed(fleet: Fleet) -> None:
    fleet.add("weekly", more="core: {sends: [fri]}")
    fleet.add("new", written=at("15:00"))
    fleet.add("closed")
    closed = fleet.folder / "closed.yaml"
    closed.write_text(closed.read_text().replace("enabled: true", "enabled: false"))
    assert fleet.look(at("16:00")).is_fine
    later = fleet.look(at("12:00", "2026-09-03"))
    assert [(n.district, n.slot) for n in later.silent] == [("new", "2026-09-02")]
    fleet.add("new", written=at("15:00", "2026-09-03"))
    fleet.ran("new", slot="2026-08-31")
    assert len(fleet.look(at("12:00", "2026-09-03")).silent) == 1, "it has run: no excuse"


@pytest.mark.parametrize(
    ("loaded", "expected", "is_told"),
    [(0, 1, False), (0, 2, True), (1, 2, False), (1, 3, True), (2, 4, False), (0, 5, True)],
)
def test_few_loaded_nights_are_told(
    fleet: Fleet, loaded: int, expected: int, is_told: bool
) -> None:
    names = [f"d{n}" for n in range(expected)]
    fleet.add(*names)
    fleet.ran(*names[:loaded])
    fleet.ran(*names[loaded:], outcome="missing")
    subject = f"Night {NIGHT}: {loaded} of {expected} loaded"
    assert fleet.tell(at("12:00")) == [subject] * is_told
    assert fleet.tell(at("13:00")) == []


def test_few_loaded_waits_for_the_last_wait_and_counts_a_later_load(fleet: Fleet) -> None:
    fleet.add("aspen", "birch")
    fleet.add("late", "west", more='core: {wait_until: "09:00"}')
    fleet.ran("aspen", "birch", outcome="rejected")
    fleet.ran("late", "west", outcome="missing")
    assert fleet.look(at("15:00")).is_fine
    found = fleet.look(at("16:00"))
    assert found.few == ((NIGHT, 0, 4),)
    assert "missing 2, rejected 2" in found.alerts[0].body
    fleet.ran("aspen", "birch")
    assert fleet.look(at("16:00")).is_fine


def test_nobody_waits_for_a_district_without_school(fleet: Fleet) -> None:
    fleet.add("aspen", "birch")
    fleet.add("late", more='core: {wait_until: "09:00"}')
    fleet.ran("aspen", "birch", outcome="rejected")
    fleet.ran("late", outcome="no_school")
    assert fleet.tell(at("12:00")) == [f"Night {NIGHT}: 0 of 2 loaded"]


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_looked_at(fleet: Fleet) -> None:
    fleet.add("aspen")
    (fleet.folder / "broken.yaml").write_text("id: broken\ncor: [secret")
    subjects = fleet.tell(at("12:00"))
    assert subjects == [
        f"Night {NIGHT}: no run at all of 1 district",
        "1 district configuration cannot be read",
    ]
    (told, _) = list_alerts(fleet.warehouse, district=None, newest=9)
    assert "broken.yaml" in told.alert.body
    assert "secret" not in told.alert.body


def test_a_slot_in_the_future_is_told_each_day_by_the_districts_own_clock(fleet: Fleet) -> None:
    """An archive from before slots were refused, or a clock that was wrong."""
    fleet.add("aspen", "birch", "cedar")
    fleet.ran("aspen", "birch", "cedar")
    fleet.has_slot("aspen", "core", "2026-09-03")  # tomorrow may be
    fleet.has_slot("birch", "core", "2099-01-01")
    fleet.has_slot("birch", "attendance", "2026-09-03T10:30")
    fleet.waits("cedar", "2026-09-04")
    found = fleet.look(at("12:00"))
    assert [(one.district, one.domain, one.slot) for one in found.future] == [
        ("birch", "attendance", "2026-09-03T10:30"),
        ("birch", "core", "2099-01-01"),
        ("cedar", "core", "2026-09-04"),
    ]
    assert fleet.tell(at("12:00")) == [
        "birch: a slot in the future, attendance 2026-09-03T10:30, core 2099-01-01",
        "cedar: a slot in the future, core 2026-09-04",
    ]
    assert fleet.tell(at("23:00")) == []
    # midnight in UTC is still the second in Chicago; from five o'clock on cedar's night is tomorrow's
    assert len(fleet.look(at("04:59", "2026-09-03")).future) == 3
    assert fleet.tell(at("05:00", "2026-09-03")) == ["birch: a slot in the future, core 2099-01-01"]
    told = list_alerts(fleet.warehouse, district="birch", newest=9)
    assert all("runbooks/wrong-slot" in one.alert.body for one in told)


def test_no_file_at_all_is_an_error(fleet: Fleet) -> None:
    with pytest.raises(ConfigError, match="no district file"):
        fleet.look(at("12:00"))


def test_the_command_says_the_same_and_writes_nothing(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROSTERSYNC_DISTRICTS", str(fleet.folder))
    look = ("heartbeat", "--warehouse", fleet.warehouse)
    assert run(*look).code == 3
    fleet.add("aspen", more="core: {sends: []}")
    fine = run(*look)
    assert (fine.code, fine.out) == (0, "1 districts: nothing is silent.\n")
    fleet.add("birch", more="core: {sends: [mon, tue, wed, thu, fri, sat, sun]}")
    silent = run(*look)
    assert silent.code == 1
    assert "birch" in silent.out
    document = run(*look, "--format", "json").json
    assert document["outcome"] == "silent"
    assert [found["district"] for found in document["no_run"]] == ["birch"]
    assert list_alerts(fleet.warehouse, district=None, newest=9) == []


def test_a_readers_login_is_enough(fleet: Fleet, postgres: EmbeddedPostgres) -> None:
    postgres.create_login("monitor", groups=("rostersync_reader",))
    database = conninfo_to_dict(fleet.warehouse)["dbname"]
    fleet.add("aspen")
    fleet.warehouse = postgres.dsn(str(database), "monitor")
    assert [n.district for n in fleet.look(at("12:00")).silent] == ["aspen"]
