"""A release may add a nullable column: what was archived before stays as it is, and stays readable."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rostersync.archive import Archive
from rostersync.diff.between import moved_between
from rostersync.diff.fingerprints import state_fingerprints
from rostersync.engine import open_session
from rostersync.engine.sql import literal, quote
from rostersync.fold import EVERYWHERE, Restored, Slice, SlotDiff
from rostersync.spec import ENTITIES, Column, Domain, Entity, Kind
from tests.support.grown import contract, made_by, with_column, without_column
from tests.support.landings import (
    Row,
    Upload,
    full_upload,
    parent,
    teacher,
    user_member,
    write_upload,
)
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out

ADDED = (Column("second_email", Kind.EMAIL), Column("born", Kind.DATE), Column("age", Kind.GRADE))


@pytest.fixture
def nights(archive: Archive) -> Nights:
    return Nights(archive)


@pytest.fixture
def grown() -> Iterator[None]:
    with contract(*with_column("parents", *ADDED)):
        yield


def parents(**values: Any) -> Upload:
    """The usual upload; ``values``: of the first of three parents."""
    first = parent("s1", "ps1", **values)
    return full_upload(parents=[first, *(parent(s, f"p{s}") for s in ("s2", "s3"))])


def states(nights: Nights) -> list[str]:
    return nights.archive.list_names("testville/core/states/parents")


def summed(nights: Nights, name: str) -> str:
    """The fingerprint of the newest state, from all its rows."""
    with open_session(nights.archive, is_tiny=True) as session:
        stored = nights.layout("x").state(name, nights.diffs[-1].fingerprints[name])
        session.view_state("stored", ENTITIES[name], stored)
        (found,) = state_fingerprints(session, ENTITIES[name], "stored").values()
    return found


def test_a_column_that_nobody_sends_changes_nothing(nights: Nights) -> None:
    before = nights.upload(parents())
    kept = states(nights)
    with contract(*with_column("parents", *ADDED)):
        after = nights.upload(parents())
        assert after.touched == 0
        assert after.fingerprints == before.fingerprints
        assert states(nights) == kept
        assert nights.state("parents", "count(*), count(second_email)") == [(3, 0)]
        assert summed(nights, "parents") == after.fingerprints["parents"]


def test_a_column_that_is_sent_changes_the_rows_that_have_it(nights: Nights) -> None:
    before = nights.upload(parents())
    with contract(*with_column("parents", *ADDED)):
        after = nights.upload(parents(second_email="c@example.org", born="1980-02-29", age="9"))
        assert after.entities["parents"].changed == 1
        assert after.touched == 1
        rows = nights.state("parents", "student_id, second_email, born::varchar, age")
        assert rows == [
            ("s1", "c@example.org", "1980-02-29", 9),
            ("s2", None, None, None),
            ("s3", None, None, None),
        ]
        blanked = nights.upload(parents())
        assert blanked.entities["parents"].changed == 1
        assert blanked.fingerprints == before.fingerprints, "without a value it is as if not there"


def test_the_kept_sum_is_the_sum_of_the_rows(nights: Nights, grown: None) -> None:
    nights.upload(parents())
    nights.upload(parents(second_email="c@example.org"))
    nights.upload(parents(second_email="d@example.org", age="3"))
    for name, fingerprint in nights.diffs[-1].fingerprints.items():
        if name in ENTITIES and int(fingerprint, 16):
            assert summed(nights, name) == fingerprint


def test_an_upload_that_was_checked_before_is_read_without_the_column(nights: Nights) -> None:
    first = nights.upload(parents())
    layout = nights.layout("2026-09-02")
    files = write_upload(nights.archive, layout.check(1, "pin"), parents(email="d@example.org"))
    with contract(*with_column("parents", *ADDED)):
        after = nights.resolve(layout, files)
        assert (after.touched, after.entities["parents"].changed) == (1, 1)
    nights.held = (Slice("parents", "changed"),)
    assert nights.resolve(layout, files).fingerprints == first.fingerprints


def test_states_of_both_kinds_are_held_beside_each_other(nights: Nights) -> None:
    before = nights.upload(parents())
    with contract(*with_column("parents", *ADDED)):
        after = nights.upload(parents(second_email="c@example.org"))
        entity = ENTITIES["parents"]
        names = (before.fingerprints["parents"], after.fingerprints["parents"])
        layout = nights.layout("x")
        assert moved_between(nights.archive, layout, entity, *names) == (0, 1, 0)
        assert moved_between(nights.archive, layout, entity, *reversed(names)) == (0, 1, 0)


def test_days_with_and_without_the_column_are_read_together(archive: Archive) -> None:
    before = ENTITIES["attendance"]
    with contract(*with_column("attendance", Column("note", Kind.TEXT))):
        after = ENTITIES["attendance"]
        with open_session(archive, is_tiny=True) as session:
            for name, note in (("a.parquet", ""), ("b.parquet", "late bus")):
                cells = ", ".join(f"'x' as {quote(c.name)}" for c in before.columns)
                more = f", {literal(note)} as note" if note else ""
                cells = cells.replace("'x' as \"date\"", "date '2026-09-01' as \"date\"")
                session.write_parquet(f"select {cells}{more}", name)
            session.view_state("events", after, "a.parquet", "b.parquet")
            assert session.con.execute("select note from events order by 1").fetchall() == [
                ("late bus",),
                (None,),
            ]


def test_a_column_that_has_left_is_not_read(archive: Archive) -> None:
    with open_session(archive, is_tiny=True) as session:
        session.write_parquet(
            "select 's1' as school_id, 'g' as group_id, 'x' as colour", "g.parquet"
        )
        left = session.view_state("stored", ENTITIES["groups"], "g.parquet")
        assert left == {"colour"}
        assert session.con.execute("from stored").fetchall() == [("s1", "g", None, None)]


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda e: e.name)
def test_the_first_releases_fingerprints_hold_for_ever(entity: Entity, archive: Archive) -> None:
    """The recipe of the first release, in Python: whatever the contract gains, these must come out."""
    texts = {
        "date": ("date '2026-09-01'", "2026-09-01"),
        "smallint": ("3::smallint", "3"),
        "boolean": ("true", "true"),
    }
    cells, row = [], []
    for place, column in enumerate(entity.columns):
        sql, text = texts.get(column.warehouse_type, (f"'v{place}'", f"v{place}"))
        is_null = column.name not in entity.key and place % 3 == 2
        cells.append(f"{'null' if is_null else sql}::{column.duckdb_type} as {quote(column.name)}")
        # a key that is made was made of the first value, when this was the recipe
        made = entity.made and column.name == entity.made.column
        row.append("\0n" if is_null else "v3" if made else text)
    digest = hashlib.md5("\0".join(row).encode(), usedforsecurity=False).digest()
    lower, upper = (int.from_bytes(digest[at : at + 8], "little") for at in (8, 0))
    with open_session(archive, is_tiny=True) as session:
        session.con.execute(f"create table stored as select {', '.join(cells)}")
        (found,) = state_fingerprints(session, entity, "stored").values()
    assert found == f"{upper:016x}{lower:016x}"


def members(*more: Row) -> Upload:
    """An upload with a member of each kind, and more of them."""
    upload = full_upload(staff=[teacher("t1"), teacher("ps1")])
    upload.files["group_user_members"] += [user_member("g", mobile="2145550101"), *more]
    upload.files["parents"][1]["mobile"] = "2145550101"
    return upload


KEYS = ["email cedar@example.org", "mobile 2145550101", "parent ps1", "staff t1"]
FORMER_KEYS = ["2145550101", "cedar@example.org", "ps1", "t1"]


@pytest.fixture
def before(nights: Nights) -> SlotDiff:
    """A night of the release that named members by the value alone."""
    with contract(made_by("group_user_members", 1)):
        diff = nights.upload(members())
        assert nights.keys("group_user_members", "member_key") == FORMER_KEYS
        return diff


def test_members_stored_under_the_former_key_are_who_they_were(
    nights: Nights, before: SlotDiff
) -> None:
    kept = nights.archive.list_names("testville/core/states/group_user_members")
    assert nights.keys("group_user_members", "member_key") == KEYS
    after = nights.upload(members())
    assert (after.touched, after.fingerprints) == (0, before.fingerprints)
    assert nights.archive.list_names("testville/core/states/group_user_members") == kept
    changed = nights.upload(members(user_member("g", staff_id="ps1")))
    assert (changed.touched, changed.entities["group_user_members"].added) == (1, 1)
    assert nights.keys("group_user_members", "member_key") == sorted([*KEYS, "staff ps1"])


def test_the_kept_sum_goes_on_over_a_former_key(nights: Nights, before: SlotDiff) -> None:
    upload = members(user_member("g", staff_id="ps1"))
    upload.files["group_user_members"][0]["role"] = "member"
    del upload.files["group_user_members"][1]
    fingerprint = nights.upload(upload).fingerprints["group_user_members"]
    assert summed(nights, "group_user_members") == fingerprint
    assert fingerprint != before.fingerprints["group_user_members"]


def test_a_former_key_is_carried_and_held_under_todays(nights: Nights, before: SlotDiff) -> None:
    nights.held = (Slice("group_user_members", "removed"),)
    upload = members()
    upload.files["group_user_members"] = upload.files["group_user_members"][:1]
    diff = nights.upload(upload)
    assert diff.entities["group_user_members"].reasons == {"held": 3}
    assert nights.keys("group_user_members", "member_key") == KEYS
    del upload.files["group_user_members"]
    diff = nights.upload(upload)
    assert diff.entities["group_user_members"].reasons == {"file_missing": 4}
    assert diff.fingerprints["group_user_members"] == before.fingerprints["group_user_members"]


def test_a_restore_goes_back_across_the_recipe(nights: Nights, before: SlotDiff) -> None:
    nights.upload(members(user_member("g", staff_id="ps1")))
    fingerprint = before.fingerprints["group_user_members"]
    nights.restored = (Restored("group_user_members", EVERYWHERE, fingerprint),)
    upload = members()
    upload.files["group_user_members"] = [user_member("g", staff_id="ps1")]
    assert nights.upload(upload).fingerprints["group_user_members"] == fingerprint
    assert nights.keys("group_user_members", "member_key") == KEYS


@pytest.mark.parametrize("recipe", [1, 2])
def test_a_value_too_long_for_an_index_is_hashed(recipe: int, nights: Nights) -> None:
    address = f"{'x' * 800}@example.org"
    upload = full_upload(parents=[parent("s1", "p", email=address)])
    upload.files["group_user_members"] = [user_member("g", email=address)]
    with contract(made_by("group_user_members", recipe)):
        nights.upload(upload)
    digest = hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()
    assert nights.keys("group_user_members", "member_key") == [f"email {digest}"]


def related(how: str | None, **values: Any) -> Upload:
    return parents(relationship=how, **values)


def test_a_column_that_leaves_changes_no_row_and_goes_with_the_next_state(
    nights: Nights, tmp_path: Path
) -> None:
    before = nights.upload(related("aunt"))
    without = Nights(Archive(tmp_path / "other")).upload(related(None))
    with contract(*without_column("parents", "relationship")):
        after = nights.upload(related("aunt"))
        assert after.touched == 0
        assert after.fingerprints == without.fingerprints != before.fingerprints
        changed = nights.upload(related("aunt", email="d@example.org"))
        assert changed.touched == 1
        again = nights.upload(related("uncle"))
        assert again.fingerprints == without.fingerprints
    assert before.fingerprints["parents"] + ".parquet" in states(nights), "it is still there"


def test_a_column_that_nobody_sent_leaves_without_a_trace(nights: Nights) -> None:
    before = nights.upload(parents())
    kept = states(nights)
    with contract(*without_column("parents", "relationship")):
        after = nights.upload(parents())
        assert (after.touched, after.fingerprints) == (0, before.fingerprints)
        assert states(nights) == kept


def test_a_later_column_that_leaves_leaves_the_sum_as_well(nights: Nights) -> None:
    plain = nights.upload(parents())
    with contract(*with_column("parents", *ADDED)):
        nights.upload(parents(second_email="c@example.org"))
        with contract(*without_column("parents", "second_email")):
            after = nights.upload(parents(second_email="c@example.org"))
            assert (after.touched, after.fingerprints) == (0, plain.fingerprints)


def test_days_lose_a_column_day_by_day(archive: Archive) -> None:
    days = Nights(archive, domain=Domain.ATTENDANCE)
    days.foreign = Nights(archive).upload(full_upload()).fingerprints
    days.foreign = {n: days.foreign[n] for n in ("schools", "students")}
    event = {"school_id": "1", "student_id": "s1", "period": "all_day", "code": "A"}
    one, two = ({**event, "date": f"2026-09-0{n}"} for n in (1, 2))
    note = Column("note", Kind.TEXT)
    plain = days.upload(Upload({"attendance": [one, two]}))
    with contract(*with_column("attendance", note)):
        noted = days.upload(Upload({"attendance": [{**one, "note": "bus"}, two]}))
        assert noted.entities["attendance"].changed == 1
        with contract(*without_column("attendance", "note")):
            after = days.upload(Upload({"attendance": [one]}))
            assert after.touched == 0
            assert after.entities["attendance"].days == {
                "2026-09-01": plain.entities["attendance"].days["2026-09-01"]
            }
