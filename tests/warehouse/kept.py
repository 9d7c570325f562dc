"""What stays or is kept out without a reason: the other side of "a bad row never deletes a person".

A stored row that was not sent goes, unless a record that is kept out may be about it, or its school is not
there; a record without an error of its own is kept out only where what it refers to is not there. Where the
contract leaves room, the most rows count as in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rostersync.archive import FileState
from rostersync.fold import SlotDiff
from rostersync.spec import Domain, Entity, entities_of
from tests.support.landings import Row, Upload
from tests.warehouse.records import Known, Record, State, forms, records_of

_ORPHANS = ("orphan", "parent_quarantined", "unresolved")

Quarantine = dict[str, dict[int, set[str]]]
"""By file and line, the reasons why a record is kept out."""


def kept_for_nothing(
    upload: Upload,
    diff: SlotDiff,
    quarantine: Quarantine,
    before: dict[str, State],
    now: dict[str, State],
    cut: frozenset[str],
) -> Iterator[str]:
    """Rows that were not sent, that nothing is known to be about, and that stay all the same."""
    known = Known(before, upload, cut, quarantine)
    sound = [r.row for r in records_of(upload, "schools", is_cut="schools" in cut) if not r.rules]
    there = {row["school_id"] for row in sound} | set(diff.settled.gone)
    for entity in entities_of(Domain.CORE):
        file = diff.files.get(entity.file)
        if file is None or file.state is not FileState.ACCEPTED or entity.name != entity.file:
            continue
        if entity.name == "group_user_members" or diff.of(entity.name).reasons.get("held"):
            continue  # they follow whoever has their email; what comes to a school that is missing waits
        whole = entity.file in cut or any(name == entity.file for name, _ in upload.ragged)
        sent = records_of(upload, entity.file, is_cut=entity.file in cut)
        why = quarantine.get(entity.file, {})
        out = [replace(r, rules=(*r.rules, *why[n])) for n, r in enumerate(sent, 2) if n in why]
        for key, row in before[entity.name].items():
            if (
                whole
                or key not in now[entity.name]
                or any(_is_of(entity, r, key, row) for r in sent)
            ):
                continue
            if _is_outside(entity, row, there, before):
                continue
            if not any(_may_be_about(entity, r, key, row, known, before, now) for r in out):
                yield f"{entity.name}: a row stays that was not sent, for no reason"


def kept_out_for_nothing(
    upload: Upload, diff: SlotDiff, quarantine: Quarantine, now: dict[str, State]
) -> Iterator[str]:
    """Records that are kept out as if what they refer to were not there."""
    for entity in entities_of(Domain.CORE):
        file = diff.files.get(entity.file)
        if file is None or file.state is not FileState.ACCEPTED or entity.name != entity.file:
            continue
        for line, row in enumerate(upload.files[entity.file], 2):
            reasons = quarantine.get(entity.file, {}).get(line, set())
            if reasons and reasons <= set(_ORPHANS) and _refers_to_what_is_there(entity, row, now):
                yield f"{entity.name}: a record is kept out although what it refers to is there"


def _refers_to_what_is_there(entity: Entity, row: Row, now: dict[str, State]) -> bool:
    for reference in entity.references:
        sought = tuple(row.get(c) for c in reference.columns)
        if reference.advisory or (reference.optional and None in sought):
            continue
        there = {tuple(r[c] for c in reference.to) for r in now[reference.entity].values()}
        if sought not in there:
            return False
    if entity.name == "group_user_members" and not (row.get("staff_id") or row.get("parent_id")):
        contact = (row.get("email") or row.get("mobile") or "").lower()
        people = [p for n in ("staff", "parents") for p in now[n].values()]
        return any(contact in ((p["email"] or "").lower(), p["mobile"]) for p in people)
    return True


def _is_of(entity: Entity, record: Record, key: tuple[Any, ...], row: Row) -> bool:
    """The record was sent under this very key, as far as that can be told."""
    sent = record.row
    if entity.name == "parents" and sent["parent_id"] is None:
        return sent["student_id"] == row["student_id"] and _name(sent) == _name(row)
    named = {**sent, "contact_key": sent.get("parent_id")}
    return tuple(named.get(c) for c in entity.key) == key


def _name(row: Row) -> str:
    return f"{row['first_name']} {row['last_name']}".lower()


def _is_outside(entity: Entity, row: Row, there: set[str], before: dict[str, State]) -> bool:
    """Its school, or for a student any of theirs, is not in schools.csv."""
    schools = {row[entity.scope]}
    if entity.name == "students":
        schools |= {s for student, s in before["student_schools"] if student == row["student_id"]}
    return bool(schools - there)


def _may_be_about(
    entity: Entity,
    record: Record,
    key: tuple[Any, ...],
    row: Row,
    known: Known,
    before: dict[str, State],
    now: dict[str, State],
) -> bool:
    """A record that is kept out may be about this row: by its key in another form, or what is known of it."""
    sent = record.row
    columns = [c for c in entity.key if c != "contact_key"]
    if entity.name == "parents" and sent["parent_id"] is not None:
        columns.append("parent_id")
    is_told = entity.name != "parents" or sent["parent_id"] is not None
    if is_told and all(sent.get(c) and forms(sent[c]) == forms(row[c] or "") for c in columns):
        return True
    is_named = not is_told and _name(sent) == _name(row)
    if is_named and forms(sent["student_id"] or "") == forms(row["student_id"]):
        return True
    if _is_readable(entity, record, columns, known, before, now):
        return False
    student = sent.get("student_id") if "student_id" in row else None
    if students := known.of("student_id", student):
        return row["student_id"] in students
    schools = known.of("school_id", sent.get("school_id"))
    at = {row["school_id"]}
    if entity.name == "students":
        at |= {s for s_id, s in before["student_schools"] if s_id == row["student_id"]}
    return not schools or bool(at & schools)


def _is_readable(
    entity: Entity,
    record: Record,
    columns: list[str],
    known: Known,
    before: dict[str, State],
    now: dict[str, State],
) -> bool:
    """Every part of the key is there, without error, and no other id but for its form."""
    sent = record.row
    if entity.name == "parents" and sent["parent_id"] is None:
        if any(rule.endswith(".contact.unreachable") for rule in record.rules):
            return not record.columns & {"student_id", "parent_id"}
        if not (sent["first_name"] and sent["last_name"] and (sent["email"] or sent.get("mobile"))):
            return False
        if record.columns & {"first_name", "last_name"}:
            return False
    if "id_damaged" in record.rules:
        return False
    if any(sent.get(c) is None or c in record.columns for c in columns):
        return False
    return not any(
        known.is_damaged(c, sent[c]) or _is_damaged(entity, c, sent[c], before, now)
        for c in columns
    )


def _is_damaged(
    entity: Entity, column: str, value: str, before: dict[str, State], now: dict[str, State]
) -> bool:
    """It is another known id of its entity, or of what it refers to, but for its form."""
    of = {r.columns[-1]: r.entity for r in entity.references}
    name = of.get(column, entity.name)
    ids = {r.get(column) for state in (before, now) for r in state[name].values()} - {None}
    return value not in ids and any(forms(value) == forms(str(i)) for i in ids)
