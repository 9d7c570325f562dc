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


def locate(
    session: Session, tables: Mapping[str, Iterable[Check]], numbers: dict[str, int]
) -> None:
    """Insert (rule number, ``_line``) into ``found`` for every rule that a record breaks.

    One statement a table for its rules about records by themselves, one for each rule about groups; and one
    for all columns, of any table, that the same long text or set is asked for: planning it takes
    milliseconds, several times a statement.

    ``tables``: the checks of each. ``numbers``: the run's number of each rule id.
    """
    long: dict[str, list[SimpleNamespace]] = {}
    for relation, checks in tables.items():
        single: list[SimpleNamespace] = []
        for one in _rules(relation, checks, numbers):
            what = json.dumps([one.type, {**one.kwargs, "column": None}], sort_keys=True)
            if one.is_group:
                session.run(f"duckdb/validation/groups/{one.type}.sql", **vars(one))
            elif one.is_standard and len(what) > _LONG:
                long.setdefault(what, []).append(one)
            else:
                single.append(one)
        if single:
            session.run(
                "duckdb/validation/locate_records.sql",
                relation=relation,
                rules=single,
                known=vocabulary,
            )
    for places in long.values():
        session.run("duckdb/validation/locate_values.sql", places=places, known=vocabulary)


def _rules(
    relation: str, checks: Iterable[Check], numbers: dict[str, int]
) -> Iterator[SimpleNamespace]:
    for check in checks:
        for position, rule in enumerate(check.rules):
            yield SimpleNamespace(
                relation=relation,
                number=numbers[rule.id],
                type=check.type,
                kwargs=check.kwargs,
                column=check.kwargs["columns"][position] if check.is_wide else check.column,
                is_group=check.is_group,
                is_standard="value_set" in check.kwargs or "regex" in check.kwargs,
            )
