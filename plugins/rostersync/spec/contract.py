"""The contract itself: every file and entity, in the field's own column names.

The layout follows ParentSquare's public "SFTP Integration" page; ``parents.secondary_phone`` and
``staff.secondary_phone`` are of newer editions of it. What else goes with a new column, file or entity:
docs/changing-the-contract.md.
"""

# long: the contract is one table; a file, its columns and the entities made of it are read together.

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rostersync.spec.model import Column, Domain, Entity, File, Kind, MadeKey, Reference, Wide
from rostersync.spec.notes import COLUMN_NOTES, FILE_NOTES, WIDE_NOTE

CONTRACT_VERSION = "7"
"""Raised whenever staging or resolve would give other rows for the same bytes; part of every pin."""


def _with_notes(file: File) -> File:
    notes = COLUMN_NOTES.get(file.name, {})
    columns = tuple(replace(c, note=notes.get(c.name, "")) for c in file.columns)
    return replace(file, columns=columns, note=FILE_NOTES.get(file.name, ""))


def _id(name: str, *, required: bool = True, personal: bool = True) -> Column:
    return Column(name, Kind.ID, required, personal)


_SCHOOL = _id("school_id", personal=False)
_STUDENT = _id("student_id")
_SECTION = _id("section_id", personal=False)
_STAFF = _id("staff_id")
_GROUP = _id("group_id", personal=False)
_FIRST = Column("first_name", Kind.NAME, required=True)
_LAST = Column("last_name", Kind.NAME, required=True)
_EMAIL = Column("email", Kind.EMAIL)
_MOBILE = Column("mobile", Kind.PHONE)
_PHONE2 = Column("secondary_phone", Kind.PHONE)
_GRADE = Column("grade_level", Kind.GRADE, required=True, personal=False)
_STATUS = Column("status", Kind.STATUS, personal=False)


def _plain(name: str, *, required: bool = False, kind: Kind = Kind.TEXT) -> Column:
    """A column about the school, not about a person."""
    return Column(name, kind, required, personal=False)


_SCHOOLS = File(
    "schools",
    Domain.CORE,
    required=True,
    first_wins=("school_id",),
    columns=(
        _SCHOOL,
        _plain("school_name", required=True, kind=Kind.NAME),
        _plain("school_zip", required=True),
        _plain("school_address", required=True),
        _plain("school_city", required=True),
        _plain("school_state", required=True),
        Column("principal_first_name", Kind.NAME, required=True),
        Column("principal_last_name", Kind.NAME, required=True),
        Column("principal_email", Kind.EMAIL, required=True),
        Column("school_phone", Kind.PHONE, required=True, personal=False),
    ),
)
_TERMS = File(
    "terms",
    Domain.TERMS,
    columns=(
        _SCHOOL,
        _id("term_id", personal=False),
        _plain("term_name", required=True, kind=Kind.NAME),
        _plain("portion"),
        _plain("start_date", required=True, kind=Kind.DATE),
        _plain("end_date", required=True, kind=Kind.DATE),
        _plain("school_year", required=True, kind=Kind.YEAR),
    ),
)
_STUDENTS = File(
    "students",
    Domain.CORE,
    required=True,
    attributes=True,
    may_differ=("school_id", "grade_level", "status"),
    columns=(
        _SCHOOL,
        _STUDENT,
        _id("state_student_id", required=False),
        _FIRST,
        _LAST,
        _GRADE,
        _STATUS,
        Column("student_email", Kind.EMAIL),
        Column("cellphone", Kind.PHONE),
        Column("address_line1", Kind.TEXT),
        Column("address_line2", Kind.TEXT),
        Column("city", Kind.TEXT),
        Column("postal_code", Kind.TEXT),
    ),
)
_PARENTS = File(
    "parents",
    Domain.CORE,
    required=True,
    aliases={"contact_id": "parent_id"},
    one_of=(("email", "mobile"),),
    columns=(
        _SCHOOL,
        _STUDENT,
        _id("parent_id", required=False),
        _FIRST,
        _LAST,
        _EMAIL,
        _MOBILE,
        _PHONE2,
        Column("language", Kind.LANGUAGE, personal=False),
        Column("primary", Kind.FLAG, personal=False),
        Column("relationship", Kind.TEXT),
    ),
)
_STAFF_FILE = File(
    "staff",
    Domain.CORE,
    required=True,
    office=True,
    one_of=(("email", "mobile"),),
    columns=(
        _SCHOOL,
        _STAFF,
        Column("title", Kind.TEXT),
        _FIRST,
        _LAST,
        _EMAIL,
        _MOBILE,
        _PHONE2,
        Column("login", Kind.TEXT),
    ),
)
_SECTIONS = File(
    "sections",
    Domain.CORE,
    required=True,
    may_be_missing=True,
    # a section repeats once per teacher: only the same teacher twice is a duplicate
    first_wins=("school_id", "section_id", "staff_id"),
    columns=(
        _SCHOOL,
        _SECTION,
        _id("term_id", required=False, personal=False),
        _STAFF,
        _plain("course_name", required=True, kind=Kind.NAME),
        _plain("period_number"),
        _plain("section_number"),
        Column("is_primary", Kind.FLAG, personal=False),
    ),
)
_ROSTERS = File(
    "rosters",
    Domain.CORE,
    required=True,
    may_be_missing=True,
    columns=(_SCHOOL, _SECTION, _STUDENT),
)
_ATTENDANCE = File(
    "attendance",
    Domain.ATTENDANCE,
    columns=(
        _SCHOOL,
        _STUDENT,
        _plain("date", required=True, kind=Kind.DATE),
        _plain("period", required=True),
        Column("code", Kind.CODE, required=True, personal=False, may_be_blank=True),
    ),
    wide=Wide(
        header=r"p(0|[1-9][0-9]{0,2})", replaces=("period", "code"), column="codes", note=WIDE_NOTE
    ),
)
ALL_DAY = "all_day"
"""The period of an event that is about the whole day."""
_GROUPS = File(
    "groups",
    Domain.CORE,
    office=True,
    columns=(
        _SCHOOL,
        _GROUP,
        _plain("group_name", required=True, kind=Kind.NAME),
        _plain("category"),
    ),
)
_GROUP_MEMBERS = File(
    "group_members", Domain.CORE, office=True, columns=(_SCHOOL, _GROUP, _STUDENT)
)
_GROUP_USER_MEMBERS = File(
    "group_user_members",
    Domain.CORE,
    office=True,
    one_of=(("staff_id", "parent_id", "email", "mobile"),),
    columns=(
        _SCHOOL,
        _GROUP,
        _id("staff_id", required=False),
        _id("parent_id", required=False),
        _EMAIL,
        _MOBILE,
        Column("role", Kind.ROLE, required=True, personal=False),
    ),
)
_EMERGENCY_CONTACTS = File(
    "emergency_contacts",
    Domain.CORE,
    one_of=(("email", "phone"),),
    columns=(
        _SCHOOL,
        _STUDENT,
        _id("contact_id"),
        _FIRST,
        _LAST,
        _EMAIL,
        Column("phone", Kind.PHONE),
    ),
)

