"""What commit b4c9af6 wrote is read, gone on with, replayed and rebuilt by today's code.

Its archive and its warehouse (``make_b4c9af6.py`` tells what is in them) give the tables that they gave then.
What a sentence of the contract has changed since stands in ``CHANGES``; nothing else may differ.
"""

# long: what the contract has changed since is a table, each row beside its sentence.

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from rostersync.archive import Layout, Manifest, landing_numbers
from rostersync.ledger.results import Outcome, RunResult
from rostersync.pipeline.decisions.restore import restore
from rostersync.pipeline.ground.resolve import diff_of
from rostersync.pipeline.ground.run import Inputs
from rostersync.pipeline.steps.sync import replay, sync_folder
from rostersync.pipeline.upkeep.explain import explain
from rostersync.pipeline.upkeep.rebuild import keep_ledger, rebuild
from rostersync.spec import ENTITIES, Domain
from tests.upgrade.past import DISTRICTS, Past, Row, Tables, differences, drift, facts, tables

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

Upgraded = Callable[[], Past]


@dataclass(frozen=True)
class Change:
    """A sentence of the contract that is new since, and what it makes of the rows of a table.

    ``today``: what a row of the dump has to be now, given all rows of its table, or of the table ``beside``;
    None where there is no such row any more. ``recomputed``: only where today's code has computed the slots
    anew.
    """

    sentence: str
    table: str
    today: Callable[[Row, list[Row]], Row | None]
    recomputed: bool = False
    beside: str = ""


def member_key(row: Row, rows: list[Row]) -> Row:
    """The row with its member's key of today. A removal has the key alone: whose it was, the log says."""
    columns = ("district_id", "school_id", "group_id", "member_key")
    named = next(
        other
        for other in (row, *rows)
        if other["role"] and [other[c] for c in columns] == [row[c] for c in columns]
    )
    kinds = ("staff_id", "parent_id", "email", "mobile")
    kind = next(kind for kind in kinds if named[kind])
    return {**row, "member_key": f"{kind.removesuffix('_id')} {named[kind]}"}


LANGUAGE = "ISO 639-1 where there is one, else the 639-2/T code (`hmn`, `fil`, `haw`)"
"""With suites of then ``Hmong`` stays a language that is not known, and is named as it is kept today; with
suites of today it is one."""


def never_gone(row: Row, log: list[Row]) -> Row | None:
    """A member known by the email of a parent whose removal waited on the ninth: they wait together."""
    email = "parent3@example.org"
    if row["district_id"] != "alder" or not row["member_key"].endswith(email):
        return row
    if "slot" in row:
        return None if row["slot"] in ("2026-09-09", "2026-09-10") else row
    came = min((r for r in log if r["op"] == "I" and r["email"] == email), key=lambda r: r["slot"])
    since = {"_first_slot": came["slot"], "_changed_slot": came["slot"]}
    return {**row, **since, **{c: came[c] for c in ("_run_id", "_file_sha256", "_line")}}


COLUMN = "records that an `error` finding keeps out, reported with file, line, column, rule, hint"
NO_FINDINGS: dict[str, Any] = {"findings": []}
NO_STUDENTS = "Slice holds always: a school gone from schools.csv or students.csv"
HELD_OWNER = "A held removal holds its dependents"
MEMBER_KEY = "member key = the kind of identity and its value"
CHANGES = (
    Change(MEMBER_KEY, "roster.group_user_members", member_key),
    Change(MEMBER_KEY, "roster_log.group_user_members", member_key, recomputed=True),
    Change(HELD_OWNER, "roster_log.group_user_members", never_gone, recomputed=True),
    Change(
        HELD_OWNER,
        "roster.group_user_members",
        never_gone,
        recomputed=True,
        beside="roster_log.group_user_members",
    ),
)
NEW_WARNINGS = {
    "attendance.period.unheard": "A file of a notice's day with none of the periods that the notice tells,"
    " while it has others, is a warning that names both",
    "file.header.new_column": "a *new* one is a finding once",
}
"""Rules that warn of what was silent before, each with the contract's sentence."""
NEW_OF_OLD_FILES: tuple[str, ...] = ()
"""Entities that a release since has made of files that there were. The next night has their first rows, and
all that follows a late night is computed anew."""


