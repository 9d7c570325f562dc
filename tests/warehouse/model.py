"""What must be true of every diff and every fold, said in plain Python: sets of rows, and nothing of the SQL.

States are read from the archive by their fingerprints; a wrong state is caught by what the upload said.
"""

# long: the contract once more, written by itself; it is held against the contract from top to bottom.

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pyarrow.parquet

from rostersync.archive import Archive, FileState, Layout
from rostersync.fold import EMPTY_FINGERPRINT, EVERYWHERE, Judgement, Settled, Slice, SlotDiff
from rostersync.spec import ENTITIES, Domain, Entity, entities_of
from tests.support.landings import Upload
from tests.warehouse.counted import wrong_counts
from tests.warehouse.halves import (
    going_before_owners,
    going_while_coming,
    staying_as_nobody,
    wrong_teachers,
)
from tests.warehouse.histories import Event, Landing, World
from tests.warehouse.kept import kept_for_nothing, kept_out_for_nothing
from tests.warehouse.promises import cut_files, is_elsewhere, twice, wrong_quarantine, wrong_shapes
from tests.warehouse.records import in_doubt, is_known, replaced
from tests.warehouse.tied import wrong_ties

Row = dict[str, Any]
State = dict[tuple[Any, ...], Row]
"""An entity's rows by key."""

_LAYOUT = Layout("modelville", Domain.CORE, "any")


class BrokenPromiseError(AssertionError):
    """Something that must hold of every history does not."""


class States:
    """Archived states, read once each."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.read = cache(self._read)

    def of(self, entity: Entity, fingerprints: dict[str, str]) -> State:
        """An entity's rows in the state that ``fingerprints`` name."""
        fingerprint = fingerprints.get(entity.name, EMPTY_FINGERPRINT)
        return {} if fingerprint == EMPTY_FINGERPRINT else self.read(entity, fingerprint)

    def _read(self, entity: Entity, fingerprint: str) -> State:
        rows = self.rows(_LAYOUT.state(entity.name, fingerprint))
        made = (_as_of_today(entity, row) for row in rows)
        return {_key(entity, row): row for row in made}

    def rows(self, name: str) -> list[Row]:
        """The rows of an archived Parquet file, as Postgres' JSON shows them."""
        table = pyarrow.parquet.read_table(self.archive.path(name))
        return [{k: _plain(k, v) for k, v in row.items()} for row in table.to_pylist()]


def _as_of_today(entity: Entity, row: Row) -> Row:
    """A stored row as the contract has it: blank where it came later, with its key as it is made now."""
    now = {c.name: row.get(c.name) for c in entity.columns}
    if entity.made:
        kind, value = next(
            (kind, now[c.name]) for c, kind in entity.made.kinds if now[c.name] is not None
        )
        now[entity.made.column] = value.lower() if entity.made.recipe == 1 else f"{kind} {value}"
    return now


def check_diff(states: States, landing: Landing, diff: SlotDiff, previous: dict[str, str]) -> None:
    """Hold a diff against the upload it is of and the two states it leads between.

    Raises BrokenPromiseError.
    """
    now = {e.name: states.of(e, diff.fingerprints) for e in entities_of(Domain.CORE)}
    before = {e.name: states.of(e, previous) for e in entities_of(Domain.CORE)}
    for entity in entities_of(Domain.CORE):
        _check_changes(states, entity, diff, before[entity.name], now[entity.name])
        _check_references(entity, now)
        _check_held(entity, diff.settled, before, now)
        _check_restored(states, entity, diff.settled, now)
        _check_half(states, entity, diff, before, now)
    _check_homes(now)
    _check_unsent(diff.settled, before, now)
    if not diff.settled.restored:
        _check_members(before, now)
    _check_contacts(landing.upload, diff.settled, before, now)
    _check_accounting(landing.upload, diff)
    cut = cut_files(states.archive, landing.upload, previous)
    wrong = [
        *wrong_shapes(states.archive, landing.upload, diff, previous),
        *wrong_quarantine(landing.upload, diff, cut),
        *wrong_counts(diff, before, now),
    ]
    if not diff.settled.restored:
        out = _quarantine(states, diff)
        wrong += kept_out_for_nothing(landing.upload, diff, out, now)
        waiting = {e.name: _held_rows(states, e.name, diff) for e in entities_of(Domain.CORE)}
        wrong += going_while_coming(waiting, before, now)
        wrong += going_before_owners(waiting, before, now)
        wrong += wrong_teachers(landing.upload, diff, waiting, before, now)
        if not diff.settled.held:
            wrong += twice(landing.upload, before, now, cut)
            wrong += staying_as_nobody(landing.upload, before, now)
            wrong += kept_for_nothing(landing.upload, diff, out, before, now, cut)
    if wrong:
        raise BrokenPromiseError(wrong[0])
    for entity, key, why in _must_stay(landing.upload, diff.settled, before, cut):
        row = before[entity.name].get(key)
        if row is None or _restores(diff.settled, entity, row):
            continue
        if row.get("student_id") in replaced(before, now) or _is_nobody(entity, row, now):
            continue
        if entity.name == "parents" and is_elsewhere(row, before, now):
            continue
        if key not in now[entity.name] and is_known(entity, row, now):
            raise BrokenPromiseError(f"{entity.name}: a row that must stay is gone ({why})")


