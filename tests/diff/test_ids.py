"""Ids that seem damaged: asked about as pairs; a person who says they are meant so makes them new keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive, Layout
from rostersync.diff import judge
from rostersync.engine import open_session
from rostersync.fold import IDS, HeldSlice, Slice, SlotDiff
from rostersync.spec import Domain
from rostersync.spec.reasons import Waits
from tests.support.landings import (
    Upload,
    full_upload,
    group,
    member,
    parent,
    roster,
    small_upload,
    student,
    teacher,
    user_member,
)
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(Archive(tmp_path))


def sent(*students: str) -> Upload:
    """Students with a parent and a place in a class each."""
    return small_upload(
        students=[student(s) for s in students],
        parents=[parent(s, f"p-{n}") for n, s in enumerate(students)],
        rosters=[roster("a", s) for s in students],
    )


def asked(diff: SlotDiff) -> dict[str, int]:
    return {str(h.slice): h.count for h in diff.damaged}


def pairs(nights: Nights, one: HeldSlice) -> list[tuple[str, str, str]]:
    layout = Layout("testville", Domain.CORE, "x")
    with open_session(nights.archive, is_tiny=True) as session:
        session.view_parquet("pairs", layout.ids(one.fingerprint))
        return session.con.execute("from pairs order by all").fetchall()


def test_damaged_ids_are_asked_about_once_and_always_wait(nights: Nights) -> None:
    nights.upload(sent("007", "s2", "A3"))
    diff = nights.upload(sent("7", "s2", "a3"))
    (one,) = diff.damaged
    # one cause, one question: contacts and places are damaged by their student's id
    assert (one.slice, one.count) == (Slice("students", IDS), 2)
    assert pairs(nights, one) == [("students", "007", "7"), ("students", "A3", "a3")]
    judgement = judge(diff, limits="off", window="rollover", first=False, earlier_sha256=())
    assert [(str(t.slice), t.count, t.reason) for t in judgement.trips] == [
        ("students:ids", 2, Waits.DAMAGED_IDS)
    ]


def test_ids_that_are_meant_so_are_new_keys_in_every_file(nights: Nights) -> None:
    nights.upload(sent("007", "s2"))
    nights.ids = tuple(h.fingerprint for h in nights.upload(sent("7", "s2")).damaged)
    diff = nights.upload(sent("7", "s2"))
    assert diff.damaged == ()
    assert nights.keys("students") == ["7", "s2"]
    assert nights.state("parents", "student_id, contact_key") == [("7", "p-0"), ("s2", "p-1")]
    assert nights.keys("rosters") == ["7", "s2"]
    assert all(e.carried == 0 for e in diff.entities.values())


def test_other_damaged_ids_are_asked_about_again(nights: Nights) -> None:
    nights.upload(sent("007", "08"))
    nights.ids = tuple(h.fingerprint for h in nights.upload(sent("7", "08")).damaged)
    nights.upload(sent("7", "08"))
    diff = nights.upload(sent("7", "8"))
    assert asked(diff) == {"students:ids": 1}
    assert pairs(nights, diff.damaged[0]) == [("students", "08", "8")]
    assert nights.keys("students") == ["08", "7"]
    assert asked(nights.upload(sent("007", "08"))) == {"students:ids": 1}


def test_a_contact_whose_students_id_alone_is_meant_so_is_no_lost_contact(nights: Nights) -> None:
    def family(child: str, contact: str) -> Upload:
        return small_upload(
            students=[student("s1"), student(child)], parents=[parent(child, contact)], rosters=[]
        )

    nights.upload(family("007", "P07"))
    diff = nights.upload(family("7", "P7".lower()))
    assert asked(diff) == {"students:ids": 1}
    diff = nights.upload(family("7", "p07"))
    assert asked(diff) == {"parents:ids": 1, "students:ids": 1}
    nights.ids = (next(h.fingerprint for h in diff.damaged if h.slice.entity == "students"),)
    assert nights.upload(family("7", "p07")).damaged == ()
    assert nights.state("parents", "student_id, contact_key") == [("7", "p07")]


def test_a_members_id_is_its_persons(nights: Nights) -> None:
    def club(staff_id: str, contact: str) -> Upload:
        return full_upload(
            staff=[teacher("t1"), teacher(staff_id)],
            parents=[parent("s1", contact), parent("s2", "p2")],
            groups=[group("g")],
            group_members=[member("g", "s1")],
            group_user_members=[
                user_member("g", staff_id=staff_id),
                user_member("g", parent_id=contact),
            ],
        )

    nights.upload(club("09", "P1"))
    diff = nights.upload(club("9", "p1"))
    assert asked(diff) == {"parents:ids": 1, "staff:ids": 1}
    nights.ids = tuple(h.fingerprint for h in diff.damaged)
    assert nights.upload(club("9", "p1")).damaged == ()
    assert nights.keys("group_user_members", "member_key") == ["parent p1", "staff 9"]


def test_an_id_that_lost_its_zeros_in_one_file_alone_is_that_files_question(nights: Nights) -> None:
    nights.upload(sent("s1", "007"))
    upload = sent("s1", "007")
    upload.files["rosters"] = [roster("a", "s1"), roster("a", "7")]
    upload.files["parents"][1]["student_id"] = "7"
    diff = nights.upload(upload)
    assert asked(diff) == {"parents:ids": 1, "rosters:ids": 1}
    assert nights.keys("rosters") == ["007", "s1"]
    nights.ids = tuple(h.fingerprint for h in diff.damaged)
    diff = nights.upload(upload)
    # meant so, they are of somebody whom students.csv does not have
    assert diff.damaged == ()
    assert nights.quarantine() == [
        ("parents", 3, "parents.student_id.known", "orphan"),
        ("rosters", 3, "rosters.student_id.known", "orphan"),
    ]
    assert (nights.keys("rosters"), nights.keys("parents")) == (["s1"], ["s1"])
    assert nights.keys("students") == ["007", "s1"]