@pytest.fixture(scope="module")
def past(upgraded: Upgraded) -> Past:
    """To look at only."""
    return upgraded()


def as_of_today(dump: Tables, *, recomputed: bool = False) -> Tables:
    """The dump's tables as today's contract has them; ``recomputed``: their slots were computed anew."""
    today = dict(dump)
    for change in CHANGES:
        if recomputed or not change.recomputed:
            beside = dump[change.beside or change.table]
            rows = (change.today(row, beside) for row in today[change.table])
            today[change.table] = [row for row in rows if row is not None]
    return today


def test_the_dump_has_everything(dump: Tables) -> None:
    """Else the tests below would say little."""
    for entity in ENTITIES.values():
        if entity.table in dump:
            assert dump[entity.table]
            assert {row["op"] for row in dump[entity.log_table]} >= {"I"}
    assert len({row["slot"] for row in dump["sync.slots"] if row["domain"] == "core"}) >= 8
    notices = {row["state"] for row in dump["attendance.notices"]}
    assert notices == {"pending", "taken", "acknowledged", "withdrawn", "held", "unreachable"}
    holds = {row["state"] for row in dump["sync.holds"]}
    assert holds == {"open", "approved", "discarded", "superseded"}
    decisions = {row["action"] for row in dump["sync.decisions"]}
    assert decisions == {"approve", "discard", "restore"}
    for table in ("sync.waivers", "roster.student_aliases", "roster.reused_students"):
        assert dump[table]
    assert {row["landing"] for row in dump["sync.slots"]} == {1, 2}
    assert sum(row["carried"] for row in dump["sync.slot_changes"]) > 50


def test_its_documents_are_read(past: Past) -> None:
    for pin in past.archive.list_names("pins"):
        assert Inputs.pinned(past.archive, pin.removesuffix(".json")).suites.rules
    for district, domain, fold in past.folds():
        for applied in fold:
            diff = diff_of(past.run(district, applied.slot, domain), applied)
            assert (diff.slot, diff.landing) == (applied.slot, applied.landing)
            assert diff.fingerprints == applied.fingerprints
            layout = Layout(district, domain, applied.slot)
            for number in landing_numbers(past.archive, layout):
                manifest = Manifest.from_json(past.archive.read_json(layout.manifest(number)))
                assert (manifest.number, manifest.slot) == (number, applied.slot)


def test_migrations_change_no_row_and_nothing_has_drifted(past: Past, dump: Tables) -> None:
    assert differences(as_of_today(dump), tables(past.warehouse)) == {}
    assert drift(past) == {}


@pytest.mark.parametrize(
    ("district", "entity", "key", "versions", "kept"),
    [
        ("alder", "students", ["108"], "01 added, 04 changed, 08 changed", ""),
        ("alder", "students", ["103"], "01 added", "02 frozen"),
        ("alder", "students", ["209"], "01 added, 08 removed", ""),
        (
            "alder",
            "group_user_members",
            ["1", "g1", "email parent3@example.org"],
            "01 added, 09 removed, 10 added",
            "",
        ),
        ("alder", "groups", ["1", "g1"], "01 added", "11 file_missing"),
        ("birch", "students", ["N102"], "31 added, 02 changed, 03 changed, 08 added", ""),
        ("birch", "students", ["00108"], "31 added, 02 changed, 04 changed", "03 frozen"),
        ("cedar", "parents", ["c1", "p0"], "31 added", "10 held"),
    ],
)
def test_its_rows_are_explained(
    past: Past, district: str, entity: str, key: list[str], versions: str, kept: str
) -> None:
    told = explain(
        past.warehouse,
        past.archive,
        district=district,
        entity=ENTITIES[entity],
        key=key,
        slots=20,
    )
    assert told.unread == ()
    assert ", ".join(f"{v.slot[-2:]} {v.op}" for v in told.versions) == versions
    assert ", ".join(f"{t.slot[-2:]} {t.carried}" for t in told.traces if t.carried) == kept


