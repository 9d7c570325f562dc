"""New ids for known students: proposed only where nobody can doubt which is which."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from rostersync.archive import Archive
from rostersync.diff import rekey
from rostersync.fold import Settled, Slice, SlotDiff, base_of
from tests.support.landings import (
    Row,
    Upload,
    emergency_contact,
    parent,
    school,
    small_upload,
    student,
)
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out

TRADE = (Slice("students", "added"), Slice("students", "removed"))

Child = tuple[Row, Sequence[Row]]
"""A student's row and the parents' ways to be reached."""


def child(student_id: str, name: str, *parents: Row, **values: Any) -> Child:
    return student(student_id, first_name=name, **values), parents


def crowd(prefix: str, count: int = 10, **values: Any) -> list[Child]:
    """Children who are told apart by their first names, each with a parent of their own."""
    return [
        child(f"{prefix}{n}", f"Child{n}", {"email": f"c{n}@example.org"}, **values)
        for n in range(count)
    ]


def upload(*children: Child) -> Upload:
    rows = [row for row, _ in children]
    return small_upload(
        schools=[school("1"), school("2")],
        students=rows,
        parents=[
            parent(row["student_id"], f"p{row['student_id']}{n}", row["school_id"], **way)
            for row, ways in children
            for n, way in enumerate(ways)
        ],
        rosters=[],
    )


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(Archive(tmp_path))


def pairs(nights: Nights, document: str = "rekeyed") -> dict[str, str]:
    """Former id -> new id, as the archive has them of the newest night."""
    diff = nights.diffs[-1]
    folder = nights.layout(diff.slot).diff(1, "pin", diff.base)
    name = f"{folder}/{document}.parquet"
    if not nights.archive.exists(name):
        return {}
    return dict(nights._read(name, "former_student_id, student_id"))


def trade(nights: Nights, before: Sequence[Child], after: Sequence[Child]) -> dict[str, str]:
    """What is proposed when everybody's removal and addition waits."""
    nights.upload(upload(*before))
    nights.held = TRADE
    nights.upload(upload(*after))
    return pairs(nights)


def test_the_same_children_under_new_ids_are_told_by_school(nights: Nights) -> None:
    before = [*crowd("a", 6), *crowd("b", 5, school_id="2", last_name="Testcousin")]
    after = [*crowd("x", 6), *crowd("y", 5, school_id="2", last_name="testcousin ")]
    assert trade(nights, before, after) == {
        **{f"a{n}": f"x{n}" for n in range(6)},
        **{f"b{n}": f"y{n}" for n in range(5)},
    }
    diff = nights.diffs[-1]
    assert diff.rekeyed == {"1": 6, "2": 5}
    assert diff.aliases is None, "nobody has approved it"
    assert nights.keys("students") == sorted(row["student_id"] for row, _ in before)


def test_other_children_are_no_new_ids(nights: Nights) -> None:
    others = [child(f"x{n}", f"Other{n}", {"email": f"c{n}@example.org"}) for n in range(10)]
    assert trade(nights, crowd("a"), others) == {}
    assert nights.diffs[-1].rekeyed == {}


@pytest.mark.parametrize(("same", "found"), [(8, 8), (7, 0)])
def test_most_of_those_gone_have_a_new_id_or_nothing_is_proposed(
    nights: Nights, same: int, found: int
) -> None:
    assert len(trade(nights, crowd("a"), crowd("x", same))) == found
    assert sum(nights.diffs[-1].rekeyed.values()) == found


MOTHER, FATHER = {"email": "cedar@example.org"}, {"email": None, "mobile": "2145550111"}


