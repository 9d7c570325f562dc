"""What counts for a limit: not what goes with a person, not what only changes place or goes with a term."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync.archive import Archive
from rostersync.fold import Counts
from tests.diff.classes import children, classes, upload_of
from tests.diff.measured import counts
from tests.diff.whole_nights import bundles, judge_night
from tests.support.landings import (
    Row,
    Upload,
    emergency_contact,
    full_upload,
    group,
    member,
    parent,
    roster,
    school,
    section,
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


TWO = [school("1"), school("2")]


# the person's own removal is what is judged


def families(students: list[str], parents_of: dict[str, int]) -> dict[str, list[Row]]:
    return {
        "students": [student(s) for s in students],
        "parents": [
            parent(s, f"{s}p{n}", email=f"{s}p{n}@example.org")
            for s in students
            for n in range(parents_of.get(s, 1))
        ],
        "rosters": [roster("a", s) for s in students],
    }


def test_children_who_leave_with_their_parents_leave_room_for_those_who_come(
    nights: Nights,
) -> None:
    everybody = children(48)
    two = dict.fromkeys(everybody[:24], 2)
    nights.upload(small_upload(**families(everybody, two)))
    judgement = judge_night(
        nights, small_upload(**families([*everybody[5:], "new"], {**two, "new": 2}))
    )
    assert judgement.slices == ()
    assert counts(nights.diffs[-1], "parents") == {"1": Counts(known=72, added=2)}
    assert nights.keys("parents").count("new") == 2
    assert len(nights.keys("parents")) == 72 - 10 + 2


def test_what_hangs_on_a_person_who_goes_counts_nowhere_of_every_kind(nights: Nights) -> None:
    nights.upload(full_upload())
    kept = ["s2", "s3"]
    diff = nights.upload(
        full_upload(
            students=[student(s) for s in kept],
            parents=[parent(s, f"p{s}") for s in kept],
            rosters=[roster("a", s) for s in kept],
            staff=[teacher("t9")],
            sections=[section("a", "t9")],
            group_members=[member("g", s) for s in kept],
            group_user_members=[user_member("g", email="Cedar@Example.org")],
            emergency_contacts=[emergency_contact(s, f"e{s}") for s in kept],
        )
    )
    assert diff.entities["group_user_members"].removed == 2
    known = Counts(known=3)
    for entity in ("parents", "emergency_contacts", "student_schools", "rosters", "group_members"):
        assert counts(diff, entity) == {"1": known}, entity
    assert counts(diff, "group_user_members") == {"1": known}, "its staff and parent went"
    assert counts(diff, "section_teachers") == {"1": Counts(known=1, added=1)}
    assert counts(diff, "students") == {"1": Counts(known=3, removed=1)}
    assert counts(diff, "staff") == {"1": Counts(known=1, added=1, removed=1)}


def test_a_member_known_by_the_email_of_somebody_who_goes_counts_nowhere(nights: Nights) -> None:
    people = [parent("s1", "p1", email="birch@example.org"), parent("s2", "p2")]
    members = [user_member("g", email=e) for e in ("birch@example.org", "cedar@example.org")]
    nights.upload(full_upload(parents=people, group_user_members=members))
    diff = nights.upload(full_upload(parents=people[1:], group_user_members=members[1:]))
    assert counts(diff, "group_user_members") == {"1": Counts(known=2)}
    diff = nights.upload(full_upload(parents=people[1:], group_user_members=[]))
    assert counts(diff, "group_user_members") == {"1": Counts(known=1, removed=1)}, "cedar stays"


def test_a_teacher_who_stays_at_another_school_has_not_gone(nights: Nights) -> None:
    staff = [teacher("t1"), teacher("t1", "2")]
    nights.upload(small_upload(schools=TWO, staff=staff))
    diff = nights.upload(small_upload(schools=TWO, staff=staff[1:], sections=[section("a", None)]))
    assert counts(diff, "section_teachers") == {"1": Counts(known=1, removed=1)}


def test_a_successor_takes_a_teachers_classes(nights: Nights) -> None:
    staff = [teacher(f"t{n}") for n in range(4)]
    taught = {f"c{n:02}": f"t{n % 4}" if n < 18 else "t3" for n in range(24)}
    before = [section(c, t) for c, t in taught.items()]
    week_ago = nights.upload(small_upload(staff=staff, sections=before, rosters=[])).fingerprints
    after = [section(c, "t9" if t == "t0" else t) for c, t in taught.items()]
    moved = sum(t == "t0" for t in taught.values())
    assert moved * 100 > 20 * len(taught) or moved > 4
    judgement = judge_night(
        nights,
        small_upload(staff=[*staff[1:], teacher("t9")], sections=after, rosters=[]),
        week_ago=week_ago,
    )
    assert judgement.slices == ()
    assert nights.keys("section_teachers", "staff_id").count("t9") == moved


# moves


def test_new_class_ids_are_moves(nights: Nights) -> None:
    kids = children(30)
    people = {"students": [student(s) for s in kids]}
    nights.upload(upload_of(people, classes({f"f{n}": kids for n in range(4)})))
    judgement = judge_night(nights, upload_of(people, classes({f"s{n}": kids for n in range(4)})))
    assert judgement.slices == ()
    assert counts(nights.diffs[-1], "rosters") == {"1": Counts(known=120, added=120)}
    assert {row[0] for row in nights.state("rosters", "section_id")} == {"s0", "s1", "s2", "s3"}


def test_of_the_places_a_child_loses_as_many_are_moves_as_it_gains(nights: Nights) -> None:
    before = classes({"a": ["s1", "s2"], "b": ["s1", "s2"], "c": ["s1"]})
    nights.upload(upload_of(before))
    diff = nights.upload(upload_of(classes({"a": ["s2"], "b": [], "c": [], "d": ["s1"]})))
    # s1 loses three and gains one, s2 loses one
    assert counts(diff, "rosters") == {"1": Counts(known=5, added=1, removed=3)}


def test_a_place_at_another_school_is_no_move(nights: Nights) -> None:
    one, two = classes({"a": ["s1"]}), classes({"b": []}, school_id="2")
    nights.upload(upload_of(one, two, schools=TWO))
    one, two = classes({"a": []}), classes({"b": ["s1"]}, school_id="2")
    diff = nights.upload(upload_of(one, two, schools=TWO))
    assert counts(diff, "rosters") == {"1": Counts(known=1, removed=1), "2": Counts(added=1)}


def test_another_teacher_of_a_class_is_a_move(nights: Nights) -> None:
    staff = [teacher(t) for t in ("t1", "t2", "t3")]
    links = [section("a", "t1"), section("a", "t2"), section("b", "t1")]
    nights.upload(small_upload(staff=staff, sections=links))
    diff = nights.upload(
        small_upload(staff=staff, sections=[section("a", "t3"), section("b", None)])
    )
    # a loses two and gains one, b loses one
    assert counts(diff, "section_teachers") == {"1": Counts(known=3, added=1, removed=2)}


def test_clubs_with_new_ids_are_moves_within_their_category(nights: Nights) -> None:
    kids = children(60)
    people = {"students": [student(s) for s in kids], "rosters": []}

    def clubs(prefix: str, **category: str) -> dict[str, list[Row]]:
        return {
            "groups": [group(f"{prefix}{n}", **category) for n in range(3)],
            "group_members": [member(f"{prefix}{i % 3}", s) for i, s in enumerate(kids)],
        }

    nights.upload(upload_of(people, clubs("f", category="club")))
    judgement = judge_night(nights, upload_of(people, clubs("s", category="club")))
    assert judgement.slices == ()
    assert len(nights.keys("group_members")) == 60
    assert {row[0] for row in nights.state("group_members", "group_id")} == {"s0", "s1", "s2"}
    judgement = judge_night(nights, upload_of(people, clubs("t", category="team")))
    assert bundles(judgement) == [
        ["group_members:added", "group_members:removed", "groups:added", "groups:removed"]
    ]
    assert {row[0] for row in nights.state("group_members", "group_id")} == {"s0", "s1", "s2"}


def test_a_contact_whose_key_alone_is_another_is_neither_removed_nor_added(nights: Nights) -> None:
    kids = children(20)
    people = {"students": [student(s) for s in kids], "rosters": []}

    def contacts(ids: bool, *more: Row) -> dict[str, list[Row]]:
        told = [parent(s, f"p{s}" if ids else None, email=f"{s}@example.org") for s in kids]
        return {"parents": [*told, *more]}

    nights.upload(upload_of({**people, **contacts(False)}))
    namesake = parent(kids[0], None, email="other@example.org")
    diff = nights.upload(upload_of({**people, **contacts(False, namesake)}))
    assert diff.entities["parents"].removed == 1, "the key of the first is longer now"
    assert counts(diff, "parents") == {"1": Counts(known=20, added=1)}
    judgement = judge_night(nights, upload_of({**people, **contacts(True)}))
    assert judgement.slices == ()
    assert counts(nights.diffs[-1], "parents") == {"1": Counts(known=21, removed=1)}


def test_without_an_email_a_contact_is_told_by_the_mobile(nights: Nights) -> None:
    def with_ids(*ids: str | None) -> Upload:
        numbers = ("2145550101", "2145550102")
        told = zip(("s1", "s2"), ids, numbers, strict=True)
        return small_upload(parents=[parent(s, i, mobile=m, email=None) for s, i, m in told])

    nights.upload(with_ids(None, None))
    diff = nights.upload(with_ids("p1", "p2"))
    assert counts(diff, "parents") == {"1": Counts(known=2)}


# what goes with its section or group


def test_a_class_list_that_goes_with_its_section_is_a_removal_and_the_section_waits_with_it(
    nights: Nights,
) -> None:
    """sections.csv without school 2: nobody loses a class by the back door."""
    ones, twos = children(70), children(60, "2")
    people = {"students": [*(student(s) for s in ones), *(student(s, "2") for s in twos)]}
    one = classes({"m1": ones})
    two = classes({"m2": twos, "m3": []}, teacher_id="t2", school_id="2")
    staff = [teacher("t1"), teacher("t2", "2")]
    nights.upload(upload_of(people, one, two, schools=TWO, staff=staff))
    lacking = upload_of(people, one, {"rosters": two["rosters"]}, schools=TWO, staff=staff)
    judgement = judge_night(nights, lacking)
    assert bundles(judgement) == [
        ["rosters:removed", "section_teachers:removed", "sections:removed"]
    ]
    assert len(nights.keys("rosters")) == 130
    assert [row[0] for row in nights.state("sections", "section_id")] == ["m1", "m2", "m3"]
    assert nights.diffs[-1].files["rosters"].quarantined == 0
    # only rosters.csv lacks them
    lacking = upload_of(people, one, {"sections": two["sections"]}, schools=TWO, staff=staff)
    assert bundles(judge_night(nights, lacking)) == [["rosters:removed"]]
    assert len(nights.keys("rosters")) == 130


def test_members_who_go_with_their_groups_are_removals(nights: Nights) -> None:
    kids = children(60, "2")
    people = {"students": [student(s, "2") for s in kids], "rosters": []}
    groups = {"groups": [group("g1"), group("g2", "2"), group("g3", "2")]}
    members = {"group_members": [member("g2", s, "2") for s in kids]}
    nights.upload(upload_of(people, groups, members, schools=TWO))
    fewer = {"groups": groups["groups"][:1]}
    for more in (
        [],
        [member("g1", kids[0])],
    ):  # none of the records refers to a group that is left, or one
        members["group_members"] += more
        nights.upload(upload_of(people, groups, members, schools=TWO))
        judgement = judge_night(nights, upload_of(people, fewer, members, schools=TWO))
        assert bundles(judgement) == [["group_members:removed", "groups:removed"]]
        assert len(nights.keys("group_members")) == 60 + len(more)


# over a week


def test_a_week_is_counted_as_a_night_is(nights: Nights) -> None:
    """Nine children left, and the others' classes have new ids: neither is a creeping loss."""
    kids = children(40)

    def night(there: list[str], prefix: str) -> Upload:
        people = {"students": [student(s) for s in there]}
        return upload_of(people, classes({f"{prefix}{n}": there for n in range(2)}))

    week_ago = nights.upload(night(kids, "f")).fingerprints
    for gone in (3, 6):
        nights.upload(night(kids[gone:], "f"))
    assert judge_night(nights, night(kids[7:], "s"), week_ago=week_ago).slices == ()
    judgement = judge_night(nights, night(kids[9:], "s"), week_ago=week_ago)
    assert {str(s) for s in judgement.slices if "students" in str(s)} >= {"students:removed"}