# Replay


@dataclass(frozen=True)
class Replayed:
    """The past, replayed from the first slot. ``then``, ``now``: each slot's diff as it was and as it is."""

    past: Past
    results: dict[str, RunResult]
    then: dict[str, Any]
    now: dict[str, Any]


CHECKED_ANEW = (
    "alder/core/2026-09-02/landing-0001/check-*",
    "cedar/attendance/2026-09-02T1000/landing-0001/check-*",
    "cedar/core/2026-09-02/landing-0001/check-*",
)
"""Uploads that are staged and validated anew, too: broken records, attendance by column, odd encodings."""


@pytest.fixture(scope="module")
def replayed(upgraded: Upgraded) -> Replayed:
    past = upgraded()
    then = diffs(past)
    past.remove("*/*/*/landing-*/diff-*", *CHECKED_ANEW)
    results = {
        f"{district} {slot}": result
        for district, domain, fold in past.folds()
        for slot, result in replay(past.run(district, fold[-1].slot, domain)).items()
    }
    return Replayed(past, results, then, diffs(past))


def diffs(past: Past) -> dict[str, Any]:
    return {
        f"{district} {applied.slot}": diff_of(
            past.run(district, applied.slot, domain), applied
        ).to_json()
        for district, domain, fold in past.folds()
        for applied in fold
    }


def _count_fewer(then: dict[str, Any], now: dict[str, Any]) -> None:
    """Limits see fewer rows than they did: "a row whose person goes counts nowhere", nor does a move."""
    for entity, schools in then.items():
        for school, counts in schools.items():
            _, added, _, removed = now[entity][school]
            assert added <= counts[1], (entity, school)
            assert removed <= counts[3], (entity, school)
            counts[1], counts[3] = added, removed


def _told_of_column(file: dict[str, Any]) -> None:
    """COLUMN: a damaged id was told of the last column of the key. Suites of then word no rule of another."""
    for finding in file["findings"]:
        if finding["rule"].endswith(".damaged"):
            del finding["column"], finding["message"]
            finding["rule"] = finding["rule"].replace("student_id", "contact_key")


def _in_code(diff: dict[str, Any]) -> Any:
    """LANGUAGE: what was checked anew names it as it is kept today, a check of then as it was sent."""
    return json.loads(json.dumps(diff).replace('\\"Hmong\\"', '\\"hmn\\"'))


def test_a_replay_computes_every_slot_as_it_was(replayed: Replayed, dump: Tables) -> None:
    for slot, then in replayed.then.items():
        now = replayed.now[slot]
        for part in ("entities", "files"):  # of what is new since, then said nothing
            now[part] = {name: now[part][name] for name in then[part]}
        for file in now["files"].values():
            file["findings"] = [f for f in file["findings"] if f["rule"] not in NEW_WARNINGS]
        _told_of_column(now["files"].get("parents", NO_FINDINGS))
        _told_of_column(then["files"].get("parents", NO_FINDINGS))
        rows = now["measures"]["rows"]
        now["measures"]["rows"] = {name: rows[name] for name in then["measures"]["rows"]}
        _count_fewer(then["measures"]["rows"], now["measures"]["rows"])
        assert then["measures"]["unsent"] == {}, "until NO_STUDENTS it was a removal of students"
        now["measures"]["unsent"] = {}
        if slot == "alder 2026-09-09":  # HELD_OWNER
            del now["entities"]["group_user_members"], then["entities"]["group_user_members"]
            for rows in (now["measures"]["rows"], then["measures"]["rows"]):
                del rows["group_user_members"]
        assert then["shapes"] == {}, "that release kept none"
        assert then["damaged"] == [], (
            "that release asked nothing: damaged ids open a slice that asks"
        )
        now["damaged"] = []
        now["shapes"] = {}
        assert _in_code(now) == _in_code(then), slot
    results = dict(replayed.results)
    assert results.pop("cedar 2026-09-04").outcome is Outcome.MISSING  # as it was then
    assert len(results) == len(dump["sync.slots"])
    for slot, result in results.items():
        assert result.outcome in (Outcome.IDENTICAL, Outcome.NOBODY_ABSENT), slot
        assert "applied before" in result.message, slot


