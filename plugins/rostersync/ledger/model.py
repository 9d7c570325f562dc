"""The words of a sync's outcome: what a run reports and what the ledger keeps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from rostersync.archive import FileState
from rostersync.ledger.holds import HeldSlice, Settled, Slice
from rostersync.ledger.measures import Measures
from rostersync.ledger.notices import NoticeDay
from rostersync.ledger.waivers import Waiver

NOTHING: Mapping[str, Waiver] = MappingProxyType({})


class Outcome(StrEnum):
    """How a run ended: success, or one of the last three. ``checked`` is a check's, not a night's."""

    LOADED = "loaded"
    CHECKED = "checked"
    IDENTICAL = "identical"
    NOBODY_ABSENT = "nobody_absent"
    HELD = "held"
    NOT_EXPECTED = "not_expected"
    NO_SCHOOL = "no_school"
    REJECTED = "rejected"
    MISSING = "missing"
    ERROR = "error"

    @property
    def is_success(self) -> bool:
        """True when the run ends green."""
        return self not in {self.REJECTED, self.MISSING, self.ERROR}


@dataclass(frozen=True, slots=True)
class FindingSummary:
    """One rule broken in one file. ``lines``: the first 20 source lines.

    ``values``: what was sent and is not known, with counts, of columns marked non-personal only. It is
    for the district's own report, not for logs, XComs or the ledger.
    """

    rule: str
    severity: str
    column: str | None
    count: int
    lines: tuple[int, ...] = ()
    message: str = ""
    values: str = ""

    @property
    def text(self) -> str:
        """The message with the values."""
        return f"{self.message} {self.values}".strip()

    def to_json(self, waived: Mapping[str, Waiver] = NOTHING) -> dict[str, Any]:
        """As the stable JSON shows it: one message; ``waived_until`` of a rule that is accepted."""
        shown = asdict(self)
        del shown["values"]
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


@dataclass(frozen=True, slots=True)
class EntityDiff:
    """One entity of one slot against the slot before.

    ``fingerprint`` names the state's content (32 hex digits); ``rows`` its size; ``changes`` the archived
    change set, None when there is none; ``reasons``: carried rows by reason. ``days``: of an entity whose
    state is kept day by day, the fingerprints of the days this landing speaks of, also those without an
    event (``rows`` counts those days).
    """

    fingerprint: str
    rows: int
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    carried: int = 0
    held: int = 0
    changes: str | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)

    @property
    def touched(self) -> int:
        """Rows that differ from the slot before."""
        return self.added + self.changed + self.removed


EMPTY_FINGERPRINT = "0" * 32
"""The fingerprint of an entity without rows."""


DAY_MARK = "@"


def day_of(entity: str, day: str) -> str:
    """The name of one day's state among fingerprints: ``attendance@2026-09-01``."""
    return f"{entity}{DAY_MARK}{day}"


def base_of(fingerprints: dict[str, str], settled: Settled = Settled()) -> str:  # noqa: B008
    """A name for what a diff was computed against: a domain's whole state, and what was settled."""
    known: Any = {k: v for k, v in sorted(fingerprints.items()) if v != EMPTY_FINGERPRINT}
    if settled != Settled():
        known = [known, dict(sorted(settled.foreign.items())), settled.decided()]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SlotDiff:
    """slice(N) = diff(state(N-1), state(N)) of one slot, with the accounting of its files."""

    slot: str
    landing: int
    pin: str
    base: str
    entities: dict[str, EntityDiff]
    files: dict[str, FileResult]
    sha256: dict[str, str]
    """sha256 of each accepted file by its contract name."""
    settled: Settled = field(default_factory=Settled)
    held: tuple[HeldSlice, ...] = ()
    """The slices of ``settled.held`` as they came out; what depends on them is held, too."""
    measures: Measures | None = None
    """What the limits look at; None in documents written before there were any."""
    rekeyed: dict[str, int] = field(default_factory=dict)
    """By school of the former id, students who wait and seem to have a new one."""
    aliases: str | None = None
    """The archived new ids of students that a person has approved, None when there are none."""
    reused: str | None = None
    """The archived ids of students who stand although another child seems to be sent; None: none do."""

    @property
    def fingerprints(self) -> dict[str, str]:
        """The state this slot produces, as far as it speaks of it: see :func:`state_after`."""
        whole = {name: e.fingerprint for name, e in self.entities.items() if not e.days}
        days = {day_of(n, d): f for n, e in self.entities.items() for d, f in e.days.items()}
        return {**whole, **days}

    @property
    def touched(self) -> int:
        """Rows that differ from the slot before, all entities."""
        return sum(e.touched for e in self.entities.values())

    def to_json(self) -> dict[str, Any]:
        """As written to the archive."""
        settled = {"foreign": dict(self.settled.foreign), "decided": self.settled.decided()}
        return {**asdict(self), "settled": settled}

    @classmethod
    def from_json(cls, d: dict[str, Any]) -> SlotDiff:
        """As read from the archive; documents of older versions lack what came later."""
        settled = d.get("settled", {"foreign": {}, "decided": {}})
        return cls(
            slot=d["slot"],
            landing=d["landing"],
            pin=d["pin"],
            base=d["base"],
            entities={k: EntityDiff(**v) for k, v in d["entities"].items()},
            files={k: file_result_from_json(v) for k, v in d["files"].items()},
            sha256=d["sha256"],
            settled=Settled.of(settled["foreign"], settled["decided"]),
            held=tuple(
                HeldSlice(Slice(**h["slice"]), h["count"], h["fingerprint"])
                for h in d.get("held", ())
            ),
            measures=Measures.from_json(d["measures"]) if d.get("measures") else None,
            rekeyed=d.get("rekeyed", {}),
            aliases=d.get("aliases"),
            reused=d.get("reused"),
        )


