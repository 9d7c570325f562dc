"""The expectation types a suite may use, their parameters, and the constants both engines share.

A whitelist: GX drops a type it does not know without a word, and reports minima or distinct values of some
it does know, which are row values. What is not listed here is a lint mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rostersync.spec.languages import language_codes as language_codes
from rostersync.spec.text import PLACEHOLDERS, WHITE_SPACE_REGEX

MAX_ID = 255
"""Longest id, in characters."""

MAX_ID_BYTES = 765
"""Longest id, in bytes of UTF-8: a key of three ids has to fit into an index row of Postgres (2,704)."""

UNCLEAN_ID = r"""[\s\p{Z}\p{Cc}\p{Cf}]|^="|^'|^-?[0-9]+([.][0-9]+)?[Ee][+][0-9]+$"""
"""White space, zero-width and control characters, and what Excel leaves: ``="00123"``, ``'00123``,
``1.23E+05``."""

MAX_DIGITS = 10
"""Digits of a US phone number with its area code: no phone has more."""

FIRST_DAY, LAST_DAY = "1990-01-01", "2100-12-31"
"""A date before or after is a slip."""

EXCEL_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
"""Never a value of a required field."""

_PLACEHOLDERS = f"({'|'.join(PLACEHOLDERS)})"

PLACEHOLDER = f"^{WHITE_SPACE_REGEX}*{_PLACEHOLDERS}{WHITE_SPACE_REGEX}*$"
"""Sent for a blank in optional fields."""

NOTHING_SENT = f"^{WHITE_SPACE_REGEX}*{_PLACEHOLDERS}?{WHITE_SPACE_REGEX}*$"
"""A blank, or what stands for one."""


class Phase(StrEnum):
    """When a rule is evaluated.

    ``value``: each record by itself, as staged. ``row``: after invalid optional values became NULL, on
    records that broke no error rule so far. ``resolve``: by the diff, against tonight's state; never by
    GX. ``parse``: by staging, while reading.
    """

    VALUE = "value"
    ROW = "row"
    RESOLVE = "resolve"
    PARSE = "parse"


class Parameter(StrEnum):
    """What a keyword argument of an expectation holds."""

    COLUMN = "column"
    COLUMNS = "columns"
    VALUES = "values"
    REGEX = "regex"
    INTEGER = "integer"
    ENTITY = "entity"
    KEY = "key"  # columns of an entity, such as contact_key, that need not be columns of the file


@dataclass(frozen=True, slots=True)
class ExpectationType:
    """One type of the whitelist.

    ``wide``: evaluated for each of ``columns`` with a count of its own, so its rule id holds ``{column}``.
    ``group``: compares records with each other; the locator has an SQL file of this type's name.
    ``reads``: what does not meet it cannot be read as its column's type.
    """

    phases: tuple[Phase, ...]
    required: dict[str, Parameter]
    optional: dict[str, Parameter]
    wide: bool = False
    group: bool = False
    reads: bool = False

    def parameter(self, name: str) -> Parameter | None:
        """What the keyword argument ``name`` holds, None for one it does not know."""
        return {**self.required, **self.optional}.get(name)


_EITHER = (Phase.VALUE, Phase.ROW)
_ROW = (Phase.ROW,)
_RESOLVE = (Phase.RESOLVE,)


def _standard(**required: Parameter) -> ExpectationType:
    return ExpectationType(_EITHER, {"column": Parameter.COLUMN, **required}, {})


def _wide(
    *, required: dict[str, Parameter] | None = None, **optional: Parameter
) -> ExpectationType:
    needed = {"columns": Parameter.COLUMNS, **(required or {})}
    return ExpectationType(_EITHER, needed, optional, wide=True)