def check_ties(
    states: States,
    judgement: Judgement,
    tripped: Judgement,
    diff: SlotDiff,
    previous: dict[str, str],
) -> None:
    """Hold what waits with what is over a limit against what hangs together. Raises BrokenPromiseError."""
    now = {e.name: states.of(e, diff.fingerprints) for e in entities_of(Domain.CORE)}
    before = {e.name: states.of(e, previous) for e in entities_of(Domain.CORE)}
    for wrong in wrong_ties(judgement, tripped, before, now):
        raise BrokenPromiseError(wrong)


def _check_changes(
    states: States, entity: Entity, diff: SlotDiff, before: State, now: State
) -> None:
    """The change set and its counts are the difference of the two states."""
    told = diff.entities[entity.name]
    rows = states.rows(told.changes) if told.changes else []
    names = [c.name for c in entity.columns]
    found = {(r["op"], _key(entity, r)): {n: r[n] for n in names} for r in rows}
    expected = difference(entity, before, now)
    counts = tuple(sum(op == o for op, _ in expected) for o in "IUD")
    if found != expected or counts != (told.added, told.changed, told.removed):
        raise BrokenPromiseError(f"{entity.name}: the change set is not the states' difference")
    if told.rows != len(now):
        raise BrokenPromiseError(f"{entity.name}: {told.rows} rows told, {len(now)} archived")


def difference(entity: Entity, before: State, now: State) -> dict[tuple[str, Any], Row]:
    """slice(N) from two states: (op, key) -> the row after; of a removed row its key alone."""
    blank = {c.name: None for c in entity.columns}
    added = {("I", k): now[k] for k in now.keys() - before.keys()}
    changed = {("U", k): now[k] for k in now.keys() & before.keys() if now[k] != before[k]}
    removed = {
        ("D", k): {**blank, **dict(zip(entity.key, k, strict=True))}
        for k in before.keys() - now.keys()
    }
    return {**added, **changed, **removed}


def _check_references(entity: Entity, now: dict[str, State]) -> None:
    """No row of a state refers to one that is not in it."""
    for row in now[entity.name].values():
        if not is_known(entity, row, now):
            raise BrokenPromiseError(f"{entity.name}: an orphan is in the state")


def _check_held(
    entity: Entity, settled: Settled, before: dict[str, State], now: dict[str, State]
) -> None:
    """Of a held slice nothing is applied; a held child still goes with a parent that is gone."""
    old, new = before[entity.name], now[entity.name]
    for one in settled.held:
        if one.entity != entity.name:
            continue
        for op, key in difference(entity, old, new):
            row = old.get(key) or new[key]
            kind = {"I": "added", "U": "changed", "D": "removed"}[op]
            if kind != one.kind or one.scope not in ("", row[entity.scope]):
                continue
            if _restores(settled, entity, row) or _restores(settled, entity, new.get(key, row)):
                continue
            if op == "D" and row.get("student_id") in replaced(before, now):
                continue  # nothing of a child stays with another
            if op == "D" and _is_nobody(entity, row, now):
                continue
            if op == "I" and _is_home(entity, row, now):
                continue
            if op != "D" or is_known(entity, row, now):
                raise BrokenPromiseError(
                    f"{entity.name}: a change that is held was applied ({kind})"
                )