@pytest.mark.parametrize(
    ("was", "now", "same"),
    [
        (child("a", "Aspen", MOTHER), child("x", "Aspen", MOTHER), True),
        (child("a", "Aspen", MOTHER), child("x", "ASPEN", {"email": "Cedar@Example.org"}), True),
        (child("a", "Aspen", MOTHER, FATHER), child("x", "Aspen", FATHER), True),
        (child("a", "Aspen", MOTHER), child("x", "Aspen", FATHER), False),
        (child("a", "Aspen", MOTHER), child("x", "Birch", MOTHER), False),
        (child("a", "Aspen", MOTHER), child("x", "Aspen", MOTHER, last_name="Else"), False),
        (child("a", "Aspen", MOTHER), child("x", "Aspen", MOTHER, grade_level="4"), True),
        (child("a", "Aspen", MOTHER), child("x", "Aspen", MOTHER, grade_level="5"), False),
        (
            child("a", "Aspen", MOTHER, grade_level="-4"),
            child("x", "Aspen", MOTHER, grade_level="0"),
            True,
        ),
        (
            child("a", "Aspen", MOTHER, grade_level="-4"),
            child("x", "Aspen", MOTHER, grade_level="1"),
            False,
        ),
        (child("a", "Aspen", MOTHER), child("x", "Aspen", MOTHER, grade_level="2"), False),
        (child("a", "Aspen"), child("x", "Aspen"), False),
        (
            child("a", "Aspen", cellphone="2145550122"),
            child("x", "Aspen", cellphone="2145550122"),
            True,
        ),
        (
            child("a", "Aspen", state_student_id="T1"),
            child("x", "Aspen", state_student_id="T1"),
            True,
        ),
        (
            child("a", "Aspen", MOTHER, state_student_id="T1"),
            child("x", "Aspen", MOTHER, state_student_id="T2"),
            False,
        ),
        (child("a", "Aspen", MOTHER, state_student_id="T1"), child("x", "Aspen", MOTHER), True),
    ],
)
def test_names_grade_and_a_contact_or_the_state_id(
    nights: Nights, was: Child, now: Child, same: bool
) -> None:
    found = trade(nights, [*crowd("a"), was], [*crowd("x"), now])
    assert found.get("a") == ("x" if same else None)
    assert len(found) == 10 + same, "the others are there in any case"


def test_an_emergency_contact_is_a_contact(nights: Nights) -> None:
    for prefix in ("a", "x"):
        night = upload(*crowd(prefix), child(prefix, "Aspen"))
        contact = emergency_contact(prefix, f"e{prefix}", phone="2145550133")
        night.files["emergency_contacts"] = [contact]
        nights.held = TRADE if prefix == "x" else ()
        nights.upload(night)
    assert pairs(nights)["a"] == "x"


TWINS = [child("t1", "Aspen", MOTHER), child("t2", "Aspen", MOTHER)]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param([child("u1", "Aspen", MOTHER), child("u2", "Aspen", MOTHER)], id="both"),
        pytest.param([child("u1", "Aspen", MOTHER)], id="one"),
        pytest.param([child("u1", "Aspen", MOTHER, grade_level="4")], id="one, a grade up"),
        pytest.param(
            [child("u1", "Aspen", MOTHER), child("u2", "Aspen", MOTHER, grade_level="4")],
            id="one of them a grade up",
        ),
    ],
)
def test_twins_of_one_name_at_home_are_nobody(nights: Nights, after: list[Child]) -> None:
    found = trade(nights, [*crowd("a"), *TWINS], [*crowd("x"), *after])
    assert len(found) == 10
    assert not {"t1", "t2"} & set(found)


def test_one_of_whom_there_are_two_new_is_nobody(nights: Nights) -> None:
    twins = [child("u1", "Aspen", MOTHER), child("u2", "Aspen", MOTHER)]
    assert "t1" not in trade(nights, [*crowd("a"), TWINS[0]], [*crowd("x"), *twins])


def test_a_twin_in_quarantine_counts(nights: Nights) -> None:
    nights.upload(upload(*crowd("a"), TWINS[0]))
    nights.held = TRADE
    after = upload(*crowd("x"), child("u1", "Aspen", MOTHER), child("u2", "Aspen", MOTHER))
    after.errors.append(("students", 13, "students.status.known", "status"))
    nights.upload(after)
    assert nights.quarantine() != []
    assert len(pairs(nights)) == 10


