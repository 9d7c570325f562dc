"""The directory views answer what consumers ask, and never mix people or districts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

pytestmark = pytest.mark.postgres

VIEWS = (
    "section_names",
    "contactable_parents",
    "urgent_contacts",
    "staff",
    "students_without_section",
    "sections_without_teacher",
    "group_people",
    "student_aliases",
    "reused_students",
)
PROVENANCE = {
    "_run_id": uuid.UUID(int=0),
    "_file_sha256": "x",
    "_line": 2,
    "_first_slot": "2026-09-01",
    "_changed_slot": "2026-09-01",
}


class Directory:
    """Writes roster rows of a district and reads the views."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self.conn = conn

    def add(self, table: str, district: str = "aspen", **row: Any) -> None:
        values = {"district_id": district, **row, **PROVENANCE}
        self.conn.execute(
            sql.SQL("insert into roster.{} ({}) values ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join([sql.Placeholder()] * len(values)),
            ),
            list(values.values()),
        )

    def rows(self, view: str, *columns: str, district: str = "aspen") -> list[tuple[Any, ...]]:
        """The view's rows of a district, in order."""
        return self.conn.execute(
            sql.SQL(
                "select {} from directory.{} where district_id = %s order by {} nulls last"
            ).format(
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.Identifier(view),
                sql.SQL(" nulls last, ").join(map(sql.Identifier, columns)),
            ),
            [district],
        ).fetchall()

    def staff(self, staff_id: str, last: str, school: str = "1", **more: Any) -> None:
        row = {"first_name": "Aspen", "last_name": last, **more}
        self.add("staff", school_id=school, staff_id=staff_id, **row)

    def section(self, *teachers: tuple[str, bool | None], school: str = "1", **more: Any) -> None:
        key = {"school_id": school, "section_id": "a", **more}
        self.add("sections", course_name="Algebra", **key)
        for staff_id, primary in teachers:
            self.add("section_teachers", staff_id=staff_id, is_primary=primary, **key)

    def parent(self, student: str, key: str, **more: Any) -> None:
        row = {"first_name": "Aspen", "last_name": "Testparent", **more}
        self.add("parents", student_id=student, contact_key=key, school_id="1", **row)

    def names(self) -> list[str]:
        return [name for (name,) in self.rows("section_names", "display_name")]

    def alias(self, former: str, now: str, slot: str, district: str = "aspen") -> None:
        self.conn.execute(
            "insert into roster.student_aliases values (%s, %s, %s, %s)",
            [district, slot, former, now],
        )

    def reused(
        self, student: str, slot: str, district: str = "aspen", state: str = "accepted"
    ) -> None:
        """A night with a student whose id may be another child's; ``state``: of its students.csv."""
        run = uuid.uuid4()
        self.conn.execute(
            "insert into sync.runs (run_id, district_id, domain, slot, outcome, started_at)"
            " values (%s, %s, 'core', %s, 'loaded', now())",
            [run, district, slot],
        )
        self.conn.execute(
            "insert into sync.files (run_id, file, state, accepted, quarantined, duplicates)"
            " values (%s, 'students', %s, 1, 0, 0)",
            [run, state],
        )
        self.conn.execute(
            "insert into sync.slots (district_id, domain, slot, landing, pin, base, run_id, fingerprints,"
            " sha256) values (%s, 'core', %s, 1, '', '', %s, '{}', '{}')",
            [district, slot, run],
        )
        if student:
            self.conn.execute(
                "insert into roster.reused_students values (%s, %s, %s)", [district, slot, student]
            )

    def user(self, key: str, role: str = "member", **named: str) -> None:
        row = {"school_id": "1", "group_id": "g", "member_key": key, "role": role, **named}
        self.add("group_user_members", **row)

    def people(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "group_people", "member_key", "role", "person_kind", "person_id", "last_name", "reason"
        )


@pytest.fixture
def directory(warehouse: str) -> Iterator[Directory]:
    with psycopg.connect(warehouse, autocommit=True) as conn:
        yield Directory(conn)


