"""Records that break each rule, and records that nearly do. A rule without a case fails test_rules."""

# long: a table, a rule an entry.

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from rostersync.validation import Phase, Suites
from tests.validation.staged import Record

LONGEST = "x" * 255
TOO_LONG = "x" * 256

GOOD: dict[str, dict[str, str | None]] = {
    "schools": {
        "school_id": "S{n}",
        "school_name": "Testfield School {n}",
        "school_zip": "00501",
        "school_address": "1 Example Street",
        "school_city": "Testfield",
        "school_state": "TX",
        "principal_first_name": "Aspen",
        "principal_last_name": "Testkid",
        "principal_email": "p{n}@example.org",
        "school_phone": "2145550100",
    },
    "terms": {
        "school_id": "S1",
        "term_id": "FALL{n}",
        "term_name": "Fall",
        "portion": "semester",
        "start_date": "2026-08-17",
        "end_date": "2026-12-18",
        "school_year": "2027",
    },
    "attendance": {
        "school_id": "S1",
        "student_id": "{n}",
        "date": "2026-09-01",
        "period": "all_day",
        "code": "A",
    },
    "students": {
        "school_id": "S1",
        "student_id": "{n}",
        "state_student_id": "T{n}",
        "first_name": "Aspen",
        "last_name": "Testkid",
        "grade_level": "3",
        "status": "1",
        "student_email": "s{n}@example.org",
        "cellphone": "214555{n}",
    },
    "parents": {
        "school_id": "S1",
        "student_id": "1",
        "parent_id": "P{n}",
        "first_name": "Birch",
        "last_name": "Testkid",
        "email": "birch{n}@example.org",
        "mobile": "214555{n}",
        "secondary_phone": "2145550100",
        "language": "es",
        "primary": "1",
        "relationship": "Mother",
    },
    "staff": {
        "school_id": "S1",
        "staff_id": "T{n}",
        "title": "Teacher",
        "first_name": "Cedar",
        "last_name": "Testteacher",
        "email": "cedar{n}@example.org",
        "mobile": "214555{n}",
        "secondary_phone": "2145550100",
        "login": "cedar{n}",
    },
    "sections": {
        "school_id": "S1",
        "section_id": "X{n}",
        "term_id": "FALL",
        "staff_id": "T1",
        "course_name": "Algebra 1",
        "period_number": "1",
        "section_number": "01",
        "is_primary": "1",
    },
    "rosters": {"school_id": "S1", "section_id": "X1", "student_id": "{n}"},
    "groups": {
        "school_id": "S1",
        "group_id": "G{n}",
        "group_name": "Chess Club",
        "category": "Clubs",
    },
    "group_members": {"school_id": "S1", "group_id": "G1", "student_id": "{n}"},
    "group_user_members": {
        "school_id": "S1",
        "group_id": "G1",
        "staff_id": "T{n}",
        "parent_id": None,
        "email": None,
        "mobile": None,
        "role": "member",
    },
    "emergency_contacts": {
        "school_id": "S1",
        "student_id": "1",
        "contact_id": "E{n}",
        "first_name": "Willow",
        "last_name": "Testaunt",
        "email": "willow{n}@example.org",
        "phone": "214555{n}",
    },
}
"""A good record of each file; ``{n}`` is its own four digits."""


@dataclass(frozen=True)
class Case:
    """Changes to the good record.

    Each of ``bad`` breaks the case's rule and those in ``also``, no other; of ``good`` none breaks any.
    """

    bad: tuple[Record, ...]
    good: tuple[Record, ...] = ()
    also: tuple[str, ...] = field(default=())


CASES: dict[str, Case] = {}


def _values(rule: str, *, bad: list[str | None], good: list[str | None]) -> None:
    """A rule about one column by itself."""
    column = rule.split(".")[1]
    CASES[rule] = Case(tuple({column: v} for v in bad), tuple({column: v} for v in good))


def _present(file: str, *columns: str) -> None:
    for column in columns:
        _values(f"{file}.{column}.present", bad=[None], good=["-"] if "name" in column else [])


