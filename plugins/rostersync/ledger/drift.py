"""What a look for drift found: how far current tables are from what was loaded. Counts only."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class EntityDrift:
    """One current table. ``rows``: it has; ``expected``: were loaded, None when that is not counted.

    ``of_unknown_run``: rows of a run that no slot was loaded by; ``after_newest``: rows changed after the
    newest slot. ``missing``, ``extra``, ``different``: rows against the archived state, None unless compared.
    """

    rows: int
    expected: int | None
    of_unknown_run: int = 0
    after_newest: int = 0
    missing: int | None = None
    extra: int | None = None
    different: int | None = None

    @property
    def is_found(self) -> bool:
        """True when the table is not as it was loaded."""
        counts = (
            self.of_unknown_run,
            self.after_newest,
            self.missing,
            self.extra,
            self.different,
        )
        return any(counts) or (self.expected is not None and self.rows != self.expected)

    def words(self) -> str:
        """``59 rows where 60 were loaded, 1 row missing``; empty when nothing was found."""
        parts = []
        if self.expected is not None and self.rows != self.expected:
            parts.append(f"{self.rows:,} rows where {self.expected:,} were loaded")
        kinds = (
            (self.missing, "missing"),
            (self.extra, "extra"),
            (self.different, "different"),
            (self.of_unknown_run, "of an unknown run"),
            (self.after_newest, "later than the newest slot"),
        )
        parts += [f"{n:,} row{'' if n == 1 else 's'} {text}" for n, text in kinds if n]
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Drift:
    """One domain of a district. ``newest``: its newest slot, None before the first.

    ``is_full``: rows were compared with the archive, not only counted. ``is_repaired``: what was found is
    put right.
    """

    domain: str
    newest: str | None
    entities: dict[str, EntityDrift] = field(default_factory=dict)
    is_full: bool = False
    is_repaired: bool = False

    @property
    def found(self) -> dict[str, EntityDrift]:
        """The tables that are not as they were loaded."""
        return {name: e for name, e in self.entities.items() if e.is_found}

    def words(self) -> str:
        """What was found, by entity; empty when nothing was."""
        return "; ".join(f"{name}: {e.words()}" for name, e in self.found.items())

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync drift --format json`` prints it."""
        return {
            "drift": bool(self.found),
            "newest_slot": self.newest,
            "full": self.is_full,
            "repaired": self.is_repaired,
            "entities": {name: asdict(e) for name, e in self.entities.items()},
        }
