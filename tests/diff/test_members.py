"""Group members that are known by an email or mobile alone: they go with whoever had it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive, FileState
from rostersync.fold import LOST_CONTACTS, Slice
from tests.diff.sentences import warned
from tests.support.landings import (
    Row,
    Upload,
    full_upload,
    parent,
    section,
    student,
    teacher,
    user_member,
)
from tests.support.nights import Nights

pytestmark = pytest.mark.slow  # `make test-fast` leaves it out

ASH = parent("s1", "p1", email="ash@example.org", mobile="2145550101")
FIR = parent("s2", "p2", email="fir@example.org", mobile="2145550102")
BY_MOBILE = user_member("g", mobile="2145550101", role="owner")
BY_EMAIL = user_member("g", email="Ash@example.org", role="owner")
STAFF = user_member("g", staff_id="t1")


def night(*parents: Row, members: tuple[Row, ...] = (STAFF,), **changes: list[Row]) -> Upload:
    return full_upload(parents=list(parents), group_user_members=[*members], **changes)


def invalid(upload: Upload, column: str, line: int, file: str = "parents") -> Upload:
    return warned(upload, file, line, f"{column}.valid", column)


def silent(person: Row, column: str) -> Row:
    """The person after the invalid value became NULL."""
    return {**person, column: None}


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    nights = Nights(Archive(tmp_path))
    nights.upload(night(ASH, FIR, members=(STAFF, BY_MOBILE, BY_EMAIL)))
    return nights


def members(nights: Nights) -> list[str]:
    return nights.keys("group_user_members", "member_key")


ALL = ["email ash@example.org", "mobile 2145550101", "staff t1"]


def unsent(upload: Upload) -> Upload:
    """The upload without the members' file: what is stored of them is carried."""
    del upload.files["group_user_members"]
    return upload


def test_who_left_goes_although_another_person_s_value_is_invalid(nights: Nights) -> None:
    nights.upload(unsent(invalid(night(silent(FIR, "mobile")), "mobile", 2)))
    assert members(nights) == ["staff t1"]


def test_who_left_goes_as_well_where_the_file_still_has_the_member(nights: Nights) -> None:
    tonight = night(silent(FIR, "mobile"), members=(STAFF, BY_MOBILE))
    nights.upload(invalid(tonight, "mobile", 2))
    assert members(nights) == ["staff t1"]
    assert nights.quarantine() == [
        ("group_user_members", 3, "group_user_members.person.known", "orphan")
    ]


def test_who_is_sent_with_an_invalid_value_stays_night_after_night(nights: Nights) -> None:
    damaged = unsent(invalid(night(silent(ASH, "mobile"), FIR), "mobile", 2))
    for _ in range(3):
        nights.upload(damaged)
        assert members(nights) == ALL
    assert LOST_CONTACTS in nights.diffs[-1].fingerprints
    nights.upload(unsent(night(silent(ASH, "mobile"), FIR)))
    assert members(nights) == ["email ash@example.org", "staff t1"], "blank is a decision"
    assert int(nights.diffs[-1].fingerprints[LOST_CONTACTS], 16) == 0


def test_an_invalid_value_in_another_column_is_no_excuse(nights: Nights) -> None:
    nights.upload(unsent(invalid(night({**ASH, "email": None, "mobile": None}), "email", 2)))
    assert members(nights) == ["email ash@example.org", "staff t1"]


def test_who_is_left_out_with_the_child_is_no_excuse(nights: Nights) -> None:
    dropped = [student("s1", status="drop"), student("s2"), student("s3")]
    tonight = night(silent(ASH, "mobile"), FIR, students=dropped)
    nights.upload(unsent(invalid(tonight, "mobile", 2)))
    assert members(nights) == ["staff t1"]


def test_another_invalid_person_later_is_no_excuse(nights: Nights) -> None:
    nights.upload(unsent(invalid(night(silent(ASH, "mobile"), FIR), "mobile", 2)))
    nights.upload(unsent(invalid(night(silent(FIR, "mobile")), "mobile", 2)))
    assert members(nights) == ["staff t1"]


def test_who_has_the_value_now_is_who_counts(nights: Nights) -> None:
    """The last state in which anybody had it is the one before tonight, not the first one."""
    nights.upload(unsent(invalid(night(silent(ASH, "mobile"), FIR), "mobile", 2)))
    taken = {**FIR, "mobile": ASH["mobile"]}
    nights.upload(unsent(night(silent(ASH, "mobile"), taken)))
    assert members(nights) == ALL
    assert int(nights.diffs[-1].fingerprints[LOST_CONTACTS], 16) == 0
    nights.upload(unsent(invalid(night(silent(ASH, "mobile"), FIR), "mobile", 2)))
    assert members(nights) == ["email ash@example.org", "staff t1"]


