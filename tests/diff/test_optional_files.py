"""Groups, their members and emergency contacts: optional files with rules of their own (SPEC §3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rostersync.archive import Archive, FileState
from rostersync.ledger import SlotDiff
from tests.diff.test_resolve import Nights
from tests.support.landings import (
    Upload,
    emergency_contact,
    group,
    member,
    parent,
    small_upload,
    student,
    teacher,
    user_member,
)


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(Archive(tmp_path))


def with_groups(**changes: list[dict[str, Any]]) -> Upload:
    return small_upload(
        **{
            "groups": [group("g")],
            "group_members": [member("g", s) for s in ("s1", "s2", "s3")],
            "group_user_members": [
                user_member("g", staff_id="t1", role="owner"),
                user_member("g", parent_id="ps1"),
                user_member("g", email="Cedar@Example.org"),
            ],
            "emergency_contacts": [emergency_contact(s, f"e{s}") for s in ("s1", "s2", "s3")],
            **changes,
        }
    )


def reasons(diff: SlotDiff, file: str) -> dict[str, int]:
    return {f.rule: f.count for f in diff.files[file].findings}


def test_optional_file_that_was_never_sent_is_not_mentioned(nights: Nights) -> None:
    assert set(nights.upload(small_upload()).files) == {
        "schools",
        "students",
        "parents",
        "staff",
        "sections",
        "rosters",
    }


def test_optional_file_that_is_gone_is_carried(nights: Nights) -> None:
    nights.upload(with_groups())
    diff = nights.upload(small_upload())
    assert diff.files["groups"].state is FileState.MISSING
    assert diff.entities["groups"].reasons == {"file_missing": 1}
    assert diff.entities["emergency_contacts"].reasons == {"file_missing": 3}
    assert diff.touched == 0


def test_group_user_member_is_known_by_staff_id_else_parent_id_else_contact(nights: Nights) -> None:
    diff = nights.upload(with_groups())
    assert nights.state("group_user_members", "member_key, role") == [
        ("cedar@example.org", "member"),
        ("ps1", "member"),
        ("t1", "owner"),
    ]
    assert diff.files["group_user_members"].quarantined == 0


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        ({"staff_id": "nobody"}, "group_user_members.staff_id.known"),
        ({"parent_id": "nobody"}, "group_user_members.parent_id.known"),
        ({"email": "nobody@example.org"}, "group_user_members.person.known"),
        ({"mobile": "9995550100"}, "group_user_members.person.known"),
    ],
    ids=lambda v: next(iter(v)) if isinstance(v, dict) else "",
)
def test_member_nobody_knows_is_quarantined(nights: Nights, who: dict[str, str], rule: str) -> None:
    known = user_member("g", staff_id="t1")
    diff = nights.upload(with_groups(group_user_members=[known, user_member("g", **who)]))
    assert reasons(diff, "group_user_members") == {rule: 1}
    assert nights.keys("group_user_members", "member_key") == ["t1"]


def test_parent_without_an_id_is_no_member_by_a_name_that_looks_like_one(nights: Nights) -> None:
    nameless = [parent("s1", None, first_name="Cedar", last_name="T")]
    diff = nights.upload(
        with_groups(
            parents=nameless,
            group_user_members=[
                user_member("g", parent_id="cedar"),
                user_member("g", staff_id="t1"),
            ],
        )
    )
    assert reasons(diff, "group_user_members") == {"group_user_members.parent_id.known": 1}


def test_members_go_with_their_person_and_their_group(nights: Nights) -> None:
    nights.upload(with_groups())
    diff = nights.upload(
        with_groups(
            students=[student("s1"), student("s2")],
            parents=[parent("s2", "ps2", email="other@example.org")],
            rosters=[],
            group_user_members=[user_member("g", staff_id="t1", role="owner")],
        )
    )
    assert nights.keys("group_members") == ["s1", "s2"]
    assert nights.keys("group_user_members", "member_key") == ["t1"]
    assert nights.keys("emergency_contacts", "contact_id") == ["es1", "es2"]
    assert reasons(diff, "emergency_contacts") == {"emergency_contacts.student_id.known": 1}


def test_carried_members_whose_person_is_gone_go_too(nights: Nights) -> None:
    nights.upload(with_groups())
    hollow = with_groups(
        students=[student("s2")],
        staff=[teacher("t2")],
        sections=[],
        parents=[parent("s2", "ps2", email="other@example.org")],
        rosters=[],
    )
    for name in ("group_members", "group_user_members"):
        del hollow.files[name]
    nights.upload(hollow)
    assert nights.keys("group_members") == ["s2"]
    assert nights.keys("group_user_members", "member_key") == []


def test_optional_file_of_orphans_only_counts_as_rejected(nights: Nights) -> None:
    nights.upload(with_groups())
    diff = nights.upload(with_groups(group_members=[member("g", "x1"), member("other", "s1")]))
    file = diff.files["group_members"]
    assert (file.state, file.rejected, file.accepted) == (FileState.REJECTED, 2, 0)
    assert reasons(diff, "group_members") == {
        "file.records.orphaned": 2,
        "group_members.group_id.known": 1,
        "group_members.student_id.known": 1,
    }
    assert nights.keys("group_members") == ["s1", "s2", "s3"]
    assert diff.entities["group_members"].reasons == {"file_rejected": 3}


def test_duplicates_and_bad_rows_among_orphans_do_not_make_the_file_usable(nights: Nights) -> None:
    nights.upload(with_groups())
    strangers = with_groups(
        group_members=[member("g", "x1"), member("g", "x1"), member("g", "x2"), member("g", "x3")]
    )
    strangers.errors.append(("group_members", 5, "group_members.student_id.clean", "student_id"))
    diff = nights.upload(strangers)
    assert diff.files["group_members"].state is FileState.REJECTED
    assert nights.keys("group_members") == ["s1", "s2", "s3"]


def _told_by_email(**changes: list[dict[str, Any]]) -> Upload:
    members = [user_member("g", staff_id="t1"), user_member("g", email="cedar@example.org")]
    return with_groups(**{"group_user_members": members, **changes})


def test_damaged_email_of_a_member_deletes_no_membership(nights: Nights) -> None:
    nights.upload(_told_by_email())
    damaged = _told_by_email(
        group_user_members=[
            user_member("g", staff_id="t1"),
            user_member("g", email=None, mobile="2145550177"),
        ]
    )
    damaged.warnings.append(("group_user_members", 3, "group_user_members.email.valid", "email"))
    nights.upload(damaged)
    assert nights.keys("group_user_members", "member_key") == ["cedar@example.org", "t1"]


@pytest.mark.parametrize("is_sent", [True, False], ids=["sent", "missing"])
def test_damaged_email_of_a_parent_deletes_no_membership(nights: Nights, is_sent: bool) -> None:
    nights.upload(_told_by_email())
    parents = [parent(s, f"p{s}", email=None, mobile="2145550100") for s in ("s1", "s2", "s3")]
    damaged = _told_by_email(parents=parents)
    damaged.warnings.append(("parents", 2, "parents.email.valid", "email"))
    if not is_sent:
        del damaged.files["group_user_members"]
    nights.upload(damaged)
    assert nights.keys("group_user_members", "member_key") == ["cedar@example.org", "t1"]


def test_emergency_contact_of_a_school_that_never_was_can_be_removed(nights: Nights) -> None:
    odd = emergency_contact("s1", "odd", school_id="0")
    good = emergency_contact("s2", "es2")
    nights.upload(with_groups(emergency_contacts=[odd, good]))
    nights.upload(with_groups(emergency_contacts=[good]))
    assert nights.keys("emergency_contacts", "contact_id") == ["es2"]


def test_optional_file_with_one_known_record_is_used(nights: Nights) -> None:
    nights.upload(with_groups())
    diff = nights.upload(with_groups(group_members=[member("g", "x1"), member("g", "s1")]))
    assert diff.files["group_members"].state is FileState.ACCEPTED
    assert nights.keys("group_members") == ["s1"]


def test_emergency_contact_without_any_way_to_reach_it_is_removed(nights: Nights) -> None:
    nights.upload(with_groups())
    silent = with_groups(
        emergency_contacts=[
            emergency_contact("s1", "es1", phone=None),
            emergency_contact("s2", "es2", phone=None),
            emergency_contact("s3", "es3"),
        ]
    )
    silent.errors.append(("emergency_contacts", 2, "emergency_contacts.contact.unreachable", None))
    silent.errors.append(("emergency_contacts", 3, "emergency_contacts.contact.invalid", None))
    nights.upload(silent)
    assert nights.keys("emergency_contacts", "contact_id") == ["es2", "es3"]


def test_emergency_contact_without_an_id_freezes_that_students_contacts_only(
    nights: Nights,
) -> None:
    nights.upload(with_groups())
    bad = with_groups(
        emergency_contacts=[emergency_contact("s1", None), emergency_contact("s3", "es3")]
    )
    bad.errors.append(
        ("emergency_contacts", 2, "emergency_contacts.contact_id.present", "contact_id")
    )
    nights.upload(bad)
    assert nights.keys("emergency_contacts", "contact_id") == ["es1", "es3"]


class Office(Nights):
    """A district whose office is no school."""

    office = ("HQ",)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(Archive(tmp_path))


def _office_upload(*staff: str) -> Upload:
    return with_groups(
        staff=[teacher("t1"), *(teacher(s, "HQ") for s in staff)],
        groups=[group("g"), group("all", "HQ")],
        group_members=[member("g", "s1"), member("all", "s1", "HQ")],
    )


def test_district_office_may_have_staff_and_groups(office: Office) -> None:
    diff = office.upload(_office_upload("boss", "clerk"))
    assert diff.files["staff"].quarantined == diff.files["groups"].quarantined == 0
    assert office.keys("group_members", "group_id") == ["all", "g"]
    diff = office.upload(_office_upload("boss"))
    assert diff.entities["staff"].removed == 1
    assert office.keys("staff", "staff_id") == ["boss", "t1"]


def test_district_office_may_have_no_students(office: Office) -> None:
    diff = office.upload(small_upload(students=[student("s1"), student("s2", "HQ")]))
    assert reasons(diff, "students") == {"students.school_id.known": 1}


def test_office_that_is_not_configured_is_an_unknown_school(nights: Nights) -> None:
    diff = nights.upload(_office_upload("boss"))
    assert reasons(diff, "staff") == {"staff.school_id.known": 1}
    assert reasons(diff, "groups") == {"groups.school_id.known": 1}
