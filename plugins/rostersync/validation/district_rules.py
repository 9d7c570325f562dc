"""How a district differs in a rule: ``rules`` of its YAML, linted against the suites and laid over them.

The suites say what may differ (``meta.parameters``), :mod:`rostersync.validation.bounds` which severities a
rule may have. What comes out are ordinary suites: nothing that evaluates them knows of districts.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from rostersync.errors import ConfigError, SuiteError
from rostersync.validation.bounds import SEVERITIES, severities
from rostersync.validation.lint_values import value_problem
from rostersync.validation.model import Check, Difference, RuleMeta
from rostersync.validation.suites import Suites, load_suites, suites_from
from rostersync.validation.vocabulary import TYPES, Parameter, Phase

SEVERITY = "severity"

Mistake = tuple[tuple[str, ...], str, Any]
"""Where (path of keys below the YAML's top), what was expected, what was found."""


def lay_over(suites: Suites, rules: Mapping[str, Mapping[str, Any]], *, district: str) -> Suites:
    """The suites as they hold for a district; the same ones where it differs in nothing.

    ``rules``: the district's differences by rule id. The fingerprint and the documents stay those of the
    shared suites: the differences are part of the configuration. Raises ConfigError with every mistake.
    """
    if suites.differences:
        suites = suites_from(suites.documents, complete=False)
    if not rules:
        return suites
    problems = [
        f"{district}.yaml: {'.'.join(place)}: expected {expected}, found {found}"
        for place, expected, found in mistakes(rules, suites)
    ]
    if problems:
        raise ConfigError(
            f"The rules of district {district} do not fit the suites",
            problems=problems,
            next_step="correct each key named below; docs/rules.md says what may differ",
        )
    documents = {name: _laid_over(suites, name, rules) for name in suites.documents}
    laid = suites_from(documents, where=f"the rules of {district}", complete=False)
    return replace(laid, documents=suites.documents, differences=tuple(_differences(suites, rules)))


def rule_lint(folder: Path | str) -> Callable[[Any], Iterable[Mistake]]:
    """:func:`mistakes` as the loader of districts calls it.

    The suites of ``folder`` are read for the first district that differs. Where they have mistakes
    themselves, nothing is said of any district: whoever loads them is told.
    """

    @cache
    def suites() -> Suites | None:
        with suppress(SuiteError):
            return load_suites(folder)
        return None

    def lint(rules: Any) -> Iterable[Mistake]:
        if not isinstance(rules, dict) or not rules:
            return ()  # of another shape: reported by the model
        found = suites()
        return mistakes(rules, found) if found else ()

    return lint


def mistakes(rules: Mapping[Any, Any], suites: Suites) -> Iterator[Mistake]:
    """What is wrong with a district's ``rules``. Values of another shape than a mapping are passed over."""
    known = _by_id(suites)
    for rule_id, differs in rules.items():
        if rule_id not in known:
            hint = _did_you_mean(rule_id, known)
            yield ("rules", str(rule_id)), f"a rule of the suites{hint}", f'"{rule_id}"'
        elif differs == {}:
            yield ("rules", rule_id), f"what differs: {_may_differ(*known[rule_id])}", "nothing"
        elif isinstance(differs, dict):
            yield from _mistakes_of(*known[rule_id], differs)


def _mistakes_of(rule: RuleMeta, check: Check | None, differs: dict[Any, Any]) -> Iterator[Mistake]:
    parameters = check.parameters if check else {}
    for name, value in differs.items():
        place = ("rules", rule.id, str(name))
        if name == SEVERITY:
            legal = severities(rule, check.type if check else None)
            if len(legal) == 1:
                yield place, f"no such key: it is {legal[0]} by contract", f'"{value}"'
            elif value not in legal:
                yield place, f"{' or '.join(legal)}{_did_you_mean(value, legal)}", f'"{value}"'
        elif check is None or name not in parameters:
            hint = _did_you_mean(name, [SEVERITY, *parameters])
            yield place, f"{_may_differ(rule, check)}{hint}", f'"{name}"'
        elif problem := _value_problem(check, name, value):
            yield place, problem, _shown(value)


def _value_problem(check: Check, name: str, value: Any) -> str | None:
    """What a parameter's value must be, None when it is."""
    kind = TYPES[check.type].parameter(name)
    bounds = check.parameters[name]
    if kind is Parameter.INTEGER:
        low, high = bounds["minimum"], bounds["maximum"]
        whole = isinstance(value, int) and not isinstance(value, bool)
        return None if whole and low <= value <= high else f"a whole number from {low} to {high}"
    problem = value_problem(kind, list(value) if isinstance(value, tuple) else value)
    return f"a value that {problem}" if problem else None


def may_differ(suites: Suites) -> dict[str, str]:
    """By rule, what a district may say of it, in words; rules of which nothing may differ are left out."""
    words = {i: _may_differ(rule, check) for i, (rule, check) in _by_id(suites).items()}
    return {rule_id: text for rule_id, text in words.items() if text != _NOTHING}


_NOTHING = "nothing: it is the contract's"


def _may_differ(rule: RuleMeta, check: Check | None) -> str:
    parts = []
    legal = severities(rule, check.type if check else None)
    if len(legal) > 1:
        parts.append(SEVERITY if legal == SEVERITIES else f"{SEVERITY} ({' or '.join(legal)})")
    for name, bounds in (check.parameters if check else {}).items():
        ends = f" ({bounds['minimum']} to {bounds['maximum']})" if bounds else ""
        parts.append(f"{name}{ends}")
    return ", ".join(parts) or _NOTHING


def _by_id(suites: Suites) -> dict[str, tuple[RuleMeta, Check | None]]:
    by_id: dict[str, tuple[RuleMeta, Check | None]] = {
        r.id: (r, None) for r in suites.rules if r.phase is Phase.PARSE
    }
    by_id |= {r.id: (r, c) for c in suites.checks for r in c.rules}
    return by_id


def _differences(suites: Suites, rules: Mapping[str, Mapping[str, Any]]) -> Iterator[Difference]:
    """In the order of the suites; what is said as it is anyway is no difference."""
    for rule_id, (rule, check) in _by_id(suites).items():
        for name, here in rules.get(rule_id, {}).items():
            usual = rule.severity if name == SEVERITY or check is None else check.kwargs[name]
            if _plain(here) != usual:
                yield Difference(rule_id, name, usual, _plain(here))


def _laid_over(suites: Suites, name: str, rules: Mapping[str, Mapping[str, Any]]) -> Any:
    """One suite's document with the differences in it."""
    document = suites.documents[name]
    checks = [c for c in suites.checks if c.file == name]
    if not any(r.id in rules for c in checks for r in c.rules):
        return document
    # each expectation of a sound suite is one check, in its order
    made = zip(document["expectations"], checks, strict=True)
    expectations = [item for was, check in made for item in _split(was, check, rules)]
    return {**document, "expectations": expectations}


def _split(
    item: dict[str, Any], check: Check, rules: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """An expectation as it holds; of several columns those that differ get one of their own."""
    differing = [(place, r) for place, r in enumerate(check.rules) if r.id in rules]
    if not check.is_wide:
        yield _changed(item, check.rules[0], rules[check.rules[0].id]) if differing else item
        return
    columns = item["kwargs"]["columns"]
    taken = {place for place, _ in differing}
    if rest := [c for place, c in enumerate(columns) if place not in taken]:
        yield {**item, "kwargs": {**item["kwargs"], "columns": rest}}
    for place, rule in differing:
        own = {**item, "kwargs": {**item["kwargs"], "columns": [columns[place]]}}
        yield _changed(own, rule, rules[rule.id])


def _changed(item: dict[str, Any], rule: RuleMeta, differs: Mapping[str, Any]) -> dict[str, Any]:
    item = copy.deepcopy(item)
    meta = item["meta"]
    for name, value in differs.items():
        if name != SEVERITY:
            item["kwargs"][name] = _plain(value)
    severity = differs.get(SEVERITY, rule.severity)
    if severity != rule.severity:
        meta[SEVERITY] = severity
        meta.pop("keep", None)
        # lowered: an invalid value is left out, where the rule is about one
        if severity == "warning" and (rule.phase is not Phase.VALUE or rule.column is None):
            meta["keep"] = True
    return item


def _plain(value: Any) -> Any:
    """As a suite's JSON has it."""
    return list(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(_plain(value))


def _did_you_mean(wrong: Any, known: Iterable[str]) -> str:
    near = get_close_matches(str(wrong), list(known), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""
