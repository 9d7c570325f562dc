"""A release grows the contract between two nights: nothing archived is touched, all of it is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rostersync.engine.sql import render_sql
from rostersync.ledger.results import Outcome
from rostersync.pipeline.upkeep.explain import explain
from rostersync.spec import ENTITIES, Column, Domain, Entity, File, Kind, Reference
from tests.support.district import Copy
from tests.support.growing import GrowingDistrict, Rows, suite_of
from tests.support.grown import contract, made_by, with_column, without_column

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

SECOND = Column("second_email", Kind.EMAIL)


def second_email(address: str, student: str = "s1") -> Callable[[Rows], None]:
    """The parents' file has a second address, of one parent."""

    def more(rows: Rows) -> None:
        for row in rows["parents"]:
            row["second_email"] = address if row["student_id"] == student else ""

    return more


@pytest.fixture(scope="module")
def begun(
    tmp_path_factory: pytest.TempPathFactory, fresh_warehouse: Callable[[], str]
) -> GrowingDistrict:
    """Two nights under the release before: the second has one student less."""
    district = GrowingDistrict(tmp_path_factory.mktemp("begun"), fresh_warehouse())
    assert district.sync(1).outcome is Outcome.LOADED
    assert district.sync(2, ["s1", "s2"]).outcome is Outcome.LOADED
    return district


@pytest.fixture
def district(begun: GrowingDistrict, tmp_path: Path, copy_warehouse: Copy) -> GrowingDistrict:
    return begun.again(tmp_path, copy_warehouse)


@pytest.fixture
def upgraded(district: GrowingDistrict) -> Iterator[GrowingDistrict]:
    """The same after the release that has a second email of parents."""
    with contract(*with_column("parents", SECOND)):
        district.upgrade("parents")
        yield district


def test_an_upgrade_alone_recomputes_nothing(district: GrowingDistrict) -> None:
    before = district.rows("roster_history.parents", "student_id, email, valid_from, valid_to")
    slots = district.rows("sync.slots", "slot, fingerprints::text, base")
    files = _files(district)
    with contract(*with_column("parents", SECOND)):
        district.upgrade("parents")
        results = district.replay()
        assert [r.outcome for r in results.values()] == [Outcome.IDENTICAL] * 2
        assert all(not r.recomputed for r in results.values())
        assert _files(district) == files
        assert district.rows("sync.slots", "slot, fingerprints::text, base") == slots
        history = district.rows("roster_history.parents", "student_id, email, valid_from, valid_to")
        assert history == before
        assert district.drift() == []


def _files(district: GrowingDistrict) -> dict[str, int]:
    root = district.folder / "archive"
    return {str(f): f.stat().st_mtime_ns for f in root.rglob("*") if f.is_file()}


def test_a_district_that_does_not_send_the_column_sees_no_change(upgraded: GrowingDistrict) -> None:
    states = upgraded.states()
    result = upgraded.sync(3, ["s1", "s2"])
    assert sum(e.touched for e in result.changes.values()) == 0
    assert upgraded.states() == states
    assert upgraded.drift() == []


def test_what_is_sent_is_loaded_and_goes_again(upgraded: GrowingDistrict) -> None:
    result = upgraded.sync(3, ["s1", "s2"], more=second_email("Second@example.org"))
    assert result.changes["parents"].changed == 1
    assert upgraded.rows("roster.parents", "student_id, second_email") == [
        ("s1", "second@example.org"),
        ("s2", None),
    ]
    assert upgraded.drift() == []
    upgraded.sync(4, ["s1", "s2", "s4"])
    assert upgraded.rows("roster.parents", "student_id, second_email") == [
        (s, None) for s in ("s1", "s2", "s4")
    ]
    assert upgraded.rows(
        "roster_history.parents", "student_id, valid_from::text, second_email"
    ) == [
        ("s1", "2026-09-01", None),
        ("s1", "2026-09-03", "second@example.org"),
        ("s1", "2026-09-04", None),
        ("s2", "2026-09-01", None),
        ("s3", "2026-09-01", None),
        ("s4", "2026-09-04", None),
    ]
    assert upgraded.drift() == []


def test_late_nights_corrections_restores_and_a_rebuild_go_across_the_upgrade(
    upgraded: GrowingDistrict, fresh_warehouse: Callable[[], str]
) -> None:
    upgraded.sync(4, ["s1", "s2"], more=second_email("a@example.org"))
    late = upgraded.sync(3, ["s1", "s2", "s4"], more=second_email("b@example.org", "s2"))
    assert late.recomputed == ("2026-09-04",)
    corrected = upgraded.sync(2, ["s1", "s2", "s5"])
    assert corrected.recomputed == ("2026-09-03",), "with the third it is as it was"
    assert upgraded.rows("roster.parents", "student_id, second_email") == [
        ("s1", "a@example.org"),
        ("s2", None),
    ]
    upgraded.restore(4, to=1)
    assert upgraded.rows("roster.parents", "student_id, second_email") == [
        (s, None) for s in ("s1", "s2", "s3")
    ], "as it was before there was such a column"
    upgraded.sync(5, ["s1", "s2"], more=second_email("c@example.org"))
    assert upgraded.drift() == []
    before = upgraded.everything()
    assert all(r.outcome is Outcome.IDENTICAL for r in upgraded.replay().values())
    assert upgraded.everything() == before
    assert upgraded.everything(upgraded.beside(fresh_warehouse(), "parents")) == before