def _is_nobody(entity: Entity, row: Row, now: dict[str, State]) -> bool:
    """A member who is known by an email or mobile alone, which nobody has."""
    if entity.name != "group_user_members" or row["staff_id"] or row["parent_id"]:
        return False
    value = (row["email"] or row["mobile"]).lower()
    people = [p for name in ("staff", "parents") for p in now[name].values()]
    return all(value not in ((p["email"] or "").lower(), p["mobile"]) for p in people)


def _check_members(before: dict[str, State], now: dict[str, State]) -> None:
    """Who is known by a value that nobody has is nobody new."""
    entity = ENTITIES["group_user_members"]
    for key, row in now[entity.name].items():
        if _is_nobody(entity, row, now) and key not in before[entity.name]:
            raise BrokenPromiseError(f"{entity.name}: a member came whom nobody is")


def _check_unsent(settled: Settled, before: dict[str, State], now: dict[str, State]) -> None:
    """Of a school that is gone from students.csv nobody goes, moves or changes while that waits."""
    for one in (s for s in settled.held if s.kind == "unsent"):
        for name in ("students", "student_schools"):
            entity = ENTITIES[name]
            for key, row in before[name].items():
                if row["school_id"] != one.scope or now[name].get(key) == row:
                    continue
                if row["student_id"] in replaced(before, now):
                    continue
                if any(_restores(settled, ENTITIES[e], row) for e in ("students", name)):
                    continue
                if not any(r.entity in ("students", "schools", name) for r in settled.restored):
                    raise BrokenPromiseError(f"{entity.name}: an unsent school's row was changed")


def _is_home(entity: Entity, row: Row, now: dict[str, State]) -> bool:
    """The place at their own school that a student who stays must have."""
    home = now["students"].get((row.get("student_id"),))
    return entity.name == "student_schools" and bool(home and home["school_id"] == row["school_id"])


def _check_half(
    states: States,
    entity: Entity,
    diff: SlotDiff,
    before: dict[str, State],
    now: dict[str, State],
) -> None:
    """At no school rows go while others wait to come; a child who waits for another waits alone."""
    reused = {r["student_id"] for r in _held_rows(states, "students", diff) if r["op"] == "R"}
    waits = {
        row["_scope"]
        for row in _held_rows(states, entity.name, diff)
        if row["op"] == "I" and row.get("student_id") not in reused
    }
    old = before[entity.name]
    everywhere = bool(waits) and Slice(entity.name, "added") in diff.settled.held
    for key in old.keys() - now[entity.name].keys():
        row = old[key]
        if not (everywhere or row[entity.scope] in waits) or _restores(diff.settled, entity, row):
            continue
        if row.get("student_id") in replaced(before, now):
            continue  # nothing of a child stays with another
        if diff.settled.restored and not is_known(entity, row, now):
            continue  # what it hung on is as somebody restored it
        raise BrokenPromiseError(f"{entity.name}: a removal was applied while its addition waits")


def _held_rows(states: States, entity: str, diff: SlotDiff) -> list[Row]:
    """What waits of an entity, as it is listed for the person who decides."""
    layout = Layout(_LAYOUT.district, Domain.CORE, diff.slot)
    name = layout.diff(diff.landing, diff.pin, diff.base).held(entity)
    return states.rows(name) if states.archive.exists(name) else []


def _quarantine(states: States, diff: SlotDiff) -> dict[str, dict[int, set[str]]]:
    """Why which records are kept out, by file and line."""
    layout = Layout(_LAYOUT.district, Domain.CORE, diff.slot)
    found: dict[str, dict[int, set[str]]] = {}
    for row in states.rows(layout.diff(diff.landing, diff.pin, diff.base).quarantine):
        found.setdefault(row["file"], {}).setdefault(row["_line"], set()).add(row["reason"])
    return found