@pytest.mark.parametrize(
    ("teachers", "expected"),
    [
        ((("t1", False), ("t2", True)), "Algebra - Testbirch"),
        ((("t1", False),), "Algebra - Testalder"),
        ((("t1", None),), "Algebra - Testalder"),
        ((("t1", False), ("t2", None)), "Algebra"),
        ((("t1", True), ("t2", True)), "Algebra"),
        ((), "Algebra"),
    ],
    ids=["primary", "only", "only_blank", "none_primary", "two_primary", "no_teacher"],
)
def test_section_is_named_after_its_primary_or_only_teacher(
    teachers: tuple[tuple[str, bool | None], ...], expected: str, directory: Directory
) -> None:
    directory.staff("t1", "Testalder")
    directory.staff("t2", "Testbirch")
    directory.section(*teachers)
    assert directory.names() == [expected]


def test_teacher_at_several_schools_is_named_by_the_sections_school(directory: Directory) -> None:
    for school, last in (("1", "Testone"), ("2", "Testtwo"), ("3", "Testthree")):
        directory.staff("t1", last, school)
    directory.section(("t1", True), school="2")
    directory.section(("t1", True), school="9")  # lists no such teacher: the first school's row
    assert directory.names() == ["Algebra - Testone", "Algebra - Testtwo"]


def test_parents_are_contactable_by_any_one_value(directory: Directory) -> None:
    directory.parent("s1", "p1", email="p1@example.org", language="es")
    directory.parent("s1", "p2", mobile="5550100001")
    directory.parent("s1", "p3", secondary_phone="5550100002")
    directory.parent("s1", "p4")
    directory.parent("s2", "p4")
    columns = ("student_id", "contact_key", "language")
    expected = [("s1", "p1", "es"), ("s1", "p2", None), ("s1", "p3", None)]
    assert directory.rows("contactable_parents", *columns) == expected


def test_parent_of_two_students_has_a_row_for_each(directory: Directory) -> None:
    for student in ("s1", "s2"):
        directory.parent(student, "p1", parent_id="p1", mobile="5550100001")
    found = directory.rows("contactable_parents", "student_id", "parent_id")
    assert found == [("s1", "p1"), ("s2", "p1")]


def test_emergency_contacts_are_in_urgent_contacts_only(directory: Directory) -> None:
    directory.parent("s1", "p1", parent_id="p1", mobile="5550100001", language="es")
    directory.parent("s1", "p2")
    for contact, value in (("p1", "5550100001"), ("e1", "5550100003"), ("e2", None)):
        directory.add("emergency_contacts", student_id="s1", contact_id=contact, phone=value)
    directory.add("emergency_contacts", student_id="s2", contact_id="e3", email="e@example.org")
    columns = ("student_id", "contact_kind", "contact_id", "phone", "language")
    assert directory.rows("urgent_contacts", *columns) == [
        ("s1", "emergency", "e1", "5550100003", None),
        ("s1", "emergency", "p1", "5550100001", None),
        ("s1", "parent", "p1", "5550100001", "es"),
        ("s2", "emergency", "e3", None, None),
    ]
    assert directory.rows("contactable_parents", "contact_key") == [("p1",)]


def test_staff_member_is_one_row_with_all_schools_in_order(directory: Directory) -> None:
    directory.staff("t1", "Testlater", "2", email="t1@example.org")
    directory.staff("t1", "Testfirst", "10")
    directory.staff("t2", "Testbirch", "2")
    assert directory.rows("staff", "staff_id", "last_name", "email", "school_ids") == [
        ("t1", "Testfirst", "t1@example.org", ["10", "2"]),
        ("t2", "Testbirch", None, ["2"]),
    ]


def test_a_staff_member_s_login_and_second_phone_are_there_for_who_makes_accounts(
    directory: Directory,
) -> None:
    directory.staff("t1", "Testalder", "1", login="talder")
    directory.staff("t1", "Testalder", "2", secondary_phone="5550100002", login="other")
    directory.staff("t2", "Testbirch", "2")
    assert directory.rows("staff", "staff_id", "login", "secondary_phone") == [
        ("t1", "talder", "5550100002"),
        ("t2", None, None),
    ]