TYPES: dict[str, ExpectationType] = {
    # of GX itself
    "expect_column_values_to_not_be_null": _standard(),
    "expect_column_values_to_be_in_set": _standard(value_set=Parameter.VALUES),
    "expect_column_values_to_not_be_in_set": _standard(value_set=Parameter.VALUES),
    "expect_column_values_to_match_regex": _standard(regex=Parameter.REGEX),
    "expect_column_values_to_not_match_regex": _standard(regex=Parameter.REGEX),
    # ours, for several columns at once: an expectation costs GX more than a column
    "expect_columns_to_be_present": _wide(when=Parameter.COLUMNS, unless=Parameter.COLUMNS),
    "expect_columns_to_hold_clean_ids": _wide(),
    "expect_columns_to_hold_no_decimal_ids": _wide(),
    "expect_columns_to_hold_no_excel_errors": _wide(),
    "expect_columns_to_hold_no_placeholders": _wide(),
    "expect_columns_to_hold_dates": ExpectationType(
        _EITHER, {"columns": Parameter.COLUMNS}, {}, wide=True, reads=True
    ),
    "expect_columns_to_hold_languages": _wide(),
    "expect_columns_to_hold_phones": _wide(required={"min_digits": Parameter.INTEGER}),
    "expect_columns_to_fit": _wide(required={"max_length": Parameter.INTEGER}),
    # ours, for two columns of one record
    "expect_date_not_before": _standard(other=Parameter.COLUMN),
    "expect_year_near_date": _standard(date=Parameter.COLUMN, years=Parameter.INTEGER),
    # ours, for whole records and groups of records
    "expect_contact_to_be_sent": ExpectationType(_ROW, {"columns": Parameter.COLUMNS}, {}),
    "expect_sent_contact_to_be_valid": ExpectationType(_ROW, {"columns": Parameter.COLUMNS}, {}),
    "expect_values_to_belong_to_one": ExpectationType(
        _ROW,
        {"columns": Parameter.COLUMNS, "owner": Parameter.COLUMNS},
        {},
        wide=True,
        group=True,
    ),
    "expect_records_to_agree": ExpectationType(
        _ROW, {"group": Parameter.COLUMNS, "columns": Parameter.COLUMNS}, {}, group=True
    ),
    "expect_one_flag_per_group": ExpectationType(
        _ROW,
        {"group": Parameter.COLUMNS, "flag": Parameter.COLUMN, "of": Parameter.COLUMN},
        {},
        group=True,
    ),
    # evaluated by the diff
    "expect_key_to_be_unique": ExpectationType(_RESOLVE, {"columns": Parameter.KEY}, {}),
    "expect_key_to_keep_its_form": ExpectationType(_RESOLVE, {"columns": Parameter.KEY}, {}),
    "expect_reference_to_exist": ExpectationType(
        _RESOLVE,
        {"columns": Parameter.KEY, "entity": Parameter.ENTITY, "to": Parameter.KEY},
        {},
    ),
    "expect_person_to_exist": ExpectationType(_RESOLVE, {"columns": Parameter.COLUMNS}, {}),
    "expect_one_school_per_person": ExpectationType(_RESOLVE, {"columns": Parameter.KEY}, {}),
    "expect_one_person_per_id": ExpectationType(_RESOLVE, {"columns": Parameter.KEY}, {}),
    "expect_codes_to_be_listed": ExpectationType(_RESOLVE, {"columns": Parameter.COLUMNS}, {}),
    "expect_codes_to_have_their_case": ExpectationType(
        _RESOLVE, {"columns": Parameter.COLUMNS}, {}
    ),
    "expect_periods_of_notices": ExpectationType(_RESOLVE, {"columns": Parameter.COLUMNS}, {}),
    "expect_p0_to_be_said": ExpectationType(_RESOLVE, {"columns": Parameter.COLUMNS}, {}),
    "expect_file_to_be_fresh": ExpectationType(_RESOLVE, {"columns": Parameter.COLUMNS}, {}),
    "expect_dates_near_the_slot": ExpectationType(_RESOLVE, {"columns": Parameter.COLUMNS}, {}),
    "expect_events_to_stay": ExpectationType(_RESOLVE, {"columns": Parameter.KEY}, {}),
}
