"""A change of each kind, as somebody would make it who follows the page."""

from __future__ import annotations

from typing import Any

from tests.contract.scratch import Scratch

CONTRACT = "plugins/rostersync/spec/contract.py"
CASES = "tests/validation/cases.py"
EXPECTATIONS = "plugins/rostersync/validation/expectations.py"
METRICS = "plugins/rostersync/validation/metrics.py"
VOCABULARY = "plugins/rostersync/validation/vocabulary.py"
PREDICATES = "include/sql/duckdb/validation/predicates.sql"
PAST = "tests/upgrade/test_b4c9af6.py"
SUITES = "tests/validation/test_suites.py"
CHANGELOG = "CHANGELOG.md"


def rule(kind: str, kwargs: dict[str, Any], **meta: Any) -> dict[str, Any]:
    return {"type": kind, "kwargs": kwargs, "meta": meta}


def raise_version(s: Scratch) -> None:
    (line,) = [x for x in s.text(CONTRACT).splitlines() if x.startswith("CONTRACT_VERSION = ")]
    number = int(line.split('"')[1])
    s.write(CONTRACT, s.text(CONTRACT).replace(line, f'CONTRACT_VERSION = "{number + 1}"'))


def add_column(s: Scratch) -> None:
    """A work email of parents."""
    column = '        Column("work_email", Kind.EMAIL),\n'
    s.insert(CONTRACT, '        Column("language", Kind.LANGUAGE, personal=False),\n', column)
    rules = s.rules("parents")
    for one in rules:
        if one["meta"]["rule"] == "parents.{column}.placeholder":
            one["kwargs"]["columns"].append("work_email")
    (email,) = [one for one in rules if one["meta"]["rule"] == "parents.email.valid"]
    valid = rule(
        email["type"],
        {**email["kwargs"], "column": "work_email"},
        rule="parents.work_email.valid",
        severity="warning",
        reason="email_invalid",
        hint="Correct work_email: one address of the form name@example.org.",
    )
    s.suite("parents", [*rules, valid])
    raise_version(s)
    s.migration("work_email", "parents")
    cases = '_email("parents.work_email.valid")\n_placeholder("parents", "work_email")\n'
    s.insert(CASES, '_phone("parents.mobile.valid")\n', cases)
    s.append(CHANGELOG, "- Parents have a work email.\n")
    s.pages("files", "warehouse")


def _rules_of_buses() -> list[dict[str, Any]]:
    key = ["school_id", "bus_id"]
    return [
        rule(
            "expect_columns_to_be_present",
            {"columns": [*key, "route"]},
            rule="buses.{column}.present",
            severity="error",
            reason="blank",
            hint="Fill in {column}: every record needs it.",
        ),
        rule(
            "expect_columns_to_hold_clean_ids",
            {"columns": key},
            rule="buses.{column}.clean",
            severity="error",
            reason="id_unclean",
            hint="Send {column} exactly as the SIS stores it.",
        ),
        rule(
            "expect_key_to_be_unique",
            {"columns": key},
            rule="buses.key.conflicting_duplicate",
            severity="error",
            reason="conflicting_duplicate",
            hint="Send one record per school_id and bus_id: these differ.",
            phase="resolve",
        ),
        *(
            rule(
                "expect_key_to_keep_its_form",
                {"columns": key},
                rule=f"buses.{column}.damaged",
                severity="error",
                reason="id_damaged",
                hint=f"Send {column} as before: it equals a known one but for zeros or case.",
                phase="resolve",
            )
            for column in key
        ),
        rule(
            "expect_reference_to_exist",
            {"columns": ["school_id"], "entity": "schools", "to": ["school_id"]},
            rule="buses.school_id.known",
            severity="error",
            reason="orphan",
            hint="Add the school to schools.csv or correct school_id.",
            phase="resolve",
        ),
    ]


