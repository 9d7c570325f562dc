"""The row locator: SQL compiled from the suites' JSON that finds every record that breaks a rule.

GX counts, but caps the failing rows it hands out; the lines come from here, and both counts must agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import TYPE_CHECKING

from rostersync.validation import vocabulary

if TYPE_CHECKING:
    from rostersync.engine import Session
    from rostersync.validation.model import Check


def locate(
    session: Session, relation: str, checks: Iterable[Check], numbers: dict[str, int]
) -> None:
    """Insert (rule number, ``_line``) into ``found`` for every rule of ``checks`` that a record breaks.

    ``numbers``: the run's number of each rule id.
    """
    single: list[SimpleNamespace] = []
    groups: list[SimpleNamespace] = []
    for check in checks:
        for position, rule in enumerate(check.rules):
            column = check.kwargs["columns"][position] if check.is_wide else check.column
            one = SimpleNamespace(
                number=numbers[rule.id], type=check.type, kwargs=check.kwargs, column=column
            )
            (groups if check.is_group else single).append(one)
    if single:
        session.run(
            "duckdb/validation/locate_records.sql",
            relation=relation,
            rules=single,
            known=vocabulary,
        )
    for one in groups:
        session.run(f"duckdb/validation/groups/{one.type}.sql", relation=relation, **vars(one))