def _check_homes(now: dict[str, State]) -> None:
    """A student is at their own school."""
    for (student,), row in now["students"].items():
        if (student, row["school_id"]) not in now["student_schools"]:
            raise BrokenPromiseError("student_schools: a student is not at their own school")


def _check_contacts(
    upload: Upload, settled: Settled, before: dict[str, State], now: dict[str, State]
) -> None:
    """No contact of a child is another child's, unless it was sent for that one tonight."""
    for name in ("parents", "emergency_contacts"):
        entity = ENTITIES[name]
        sent = {_sent_key(entity, row) for row in upload.files.get(name, ())}
        for key, row in now[name].items():
            crossed = row["student_id"] in replaced(before, now) and key not in sent
            if crossed and not _restores(settled, entity, row):
                raise BrokenPromiseError(f"{name}: a contact went over to another child")


def _restores(settled: Settled, entity: Entity, row: Row) -> bool:
    """Whether the row is in what a person restored."""
    return any(
        one.entity == entity.name and one.scope in (EVERYWHERE, row[entity.scope])
        for one in settled.restored
    )


def _check_restored(
    states: States, entity: Entity, settled: Settled, now: dict[str, State]
) -> None:
    """What was restored is as it was, as far as its parents are there."""
    for one in settled.restored:
        if one.entity != entity.name:
            continue
        for key, row in states.of(entity, {entity.name: one.fingerprint}).items():
            if one.scope not in (EVERYWHERE, row[entity.scope]) or not is_known(entity, row, now):
                continue
            if now[entity.name].get(key) != row:
                raise BrokenPromiseError(f"{entity.name}: a row that was restored is not as it was")


def _check_accounting(upload: Upload, diff: SlotDiff) -> None:
    """records = accepted + quarantined + duplicates, and records are those that were sent."""
    for name, file in diff.files.items():
        if file.state is not FileState.ACCEPTED:
            continue
        sent = len(upload.files[name]) + sum(n == name for n, _ in upload.ragged)
        if file.records != sent or sent != file.accepted + file.quarantined + file.duplicates:
            raise BrokenPromiseError(f"{name}: records are unaccounted for")


def _must_stay(
    upload: Upload, settled: Settled, before: dict[str, State], cut: frozenset[str]
) -> Iterator[tuple[Entity, tuple[Any, ...], str]]:
    """Keys that may not leave their entity's state tonight unless their owner does, and why."""
    yield from in_doubt(upload, before, cut)
    for entity in entities_of(Domain.CORE):
        stored = before[entity.name]
        rows = upload.files.get(entity.file)
        if (
            rows is None
            or upload.states.get(entity.file, FileState.ACCEPTED) is not FileState.ACCEPTED
        ):
            yield from ((entity, key, "its file did not come") for key in stored)
            continue
        if entity.name != entity.file:
            continue  # student_schools and section_teachers follow other rules
        yield from (
            (entity, key, "its key came twice, and differs") for key in _conflicting(entity, rows)
        )
        if entity.name != "schools":
            yield from _out_of_scope(entity, upload, settled, before, rows)


def _conflicting(entity: Entity, rows: list[Row]) -> set[tuple[Any, ...]]:
    """Keys of students whose records differ in more than where they are."""
    if entity.name != "students":
        return set()
    contents: dict[tuple[Any, ...], set[str]] = {}
    for row in rows:
        rest = {k: v for k, v in row.items() if k not in ("school_id", "grade_level", "status")}
        contents.setdefault(_sent_key(entity, row), set()).add(repr(sorted(rest.items())))
    return {key for key, seen in contents.items() if len(seen) > 1 and None not in key}


def _out_of_scope(
    entity: Entity,
    upload: Upload,
    settled: Settled,
    before: dict[str, State],
    rows: list[Row],
) -> Iterator[tuple[Entity, tuple[Any, ...], str]]:
    """Rows of a school that schools.csv lacks, of which the file has no record."""
    if upload.states.get("schools", FileState.ACCEPTED) is not FileState.ACCEPTED:
        return
    there = {row["school_id"] for row in upload.files["schools"]} | set(settled.gone)
    sent = {_sent_key(entity, row) for row in rows}
    for key, row in before[entity.name].items():
        school = row[entity.scope]
        if school not in there and (school,) in before["schools"] and key not in sent:
            yield entity, key, "its school is not in schools.csv"