def test_judged_anew_under_the_release_that_has_the_column(upgraded: GrowingDistrict) -> None:
    upgraded.sync(3, ["s1", "s2"], more=second_email("a@example.org"))
    before = upgraded.everything()
    upgraded.replay(revalidate=True)
    after = upgraded.everything()
    for table in ("roster.parents", "roster_log.parents", "roster_history.parents"):
        assert after[table] == before[table]
    assert upgraded.drift() == []


# A file, its entity and a rule


PROGRAMS = (
    File(
        "programs",
        Domain.CORE,
        columns=(
            Column("school_id", Kind.ID, required=True, personal=False),
            Column("student_id", Kind.ID, required=True),
            Column("program", Kind.TEXT, required=True),
        ),
    ),
    Entity(
        "programs",
        "programs",
        ("student_id", "program"),
        (
            Column("student_id", Kind.ID, required=True),
            Column("program", Kind.TEXT, required=True),
            Column("school_id", Kind.ID, required=True, personal=False),
        ),
        references=(
            Reference(("student_id",), "students", ("student_id",), "programs.student_id.known"),
        ),
    ),
)


def programs(*students: str) -> Callable[[Rows], None]:
    def more(rows: Rows) -> None:
        rows["programs"] = [
            {"school_id": "1", "student_id": s, "program": "chess"} for s in students
        ]

    return more


def short_words(file: str, expectations: list[Any]) -> None:
    """A rule that is new: how long a relationship may be."""
    if file == "parents":
        fits = next(e for e in expectations if e["type"] == "expect_columns_to_fit")
        new = json.loads(json.dumps(fits))
        new["kwargs"] = {"columns": ["relationship"], "max_length": 9}
        new["meta"].pop("parameters", None)  # a district may not differ in it
        expectations.append(new)


def long_words(rows: Rows) -> None:
    for row in rows["parents"]:
        row["relationship"] = "a friend of the family" if row["student_id"] == "s1" else "aunt"


def test_a_file_its_entity_and_a_rule_come_between_two_nights(
    district: GrowingDistrict, fresh_warehouse: Callable[[], str]
) -> None:
    assert district.sync(2, ["s1", "s2"], more=long_words).outcome is Outcome.LOADED
    before = district.everything()
    with contract(*PROGRAMS):
        district.upgrade("programs")
        district.with_rules(short_words, programs=suite_of("programs"))
        assert all(r.outcome is Outcome.IDENTICAL for r in district.replay().values())
        after = district.everything()
        assert {t: after[t] for t in before} == before
        assert after["roster.programs"] == []

        result = district.sync(4, ["s1", "s2"], more=programs("s1", "s2", "nobody"))
        assert (result.changes["programs"].added, result.files["programs"].quarantined) == (2, 1)
        late = district.sync(3, ["s1", "s4"], more=long_words)
        assert late.files["parents"].quarantined == 1, (
            "the new rule judges what is checked from now on"
        )
        assert late.recomputed == ("2026-09-04",)
        district.restore(4, to=2)
        assert district.rows("roster.programs", "student_id") == []
        assert district.drift() == []
        before = district.everything()
        assert all(r.outcome is Outcome.IDENTICAL for r in district.replay().values())
        other = district.beside(fresh_warehouse(), "programs")
        assert district.everything(other) == district.everything() == before


# A key's recipe


def members(*who: tuple[str, str]) -> Callable[[Rows], None]:
    """A group with these members: (kind of identity, value)."""

    def more(rows: Rows) -> None:
        rows["groups"] = [{"school_id": "1", "group_id": "g", "group_name": "Chess"}]
        kinds = ("staff_id", "parent_id", "email", "mobile")
        blank = {"school_id": "1", "group_id": "g", **dict.fromkeys(kinds, "")}
        rows["group_user_members"] = [
            {**blank, kind: value, "role": "member"} for kind, value in who
        ]
        rows["parents"][0]["parent_id"] = "t1"  # as a staff member is called

    return more


T1_STAFF, T1_PARENT, S2 = ("staff_id", "t1"), ("parent_id", "t1"), ("email", "s2@example.org")


