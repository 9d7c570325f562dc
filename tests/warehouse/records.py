"""What an upload's records are, by what was found in them: read without a look at the product.

A stored row must stay where a record of tonight that is kept out may be about it: a bad row never deletes a
person. Where the contract leaves room, the fewest rows count as in doubt.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rostersync.archive import FileState
from rostersync.spec import ENTITIES, Entity
from tests.support.landings import Row, Upload

State = dict[tuple[Any, ...], Row]


@dataclass(frozen=True)
class Record:
    """One record that can be read. ``rules``, ``columns``: those of its errors."""

    row: Row
    rules: tuple[str, ...] = ()
    columns: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_blanked(self) -> bool:
        """A contact sent with no way to be reached, and nothing else is wrong: a decision."""
        return bool(self.rules) and all(r.endswith(".contact.unreachable") for r in self.rules)


def is_accepted(upload: Upload, file: str) -> bool:
    """The file brings rows, as far as it can be said before a reference is looked up."""
    state = upload.states.get(file, FileState.ACCEPTED)
    return file in upload.files and state is FileState.ACCEPTED


def records_of(upload: Upload, file: str, *, is_cut: bool) -> list[Record]:
    """``is_cut``: a last record without a line end is not believed."""
    rows = upload.files.get(file, [])
    is_ragged = any(name == file for name, _ in upload.ragged)
    if is_cut and not is_ragged:
        rows = rows[:-1]
    found = []
    for line, row in enumerate(rows, 2):
        errors = [
            (rule, column) for f, at, rule, column in upload.errors if (f, at) == (file, line)
        ]
        columns = frozenset(column for _, column in errors if column)
        found.append(Record(row, tuple(rule for rule, _ in errors), columns))
    return found


def is_known(entity: Entity, row: Row, now: dict[str, State]) -> bool:
    """What it refers to is in the states."""
    for reference in entity.references:
        if reference.advisory or reference.entity not in now:
            continue
        sought = tuple(row[c] for c in reference.columns)
        if reference.optional and None in sought:
            continue
        # of all references, some name their parent by a part of its key (a member's person)
        if sought not in _values(now[reference.entity], reference.to):
            return False
    return True


def _values(state: State, columns: tuple[str, ...]) -> set[tuple[Any, ...]]:
    return {tuple(row[c] for c in columns) for row in state.values()}


def replaced(before: dict[str, State], now: dict[str, State]) -> set[str]:
    """Ids that are another child's now: both names are others, and the grade is lower."""
    old, new = before["students"], now["students"]
    names = ("first_name", "last_name")
    return {
        key[0]
        for key in old.keys() & new.keys()
        if all(old[key][n].lower() != new[key][n].lower() for n in names)
        and new[key]["grade_level"] < old[key]["grade_level"]
    }


def forms(value: str) -> str:
    """What two ids have in common that are one but for leading zeros, case and a trailing .0."""
    return value.removesuffix(".0").lstrip("0").lower()


class Known:
    """Whom a value may mean: ids of the state before and of tonight's records without an error."""

    def __init__(
        self,
        before: dict[str, State],
        upload: Upload,
        cut: frozenset[str],
        out: Mapping[str, Collection[int]] | None = None,
    ) -> None:
        """``out``: lines of records that are kept out for what no look at them alone says."""
        self._ids = {
            "student_id": self._of("students", "student_id", before, upload, cut, out or {}),
            "school_id": self._of("schools", "school_id", before, upload, cut, out or {}),
        }

    @staticmethod
    def _of(
        name: str,
        column: str,
        before: dict[str, State],
        upload: Upload,
        cut: frozenset[str],
        out: Mapping[str, Collection[int]],
    ) -> set[str]:
        sent = records_of(upload, name, is_cut=name in cut) if is_accepted(upload, name) else []
        lines = out.get(name, ())
        tonight = {
            r.row[column]
            for line, r in enumerate(sent, 2)
            if not r.rules and r.row[column] and line not in lines
        }
        return tonight | {row[column] for row in before[name].values()}

    def of(self, column: str, value: str | None) -> set[str]:
        """Who has exactly this id, else everybody whose id it is but for its form."""
        if value is None:
            return set()
        ids = self._ids[column]
        return {value} if value in ids else {i for i in ids if forms(i) == forms(value)}

    def is_damaged(self, column: str, value: str | None) -> bool:
        """Nobody has it, and it is somebody's but for its form."""
        return (
            column in self._ids and value not in self._ids[column] and bool(self.of(column, value))
        )


def in_doubt(
    upload: Upload, before: dict[str, State], cut: frozenset[str]
) -> Iterator[tuple[Entity, tuple[Any, ...], str]]:
    """Stored keys that may not go tonight unless their owner does, and why.

    ``cut``: files of which the last record may be cut.
    """
    known = Known(before, upload, cut)
    for entity in ENTITIES.values():
        stored = before.get(entity.name)
        if not stored or entity.name != entity.file or not is_accepted(upload, entity.file):
            continue
        sent = records_of(upload, entity.file, is_cut=entity.file in cut)
        blanked = {_key_of(entity, r, stored) for r in sent if r.is_blanked}
        if entity.file in cut or any(name == entity.file for name, _ in upload.ragged):
            yield from (
                (entity, key, "a record could not be read") for key in stored.keys() - blanked
            )
            continue
        for record in (r for r in sent if r.rules and not r.is_blanked):
            for key, why in _about(entity, record, stored, known):
                if key not in blanked:
                    yield entity, key, why


def _about(
    entity: Entity, record: Record, stored: State, known: Known
) -> Iterator[tuple[tuple[Any, ...], str]]:
    if _is_readable(entity, record, known):
        key = _key_of(entity, record, stored)
        if key in stored:
            yield key, "its record is in quarantine"
        return
    student = record.row.get("student_id") if "student_id" in entity.key else None
    students = known.of("student_id", student)
    schools = set() if students else known.of("school_id", record.row.get("school_id"))
    for key, row in stored.items():
        if students and row["student_id"] not in students:
            continue
        if schools and row["school_id"] not in schools:
            continue
        yield key, "a record may be about it"


def _is_readable(entity: Entity, record: Record, known: Known) -> bool:
    """The key can be read in full."""
    row = record.row
    key = [c for c in entity.key if c != "contact_key"]
    if entity.key[-1] == "contact_key" and entity.name == "parents":
        if row["parent_id"] is not None:
            key.append("parent_id")
        else:
            key += ["first_name", "last_name"]
            reached = any(row[c] is not None for c in ("email", "mobile"))
            has_invalid = any(r.endswith(".contact.invalid") for r in record.rules)
            if not reached or has_invalid:
                return False
    return all(
        row.get(c) is not None and c not in record.columns and not known.is_damaged(c, row.get(c))
        for c in key
    )


def _key_of(entity: Entity, record: Record, stored: State) -> tuple[Any, ...]:
    """The stored key a record is of; a contact without an id is told by its name, when only one has it."""
    row = record.row
    if entity.name != "parents" or row["parent_id"] is not None:
        named = {**row, "contact_key": row.get("parent_id"), "contact_id": row.get("contact_id")}
        return tuple(named.get(c) for c in entity.key)
    name = f"{row['first_name']} {row['last_name']}".lower()
    alike = [
        key
        for key in stored
        if key[0] == row["student_id"] and (key[1] == name or key[1].startswith(f"{name} "))
    ]
    return alike[0] if len(alike) == 1 else (row["student_id"], None)