def _sent_key(entity: Entity, row: Row) -> tuple[Any, ...]:
    """The key a record was sent with. A contact without an id, or a member, is told by what it has."""
    computed = {
        "contact_key": row.get("parent_id")
        or row.get("contact_id")
        or f"{row.get('first_name')} {row.get('last_name')}".lower(),
        "member_key": next(
            (_member(k, row) for k in ("staff", "parent") if row.get(f"{k}_id")), None
        ),
    }
    return tuple(computed.get(k, row.get(k)) for k in entity.key)


def _member(kind: str, row: Row) -> str:
    made = ENTITIES["group_user_members"].made
    value = str(row[f"{kind}_id"])
    return value if made and made.recipe == 1 else f"{kind} {value}"


def check_fold(
    states: States,
    world: World,
    final: tuple[Event, ...],
    seen: dict[str, list[Row]],
    runs: dict[Event, str],
) -> None:
    """Hold what a district's consumers read after a history against the archived states of its slots.

    ``seen``: as ``everything`` reads it. ``runs``: the run that applied each landing.
    Raises BrokenPromiseError.
    """
    slots = {row["slot"]: row for row in seen["sync.slots"]}
    if [(s, slots[s]["landing"]) for s in sorted(slots)] != list(final):
        raise BrokenPromiseError("slots are lost, or not at their highest landing")
    for event in final:
        if slots[event[0]]["decided"] != world.landings[event].settled.decided():
            raise BrokenPromiseError(f"what was decided about {event[0]} is not recorded")
    for entity in entities_of(Domain.CORE):
        _check_entity(states, entity, final, seen, runs)


def _check_entity(
    states: States,
    entity: Entity,
    final: tuple[Event, ...],
    seen: dict[str, list[Row]],
    runs: dict[Event, str],
) -> None:
    names = [c.name for c in entity.columns]
    slots = {row["slot"]: row for row in seen["sync.slots"]}
    log: dict[str, dict[tuple[str, Any], Row]] = {slot: {} for slot in slots}
    provenance: dict[tuple[str, Any], Any] = {}
    for row in seen[entity.log_view]:
        log[row["slot"]][(row["op"], _key(entity, row))] = {n: row[n] for n in names}
        provenance[(row["slot"], _key(entity, row))] = (
            row["_run_id"],
            row["_file_sha256"],
            row["_line"],
        )
    current: dict[tuple[Any, ...], Any] = {}
    before: State = {}
    for event in final:
        slot = event[0]
        now = states.of(entity, slots[slot]["fingerprints"])
        if log[slot] != difference(entity, before, now):
            raise BrokenPromiseError(f"{entity.name}: the log's slice {slot} is not the difference")
        for op, key in log[slot]:
            came_by = provenance[(slot, key)]
            if came_by[0] != runs[event]:
                raise BrokenPromiseError(f"{entity.name}: a slice of {slot} is of another run")
            first = slot if op == "I" else current[key][1]
            current[key] = (came_by, first, slot)
            if op == "D":
                del current[key]
        valid = {
            _key(entity, row): {n: row[n] for n in names}
            for row in seen[f"roster_history.{entity.name}"]
            if row["valid_from"] <= slot and (row["valid_to"] is None or row["valid_to"] > slot)
        }
        if valid != now:
            raise BrokenPromiseError(f"{entity.name}: history as of {slot} is not that state")
        before = now
    found = {
        _key(entity, row): (
            {n: row[n] for n in names},
            (row["_run_id"], row["_file_sha256"], row["_line"]),
            row["_first_slot"],
            row["_changed_slot"],
        )
        for row in seen[f"roster.{entity.name}"]
    }
    if found != {key: (before[key], *current[key]) for key in before}:
        raise BrokenPromiseError(f"{entity.name}: current is not the newest state")


def _key(entity: Entity, row: Row) -> tuple[Any, ...]:
    return tuple(row[k] for k in entity.key)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return json.loads(value) if name == "attributes" and isinstance(value, str) else value
