"""What sqlfluff fills in for the parameters of include/sql/duckdb: one example of each, by its name."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NamedTuple

from rostersync.engine.sql import FILTERS
from rostersync.spec import ENTITIES, FILES, Reference
from rostersync.spec.text import LOST, PLACEHOLDERS, WHITE_SPACE
from rostersync.validation import vocabulary

SQLFLUFF_JINJA_FILTERS = FILTERS


class _Named(str):
    """A name, and what it names: some templates want this, some that."""

    def __new__(cls, name: str, thing: Any) -> _Named:
        made = super().__new__(cls, name)
        made.thing = thing
        return made

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.thing, attribute)


class _Pair(NamedTuple):
    """Two things, or where a template wants one, the second."""

    left: Any
    right: str

    def __str__(self) -> str:
        return self.right


class _Reference(NamedTuple):
    """A reference, alone or beside what some templates want to know of it."""

    reference: Reference
    known: str
    is_held_back: bool
    is_absent: bool = False

    @property
    def owners(self) -> list[str]:
        return [self.reference.entity] * len(self.reference.columns)

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.reference, attribute)


_STUDENTS = FILES["students"]

# a file with all that a file may have
file = _Named("students", replace(_STUDENTS, wide=FILES["attendance"].wide))
files = [_Named(name, FILES[name]) for name in ("parents", "emergency_contacts")]
stored = files
wide = file.wide
columns = [_Pair(c.name, c.name.upper()) for c in _STUDENTS.columns]
contents = ["first_name", "last_name"]
first_wins = False
conflict_rule = rule = "students.student_id.duplicate"
has_errors = has_rejects = has_unread = has_records = has_damaged = has_carried = kept_out = True
unreachable_rules = ["students.contact.unreachable"]

entity = ENTITIES["students"]
entities = [entity, ENTITIES["parents"]]
carried = changed = ["students"]
main = entity
reference = entity.references[0]
references = [_Reference(r, "state_schools", True) for r in entity.references]
is_held_back = is_unidentified = has_new_ids = True
key_owners = [(k, "students") for k in entity.key]
damaged = [(entity, key_owners)]
has_student = is_newest = True
relations = ["prev_students", "accepted_students"]
students = "ids_of_students"
standing = [(reference, "state_schools")]
parent = "schools"
waited_for = [(reference, "state_schools", "schools")]
by_contact = True
most = 8
key = list(entity.key)
made = ENTITIES["group_user_members"].made
frozen_on = shared = key
id = "student_id"
all_day = "all_day"
days = 400
value = "grade_level"
has_contact_key = has_member_key = False
has_status = leaves_out = knows_student = True
left_out_with = references
left_out_by_contact = True
leaving_out = ["parents"]
ids = ["student_id"]

relation = source = "clean_students"
people = ["state_staff", "state_parents"]
waiting = [ENTITIES["staff"]]
with_rows = ["staff", "parents"]
staff, schools = "state_staff", "state_schools"
view = "state_students"
kind = "view"
table = "staging_raw"
scope = "scope_schools"
rows = "tonight_students"
sent = "accepted_students"
state = "prev_students"
reused = "reused_students"
known = _Named("state_schools", vocabulary)
taken = ["students", "parents"]

column = "grade_level"
number = 1
kwargs = SimpleNamespace(group=key, flag="status", of="school_id", columns=contents, owner=key)
blanked = ["student_email", "cellphone"]
broken = True
rules = [
    SimpleNamespace(
        number=number,
        type=f"expect_columns_to_hold_{what}",
        kwargs=SimpleNamespace(),
        column="student_id",
        relation="clean_students",
    )
    for number, what in enumerate(("clean_ids", "no_excel_errors"))
]
places = [_Named("school_id", rules[0]), _Named("grade_level", rules[1])]

fields = {"c0": "VARCHAR", "c1": "VARCHAR"}
sources = [_Pair(c, f"c{place}") for place, c in enumerate(_STUDENTS.columns)]
wide_sources = [("1", "c20"), ("2", "c21")]
attributes = ["c30", "c31"]
keeps_attributes = True
is_refused = True
phone_digits = {"cellphone": 7}
dates = ["c4", "c5"]
line = "rowid + 2"
cut = ["students 7"]
path = "students.csv"
paths = ["1.parquet", "2.parquet"]
delimiter = ","
new_line = "\\n"
header = True
max_line_size = 16_000_000
white_space = WHITE_SPACE
lost = LOST
placeholders = PLACEHOLDERS

grades = [(9, "9th"), (10, "10th")]
status = [(1, "Active")]
languages = [("es", "Spanish")]

all_day = "all_day"
guard_rows, guard_percent = 20, 10
namesakes, family, most = 3, 8, 10
hold = restored = held = has_slices = unsent = contacts = did_come = with_reason = members = (
    is_near
) = is_rekeyed = True
of = "state"
reason = "missing"

names = by = ["email", "mobile"]
days = 14
came = "changes_parents"
owner = ENTITIES["schools"]
owners = [ENTITIES["parents"].references[1]]
losing = [ENTITIES["staff"], ENTITIES["parents"]]
tied = [(ENTITIES["rosters"], r) for r in ENTITIES["rosters"].references]
has_school = is_stored = is_tonight = in_category = is_turned = is_renamed = True
has_contacts = of_students = everywhere = True