def file_result_from_json(d: dict[str, Any]) -> FileResult:
    """A FileResult from its ``asdict`` form."""
    findings = tuple(FindingSummary(**{**f, "lines": tuple(f["lines"])}) for f in d["findings"])
    return FileResult(**{**d, "state": FileState(d["state"]), "findings": findings})


@dataclass(frozen=True, slots=True)
class Hold:
    """Changes that wait for a person. ``scope``: district or a school's id."""

    kind: str
    entity: str | None
    scope: str
    count: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class AppliedSlot:
    """A slot that is part of the warehouse's fold: which landing it took and the state it left."""

    slot: str
    landing: int
    pin: str
    base: str
    run_id: str
    fingerprints: dict[str, str]
    sha256: dict[str, str]
    """sha256 by file name, of the landing applied."""
    settled: Settled = field(default_factory=Settled)


def state_after(fold: Iterable[AppliedSlot]) -> dict[str, str]:
    """The fingerprints after the slots of ``fold``: of each entity, and of each day, the newest there is."""
    state: dict[str, str] = {}
    for slot in fold:
        state |= slot.fingerprints
    return state


def base_before(later: AppliedSlot, state: dict[str, str]) -> str:
    """The base a slot would have on top of ``state``: days it does not speak of are no part of it."""
    told = {k: v for k, v in state.items() if DAY_MARK not in k or k in later.fingerprints}
    return base_of(told, later.settled)


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run reports: the stable JSON of ``rostersync sync --format json``."""

    outcome: Outcome
    files: dict[str, FileResult] = field(default_factory=dict)
    changes: dict[str, EntityDiff] = field(default_factory=dict)
    holds: tuple[Hold, ...] = ()
    message: str = ""
    recomputed: tuple[str, ...] = ()
    """Later slots that were recomputed because this one came late or was repaired."""
    ignored: tuple[str, ...] = ()
    """Names in the upload that were not taken: near misses, temporary and foreign files."""
    notices: tuple[NoticeDay, ...] = ()
    """Of attendance: the day's notices after this run."""

    @property
    def quarantined(self) -> int:
        """Records kept out, all files."""
        return sum(f.quarantined for f in self.files.values())

    def to_json(self, waived: Mapping[str, Waiver] = NOTHING) -> dict[str, Any]:
        """The stable JSON object (DESIGN §8): file names with .csv, counts only.

        ``waived``: rules that are accepted for the district, with their waivers.
        """
        counts = ("added", "changed", "removed", "unchanged", "carried", "held")
        notices = {"notices": [n.to_json() for n in self.notices]} if self.notices else {}
        return {
            "outcome": str(self.outcome),
            "message": self.message,
            "files": {
                f"{name}.csv": {
                    **asdict(f),
                    "state": str(f.state),
                    "findings": [found.to_json(waived) for found in f.findings],
                }
                for name, f in self.files.items()
            },
            "changes": {
                name: {c: getattr(e, c) for c in counts} for name, e in self.changes.items()
            },
            "holds": [asdict(h) for h in self.holds],
            "recomputed": list(self.recomputed),
            "ignored": list(self.ignored),
            **notices,
        }