def test_a_key_gets_another_recipe_between_two_nights(
    tmp_path: Path, warehouse: str, fresh_warehouse: Callable[[], str]
) -> None:
    district = GrowingDistrict(tmp_path, warehouse)
    yesterday = made_by("group_user_members", 1)
    with contract(yesterday):
        _undo_migration(warehouse)
        district.sync(1, more=members(T1_STAFF, S2))
        district.sync(3, more=members(T1_PARENT, S2))  # one key then: the member changed
        district.sync(5, more=members(T1_PARENT))
        assert district.rows("roster.group_user_members", "member_key") == [("t1",)]
    as_written = district.rows("roster_log.group_user_members", "slot::text, op, member_key")

    district.migrate("0017_member_keys.sql")
    assert district.rows("roster.group_user_members", "member_key") == [("parent t1",)]
    assert (
        district.rows("roster_log.group_user_members", "slot::text, op, member_key") == as_written
    )
    columns = "member_key, valid_from::text, valid_to::text"
    versions = [
        ("email s2@example.org", "2026-09-01", "2026-09-05"),
        ("parent t1", "2026-09-03", None),
        ("staff t1", "2026-09-01", "2026-09-03"),
    ]
    assert district.rows("roster_history.group_user_members", columns) == versions
    assert district.drift() == []
    before = district.everything()
    assert all(r.outcome is Outcome.IDENTICAL for r in district.replay().values())
    assert district.everything() == before
    assert district.everything(district.beside(fresh_warehouse())) == before

    assert sum(e.touched for e in district.sync(6, more=members(T1_PARENT)).changes.values()) == 0
    result = district.sync(7, more=members(T1_STAFF, T1_PARENT, S2))
    assert result.changes["group_user_members"].added == 2
    late = district.sync(2, more=members(T1_STAFF))
    assert late.recomputed == ("2026-09-03",), "after it the members are as they were"
    corrected = district.sync(1, more=members(S2))
    assert corrected.recomputed == ("2026-09-02",)
    assert district.rows("roster_history.group_user_members", columns) == [
        ("email s2@example.org", "2026-09-01", "2026-09-02"),
        ("email s2@example.org", "2026-09-03", "2026-09-05"),
        ("email s2@example.org", "2026-09-07", None),
        ("parent t1", "2026-09-03", None),
        ("staff t1", "2026-09-02", "2026-09-03"),
        ("staff t1", "2026-09-07", None),
    ]
    assert _explained(district, "email s2@example.org") == [
        "01 added",
        "02 removed",
        "03 added",
        "05 removed",
        "07 added",
    ]
    district.restore(7, to=5, entities=["group_user_members"])
    assert district.rows("roster.group_user_members", "member_key") == [("parent t1",)]
    assert district.drift() == []
    assert district.everything(district.beside(fresh_warehouse())) == district.everything()


def _undo_migration(warehouse: str) -> None:
    """A warehouse as it was before keys were made by recipe 2."""
    entity = ENTITIES["group_user_members"]
    with psycopg.connect(warehouse) as conn:
        conn.execute(f"drop view {entity.history_view}, {entity.log_table}_today")  # type: ignore[call-overload]
        conn.execute(render_sql("postgres/draft/history.sql", entity=entity))  # type: ignore[arg-type]


def _explained(district: GrowingDistrict, key: str) -> list[str]:
    found = explain(
        district.warehouse,
        district.archive,
        district=district.cfg.id,
        entity=ENTITIES["group_user_members"],
        key=["1", "g", key],
    )
    return [f"{v.slot[-2:]} {v.op}" for v in found.versions]


# A column that leaves


def test_a_column_leaves_between_two_nights(
    tmp_path: Path, warehouse: str, fresh_warehouse: Callable[[], str]
) -> None:
    def number(text: str) -> Callable[[Rows], None]:
        return lambda rows: rows["sections"][0].update(section_number=text)

    district = GrowingDistrict(tmp_path, warehouse)
    district.sync(1, more=number("teacher"))
    district.sync(2, more=number("principal"))
    history = district.rows(
        "roster_history.sections", "valid_from::text, valid_to::text, section_number"
    )
    with contract(*without_column("sections", "section_number")):
        district.upgrade("sections")
        district.with_rules(lambda file, expectations: _without(expectations, "section_number"))
        assert district.drift() == []
        assert all(r.outcome is Outcome.IDENTICAL for r in district.replay().values())
        result = district.sync(3, more=number("principal"))
        assert sum(e.touched for e in result.changes.values()) == 0
        assert (
            district.rows(
                "roster_history.sections", "valid_from::text, valid_to::text, section_number"
            )
            == history
        )
        assert district.drift() == []
        late = district.sync(1, ["s1", "s2", "s4"], more=number("teacher"))
        assert late.recomputed == ("2026-09-02", "2026-09-03"), (
            "their states have no number any more"
        )
        assert district.drift() == []
        before = district.everything()
        assert all(r.outcome is Outcome.IDENTICAL for r in district.replay().values())
        assert district.everything(district.beside(fresh_warehouse(), "sections")) == before


def _without(expectations: list[Any], column: str) -> None:
    for one in expectations:
        columns = one["kwargs"].get("columns", [])
        if column in columns and "file" not in one:
            columns.remove(column)
    expectations[:] = [
        e
        for e in expectations
        if e["kwargs"].get("columns") != [] and e["kwargs"].get("column") != column
    ]
