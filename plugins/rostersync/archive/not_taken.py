"""Names in an upload's folder that were not taken, as manifests and results word them: one line each."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from rostersync.spec import Domain

_ARE_OFF = {Domain.TERMS: "terms are off", Domain.ATTENDANCE: "attendance is off"}
_UNFINISHED = "unfinished"
_CROWDED = "and more names, which were not looked at"
_MISNAMED = re.compile(r"(?P<name>.+) \(expected (?P<expected>.+)\)", re.DOTALL)


class Why(StrEnum):
    """Why a name was not taken; the value is the rule of its finding."""

    MISNAMED = "file.name.near_miss"
    UNKNOWN = "file.name.unknown"
    UNFINISHED = "file.name.unfinished"
    OFF = "file.domain.off"
    CROWDED = "file.folder.crowded"


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A name that was not taken. ``expected``: of a near miss, the name that was most likely meant.

    ``domain``: of a file that is there although the district's configuration does not have its domain.
    """

    name: str
    why: Why
    expected: str = ""
    domain: Domain | None = None

    @property
    def line(self) -> str:
        """As a manifest keeps it."""
        if self.why is Why.CROWDED:
            return _CROWDED
        if self.why is Why.MISNAMED:
            return f"{self.name} (expected {self.expected})"
        if self.domain is not None:
            return f"{self.name} ({_ARE_OFF[self.domain]})"
        return f"{self.name} ({_UNFINISHED})" if self.why is Why.UNFINISHED else self.name

    @property
    def nameless(self) -> str:
        """The same line without a name that is a district's own."""
        return (
            self.line if self.why in (Why.OFF, Why.CROWDED) else replace(self, name="a file").line
        )

    @property
    def message(self) -> str:
        """What is wrong, in words."""
        if self.domain is not None:
            return f"{self.name} is here, {_ARE_OFF[self.domain]}"
        if self.why is Why.MISNAMED:
            return f"{self.name} is not read: its name is not exactly {self.expected}"
        if self.why is Why.UNFINISHED:
            return f"{self.name} is not read: it is an upload that was not finished"
        if self.why is Why.CROWDED:
            return "The folder holds more names than are looked at"
        return f"{self.name} is not read: no file of the upload has this name"


def read_not_taken(line: str) -> NotTaken:
    """What a line says, also one of an older release."""
    if match := _MISNAMED.fullmatch(line):
        return NotTaken(match["name"], Why.MISNAMED, expected=match["expected"])
    for domain, words in _ARE_OFF.items():
        if name := _before(line, words):
            return NotTaken(name, Why.OFF, domain=domain)
    if name := _before(line, _UNFINISHED):
        return NotTaken(name, Why.UNFINISHED)
    if line == _CROWDED:
        return NotTaken("", Why.CROWDED)
    return NotTaken(line, Why.UNKNOWN)


def _before(line: str, words: str) -> str:
    """The name in front of words in brackets; empty where others stand there."""
    name = line.removesuffix(f" ({words})")
    return "" if name == line else name
