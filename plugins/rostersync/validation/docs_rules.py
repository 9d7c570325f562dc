"""What GX found, rule by rule: GX's results name expectations, and one of them may stand for many rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rostersync.archive import FileState, says_nobody
from rostersync.validation.gx_run import counts_by_rule

if TYPE_CHECKING:
    from rostersync.validation.model import RuleMeta
    from rostersync.validation.suites import Suites

_NOT_SHOWN = ("batch_id", "column", "columns")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class RuleFound:
    """How many records break a rule. ``check``: the expectation GX evaluated, with its arguments."""

    rule: RuleMeta
    count: int
    check: str


_UNCHECKED = {
    FileState.MISSING: "not in the upload",
    FileState.EMPTY: "empty: there is no record to check",
    FileState.HEADER_ONLY: "a header and no record to check",
    FileState.REJECTED: "cannot be used: its records were not checked",
}


@dataclass(frozen=True, slots=True)
class FileFound:
    """A file of the upload, or one that it lacks.

    ``rules``: empty when its records were not checked, ``state`` says why. ``records``: None when they could
    not be counted.
    """

    name: str
    state: str
    records: int | None
    rules: tuple[RuleFound, ...]

    @property
    def is_met(self) -> bool:
        """True when the file could be read and every rule was met."""
        return self.says_nobody or (self.state == FileState.ACCEPTED and not self.broken)

    @property
    def says_nobody(self) -> bool:
        """A header without an event: nobody is absent."""
        return says_nobody(self.name, FileState(self.state))

    @property
    def unchecked(self) -> str:
        """Why no rule was evaluated."""
        if self.says_nobody:
            return "a header and no event: nobody is absent"
        return _UNCHECKED.get(FileState(self.state), f"{self.state}: its records were not checked")

    @property
    def broken(self) -> int:
        """How many rules were not met."""
        return sum(r.count > 0 for r in self.rules)

    def found(self, severity: str) -> int:
        """Findings of one severity; a record counts once for each rule it breaks."""
        return sum(r.count for r in self.rules if r.rule.severity == severity)


def rules_found(results: Mapping[str, Any], suites: Suites) -> dict[str, list[RuleFound]]:
    """The rules of each file, in the order of its suite.

    ``results``: ``gx.json`` of a validation: GX's result by table. ``suites``: those it was validated with.
    """
    metas = {r.id: r for r in suites.rules}
    found: dict[str, list[RuleFound]] = {}
    for table in results.values():
        for result in table["results"]:
            config = result["expectation_config"]
            for rule, count in _counts(config, result["result"]).items():
                meta = metas[rule]
                found.setdefault(str(meta.file), []).append(RuleFound(meta, count, _check(config)))
    return found


def _counts(config: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, int]:
    rules = config["meta"]["rules"]
    columns = config["kwargs"]["columns"] if len(rules) > 1 else None
    return counts_by_rule(rules, columns, result)


def _check(config: Mapping[str, Any]) -> str:
    """The expectation as a person reads it; long lists (a map's words) are cut."""
    arguments = {k: v for k, v in config["kwargs"].items() if k not in _NOT_SHOWN}
    shown = ", ".join(f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in arguments.items())
    text = f"{config['type']}({shown})" if shown else str(config["type"])
    return text if len(text) <= _LONGEST else text[: _LONGEST - 2] + " …"