def _clean(file: str, *columns: str) -> None:
    # one id to a record: values that occur twice would be another rule's matter
    bad = [
        "1 2",
        "1\u00a02",
        "1\u200b2",
        "1\t2",
        "1\u00ad2",
        "1\x072",
        '="00123"',
        "'00123",
        "1.23E+05",
        "1E+12",
    ]
    good = ["007", "0070", "a-b_c.d/e", "12E5", "E+05", "=12", "Ünïcode-é", "😀", "1'2"]
    for column in columns:
        _values(
            f"{file}.{column}.clean",
            bad=[*bad, TOO_LONG, "😀" * 192],
            good=[*good, LONGEST, "学" * 255],
        )


def _decimal(file: str, *columns: str) -> None:
    for column in columns:
        good = ["120", "12.5", "12.0.1", "0"]
        _values(f"{file}.{column}.decimal", bad=["12.0", "A1.0"], good=good)


def _excel(file: str, *columns: str) -> None:
    bad = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"]
    for column in columns:
        name = column.endswith("_name")
        _values(f"{file}.{column}.excel_error", bad=bad, good=["NULL", "#N"] if name else [])


def _placeholder(file: str, *columns: str) -> None:
    for column in columns:
        raw = f"{column}__raw"
        CASES[f"{file}.{column}.placeholder"] = Case(
            bad=tuple({column: None, raw: v} for v in ("NULL", "#N/A", " #REF!", "\u00a0#VALUE! ")),
            good=({column: None, raw: None}, {column: None, raw: ""}, {column: None, raw: " "}),
        )


def _length(file: str, *columns: str) -> None:
    for column in columns:
        _values(f"{file}.{column}.length", bad=[TOO_LONG], good=[LONGEST, "é" * 255])


def _email(rule: str, *, blank_is_good: bool = True) -> None:
    _values(
        rule,
        bad=[
            "aspen",
            "aspen@",
            "@example.org",
            "aspen@example",
            "as pen@example.org",
            "aspen@exa mple.org",
            "aspen@example.org, birch@example.org",
            "aspen@example.org;birch@example.org",
            "aspen@@example.org",
            "aspen@example..org",
            ".aspen@example.org",
            "aspen.@example.org",
            "as..pen@example.org",
            "aspen@-example.org",
            "aspen@example.1",
            "<aspen@example.org>",
            "aspen\u200b@example.org",
            "#n/a",
        ],
        good=[
            *([None] if blank_is_good else []),
            "a@example.org",
            "o'aspen+x_y-z@mail.k12.example.org",
            "äspen@exämple.org",
            "aspen@xn--exmple-cua.xn--p1ai",
            "1@2.example.museum",
        ],
    )


def _phone(rule: str, *, blank_is_good: bool = True) -> None:
    bad = ["555", "21455501001", "214555010a", "none", "---", "(214) 555-0199", "+2145550100"]
    _values(rule, bad=bad, good=[*([None] if blank_is_good else []), "0005550199"])


# schools
_present("schools", *GOOD["schools"])
_clean("schools", "school_id")
_decimal("schools", "school_id")
_excel(
    "schools",
    *[c for c in GOOD["schools"] if c not in ("principal_email", "school_phone")],
)
_length("schools", "school_name", "principal_first_name", "principal_last_name")
_email("schools.principal_email.valid", blank_is_good=False)
_phone("schools.school_phone.valid", blank_is_good=False)
CASES["schools.school_name.shared"] = Case(
    bad=({"school_name": "Twin School"}, {"school_name": "Twin School"}),
    good=({"school_name": "twin school"},),
)

# terms
_present("terms", "school_id", "term_id", "term_name", "start_date", "end_date", "school_year")
_clean("terms", "school_id", "term_id")
_decimal("terms", "school_id", "term_id")
_excel("terms", "school_id", "term_id", "term_name")
_placeholder("terms", "portion")
_length("terms", "term_name")
_NO_DATES = [
    "2026-02-30",
    "2/30/2026",
    "1/2/26",
    "46000",
    "2026-08-17 00:00:00",
    "20260817",
    "2026-8-17",
    "2026-08-17T00:00:00Z",
    "1989-12-31",
    "2101-01-01",
]
_values("terms.start_date.valid", bad=[*_NO_DATES, "0000-08-17"], good=["2026-02-28", "2026-12-18"])
_values("terms.end_date.valid", bad=[*_NO_DATES, "today"], good=["2028-02-29", "2026-08-17"])
_values("terms.school_year.valid", bad=["26", "2026-2027", "20266", "2O26"], good=["2026", "2025"])
CASES["terms.end_date.order"] = Case(
    bad=({"start_date": "2026-12-18", "end_date": "2026-12-17"},),
    good=(
        {"start_date": "2026-12-18", "end_date": "2026-12-18"},
        {"start_date": "2026-09-30", "end_date": "2026-10-01"},
    ),
)
CASES["terms.school_year.near"] = Case(
    bad=({"school_year": "2024"}, {"school_year": "2028"}, {"school_year": "0026"}),
    good=({"school_year": "2025"}, {"school_year": "2027"}),
)

