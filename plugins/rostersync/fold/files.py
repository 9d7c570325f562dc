"""What became of an upload's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from rostersync.archive import FileState

if TYPE_CHECKING:
    from rostersync.ledger.waivers import Waiver

NOTHING: Mapping[str, Waiver] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FindingSummary:
    """One rule broken in one file. ``lines``: the first 20 source lines.

    ``values``: what was sent and is not known, with counts, of columns marked non-personal only. It is
    for the district's own report, not for logs, XComs or the ledger. ``kept``: stored rows that stay because
    the key of a record with it cannot be read.
    """

    rule: str
    severity: str
    column: str | None
    count: int
    lines: tuple[int, ...] = ()
    message: str = ""
    values: str = ""
    kept: int = 0

    @property
    def text(self) -> str:
        """The message with the values."""
        return f"{self.message} {self.values}".strip()

    def to_json(self, waived: Mapping[str, Waiver] = NOTHING) -> dict[str, Any]:
        """As the stable JSON shows it: one message; ``waived_until`` of a rule that is accepted."""
        shown = asdict(self)
        del shown["values"]
        if not self.kept:
            del shown["kept"]
        if self.rule in waived:
            shown["waived_until"] = waived[self.rule].until.isoformat()
        return {**shown, "message": self.text}


@dataclass(frozen=True, slots=True)
class FileResult:
    """A file's state and its accounting: records = accepted + quarantined + duplicates when accepted."""

    state: FileState
    records: int | None = None
    accepted: int = 0
    quarantined: int = 0
    duplicates: int = 0
    rejected: int | None = 0
    findings: tuple[FindingSummary, ...] = ()
