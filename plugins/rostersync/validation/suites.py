"""The suites of expectations/: loaded, linted, and read as rules. Needs no GX."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from rostersync.errors import SuiteError
from rostersync.validation.lint import lint
from rostersync.validation.model import FILE_RULES, UNREADABLE, Check, Difference, RuleMeta
from rostersync.validation.vocabulary import Phase


@dataclass(frozen=True)
class Suites:
    """All suites of a folder. ``documents``: the parsed JSON by file stem, as a pin keeps it.

    ``differences``: of the district for which ``checks`` and ``rules`` hold; documents are everybody's.

    ``rules`` are in fix order: parsing first, then file by file as they load (a missing school is behind
    many missing students), each in the order of its suite.
    """

    documents: Mapping[str, Any]
    checks: tuple[Check, ...]
    rules: tuple[RuleMeta, ...]
    differences: tuple[Difference, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of what the suites say; layout of the JSON does not count."""
        return hashlib.sha256(json.dumps(self.documents, sort_keys=True).encode()).hexdigest()

    @property
    def files(self) -> tuple[str, ...]:
        """Contract names of the files that have a suite."""
        return tuple(n for n in self.documents if n != FILE_RULES)

    def rule(self, rule_id: str) -> RuleMeta:
        """The rule called ``rule_id``. Raises SuiteError when no suite words it."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise SuiteError(
            "A rule has no words in the suites",
            rule=rule_id,
            next_step="add it to the suite of its file in expectations/",
        )

    def argument(self, name: str, file: str) -> dict[str, Any]:
        """By column, the keyword argument ``name`` of a file's checks: staging needs some of them, too."""
        return {
            column: check.kwargs[name]
            for check in self.checks
            if check.file == file and name in check.kwargs
            for column in check.kwargs.get("columns", [check.column])
        }

    def of(self, file: str, phase: Phase) -> tuple[Check, ...]:
        """The checks of one file in one phase."""
        return tuple(c for c in self.checks if c.file == file and c.phase is phase)


def load_suites(folder: Path | str) -> Suites:
    """Load and lint every suite of ``folder``.

    Raises SuiteError that lists every mistake of every file: what is wrong is reported, never dropped.
    """
    files = sorted(Path(folder).glob("*.json"))
    return _read(str(folder), tuple((path.stem, path.read_bytes()) for path in files))


@lru_cache(maxsize=4)
def _read(folder: str, files: tuple[tuple[str, bytes], ...]) -> Suites:
    """The suites of files that say this: a process that runs night after night lints them once."""
    documents: dict[str, Any] = {}
    problems: list[str] = []
    for stem, content in files:
        try:
            documents[stem] = json.loads(content.decode(), object_pairs_hook=_no_key_twice)
        except ValueError as error:
            problems.append(f"{stem}.json: not readable as JSON: {error}")
            documents[stem] = UNREADABLE
    return suites_from(documents, where=folder, problems=problems)


def suites_from(
    documents: Mapping[str, Any],
    *,
    where: str = "the pin",
    problems: list[str] | None = None,
    complete: bool = True,
) -> Suites:
    """Suites from their documents, as a pin keeps them. Raises SuiteError as :func:`load_suites`.

    ``complete``: False for those of a pin, which may be older than a file or a rule of the contract.
    """
    problems = [] if problems is None else problems
    checks, rules = lint(documents, problems, complete=complete)
    if problems:
        raise SuiteError(
            f"The suites have {len(problems)} mistake{'s' if len(problems) > 1 else ''}",
            folder=where,
            problems=problems,
            next_step="correct the JSON; nothing is validated until all are gone",
        )
    return Suites(documents, tuple(checks), tuple(rules))


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON lets a key stand twice and keeps the last: a rule edited in the wrong place would not count."""
    seen = dict(pairs)
    if len(seen) != len(pairs):
        twice = sorted({k for k, _ in pairs if [p[0] for p in pairs].count(k) > 1})
        raise ValueError(f"the key {twice[0]!r} stands twice in one object")
    return seen
