"""One row's life: every version of it in the change log, and what kept it as it is in the newest slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rostersync.engine.postgres import rows_by_name
from rostersync.engine.sql import render_sql
from rostersync.spec import FILES, Entity

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection

_OPS = {"I": "added", "U": "changed", "D": "removed"}


@dataclass(frozen=True, slots=True)
class Version:
    """What one slot made of the row. ``op``: added, changed or removed.

    ``columns``: names of those that changed. ``values``: column -> before and after, None unless asked for.
    ``line``, ``sha256``: the record it came from, None of a removal. ``landing``, ``applied_at`` (aware):
    None when the ledger has no such slot. ``file``: the name it was uploaded under, None when unknown.
    ``is_former``: it was under an id the student had before; ``former_id``: which, None unless asked for.
    """

    slot: str
    op: str
    columns: tuple[str, ...]
    values: dict[str, tuple[str | None, str | None]] | None
    run_id: str
    landing: int | None
    sha256: str | None
    line: int | None
    applied_at: datetime | None
    file: str | None = None
    is_former: bool = False
    former_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync explain --format json`` prints it."""
        when = self.applied_at.isoformat() if self.applied_at else None
        shown = {**asdict(self), "columns": list(self.columns), "applied_at": when}
        if self.values is None:
            del shown["values"], shown["former_id"]
        return shown


@dataclass(frozen=True, slots=True)
class KeptOut:
    """A record in quarantine: its line, the rule it breaks, why that keeps it out, what to do about it."""

    line: int
    rule: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What a slot did about the row beside the change log.

    ``carried``: the reason why the row kept its last good version; ``records``: those in quarantine.
    """

    slot: str
    landing: int
    file: str
    carried: str | None
    records: tuple[KeptOut, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided about rows of the entity: approve, discard, restore, or of a whole slot.

    ``of``: slices or schools, empty for a whole upload; ``target``: after which slot a restored state was.
    """

    slot: str
    action: str
    of: tuple[str, ...]
    target: str | None
    who: str
    why: str
    at: datetime

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync explain --format json`` prints it."""
        return {**asdict(self), "of": list(self.of), "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known of one row. ``newest``: the newest slot loaded, None before the first.

    ``looked_at``: the newest slots whose quarantine and carried rows were read; ``unread``: those the archive
    has no artefacts of any more. ``decisions``: of people about the entity's rows, oldest first.
    """

    district: str
    entity: str
    newest: str | None
    versions: tuple[Version, ...]
    traces: tuple[Trace, ...]
    looked_at: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    decisions: tuple[Decided, ...] = ()

    @property
    def is_seen(self) -> bool:
        """False when neither log nor quarantine ever had it."""
        return bool(self.versions or self.traces)

    @property
    def is_present(self) -> bool:
        """True when the warehouse has the row now."""
        newest = self.versions[-1] if self.versions else None
        return newest is not None and not newest.is_former and newest.op != "removed"

    def to_json(self) -> dict[str, Any]:
        """As ``rostersync explain --format json`` prints it."""
        return {
            "outcome": "seen" if self.is_seen else "never_seen",
            "district": self.district,
            "entity": self.entity,
            "present": self.is_present,
            "newest_slot": self.newest,
            "versions": [v.to_json() for v in self.versions],
            "kept": [asdict(t) for t in self.traces],
            "decisions": [d.to_json() for d in self.decisions],
            "looked_at": list(self.looked_at),
            "unread": list(self.unread),
        }


def versions_of(
    conn: Connection, district: str, entity: Entity, key: Sequence[str], *, values: bool = False
) -> list[Version]:
    """Every version of the row, oldest first; ``values`` reads what stood in its columns, too."""
    where = {
        "district": district,
        "domain": str(FILES[entity.file].domain),
        "key": list(key),
        "with_values": values,
    }
    return [
        Version(
            op=_OPS[_text(row.pop("op"))],
            columns=tuple(row.pop("changed")),
            values=_moved(row.pop("moved")),
            **row,
        )
        for row in rows_by_name(conn, "postgres/reports/versions.sql", where, entity=entity)
    ]


def former_versions(
    conn: Connection, district: str, entity: Entity, key: Sequence[str], *, values: bool = False
) -> list[Version]:
    """What was of the row while its student had other ids, oldest first."""
    if "student_id" not in entity.key:
        return []
    at = entity.key.index("student_id")
    former = conn.execute(
        render_sql("postgres/reports/former_ids.sql"), {"district": district, "student": key[at]}
    ).fetchall()
    found = [
        replace(version, is_former=True, former_id=former_id if values else None)
        for former_id, until in former
        for version in versions_of(
            conn, district, entity, [*key[:at], former_id, *key[at + 1 :]], values=values
        )
        # an event of the day in whose night the id changed was still under the former one
        if version.slot[:10] < until or (entity.day and version.slot[:10] == until)
    ]
    return sorted(found, key=lambda version: version.slot)


def _text(op: Any) -> str:
    return op.decode() if isinstance(op, bytes) else str(op)  # Postgres' "char"


def _moved(
    moved: dict[str, list[str | None]] | None,
) -> dict[str, tuple[str | None, str | None]] | None:
    if moved is None:
        return None
    return {name: (was, now) for name, (was, now) in moved.items() if was != now}
