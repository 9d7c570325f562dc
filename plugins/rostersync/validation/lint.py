"""The lint of the suites: every mistake a person can make in the JSON is reported, with file and rule.

GX itself drops an expectation whose type or severity it does not know, and only logs that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rostersync.spec import ENTITIES, FILES
from rostersync.spec.rules import RECORD_RULES
from rostersync.validation.bounds import SEVERITIES, guarded
from rostersync.validation.fixed import (
    fixed_rules,
    identity_columns,
    identity_rules,
)
from rostersync.validation.lint_values import (
    are_bounds,
    are_texts,
    nearest,
    value_problem,
)
from rostersync.validation.model import FILE_RULES, UNREADABLE, Check, RuleMeta
from rostersync.validation.vocabulary import TYPES, ExpectationType, Parameter, Phase

_PHASES = (Phase.VALUE, Phase.ROW, Phase.RESOLVE)
_RULE_ID = re.compile(r"[a-z_]+(\.[a-z0-9_]+){2}")
_NOTE = re.compile(r"\{note:([a-z0-9_]+)\}")
_REASON = re.compile(r"[a-z][a-z0-9_]*")
_META = {
    "rule": str,
    "severity": str,
    "reason": str,
    "hint": str,
    "keep": bool,
    "phase": str,
    "parameters": dict,
}
_META_OPTIONAL = ("keep", "phase", "parameters")
_ADJUSTABLE = (Parameter.INTEGER, Parameter.VALUES, Parameter.REGEX)


def lint(
    documents: Mapping[str, Any], problems: list[str], *, complete: bool = True
) -> tuple[list[Check], list[RuleMeta]]:
    """Read all documents into checks and rules; add each mistake to ``problems``.

    ``complete``: they must have every file and rule that the contract needs today.
    """
    checks: list[Check] = []
    rules = _file_rules(documents.get(FILE_RULES), problems, complete)
    for name in sorted(set(FILES) - set(documents)) if complete else ():
        problems.append(f"{name}.json: missing; every file that loads needs a suite")
    for name in sorted(set(documents) - set(FILES) - {FILE_RULES}):
        problems.append(f"{name}.json: no such file in the contract{nearest(name, FILES)}")
    for name in _load_order(documents):
        if documents[name] is not UNREADABLE:
            suite = _Suite(name, problems, complete)
            found = suite.read(documents[name])
            rules += [r for c in found for r in c.rules]
            checks += suite.of_today(found)
    for rule_id, count in Counter(r.id for r in rules).items():
        if count > 1:
            problems.append(f"{rule_id}: the rule id is used {count} times")
    return checks, rules


def _load_order(documents: Mapping[str, Any]) -> list[str]:
    return [n for n in dict.fromkeys(e.file for e in ENTITIES.values()) if n in documents]


class _Suite:
    """Lints the suite of one file."""

    def __init__(self, file: str, problems: list[str], complete: bool) -> None:
        self.file = FILES[file]
        # a suite that is read from its copy may be of before a column left
        self.former = [] if complete else [c.name for c in self.file.former]
        self.columns = [c.name for c in self.file.columns] + self.former
        self.raw = [f"{c}__raw" for c in self.columns]
        if self.file.wide:
            self.raw.append(self.file.wide.column)
        self.entities = [e.name for e in ENTITIES.values() if e.file == file]
        self.problems = problems
        self.complete = complete

    def read(self, document: Any) -> list[Check]:
        name = self.file.name
        if not isinstance(document, dict) or not isinstance(document.get("expectations"), list):
            self.problems.append(f'{name}.json: needs {{"name": ..., "expectations": [...]}}')
            return []
        for key in sorted(set(document) - {"name", "notes", "expectations"}):
            self._tell("", f"unknown key {key!r}")
        if document.get("name") != name:
            self._tell("", f"name must be {name!r}")
        found = [
            check
            for number, item in enumerate(document["expectations"], 1)
            if (check := self._expectation(number, item)) is not None
        ]
        self._fixed(found)
        return found

    def of_today(self, checks: list[Check]) -> list[Check]:
        """What can still be evaluated: of a column that has left, only the words of its rules are left."""
        kept = []
        for check in checks if self.former else ():
            columns = [n for n in check.kwargs.get("columns", ()) if n not in self.former]
            if check.column in self.former or ("columns" in check.kwargs and not columns):
                continue
            more = {"columns": columns} if columns else {}
            rules = tuple(r for r in check.rules if r.column not in self.former)
            kept.append(replace(check, kwargs={**check.kwargs, **more}, rules=rules))
        return kept if self.former else checks

    def _tell(self, rule: str, problem: str) -> None:
        self.problems.append(f"{self.file.name}.json{': ' + rule if rule else ''}: {problem}")

    def _expectation(self, number: int, item: Any) -> Check | None:
        """The check of one expectation, or None when it has mistakes (all of them reported)."""
        before = len(self.problems)
        meta = item.get("meta") if isinstance(item, dict) else None
        meta = meta if isinstance(meta, dict) else {}
        rule = str(meta.get("rule", f"expectation {number}"))
        if not isinstance(item, dict) or not isinstance(item.get("kwargs", {}), dict):
            self._tell(rule, "needs type, kwargs and meta")
            return None
        for key in sorted(set(item) - {"type", "kwargs", "meta", "notes", "description"}):
            more = "; it belongs into meta" if key in _META else ""
            self._tell(rule, f"unknown key {key!r}{more}")
        _lint_meta(meta, lambda problem: self._tell(rule, problem))
        kind = TYPES.get(str(item.get("type")))
        if kind is None:
            self._tell(
                rule,
                f"unknown expectation type {item.get('type')!r}{nearest(item.get('type'), TYPES)}",
            )
            return None
        kwargs = item.get("kwargs", {})
        self._kwargs(rule, kind, kwargs)
        self._parameters(rule, kind, kwargs, meta.get("parameters"))
        phase = self._phase(rule, kind, meta)
        if len(self.problems) > before or phase is None:
            return None
        check = Check(
            self.file.name,
            item["type"],
            kwargs,
            phase,
            self._rules(kind, kwargs, meta, phase),
            meta.get("parameters", {}),
        )
        for made in check.rules:
            self._rule(made, kind, kwargs)
        return check

    def _kwargs(self, rule: str, kind: ExpectationType, kwargs: dict[str, Any]) -> None:
        known = {**kind.required, **kind.optional}
        for name in sorted(set(kwargs) - set(known)):
            self._tell(rule, f"unknown parameter {name!r}{nearest(name, known)}")
        for name in sorted(set(kind.required) - set(kwargs)):
            self._tell(rule, f"parameter {name!r} is missing")
        for name in sorted(set(kwargs) & set(known)):
            problem = self._value(known[name], kwargs[name])
            if problem:
                self._tell(rule, f"parameter {name!r}: {problem}")

    def _value(self, parameter: Parameter, value: Any) -> str | None:
        """What is wrong with a parameter's value, or None."""
        if parameter not in (Parameter.COLUMN, Parameter.COLUMNS):
            return value_problem(parameter, value)
        if parameter is Parameter.COLUMNS and not are_texts(value):
            return "must be a list of columns"
        names = value if isinstance(value, list) else [value]
        for name in names:
            if name not in self.columns and name not in self.raw:
                return f"{self.file.csv} has no column {name!r}{nearest(name, self.columns)}"
        return "names a column twice" if len(set(names)) < len(names) else None

    def _parameters(
        self, rule: str, kind: ExpectationType, kwargs: dict[str, Any], declared: Any
    ) -> None:
        """What districts may differ in: arguments the suite gives, whole numbers between bounds."""
        for name, bounds in (declared if isinstance(declared, dict) else {}).items():
            holds = kind.parameter(name)
            if name not in kwargs or holds not in _ADJUSTABLE:
                fit = [n for n in kwargs if kind.parameter(n) in _ADJUSTABLE]
                self._tell(rule, f"meta.parameters: {name!r} is none of {', '.join(fit) or 'none'}")
            elif holds is not Parameter.INTEGER:
                if bounds != {}:
                    self._tell(rule, f"meta.parameters: {name!r} has no bounds: write {{}}")
            elif not are_bounds(bounds) or not (
                bounds["minimum"] <= kwargs[name] <= bounds["maximum"]
            ):
                self._tell(
                    rule,
                    f"meta.parameters: {name!r} needs minimum and maximum, whole numbers, with"
                    f" {kwargs[name]} between them",
                )

    def _phase(self, rule: str, kind: ExpectationType, meta: dict[str, Any]) -> Phase | None:
        name = meta.get("phase", Phase.VALUE)
        if name not in _PHASES:
            return None  # reported by _lint_meta
        phase = Phase(name)
        if phase not in kind.phases:
            legal = " or ".join(repr(str(p)) for p in kind.phases)
            self._tell(rule, f"this type is evaluated in phase {legal}, not {str(phase)!r}")
            return None
        return phase

    def _rules(
        self, kind: ExpectationType, kwargs: dict[str, Any], meta: dict[str, Any], phase: Phase
    ) -> tuple[RuleMeta, ...]:
        def made(column: str | None) -> RuleMeta:
            rule_id, hint = meta["rule"], meta["hint"]
            for name, value in kwargs.items():
                hint = hint.replace(f"{{{name}}}", str(value))
            if column:
                rule_id, hint = (t.replace("{column}", column) for t in (rule_id, hint))
            hint = _NOTE.sub(lambda named: self._note(rule_id, named[1]), hint)
            subject = rule_id.split(".")[1] if rule_id.count(".") == 2 else None
            return RuleMeta(
                id=rule_id,
                file=self.file.name,
                entity=rule_id.split(".")[0],
                column=subject if subject in self.columns else None,
                severity=meta["severity"],
                reason=meta["reason"],
                hint=hint,
                keep=meta.get("keep", False),
                phase=phase,
            )

        return tuple(made(c) for c in kwargs["columns"]) if kind.wide else (made(None),)

    def _note(self, rule: str, column: str) -> str:
        """What a column is for, where a hint asks for it: ``{note:column}``."""
        noted = {c.name: c.note for c in self.file.columns}
        if self.complete and not noted.get(column):
            self._tell(rule, f"the hint asks for a note of {column!r}, and there is none")
        return noted.get(column, "")

    def _rule(self, rule: RuleMeta, kind: ExpectationType, kwargs: dict[str, Any]) -> None:
        """What only shows in a rule as a whole."""
        if not _RULE_ID.fullmatch(rule.id):
            more = " and, for several columns, {column} in it" if kind.wide else ""
            self._tell(rule.id, f"a rule id is <entity>.<column or group>.<what>{more}")
            return
        if rule.entity not in self.entities:
            self._tell(rule.id, f"must start with one of {', '.join(self.entities)}")
        if kind.wide and rule.id.split(".")[1] not in kwargs["columns"]:
            self._tell(rule.id, "the rule id of a type with columns needs {column} in second place")
        wide = self.file.wide.column if self.file.wide else None
        if kwargs.get("column", wide) != wide and rule.column != kwargs["column"]:
            self._tell(rule.id, f"the second part of the rule id must be {kwargs['column']!r}")
        named = [rule.column] if rule.column else [n for n in self.columns if n in rule.hint]
        if not named or not all(n and n in rule.hint for n in named):
            self._tell(rule.id, "the hint must name the column a person has to look at")
        if rule.keep and rule.severity != "warning":
            self._tell(rule.id, "keep is for warnings only")
        if rule.severity == "warning" and not rule.keep and rule.phase is not Phase.VALUE:
            self._tell(rule.id, f"a warning of phase {str(rule.phase)!r} needs keep: true")
        if rule.blanks_value and rule.column in identity_columns(self.file.name):
            self._tell(
                rule.id,
                f"{rule.column} identifies the record and cannot be blanked: add keep: true",
            )
        if rule.blanks_value and rule.column is None:
            self._tell(rule.id, "names no column to blank: add keep: true")

    def _fixed(self, checks: list[Check]) -> None:
        """The rules of the contract stand, unchanged."""
        by_id = {r.id: (r, c) for c in checks for r in c.rules}
        names = {f.rule: f for f in fixed_rules(self.file.name)}
        for rule_id, fixed in names.items():
            if rule_id not in by_id:
                if self.complete:
                    self._tell(rule_id, f"the contract needs this rule (type {fixed.type})")
                continue
            rule, check = by_id[rule_id]
            if check.type != fixed.type or dict(check.kwargs) != fixed.kwargs:
                self._tell(rule_id, f"must be {fixed.type} with {fixed.kwargs}")
            if rule.severity != fixed.severity:
                self._tell(
                    rule_id, f"severity is {fixed.severity!r} by contract, not {rule.severity!r}"
                )
        for check in checks:
            of_former = set(self.former).intersection(check.kwargs.get("columns", ()))
            if check.phase is Phase.RESOLVE and check.rules[0].id not in names and not of_former:
                self._tell(check.rules[0].id, "is no key or reference of the contract")
        for rule_id in identity_rules(self.file.name):
            if rule_id not in by_id and self.complete:
                self._tell(rule_id, "the contract needs this rule: it guards the record's identity")
        for rule, check in by_id.values():
            why = guarded(rule, check.type)
            old = not self.complete and rule.id not in identity_rules(self.file.name)
            if why and rule.severity == "warning" and not old:
                self._tell(rule.id, f"{why}: severity cannot be lowered")