def test_a_replay_leaves_the_tables_as_they_were(replayed: Replayed, dump: Tables) -> None:
    assert differences(facts(as_of_today(dump)), tables(replayed.past.warehouse)) == {}
    assert drift(replayed.past) == {}


@pytest.mark.parametrize("computed", ["then", "now"])
def test_a_rebuild_gives_the_tables_as_they_were(
    computed: str,
    past: Past,
    replayed: Replayed,
    dump: Tables,
    fresh_warehouse: Callable[[], str],
) -> None:
    """From the archive alone: from its diffs, and from those that today's code has computed."""
    source = past if computed == "then" else replayed.past
    new = Past(source.folder, fresh_warehouse())
    for district in DISTRICTS:
        assert rebuild(new.warehouse, new.archive, district).unknown == ()
    expected = as_of_today(dump, recomputed=computed == "now")
    assert differences(expected, tables(new.warehouse)) == {}
    assert drift(new) == {}


# Life goes on


Edit = Callable[[Path], None]


def instead(name: str, was: str, now: str) -> Edit:
    """One text for another in a file that has it once."""

    def edit(upload: Path) -> None:
        path = upload / f"{name}.csv"
        text = path.read_text()
        assert text.count(was) == 1, f"{name}: {was}"
        path.write_text(text.replace(was, now))

    return edit


class Alder:
    """The district of the past with most in it, and what it sends today."""

    def __init__(self, past: Past) -> None:
        self.past = past

    def night(self, slot: str, like: str, edit: Edit = lambda upload: None) -> RunResult:
        """The upload of the slot ``like`` once more. ``edit``: is given its folder before it is synced."""
        newest = max(landing_numbers(self.past.archive, Layout("alder", Domain.CORE, like)))
        upload = self.past.upload_of("alder", like, newest)
        edit(upload)
        run = self.past.run("alder", slot)
        now = datetime.fromisoformat(f"{slot}T20:00").replace(tzinfo=run.cfg.zone)
        return sync_folder(run, upload, now=now)

    def tables(self) -> Tables:
        return facts(tables(self.past.warehouse))

    def hmong(self, found: Tables) -> int:
        """Parents whose language had no code then."""
        count = sum(row["language"] == "hmn" for row in found["roster.parents"])
        assert count
        return count


def touched(
    before: Tables, after: Tables, but: Sequence[str] = NEW_OF_OLD_FILES
) -> dict[str, tuple[int, int]]:
    """By table of people, how many rows are not as before, and how many are new or as they are now.

    ``but``: entities that are not looked at.
    """
    left_out = {table for n in but for table in (ENTITIES[n].table, ENTITIES[n].log_table)}
    return {
        name: (len(gone), len(new))
        for name, (gone, new) in differences(before, after).items()
        if "sync." not in name and name not in left_out
    }


@pytest.fixture(scope="module")
def alder(upgraded: Upgraded) -> Alder:
    """One life: the tests below go on with it in their order."""
    return Alder(upgraded())


def test_the_same_files_again_change_nothing(alder: Alder) -> None:
    before = alder.tables()
    result = alder.night("2026-09-15", like="2026-09-14")
    assert result.outcome is Outcome.LOADED  # LANGUAGE
    after = alder.tables()
    hmong = alder.hmong(after)
    assert touched(before, after) == {
        "roster.parents": (hmong, hmong),
        "roster_log.parents": (0, hmong),
    }