def test_students_in_no_section_of_any_school(directory: Directory) -> None:
    for student, status in (("s1", 1), ("s2", 0), ("s3", 1)):
        directory.add("students", school_id="1", student_id=student, status=status)
    directory.add("rosters", school_id="2", section_id="a", student_id="s1")
    found = directory.rows("students_without_section", "student_id", "status")
    assert found == [("s2", 0), ("s3", 1)]


def test_sections_without_teacher_look_at_their_own_school(directory: Directory) -> None:
    directory.section(("t1", False), school="1")
    directory.section(school="2")
    assert directory.rows("sections_without_teacher", "school_id", "section_id") == [("2", "a")]


def test_group_members_are_resolved_to_students_staff_and_parents(directory: Directory) -> None:
    directory.add("groups", school_id="1", group_id="g", group_name="Chess")
    directory.add("students", student_id="s1", last_name="Testkid")
    directory.add("group_members", school_id="1", group_id="g", student_id="s1")
    directory.staff("t1", "Testother", "0")
    directory.staff("t1", "Testalder", "1", email="T1@example.org", mobile="5550100001")
    for student in ("s1", "s2"):
        directory.parent(student, "p1", parent_id="p1", email="p1@example.org", mobile="5550100002")
    directory.parent("s1", "aspen noid", email="noid@example.org")
    directory.parent("s2", "aspen noid", email="noid@example.org")
    directory.user("t1", "owner", staff_id="t1")
    directory.user("p1", parent_id="p1", email="t1@example.org")  # the id comes first
    directory.user("t1@example.org", email="t1@example.org")
    directory.user("noid@example.org", email="noid@example.org")
    directory.user("5550100002", mobile="5550100002")
    directory.user("gone", staff_id="gone")
    assert directory.people() == [
        ("5550100002", "member", "parent", "p1", "Testparent", None),
        ("gone", "member", None, None, None, "unknown"),
        ("noid@example.org", "member", "parent", None, "Testparent", None),
        ("p1", "member", "parent", "p1", "Testparent", None),
        ("s1", "member", "student", "s1", "Testkid", None),
        ("t1", "owner", "staff", "t1", "Testalder", None),
        ("t1@example.org", "member", "staff", "t1", "Testalder", None),
    ]
    assert set(directory.rows("group_people", "group_name")) == {("Chess",)}


def test_a_value_two_people_share_names_nobody(directory: Directory) -> None:
    for person in ("p1", "p2"):
        directory.parent("s1", person, parent_id=person, mobile="5550100001")
    directory.staff("t1", "Testalder", email="both@example.org")
    directory.parent("s1", "p3", parent_id="p3", email="Both@example.org")
    for key in ("aspen testparent a", "aspen testparent b"):  # namesakes of one student
        directory.parent("s1", key, email="names@example.org")
    directory.user("5550100001", mobile="5550100001")
    directory.user("both@example.org", email="both@example.org")
    directory.user("names@example.org", email="names@example.org")
    assert [row[2:] for row in directory.people()] == [(None, None, None, "shared")] * 3


def test_equal_ids_of_different_kinds_stay_apart(directory: Directory) -> None:
    directory.add("students", student_id="7", last_name="Testkid")
    directory.staff("7", "Teststaff")
    directory.parent("7", "7", parent_id="7", mobile="5550100001")
    directory.add("group_members", school_id="1", group_id="g", student_id="7")
    directory.user("7", staff_id="7")
    assert [row[2] for row in directory.people()] == ["staff", "student"]


def test_a_former_id_is_a_student_who_was_there_ever_since(directory: Directory) -> None:
    directory.add("students", student_id="s1", last_name="Testkid")  # since 2026-09-01
    directory.alias("a", "s1", "2026-09-01")
    directory.alias("b", "s1", "2026-08-01")
    directory.alias("c", "gone", "2026-09-01")
    seen = directory.rows("student_aliases", "former_student_id", "student_id", "changed_on")
    assert [(former, now, str(day)) for former, now, day in seen] == [("a", "s1", "2026-09-01")]


def test_an_id_in_doubt_stays_so_until_a_night_reads_students_csv(directory: Directory) -> None:
    seen = ("reused_students", "student_id")
    directory.reused("s1", "2026-09-01")
    directory.reused("", "2026-09-02", state="stale")
    assert directory.rows(*seen) == [("s1",)]
    directory.reused("s2", "2026-09-03", state="identical")
    assert directory.rows(*seen) == [("s2",)]
    directory.reused("", "2026-09-04")
    assert directory.rows(*seen) == []