def _lint_meta(meta: dict[str, Any], tell: Any) -> None:
    for key in sorted(set(meta) - set(_META)):
        tell(f"unknown meta key {key!r}{nearest(key, _META)}")
    for key, kind in _META.items():
        value = meta.get(key)
        if key in _META_OPTIONAL and key not in meta:
            continue
        if not isinstance(value, kind) or value == "":
            tell(
                f"meta.{key} is missing"
                if key not in meta
                else f"meta.{key} must be {kind.__name__}"
            )
        elif key == "severity" and value not in SEVERITIES:
            tell(f"meta.severity {value!r} must be one of {', '.join(SEVERITIES)}")
        elif key == "phase" and value not in _PHASES:
            tell(f"meta.phase {value!r} must be one of {', '.join(_PHASES)}")
        elif key == "reason" and not _REASON.fullmatch(str(value)):
            tell(f"meta.reason {value!r} must be in snake_case")


def _file_rules(document: Any, problems: list[str], complete: bool) -> list[RuleMeta]:
    """The rules of parsing, from _file.json."""
    name = f"{FILE_RULES}.json"
    if document is UNREADABLE:
        return []
    items = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
        problems.append(f'{name}: needs {{"rules": [...]}} with the rules of parsing')
        return []
    rules = []
    for number, item in enumerate(items, 1):
        rule = str(item.get("rule", f"rule {number}"))
        before = len(problems)
        _lint_meta(item, lambda p, rule=rule: problems.append(f"{name}: {rule}: {p}"))
        for key in sorted({"keep", "phase", "parameters"} & set(item)):
            problems.append(f"{name}: {rule}: {key} has no meaning here")
        if not rule.startswith("file.") or not _RULE_ID.fullmatch(rule):
            problems.append(f"{name}: {rule}: a rule id here is file.<what>.<what>")
        if rule in RECORD_RULES and item.get("severity") != "error":
            problems.append(f"{name}: {rule}: severity is 'error' by contract")
        if len(problems) == before:
            rules.append(
                RuleMeta(
                    id=rule,
                    file=None,
                    entity="file",
                    column=None,
                    severity=item["severity"],
                    reason=item["reason"],
                    hint=item["hint"],
                    keep=False,
                    phase=Phase.PARSE,
                )
            )
    needed = RECORD_RULES if complete else ()
    named = {str(i.get("rule")) for i in items}
    problems += [f"{name}: {r}: the contract needs this rule" for r in needed if r not in named]
    return rules
