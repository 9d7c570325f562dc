"""Rules and checks: a suite's JSON as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rostersync.validation.vocabulary import TYPES, Phase

FILE_RULES = "_file"
"""Name of the document that words the rules of parsing; it is no GX suite."""

UNREADABLE = object()
"""Stands for a document that is no JSON: that is reported already."""


@dataclass(frozen=True, slots=True)
class RuleMeta:
    """What a rule is called, how bad it is, and what to tell the district.

    ``file``: contract name of the CSV, None for rules of any file (parsing). ``column``: the column it is
    about, None when it is about a record or a group. ``keep``: a warning that leaves the value alone.
    """

    id: str
    file: str | None
    entity: str
    column: str | None
    severity: str
    reason: str
    hint: str
    keep: bool
    phase: Phase

    @property
    def blanks_value(self) -> bool:
        """True when a value that breaks the rule becomes NULL and its record goes on."""
        return self.severity == "warning" and not self.keep and self.phase is Phase.VALUE


@dataclass(frozen=True, slots=True)
class Difference:
    """How a district differs in a rule: in its severity, or in a parameter. Values as in the suites."""

    rule: str
    what: str
    usual: Any
    here: Any

    def __str__(self) -> str:
        name = "" if self.what == "severity" else f"{self.what} "
        return f"{self.rule}: {name}{_text(self.here)} instead of {_text(self.usual)}"


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of a suite: one rule, or one for each of ``kwargs["columns"]`` when it is wide.

    ``parameters``: the keyword arguments in which a district may differ, each with its bounds.
    """

    file: str
    type: str
    kwargs: Mapping[str, Any]
    phase: Phase
    rules: tuple[RuleMeta, ...]
    parameters: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def column(self) -> str | None:
        """The single column of a standard GX expectation."""
        return self.kwargs.get("column")

    @property
    def is_wide(self) -> bool:
        """True when each of its columns has a rule of its own."""
        return TYPES[self.type].wide

    @property
    def is_group(self) -> bool:
        """True when it compares records with each other."""
        return TYPES[self.type].group
