"""One student_id, another child: the known one stays until a person decides; contacts never cross over."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from rostersync.archive import Archive, FileState
from rostersync.diff import judge
from rostersync.fold import Slice, SlotDiff
from tests.support.landings import (
    Row,
    Upload,
    emergency_contact,
    full_upload,
    member,
    parent,
    roster,
    school,
    section,
    student,
    user_member,
)
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out

RULES = ("students.student_id.possible_reuse",)
"""The rules of resolve that this file is about."""
REUSED = Slice("students", "reused", "1")
OLD = {"first_name": "Aspen", "last_name": "Testkid"}
NEW = {"first_name": "Rowan", "last_name": "Otherchild"}


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    nights = Nights(Archive(tmp_path))
    nights.upload(before())
    return nights


def before() -> Upload:
    """s1 with a parent, an emergency contact, a section and a group; s2 and s3 likewise."""
    upload = full_upload()
    upload.files["students"] = [student(s, state_student_id=f"x{s}") for s in ("s1", "s2", "s3")]
    upload.files["group_user_members"] = [user_member("g", parent_id="ps1")]
    return upload


def after(**values: Any) -> Upload:
    """Another child under s1, at school 2, with contacts, a section and a group of their own."""
    upload = before()
    child = student("s1", "2", state_student_id="y1", **NEW)
    for file, rows in upload.files.items():
        upload.files[file] = [r for r in rows if r.get("student_id") != "s1"]
    upload.files["schools"].append(school("2"))
    upload.files["students"].append({**child, **values})
    upload.files["sections"].append(section("b", None, "2"))
    upload.files["parents"].append(parent("s1", "pnew", "2", first_name="Hazel"))
    upload.files["emergency_contacts"].append(emergency_contact("s1", "enew", first_name="Olive"))
    upload.files["rosters"].append(roster("b", "s1", "2"))
    upload.files["groups"].append({"school_id": "1", "group_id": "h", "group_name": "Go"})
    upload.files["group_members"].append(member("h", "s1"))
    upload.files["group_user_members"] = [user_member("g", parent_id="pnew")]
    return upload


def of_s1(nights: Nights) -> dict[str, list[tuple[Any, ...]]]:
    """What the state has of s1, and the members who are a parent."""
    seen = {
        entity: [row[1:] for row in nights.state(entity, f"student_id, {what}") if row[0] == "s1"]
        for entity, what in {
            "students": "first_name, school_id",
            "student_schools": "school_id",
            "parents": "contact_key",
            "emergency_contacts": "contact_id",
            "rosters": "section_id",
            "group_members": "group_id",
        }.items()
    }
    return {**seen, "members": nights.state("group_user_members", "member_key")}


THE_OLD = {
    "students": [("Aspen", "1")],
    "student_schools": [("1",)],
    "parents": [("ps1",)],
    "emergency_contacts": [("es1",)],
    "rosters": [("a",)],
    "group_members": [("g",)],
    "members": [("parent ps1",)],
}
THE_NEW = {
    "students": [("Rowan", "2")],
    "student_schools": [("2",)],
    "parents": [("pnew",)],
    "emergency_contacts": [("enew",)],
    "rosters": [("b",)],
    "group_members": [("h",)],
    "members": [("parent pnew",)],
}


def slices(diff: SlotDiff, **said: Any) -> list[str]:
    asked: dict[str, Any] = {"window": None, "first": False, "earlier_sha256": ()}
    judgement = judge(diff, **{"limits": "off", **asked, **said})
    return [str(s) for s in judgement.slices]


def noted(diff: SlotDiff) -> list[tuple[int, ...]]:
    found = diff.files["students"].findings
    return [f.lines for f in found if f.rule == "students.student_id.possible_reuse"]


@pytest.mark.parametrize(
    ("was", "now", "reused"),
    [
        ({"state_student_id": "x"}, {**NEW, "state_student_id": "y"}, True),
        ({}, {**NEW, "grade_level": "2"}, True),
        ({}, NEW, False),
        ({"state_student_id": "x"}, {**NEW, "state_student_id": "x"}, False),
        ({"state_student_id": "x"}, NEW, False),
        ({}, {**NEW, "grade_level": "4"}, False),
        ({"grade_level": "100"}, {**NEW, "grade_level": "3"}, False),
        ({"grade_level": "0"}, {**NEW, "grade_level": "-1"}, True),
        ({}, {"last_name": "Otherchild", "grade_level": "2"}, False),
        ({}, {"first_name": "Rowan", "grade_level": "2"}, False),
        ({}, {"first_name": "ASPEN ", "last_name": "Otherchild", "grade_level": "2"}, False),
        ({}, {"first_name": "Rowan", "last_name": " testkid", "grade_level": "2"}, False),
    ],
)
def test_both_names_and_a_state_id_or_a_lower_grade(
    tmp_path: Path, was: Row, now: Row, reused: bool
) -> None:
    nights = Nights(Archive(tmp_path))
    nights.upload(full_upload(students=[student("s1", **was), student("s2"), student("s3")]))
    diff = nights.upload(full_upload(students=[student("s2"), student("s3"), student("s1", **now)]))
    assert slices(diff) == (["students:reused:1"] if reused else [])
    assert noted(diff) == ([(4,)] if reused else [])


def test_it_waits_by_itself_whatever_the_limits_are(nights: Nights) -> None:
    diff = nights.upload(after())
    assert diff.measures is not None
    assert diff.measures.reused == {"1": 1}
    assert diff.measures.rows["students"]["1"].changed == 0, "it is no change of a person"
    for said in ({}, {"limits": "default"}, {"window": "rollover"}):
        assert "students:reused:1" in slices(diff, **said)


def test_while_it_waits_all_of_the_known_child_stays_and_nothing_of_the_other_comes(
    nights: Nights,
) -> None:
    nights.held = (REUSED,)
    diff = nights.upload(after())
    assert of_s1(nights) == THE_OLD
    assert diff.entities["students"].reasons == {"held": 1}
    assert [(h.slice, h.count) for h in diff.held] == [(REUSED, 1)]
    assert noted(diff) == [(4,)], "the district is told each night"
    for name in ("students", "parents", "rosters"):
        file = diff.files[name]
        assert (file.quarantined, file.accepted) == (0, file.records)
    assert nights.keys("students") == ["s1", "s2", "s3"]


def doubted(nights: Nights) -> list[str]:
    """Ids of which the newest night does not know whose they are."""
    name = nights.diffs[-1].reused
    if name is None:
        return []
    with nights.archive.fs.open(nights.archive.path(name), "rb") as source:
        found: list[str] = pyarrow.parquet.read_table(source).column("student_id").to_pylist()
    return found


def test_an_id_is_in_doubt_while_another_child_is_sent_than_stands(nights: Nights) -> None:
    assert doubted(nights) == []
    nights.held = (REUSED,)
    nights.upload(after())
    assert doubted(nights) == ["s1"]
    nights.upload(after(school_id="9"))
    assert nights.state("students", "student_id, first_name")[0] == ("s1", "Aspen")
    assert doubted(nights) == ["s1"], "in quarantine, the record still names another child"
    nights.upload(before())
    assert doubted(nights) == []
    nights.held = ()
    nights.upload(after())
    assert doubted(nights) == [], "approved, that child stands"


def test_approved_the_other_child_stands_there_alone(nights: Nights) -> None:
    nights.upload(after())
    assert of_s1(nights) == THE_NEW


@pytest.mark.parametrize("state", [FileState.MISSING, FileState.STALE, FileState.REJECTED])
def test_approved_no_contact_is_carried_from_a_file_that_brings_nothing(
    nights: Nights, state: FileState
) -> None:
    upload = after()
    for name in ("parents", "emergency_contacts", "rosters", "group_members"):
        del upload.files[name]
        upload.states[name] = state
    nights.upload(upload)
    seen = of_s1(nights)
    assert seen["students"] == [("Rowan", "2")]
    assert seen["parents"] == seen["emergency_contacts"] == []
    assert seen["rosters"] == seen["group_members"] == []
    assert nights.keys("parents") == ["s2", "s3"], "others' are carried"


def test_approved_no_contact_is_frozen_by_a_bad_record(nights: Nights) -> None:
    upload = after()
    for file, column in (("parents", "parent_id"), ("emergency_contacts", "contact_id")):
        rows = upload.files[file]
        key = {"parents": "ps1", "emergency_contacts": "es1"}[file]
        rows.append({**rows[-1], column: key})
        upload.errors.append((file, 1 + len(rows), f"{file}.first_name.present", "first_name"))
        rows.append({**rows[-1], column: None})
        upload.errors.append((file, 1 + len(rows), f"{file}.{column}.clean", column))
    nights.upload(upload)
    seen = of_s1(nights)
    assert seen["parents"] == [("pnew",)]
    assert seen["emergency_contacts"] == [("enew",)]


def test_approved_it_does_not_wait_for_contacts_of_others(nights: Nights) -> None:
    nights.held = tuple(
        Slice(entity, kind)
        for entity in ("parents", "emergency_contacts", "rosters")
        for kind in ("changed", "removed")
    )
    upload = after()
    upload.files["parents"] = [r for r in upload.files["parents"] if r["student_id"] != "s2"]
    nights.upload(upload)
    seen = of_s1(nights)
    assert seen["parents"] == [("pnew",)]
    assert seen["emergency_contacts"] == [("enew",)]
    assert nights.keys("parents") == ["s1", "s2", "s3"], "s2's parent waits"


def test_contacts_that_are_sent_again_are_tonights(nights: Nights) -> None:
    upload = after()
    upload.files["parents"].append(parent("s1", "ps1", "2"))
    nights.upload(upload)
    assert of_s1(nights)["parents"] == [("pnew",), ("ps1",)]


def test_a_change_that_waits_is_not_a_reused_id_that_waits(nights: Nights) -> None:
    nights.held = (Slice("students", "changed"),)
    upload = after()
    upload.files["students"][0] = {**upload.files["students"][0], "last_name": "Newname"}
    diff = nights.upload(upload)
    assert [h.count for h in diff.held] == [1]
    assert of_s1(nights) == THE_NEW
    assert [n for (n,) in nights.state("students", "last_name")].count("Newname") == 0


def test_it_comes_out_the_same_when_the_slot_is_recomputed(nights: Nights, tmp_path: Path) -> None:
    nights.held = (REUSED,)
    first = nights.upload(after())
    again = SlotDiff.from_json(
        nights.archive.read_json(
            f"{nights.layout(first.slot).diff(1, 'pin', first.base)}/diff.json"
        )
    )
    assert again == first
    other = Nights(Archive(tmp_path / "other"))
    other.upload(before())
    other.held = (REUSED,)
    assert other.upload(after()).held == first.held


def test_no_order_of_nights_gives_a_child_the_contacts_of_another(tmp_path: Path) -> None:
    """Children have contacts of their own; whatever arrives and is decided, nobody has another's."""
    for seed in range(5):
        rng = random.Random(seed)
        nights = Nights(Archive(tmp_path / str(seed)))
        nights.upload(_children(rng, damage=False))
        for _ in range(3):
            nights.held = tuple(
                s
                for s in (
                    REUSED,
                    *(
                        Slice(e, k)
                        for e, k in itertools.product(
                            ("parents", "emergency_contacts"), ("added", "changed", "removed")
                        )
                    ),
                )
                if rng.random() < 0.4
            )
            nights.upload(_children(rng, damage=True))
            names = dict(nights.state("students", "student_id, last_name"))
            for entity in ("parents", "emergency_contacts"):
                for student_id, last_name in nights.state(entity, "student_id, last_name"):
                    assert names[student_id] == last_name, f"seed {seed}, {entity}"