FILES: dict[str, File] = {
    f.name: _with_notes(f)
    for f in (
        _SCHOOLS,
        _TERMS,
        _STUDENTS,
        _PARENTS,
        _STAFF_FILE,
        _SECTIONS,
        _ROSTERS,
        _ATTENDANCE,
        _GROUPS,
        _GROUP_MEMBERS,
        _GROUP_USER_MEMBERS,
        _EMERGENCY_CONTACTS,
    )
}
"""Every known file by name (``students``, not ``students.csv``)."""


def _pick(file: File, *names: str) -> tuple[Column, ...]:
    return tuple(file.column(n) for n in names)


def _known(
    entity: str, *columns: str, of: str, to: tuple[str, ...] = (), optional: bool = False
) -> Reference:
    """``of``: the referring entity, for the rule's id."""
    return Reference(columns, entity, to or columns, f"{of}.{columns[-1]}.known", optional)


ENTITIES: dict[str, Entity] = {
    e.name: e
    for e in (
        Entity("schools", "schools", ("school_id",), _SCHOOLS.columns),
        Entity(
            "terms",
            "terms",
            ("school_id", "term_id"),
            _TERMS.columns,
            references=(_known("schools", "school_id", of="terms"),),
        ),
        Entity(
            "students",
            "students",
            ("student_id",),
            (*_STUDENTS.columns, Column("attributes", Kind.JSON)),
            references=(_known("schools", "school_id", of="students"),),
            person=True,
        ),
        Entity(
            "student_schools",
            "students",
            ("student_id", "school_id"),
            _pick(_STUDENTS, "student_id", "school_id", "grade_level", "status"),
            references=(
                _known("students", "student_id", of="student_schools"),
                _known("schools", "school_id", of="student_schools"),
            ),
        ),
        Entity(
            "staff",
            "staff",
            ("school_id", "staff_id"),
            _STAFF_FILE.columns,
            references=(_known("schools", "school_id", of="staff"),),
            person=True,
            contact=("email", "mobile"),
        ),
        Entity(
            "sections",
            "sections",
            ("school_id", "section_id"),
            _pick(
                _SECTIONS,
                "school_id",
                "section_id",
                "term_id",
                "course_name",
                "period_number",
                "section_number",
            ),
            references=(
                _known("schools", "school_id", of="sections"),
                Reference(
                    ("school_id", "term_id"),
                    "terms",
                    ("school_id", "term_id"),
                    "sections.term_id.known",
                    optional=True,
                    advisory=True,
                ),
            ),
        ),
        Entity(
            "section_teachers",
            "sections",
            ("school_id", "section_id", "staff_id"),
            _pick(_SECTIONS, "school_id", "section_id", "staff_id", "is_primary"),
            references=(
                _known("sections", "school_id", "section_id", of="section_teachers"),
                _known("staff", "staff_id", of="section_teachers"),
            ),
        ),
        Entity(
            "parents",
            "parents",
            ("student_id", "contact_key"),
            (
                _STUDENT,
                Column("contact_key", Kind.TEXT, required=True),
                _SCHOOL,
                *(c for c in _PARENTS.columns if c.name not in ("school_id", "student_id")),
            ),
            references=(
                _known("schools", "school_id", of="parents"),
                _known("students", "student_id", of="parents"),
            ),
            person=True,
            contact=("email", "mobile"),
        ),
        Entity(
            "rosters",
            "rosters",
            ("school_id", "section_id", "student_id"),
            _ROSTERS.columns,
            references=(
                _known("sections", "school_id", "section_id", of="rosters"),
                _known("students", "student_id", of="rosters"),
            ),
        ),
        Entity(
            "attendance",
            "attendance",
            ("school_id", "student_id", "date", "period"),
            _ATTENDANCE.columns,
            references=(
                _known("students", "student_id", of="attendance"),
                Reference(
                    ("school_id",),
                    "schools",
                    ("school_id",),
                    "attendance.school_id.known",
                    advisory=True,
                ),
            ),
            day="date",
            tables=("attendance.events", "attendance.event_log", "attendance.event_history"),
        ),
        Entity(
            "groups",
            "groups",
            ("school_id", "group_id"),
            _GROUPS.columns,
            references=(_known("schools", "school_id", of="groups"),),
        ),
        Entity(
            "group_members",
            "group_members",
            ("school_id", "group_id", "student_id"),
            _GROUP_MEMBERS.columns,
            references=(
                _known("groups", "school_id", "group_id", of="group_members"),
                _known("students", "student_id", of="group_members"),
            ),
        ),
        Entity(
            "group_user_members",
            "group_user_members",
            ("school_id", "group_id", "member_key"),
            (
                _SCHOOL,
                _GROUP,
                Column("member_key", Kind.TEXT, required=True),
                *(
                    c
                    for c in _GROUP_USER_MEMBERS.columns
                    if c.name not in ("school_id", "group_id")
                ),
            ),
            references=(
                _known("groups", "school_id", "group_id", of="group_user_members"),
                _known("staff", "staff_id", of="group_user_members", optional=True),
                # a contact's key is its parent_id when it has one; names hold a space, ids never do
                _known(
                    "parents",
                    "parent_id",
                    of="group_user_members",
                    to=("contact_key",),
                    optional=True,
                ),
            ),
            made=MadeKey(
                "member_key",
                _pick(_GROUP_USER_MEMBERS, "staff_id", "parent_id", "email", "mobile"),
                recipe=2,
            ),
        ),
        Entity(
            "emergency_contacts",
            "emergency_contacts",
            ("student_id", "contact_id"),
            (
                _STUDENT,
                _EMERGENCY_CONTACTS.column("contact_id"),
                *(
                    c
                    for c in _EMERGENCY_CONTACTS.columns
                    if c.name not in ("student_id", "contact_id")
                ),
            ),
            references=(_known("students", "student_id", of="emergency_contacts"),),
            person=True,
            contact=("email", "phone"),
        ),
    )
}
"""Every entity by name; parents before their children, so this is also the load order."""


def entities_of(domain: Domain) -> tuple[Entity, ...]:
    """The entities of a domain, parents first."""
    return tuple(e for e in ENTITIES.values() if domain in (Domain.ALL, FILES[e.file].domain))


def files_of(domain: Domain) -> tuple[File, ...]:
    """The files of a domain, in load order."""
    return tuple(FILES[name] for name in dict.fromkeys(e.file for e in entities_of(domain)))


def required_of(names: Iterable[str]) -> list[str]:
    """The required among files of one domain; all, where none is: what an upload cannot do without."""
    given = list(names)
    return [name for name in given if FILES[name].required] or given


def always_needed(names: Iterable[str]) -> list[str]:
    """Of files of one domain, those whose rows are not carried when they are missing."""
    return [name for name in required_of(names) if not FILES[name].may_be_missing]


def foreign_entities(domain: Domain) -> tuple[str, ...]:
    """Entities of other domains that those of ``domain`` refer to."""
    own = {e.name for e in entities_of(domain)}
    referred = (r.entity for e in entities_of(domain) for r in e.references)
    return tuple(dict.fromkeys(name for name in referred if name not in own))
