"""Every rule is missed: a suite without one of its rules turns a test red."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from rostersync.errors import SuiteError
from rostersync.validation import Phase, Suites, suites_from
from tests.validation.cases import CASES, evaluated


def without_one(documents: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each rule with the documents that lack just this one: an expectation less, or a wide one's column."""
    for name, document in documents.items():
        part = "rules" if "rules" in document else "expectations"
        for place, item in enumerate(document[part]):
            rule = item.get("rule") or item["meta"]["rule"]
            wide = item["kwargs"]["columns"] if "{column}" in rule else [None]
            for column in wide:
                rest = copy.deepcopy(documents)
                if column is None or len(wide) == 1:
                    del rest[name][part][place]
                else:
                    rest[name][part][place]["kwargs"]["columns"].remove(column)
                yield rule.replace("{column}", str(column)), rest


def refused(documents: dict[str, Any]) -> list[str] | None:
    """What the lint has against them; None when it takes them."""
    try:
        suites_from(documents)
    except SuiteError as error:
        return error.problems
    return None


@pytest.mark.slow
def test_each_rule_by_itself_is_missed(suites: Suites) -> None:
    tried = []
    for rule, documents in without_one(dict(suites.documents)):
        tried.append(rule)
        problems = refused(documents)
        if problems is None:
            # test_run holds the evaluated rules against the cases, each of which must be found
            assert set(CASES) - evaluated(suites_from(documents)) == {rule}
        else:
            assert any(f": {rule}: the contract needs this rule" in p for p in problems), rule
    assert sorted(tried) == sorted(rule.id for rule in suites.rules)


@pytest.mark.slow
def test_no_rule_of_resolve_or_parsing_can_be_dropped(suites: Suites) -> None:
    """They have no case: the lint alone stands for them, their sentences in tests/diff and tests/staging."""
    fixed = {r.id for r in suites.rules if r.phase in (Phase.RESOLVE, Phase.PARSE)}
    taken = {rule for rule, rest in without_one(dict(suites.documents)) if refused(rest) is None}
    assert fixed
    assert taken & fixed == set()