def _children(rng: random.Random, *, damage: bool) -> Upload:
    """Under each of three ids one of four children, whose contacts have the child's last name."""
    children = {s: rng.choice("WXYZ") for s in ("s1", "s2", "s3")}
    students = [
        student(
            s,
            first_name=f"First{c}",
            last_name=f"Last{c}",
            state_student_id=f"{s}{c}",
        )
        for s, c in children.items()
    ]
    # the same contact keys for all of them: nothing but the name tells whose they are
    parents = [
        parent(s, f"p{n}", first_name="Cedar", last_name=f"Last{c}")
        for s, c in children.items()
        for n in range(rng.choice((0, 1, 2)))
    ]
    contacts = [
        emergency_contact(s, f"e{n}", last_name=f"Last{c}")
        for s, c in children.items()
        for n in range(rng.choice((0, 1, 2)))
    ]
    upload = full_upload(students=students, parents=parents, emergency_contacts=contacts)
    del upload.files["group_user_members"]
    if damage:
        for file, rows in (("parents", parents), ("emergency_contacts", contacts)):
            if rows and rng.random() < 0.5:
                at = rng.randrange(len(rows))
                upload.errors.append((file, 2 + at, f"{file}.last_name.present", "last_name"))
            elif rng.random() < 0.3:
                del upload.files[file]
    return upload