# attendance, one record an event; a record of the wide layout has codes instead of period and code
_present("attendance", "school_id", "student_id", "date", "period")
CASES["attendance.period.present"] = Case(
    bad=({"period": None},),
    good=({"code": None}, {"period": None, "code": None, "codes": '{"1":"A","2":null}'}),
)
_placeholder("attendance", "code")
_clean("attendance", "school_id", "student_id")
_decimal("attendance", "school_id", "student_id")
_excel("attendance", "school_id", "student_id", "period")
_values("attendance.date.valid", bad=_NO_DATES, good=["2026-02-28", "1990-01-01", "2100-12-31"])
_length("attendance", "period", "code")
CASES["attendance.codes.length"] = Case(
    bad=({"period": None, "code": None, "codes": f'{{"1":"A","2":"{TOO_LONG}"}}'},),
    good=({"period": None, "code": None, "codes": f'{{"1":"A","2":"{LONGEST}"}}'},),
)
_values(
    "attendance.period.spelling",
    bad=["All_Day", "ALL_DAY", "All Day", "all day", "allday", "all-day"],
    good=["all_day", "1", "07 - Traditional", "Day"],
)

# students
_present("students", "school_id", "student_id", "first_name", "last_name", "grade_level")
_clean("students", "school_id", "student_id", "state_student_id")
_decimal("students", "school_id", "student_id", "state_student_id")
_excel("students", "school_id", "student_id", "first_name", "last_name")
_placeholder(
    "students",
    "state_student_id",
    "status",
    "student_email",
    "cellphone",
    "address_line1",
    "address_line2",
    "city",
    "postal_code",
)
_length("students", "first_name", "last_name")
_values(
    "students.grade_level.known",
    bad=["13", "-5", "PK", "3.0", "03", "99", "#N/A", "3rd"],
    good=["-4", "0", "12", "100"],
)
_values("students.status.known", bad=["2", "A", "Drop", "01"], good=["0", "1", "drop", None])
_email("students.student_email.valid")
_phone("students.cellphone.valid")
CASES["students.state_student_id.shared"] = Case(
    bad=({"state_student_id": "T-TWIN"}, {"state_student_id": "T-TWIN"}),
    good=(
        {"state_student_id": "t-twin"},
        # one student at two schools is one person
        {"student_id": "TWICE", "state_student_id": "T-TWICE"},
        {"student_id": "TWICE", "state_student_id": "T-TWICE", "school_id": "S2"},
    ),
)
CASES["students.student_email.shared"] = Case(
    bad=({"student_email": "twin@example.org"}, {"student_email": "twin@example.org"}),
)
CASES["students.cellphone.shared"] = Case(
    bad=({"cellphone": "2145550101"}, {"cellphone": "2145550101"}),
)

# parents
_present("parents", "school_id", "student_id", "first_name", "last_name")
_clean("parents", "school_id", "student_id", "parent_id")
_decimal("parents", "school_id", "student_id", "parent_id")
_excel("parents", "school_id", "student_id", "first_name", "last_name")
_placeholder(
    "parents",
    "parent_id",
    "email",
    "mobile",
    "secondary_phone",
    "language",
    "primary",
    "relationship",
)
_length("parents", "first_name", "last_name")
_email("parents.email.valid")
_phone("parents.mobile.valid")
_phone("parents.secondary_phone.valid")
_values("parents.language.known", bad=["Elvish", "ES", "spa", "und"], good=["en", "hmn", None])
_values("parents.primary.flag", bad=["2", "yes", "Y", "true"], good=["0", "1", None])
CASES["parents.parent_id.consistent"] = Case(
    bad=({"parent_id": "P-TWO", "first_name": "Maple"}, {"parent_id": "P-TWO", "last_name": "Elm"}),
    good=(
        {"parent_id": "P-TWO"},  # the first record is the one the others are compared with
        {"parent_id": "P-ONE"},
        {"parent_id": "P-ONE", "student_id": "2"},
        {"parent_id": None, "first_name": "Maple"},
        {"parent_id": None, "first_name": "Elm"},
    ),
)