def test_a_value_that_several_persons_have_matches(nights: Nights) -> None:
    nights.upload(unsent(night({**FIR, "mobile": ASH["mobile"]})))
    assert members(nights) == ["mobile 2145550101", "staff t1"]


def test_who_was_told_for_two_children_is_one_person(nights: Nights) -> None:
    twice = [ASH, {**ASH, "student_id": "s2"}]
    nights.upload(night(*twice, members=(STAFF, BY_MOBILE)))
    nights.upload(unsent(invalid(night(silent(twice[1], "mobile")), "mobile", 2)))
    assert members(nights) == ["mobile 2145550101", "staff t1"]


def test_a_parent_without_an_id_is_known_by_child_and_name(nights: Nights) -> None:
    nameless = {**ASH, "parent_id": None}
    nights.upload(night(nameless, FIR, members=(STAFF, BY_MOBILE)))
    nights.upload(unsent(invalid(night(silent(nameless, "mobile"), FIR), "mobile", 2)))
    assert members(nights) == ["mobile 2145550101", "staff t1"]


def test_a_staff_member_at_another_school_is_the_same_person(nights: Nights) -> None:
    staff = [teacher("t1"), teacher("t2", mobile="2145550109")]
    by_staff = user_member("g", mobile="2145550109")
    nights.upload(night(ASH, FIR, members=(STAFF, by_staff), staff=staff))
    staff = [teacher("t1"), teacher("t2")]
    nights.upload(unsent(invalid(night(ASH, FIR, staff=staff), "mobile", 3, "staff")))
    assert members(nights) == ["mobile 2145550109", "staff t1"]
    nights.upload(unsent(night(ASH, FIR, staff=staff[:1])))
    assert members(nights) == ["staff t1"]


def test_a_file_that_did_not_come_removes_nobody(nights: Nights) -> None:
    nights.upload(unsent(invalid(night(silent(ASH, "mobile"), FIR), "mobile", 2)))
    stale = unsent(night(ASH, FIR))
    stale.states["parents"] = FileState.STALE
    nights.upload(stale)
    assert members(nights) == ALL


def test_a_held_removal_of_a_member_goes_with_its_person(nights: Nights) -> None:
    nights.held = (Slice("group_user_members", "removed"),)
    nights.upload(night(FIR))
    assert members(nights) == ["staff t1"]


def test_who_is_known_by_a_contact_that_waits_waits_too(nights: Nights) -> None:
    nights.held = (Slice("parents", "added"), Slice("parents", "changed"))
    new = parent("s3", "p3", email="elm@example.org")
    renamed = {**FIR, "email": "fir2@example.org"}
    by_new = [user_member("g", email=e) for e in ("elm@example.org", "fir2@example.org")]
    nights.upload(night(ASH, renamed, new, members=(STAFF, BY_MOBILE, BY_EMAIL, *by_new)))
    assert members(nights) == ALL
    assert nights.quarantine() == []


def test_a_held_removal_of_a_person_holds_who_is_known_by_the_contact(nights: Nights) -> None:
    nights.held = (Slice("parents", "removed"),)
    nights.upload(night(FIR))
    assert members(nights) == ALL


def test_a_held_change_of_a_contact_holds_who_is_known_by_the_one_before(nights: Nights) -> None:
    nights.held = (Slice("parents", "changed"),)
    renamed = {**ASH, "email": "ash2@example.org"}
    by_new = user_member("g", email="ash2@example.org")
    nights.upload(night(renamed, FIR, members=(STAFF, BY_MOBILE, by_new)))
    assert members(nights) == ALL


def test_a_member_who_is_not_sent_goes_while_the_person_waits_for_a_name(nights: Nights) -> None:
    nights.held = (Slice("parents", "changed"),)
    nights.upload(night({**ASH, "last_name": "Newname"}, FIR, members=(STAFF, BY_MOBILE)))
    assert members(nights) == ["mobile 2145550101", "staff t1"]


def test_one_number_of_a_teacher_and_a_parent_is_two_members(nights: Nights) -> None:
    nights.upload(
        full_upload(
            students=[student("s1"), student("s2"), student("s3")],
            staff=[teacher("4001"), teacher("t1")],
            sections=[section("a", "t1")],
            parents=[parent("s1", "4001"), FIR],
            group_user_members=[
                user_member("g", staff_id="4001", role="owner"),
                user_member("g", parent_id="4001"),
            ],
        )
    )
    assert nights.state("group_user_members", "member_key, role") == [
        ("parent 4001", "member"),
        ("staff 4001", "owner"),
    ]
    nights.upload(
        full_upload(
            staff=[teacher("4001"), teacher("t1")],
            parents=[FIR],
            group_user_members=[user_member("g", staff_id="4001", role="owner")],
        )
    )
    assert members(nights) == ["staff 4001"], "one goes without the other"