def test_twins_who_have_state_ids_are_told_apart(nights: Nights) -> None:
    before, after = (
        [child(f"{prefix}{n}", "Aspen", MOTHER, state_student_id=f"T{n}") for n in order]
        for prefix, order in (("a", (1, 2)), ("x", (2, 1)))
    )
    assert trade(nights, before, after) == {"a1": "x1", "a2": "x2"}


def test_an_office_number_is_nobodys(nights: Nights) -> None:
    office = {"email": None, "mobile": "2145550199"}
    many = [child(f"o{n}", f"Many{n}", office) for n in range(rekey.FAMILY)]
    new = [child(f"n{n}", f"New{n}", office) for n in range(rekey.FAMILY)]
    found = trade(
        nights,
        [*crowd("a", 60), *many, child("a", "Aspen", office)],
        [*crowd("x", 60), *new, child("x", "Aspen", office)],
    )
    assert len(found) == 60
    assert "a" not in found


def test_a_name_of_too_many_is_not_looked_into(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekey, "NAMESAKES", 2)
    three = [child(f"a{n}x", "Aspen", {"email": f"x{n}@example.org"}) for n in range(3)]
    again = [child(f"x{n}x", "Aspen", {"email": f"x{n}@example.org"}) for n in range(3)]
    assert len(trade(nights, [*crowd("a", 20), *three], [*crowd("x", 20), *again])) == 20


def test_no_night_without_a_trade_looks_for_new_ids(nights: Nights) -> None:
    nights.upload(upload(*crowd("a")))
    nights.held = (Slice("students", "removed"), Slice("students", "added", "2"))
    nights.upload(upload(*crowd("x")))
    assert (nights.diffs[-1].rekeyed, pairs(nights)) == ({}, {})


def approved(nights: Nights, *scopes: str, held: tuple[Slice, ...] = ()) -> SlotDiff:
    before = [*crowd("a", 4), *crowd("b", 4, school_id="2", last_name="Testcousin")]
    after = [*crowd("x", 4), *crowd("y", 4, school_id="2", last_name="Testcousin")]
    nights.upload(upload(*before))
    nights.held, nights.rekeyed = held, scopes
    return nights.upload(upload(*after))


def test_what_is_approved_is_kept_as_it_was_proposed(nights: Nights) -> None:
    diff = approved(nights, "")
    assert diff.aliases is not None
    assert pairs(nights, "aliases") == {
        **{f"a{n}": f"x{n}" for n in range(4)},
        **{f"b{n}": f"y{n}" for n in range(4)},
    }
    assert (diff.rekeyed, pairs(nights)) == ({}, {}), "nothing of it waits any more"


def test_what_is_approved_of_one_school_leaves_the_other_waiting(nights: Nights) -> None:
    diff = approved(
        nights, "1", held=(Slice("students", "added", "2"), Slice("students", "removed", "2"))
    )
    assert pairs(nights, "aliases") == {f"a{n}": f"x{n}" for n in range(4)}
    assert pairs(nights) == {f"b{n}": f"y{n}" for n in range(4)}
    assert diff.rekeyed == {"2": 4}


def test_what_loads_by_itself_is_no_approved_new_id(nights: Nights) -> None:
    approved(nights, "1")
    assert set(pairs(nights, "aliases")) == {f"a{n}" for n in range(4)}


def test_the_documents_of_older_versions_are_read_and_named_as_before(nights: Nights) -> None:
    diff = approved(nights, "")
    document = diff.to_json()
    assert SlotDiff.from_json(document) == diff
    del document["rekeyed"], document["aliases"]
    old = SlotDiff.from_json(document)
    assert (old.rekeyed, old.aliases) == ({}, None)
    held = Settled(held=TRADE)
    assert held.decided() == {
        "held": [{"entity": "students", "kind": k, "scope": ""} for k in ("added", "removed")],
        "gone": [],
    }
    assert Settled.of({}, held.decided()) == held
    with_ids = Settled(rekeyed=("1",))
    assert Settled.of({}, with_ids.decided()) == with_ids
    assert base_of({}, with_ids) != base_of({}, Settled())