# staff
_present("staff", "school_id", "staff_id", "first_name", "last_name", "email")
_clean("staff", "school_id", "staff_id")
_decimal("staff", "school_id", "staff_id")
_excel("staff", "school_id", "staff_id", "first_name", "last_name")
_placeholder("staff", "title", "email", "mobile", "secondary_phone", "login")
CASES["staff.email.placeholder"] = Case(
    bad=CASES["staff.email.placeholder"].bad, also=("staff.email.present",)
)
_length("staff", "first_name", "last_name")
_email("staff.email.valid", blank_is_good=False)
_phone("staff.mobile.valid")
_phone("staff.secondary_phone.valid")
for _column, _value in (("email", "twin@example.org"), ("mobile", "2145550101"), ("login", "twin")):
    _one = _value.replace("twin", "once").replace("0101", "0102")
    CASES[f"staff.{_column}.shared"] = Case(
        bad=({_column: _value}, {_column: _value}),
        good=(
            # one person at two schools
            {"staff_id": f"T-{_column}", _column: _one},
            {"staff_id": f"T-{_column}", _column: _one, "school_id": "S2"},
        ),
    )

# parents and staff: ways to reach them
for _file in ("parents", "staff"):
    CASES[f"{_file}.contact.unreachable"] = Case(
        bad=(
            {"email": None, "mobile": None},
            {"email": None, "email__raw": "", "mobile": None, "mobile__raw": " \u00a0"},
        ),
        good=({"email": "only.email@example.org", "mobile": None},),
    )
    CASES[f"{_file}.contact.invalid"] = Case(
        bad=({"email": "aspen@", "mobile": "555"},),
        also=(f"{_file}.email.valid", f"{_file}.mobile.valid"),
    )

# sections
_present("sections", "school_id", "section_id", "course_name", "staff_id")
_clean("sections", "school_id", "section_id", "term_id", "staff_id")
_decimal("sections", "school_id", "section_id", "term_id", "staff_id")
_excel("sections", "school_id", "section_id", "course_name", "staff_id")
_placeholder("sections", "term_id", "period_number", "section_number", "is_primary")
_length("sections", "course_name")
_values("sections.is_primary.flag", bad=["2", "yes", "TRUE"], good=["0", "1", None])
CASES["sections.primary.single"] = Case(
    bad=(
        {"section_id": "X-TWO", "staff_id": "T1"},
        {"section_id": "X-TWO", "staff_id": "T2"},
    ),
    good=(
        {"section_id": "X-TWO", "staff_id": "T3", "is_primary": "0"},
        {"section_id": "X-TWO", "staff_id": "T4", "is_primary": None},
        # the same teacher twice is one primary; so is one section_id at two schools
        {"section_id": "X-ONE", "staff_id": "T1"},
        {"section_id": "X-ONE", "staff_id": "T1"},
        {"section_id": "X-ONE", "staff_id": "T2", "school_id": "S2"},
    ),
)
CASES["sections.section_id.consistent"] = Case(
    bad=(
        {"section_id": "X-SAME", "course_name": "Art", "is_primary": "0"},
        {"section_id": "X-SAME", "term_id": "SPRING", "is_primary": "0"},
        {"section_id": "X-SAME", "period_number": None, "is_primary": "0"},
        {"section_id": "X-SAME", "section_number": "02", "is_primary": "0"},
    ),
    good=(
        {"section_id": "X-SAME", "is_primary": "0"},  # the first record counts
        {"section_id": "X-SAME", "staff_id": "T2", "is_primary": None},
    ),
)

# rosters
_present("rosters", "school_id", "section_id", "student_id")
_clean("rosters", "school_id", "section_id", "student_id")
_decimal("rosters", "school_id", "section_id", "student_id")
_excel("rosters", "school_id", "section_id", "student_id")