def _fill(directory: Directory, district: str, last: str, *, whole: bool) -> None:
    """A little of everything; when not whole, without links, contacts and people."""
    section = {"school_id": "1", "section_id": "a"}
    group = {"school_id": "1", "group_id": "g"}
    directory.add("sections", district, course_name="Algebra", **section)
    directory.add("students", district, school_id="1", student_id="s1", last_name=last)
    directory.add("group_user_members", district, **group, member_key="t1", staff_id="t1")
    directory.add(
        "group_user_members", district, **group, member_key="p@example.org", email="p@example.org"
    )
    if not whole:
        return
    directory.add("groups", district, **group, group_name=last)
    directory.add("section_teachers", district, **section, staff_id="t1", is_primary=True)
    directory.add("rosters", district, **section, student_id="s1")
    directory.add("staff", district, school_id="1", staff_id="t1", last_name=last)
    parent = {"parent_id": "p1", "email": "p@example.org", "last_name": last}
    directory.add("parents", district, student_id="s1", contact_key="p1", **parent)
    contact = {"student_id": "s1", "contact_id": "e1", "phone": "5550100001", "last_name": last}
    directory.add("emergency_contacts", district, **contact)
    directory.alias(f"was{last}", "s1", "2026-09-01", district)
    directory.reused("s1", "2026-09-01", district)


EXPECTED: dict[str, tuple[tuple[str, ...], list[Any], list[Any]]] = {
    # view: columns, rows of the whole districts (LAST stands for their name), of the bare one
    "section_names": (("display_name",), [("Algebra - LAST",)], [("Algebra",)]),
    "contactable_parents": (("last_name",), [("LAST",)], []),
    "urgent_contacts": (
        ("contact_kind", "last_name"),
        [("emergency", "LAST"), ("parent", "LAST")],
        [],
    ),
    "staff": (("last_name", "school_ids"), [("LAST", ["1"])], []),
    "students_without_section": (("last_name",), [], [("Testbare",)]),
    "sections_without_teacher": (("section_id",), [], [("a",)]),
    "group_people": (
        ("group_name", "person_kind", "last_name", "reason"),
        [("LAST", "parent", "LAST", None), ("LAST", "staff", "LAST", None)],
        [(None, None, None, "unknown")] * 2,
    ),
    "student_aliases": (("former_student_id", "student_id"), [("wasLAST", "s1")], []),
    "reused_students": (("student_id",), [("s1",)], []),
}


@pytest.mark.parametrize("view", VIEWS)
def test_districts_with_equal_ids_never_mix(view: str, directory: Directory) -> None:
    _fill(directory, "aspen", "Testaspen", whole=True)
    _fill(directory, "birch", "Testbirch", whole=True)
    _fill(directory, "cedar", "Testbare", whole=False)
    columns, whole, bare = EXPECTED[view]
    for district, last in (("aspen", "Testaspen"), ("birch", "Testbirch")):
        expected = [_named(row, last) for row in whole]
        assert directory.rows(view, *columns, district=district) == expected
    assert directory.rows(view, *columns, district="cedar") == bare


def _named(row: tuple[Any, ...], last: str) -> tuple[Any, ...]:
    return tuple(v.replace("LAST", last) if isinstance(v, str) else v for v in row)


@pytest.mark.parametrize("role", ["rostersync_loader", "rostersync_reader", "rostersync_operator"])
def test_every_role_reads_every_view(role: str, directory: Directory) -> None:
    directory.conn.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    for view in VIEWS:
        assert directory.rows(view, "district_id") == []


def test_every_view_is_described_and_runs_with_the_readers_rights(directory: Directory) -> None:
    found = directory.conn.execute(
        "select relname, obj_description(oid) is not null, 'security_invoker=true' = any(reloptions)"
        " from pg_class where relnamespace = 'directory'::regnamespace and relkind = 'v'"
    ).fetchall()
    assert sorted(found) == sorted((view, True, True) for view in VIEWS)
