"""The row locator: SQL compiled from the suites' JSON that finds every record that breaks a rule.

GX counts, but caps the failing rows it hands out; the lines come from here, and both counts must agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING

from rostersync.validation import vocabulary

if TYPE_CHECKING:
    from rostersync.engine import Session
    from rostersync.validation.model import Check


_LONG = 100
"""Characters of a regular expression, or of a set's words, that cost more to plan than a scan."""

_LONG_SETS = ("expect_columns_to_hold_languages",)
"""Types whose own set of values is longer."""


def locate(
    session: Session, tables: Mapping[str, Iterable[Check]], numbers: dict[str, int]
) -> None:
    """Insert (rule number, ``_line``) into ``found`` for every rule that a record breaks.

    One statement a table for its rules about records by themselves, one for each check of groups; and one
    for all columns, of any table, that the same long text or set is asked for: planning it takes
    milliseconds, several times a statement.

    ``tables``: the checks of each. ``numbers``: the run's number of each rule id.
    """
    long: dict[str, list[SimpleNamespace]] = {}
    for relation, checks in tables.items():
        single: list[SimpleNamespace] = []
        for check in checks:
            rules = list(_rules(relation, check, numbers))
            asked = {**check.kwargs, "column": None, "columns": None}
            what = json.dumps([check.type, asked], sort_keys=True)
            if check.is_group:
                session.run(
                    f"duckdb/validation/groups/{check.type}.sql",
                    relation=relation,
                    rules=rules,
                    kwargs=check.kwargs,
                )
            elif check.type in _LONG_SETS or (
                {"value_set", "regex"} & set(check.kwargs) and len(what) > _LONG
            ):
                long.setdefault(what, []).extend(rules)
            else:
                single.extend(rules)
        if single:
            session.run(
                "duckdb/validation/locate_records.sql",
                relation=relation,
                rules=single,
                known=vocabulary,
            )
    for places in long.values():
        session.run("duckdb/validation/locate_values.sql", places=places, known=vocabulary)


def _rules(relation: str, check: Check, numbers: dict[str, int]) -> Iterator[SimpleNamespace]:
    for position, rule in enumerate(check.rules):
        yield SimpleNamespace(
            relation=relation,
            number=numbers[rule.id],
            type=check.type,
            kwargs=check.kwargs,
            column=check.kwargs["columns"][position] if check.is_wide else check.column,
        )