def test_the_same_files_again_change_nothing_after_that(alder: Alder) -> None:
    before = alder.tables()
    result = alder.night("2026-09-15", like="2026-09-14")
    assert result.outcome is Outcome.IDENTICAL
    assert touched(before, alder.tables()) == {}


def test_a_changed_row_changes_just_itself(alder: Alder) -> None:
    before = alder.tables()
    result = alder.night(
        "2026-09-16", like="2026-09-14", edit=instead("students", "110,Aspen", "110,Alder")
    )
    assert result.outcome is Outcome.LOADED
    assert touched(before, alder.tables()) == {
        "roster.students": (1, 1),
        "roster_log.students": (0, 1),
    }


def test_a_correction_of_the_newest_slot_takes_its_place(alder: Alder) -> None:
    before = alder.tables()
    alder.night(
        "2026-09-16", like="2026-09-14", edit=instead("staff", "4001,Teacher", "4001,Principal")
    )
    assert touched(before, alder.tables()) == {
        "roster.students": (1, 1),
        "roster_log.students": (1, 0),
        "roster.staff": (1, 1),
        "roster_log.staff": (0, 1),
    }


def test_a_late_night_is_put_in_its_place(alder: Alder) -> None:
    """What a person approved of the night after it stays approved."""
    before = alder.tables()
    result = alder.night(
        "2026-09-07", like="2026-09-04", edit=instead("students", "110,Aspen", "110,Alder")
    )
    members = (1, 1)
    if NEW_OF_OLD_FILES:
        assert len(result.recomputed) > 1
        members = (3, 3)
    else:
        assert result.recomputed == ("2026-09-08",)
    assert touched(before, alder.tables()) == {
        # "everything of it is carried" while a school waits
        "roster.parents": (2, 2),
        "roster.students": (1, 1),
        "roster_log.students": (0, 2),
        # MEMBER_KEY: what was computed anew has today's keys
        "roster_log.group_user_members": members,
        # LANGUAGE: there on the late night, and not on the one after it, with its suites of then
        "roster_log.parents": (0, 14),
    }
    assert drift(alder.past) == {}


def test_a_restore_brings_back_what_was(alder: Alder) -> None:
    before = alder.tables()
    run = alder.past.run("alder", "2026-09-16")
    result = restore(run, to="2026-09-04", entities=["staff"], who="pat", why="a reason")
    assert result.changes["staff"].changed == 2  # one of the correction, one of the late night
    assert touched(before, alder.tables()) == {"roster.staff": (2, 2), "roster_log.staff": (1, 1)}
    assert drift(alder.past) == {}


def test_what_both_releases_wrote_is_rebuilt(
    alder: Alder, fresh_warehouse: Callable[[], str]
) -> None:
    past = alder.past
    keep_ledger(past.warehouse, past.archive, "alder")
    new = fresh_warehouse()
    for district in DISTRICTS:
        rebuild(new, past.archive, district)
    assert differences(tables(past.warehouse), tables(new)) == {}
    assert drift(past) == {}


def test_a_day_of_attendance_goes_on(upgraded: Upgraded) -> None:
    past = upgraded()
    before = facts(tables(past.warehouse))
    upload = past.upload_of("cedar", "2026-09-08T10:00", 1, Domain.ATTENDANCE)
    text = (upload / "attendance.csv").read_text().replace("2026-09-08", "2026-09-15")
    (upload / "attendance.csv").write_text(text)
    run = past.run("cedar", "2026-09-15T10:00", Domain.ATTENDANCE)
    now = datetime.fromisoformat("2026-09-15T09:50").replace(tzinfo=run.cfg.zone)
    assert sync_folder(run, upload, now=now).outcome is Outcome.LOADED
    assert touched(before, tables(past.warehouse)) == {
        "attendance.event_log": (0, 1),
        "attendance.events": (0, 1),
        "attendance.notice_days": (0, 1),
        "attendance.notices": (0, 1),
    }