def add_file(s: Scratch) -> None:
    """Buses of a school."""
    file = """\
_BUSES = File(
    "buses",
    Domain.CORE,
    columns=(_SCHOOL, _id("bus_id", personal=False), _plain("route", required=True)),
)
"""
    s.insert(CONTRACT, "\nFILES: dict[str, File] = {\n", file)
    s.insert(CONTRACT, '    )\n}\n"""Every known file by name', "        _BUSES,\n")
    entity = """\
        Entity(
            "buses",
            "buses",
            ("school_id", "bus_id"),
            _BUSES.columns,
            references=(_known("schools", "school_id", of="buses"),),
        ),
"""
    s.insert(CONTRACT, '    )\n}\n"""Every entity by name', entity)
    s.suite("buses", _rules_of_buses())
    raise_version(s)
    s.migration("buses", "buses")
    good = '    "buses": {"school_id": "S1", "bus_id": "B{n}", "route": "North"},\n'
    s.insert(CASES, '}\n"""A good record of each file;', good)
    cases = """\
# buses
_present("buses", "school_id", "bus_id", "route")
_clean("buses", "school_id", "bus_id")

"""
    s.insert(CASES, "# groups and their members\n", cases)
    s.insert(SUITES, "    ]\n\n\ndef test_the_fingerprint_is_of_what_is_said", '        "buses",\n')
    s.append(CHANGELOG, "- buses.csv is read and loaded.\n")
    s.pages("files", "warehouse")


def add_entity(s: Scratch) -> None:
    """Principals, of schools.csv."""
    entity = """\
        Entity(
            "principals",
            "schools",
            ("school_id",),
            _pick(
                _SCHOOLS,
                "school_id",
                "principal_first_name",
                "principal_last_name",
                "principal_email",
            ),
            references=(_known("schools", "school_id", of="principals"),),
        ),
"""
    s.insert(CONTRACT, '        Entity(\n            "terms",\n', entity)
    known = rule(
        "expect_reference_to_exist",
        {"columns": ["school_id"], "entity": "schools", "to": ["school_id"]},
        rule="principals.school_id.known",
        severity="error",
        reason="orphan",
        hint="Correct school_id: no such school is known.",
        phase="resolve",
    )
    s.suite("schools", [*s.rules("schools"), known])
    empty = "NEW_OF_OLD_FILES: tuple[str, ...] = ("
    s.write(PAST, s.text(PAST).replace(empty, f'{empty}"principals",'))
    raise_version(s)
    s.migration("principals", "principals")
    s.append(CHANGELOG, "- Principals have a table of their own.\n")
    s.pages("files", "warehouse")


def add_kind_of_rule(s: Scratch) -> None:
    """A value that is not that of another column; used for the phones of staff."""
    s.insert(
        VOCABULARY,
        '    "expect_year_near_date": ',
        '    "expect_value_to_differ": _standard(other=Parameter.COLUMN),\n',
    )
    metric = '''\
class SameValue(PredicateMetric):
    """The value of another column."""

    metric_name = "table.rostersync.same_value"
    value_keys = ("column", "other")

    @classmethod
    def predicates(cls, columns: list[str] | None = None, **kwargs: Any) -> list[Any]:
        """One count for the record."""
        return [sa.column(kwargs["column"]) == sa.column(kwargs["other"])]


'''
    s.insert(METRICS, "class YearFarFromDate(PredicateMetric):\n", metric)
    expectation = '''\
class ExpectValueToDiffer(RecordExpectation):
    """``column`` has another value than ``other``."""

    other: str
    metric_dependencies: ClassVar = (SameValue.metric_name,)
    success_keys: ClassVar = ("column", "other")


'''
    s.insert(EXPECTATIONS, "class ExpectYearNearDate(RecordExpectation):\n", expectation)
    s.insert(EXPECTATIONS, "    SeveralFlags,\n", "    SameValue,\n")
    predicate = """\
{%- elif type == 'expect_value_to_differ' %}
{{ c }} = {{ kwargs.other | quote }}
"""
    s.insert(PREDICATES, "{%- elif type == 'expect_year_near_date' %}\n", predicate)
    differs = rule(
        "expect_value_to_differ",
        {"column": "secondary_phone", "other": "mobile"},
        rule="staff.secondary_phone.differs",
        severity="warning",
        reason="same_value",
        hint="Leave secondary_phone empty, or send another one than mobile.",
        keep=True,
    )
    s.suite("staff", [*s.rules("staff"), differs])
    case = """\
CASES["staff.secondary_phone.differs"] = Case(
    bad=({"mobile": "2145550191", "secondary_phone": "2145550191"},),
    good=({"mobile": "2145550192", "secondary_phone": "2145550193"}, {"secondary_phone": None}),
)
"""
    s.insert(CASES, '_phone("staff.secondary_phone.valid")\n', case)
    s.append(CHANGELOG, "- A warning where both phones of a staff member are the same.\n")
    s.pages("files")


CHANGES = {
    "A column": add_column,
    "A file with its entity": add_file,
    "An entity of a file that is there": add_entity,
    "A kind of rule": add_kind_of_rule,
}