# groups and their members
_present("groups", "school_id", "group_id", "group_name")
_clean("groups", "school_id", "group_id")
_decimal("groups", "school_id", "group_id")
_excel("groups", "school_id", "group_id", "group_name")
_placeholder("groups", "category")
_length("groups", "group_name")
CASES["groups.group_id.shared"] = Case(
    bad=({"group_id": "G-TWIN"}, {"group_id": "G-TWIN", "school_id": "S2"}),
    good=({"group_id": "g-twin"},),
)
_present("group_members", "school_id", "group_id", "student_id")
_clean("group_members", "school_id", "group_id", "student_id")
_decimal("group_members", "school_id", "group_id", "student_id")
_excel("group_members", "school_id", "group_id", "student_id")
_present("group_user_members", "school_id", "group_id", "role")
_clean("group_user_members", "school_id", "group_id", "staff_id", "parent_id")
_decimal("group_user_members", "school_id", "group_id", "staff_id", "parent_id")
_excel("group_user_members", "school_id", "group_id", "role")
_placeholder("group_user_members", "staff_id", "parent_id", "email", "mobile")
_blank = CASES["group_user_members.staff_id.placeholder"]
CASES["group_user_members.staff_id.placeholder"] = Case(  # told by another id instead
    bad=tuple({**r, "parent_id": "P1"} for r in _blank.bad),
    good=tuple({**r, "parent_id": "P1"} for r in _blank.good),
)
_email("group_user_members.email.valid")
_phone("group_user_members.mobile.valid")
_values("group_user_members.role.known", bad=["Member", "OWNER", "teacher"], good=["owner"])
CASES["group_user_members.role.excel_error"] = Case(
    bad=CASES["group_user_members.role.excel_error"].bad, also=("group_user_members.role.known",)
)
_nobody: Record = {"staff_id": None, "parent_id": None, "email": None, "mobile": None}
CASES["group_user_members.identity.present"] = Case(
    bad=(_nobody, {**_nobody, "staff_id__raw": " ", "email__raw": "\u00a0"}),
    good=(
        {**_nobody, "parent_id": "P1"},
        {**_nobody, "email": "maple@example.org"},
        {**_nobody, "mobile": "2145550100"},
    ),
)
CASES["group_user_members.identity.valid"] = Case(
    bad=({**_nobody, "email": "maple@", "mobile": "555"},),
    also=("group_user_members.email.valid", "group_user_members.mobile.valid"),
)

# emergency contacts
_present("emergency_contacts", "school_id", "student_id", "contact_id", "first_name", "last_name")
_clean("emergency_contacts", "school_id", "student_id", "contact_id")
_decimal("emergency_contacts", "school_id", "student_id", "contact_id")
_excel("emergency_contacts", "school_id", "student_id", "contact_id", "first_name", "last_name")
_placeholder("emergency_contacts", "email", "phone")
_length("emergency_contacts", "first_name", "last_name")
_email("emergency_contacts.email.valid")
_phone("emergency_contacts.phone.valid")
CASES["emergency_contacts.contact.unreachable"] = Case(
    bad=({"email": None, "phone": None}, {"email": None, "email__raw": "", "phone": None}),
    good=({"email": None},),
)
CASES["emergency_contacts.contact.invalid"] = Case(
    bad=({"email": "willow@", "phone": "555"},),
    also=("emergency_contacts.email.valid", "emergency_contacts.phone.valid"),
)


@dataclass(frozen=True)
class Made:
    """A record of the combined upload, and the rules it breaks."""

    record: Record
    broken: frozenset[str]


def evaluated(suites: Suites) -> set[str]:
    """The rules that need a case: all but those of parsing and of resolve."""
    return {r.id for r in suites.rules if r.phase in (Phase.VALUE, Phase.ROW)}


def upload() -> dict[str, list[Made]]:
    """All cases in one upload, by file: each case's good records, then its bad ones."""
    made: dict[str, list[Made]] = {f: [Made(_record(f, 999, {}), frozenset())] for f in GOOD}
    numbers = itertools.count(1000)
    for rule, case in CASES.items():
        file = rule.split(".")[0]
        for place, changes in enumerate((*case.good, *case.bad)):
            broken = {rule, *case.also} if place >= len(case.good) else set()
            record = _record(file, next(numbers), changes)
            made[file].append(Made(record, frozenset(broken)))
    return made


def _record(file: str, number: int, changes: Record) -> Record:
    good = {k: v.format(n=f"{number:04d}") if v else v for k, v in GOOD[file].items()}
    return {**good, **changes}
