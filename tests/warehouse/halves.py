"""Who stays while something of theirs waits, beside what :mod:`model` holds; teachers, and members."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rostersync.archive import FileState
from rostersync.fold import SlotDiff
from rostersync.spec import Domain, entities_of
from tests.support.landings import Row, Upload
from tests.warehouse.promises import is_same_contact
from tests.warehouse.records import State, forms, is_known, replaced

Waiting = dict[str, list[Row]]
"""By entity, the changes that wait, with their ``op``."""


def going_while_coming(
    waiting: Waiting, before: dict[str, State], now: dict[str, State]
) -> Iterator[str]:
    """Somebody is gone who waits to come under another key, or at another school."""
    comes = {name: [r for r in rows if r["op"] == "I"] for name, rows in waiting.items()}
    stays = {staff_id for _, staff_id in now["staff"]}
    left = {staff_id for _, staff_id in before["staff"]} - stays
    if any(r["staff_id"] in left for r in comes.get("staff", ())):
        yield "staff: somebody is gone who waits to come at another school"
    new = [now["parents"][key] for key in now["parents"].keys() - before["parents"].keys()]
    for key in before["parents"].keys() - now["parents"].keys():
        row = before["parents"][key]
        is_waiting = any(is_same_contact(row, r) for r in comes.get("parents", ()))
        if not is_waiting or any(is_same_contact(row, r) for r in new):
            continue
        # nothing of a child stays with another
        if (row["student_id"],) in now["students"] and row["student_id"] not in replaced(
            before, now
        ):
            yield "parents: a contact is gone whose new key waits"


def going_before_owners(
    waiting: Waiting, before: dict[str, State], now: dict[str, State]
) -> Iterator[str]:
    """A row is gone that refers to one whose removal waits."""
    for entity in entities_of(Domain.CORE):
        for reference in entity.references:
            stays = {
                tuple(r[c] for c in reference.to)
                for r in waiting.get(reference.entity, ())
                if r["op"] == "D"
            }
            for key in before[entity.name].keys() - now[entity.name].keys() if stays else ():
                row = before[entity.name][key]
                if row.get("student_id") in replaced(before, now):
                    continue
                if tuple(row[c] for c in reference.columns) in stays and is_known(entity, row, now):
                    yield f"{entity.name}: a row is gone whose owner's removal waits"


def wrong_teachers(
    upload: Upload,
    diff: SlotDiff,
    waiting: Waiting,
    before: dict[str, State],
    now: dict[str, State],
) -> Iterator[str]:
    """A link is gone whose teacher is sent in another form, or a section has two primary teachers."""
    primary = Counter(key[:2] for key, row in now["section_teachers"].items() if row["is_primary"])
    if primary and max(primary.values()) > 1:
        yield "section_teachers: a section has two primary teachers"
    if diff.files["sections"].state is not FileState.ACCEPTED:
        return
    staff = {staff_id for _, staff_id in now["staff"]}
    known = staff | {r["staff_id"] for r in waiting.get("staff", ()) if r["op"] == "I"}
    wrong = {line for file, line, *_ in upload.errors if file == "sections"}
    for line, row in enumerate(upload.files["sections"], 2):
        if line in wrong or row["staff_id"] is None or row["staff_id"] in known:
            continue
        for school, section, teacher in before["section_teachers"]:
            is_it = (school, section) == (row["school_id"], row["section_id"])
            if not is_it or forms(teacher) != forms(row["staff_id"]) or teacher not in staff:
                continue
            link = (school, section, teacher)
            if (school, section) in now["sections"] and link not in now["section_teachers"]:
                yield "section_teachers: a teacher lost a class for zeros, case or a trailing .0"


def staying_as_nobody(
    upload: Upload, before: dict[str, State], now: dict[str, State]
) -> Iterator[str]:
    """A member stays whose email or mobile is nobody's any more, while nobody is sent with an invalid one."""
    for key in now["group_user_members"].keys() & before["group_user_members"].keys():
        row = now["group_user_members"][key]
        if row["staff_id"] or row["parent_id"]:
            continue
        had = _who_have(row, before)
        if had and not _who_have(row, now) and not any(_is_in_doubt(p, upload, now) for p in had):
            yield "group_user_members: a member stays whom nobody is"


def _who_have(member: Row, people: dict[str, State]) -> list[Row]:
    column = "email" if member["email"] else "mobile"
    value = (member[column] or "").lower()
    rows = [p for name in ("staff", "parents") for p in people[name].values()]
    return [p for p in rows if value in ((p["email"] or "").lower(), p["mobile"])]


def _is_in_doubt(person: Row, upload: Upload, now: dict[str, State]) -> bool:
    """They are sent with an invalid value, or stand although they were not sent."""
    name = "staff" if "staff_id" in person else "parents"
    sent = [r for r in upload.files.get(name, ()) if _is_one(r, person)]
    invalid = {line for file, line, *_ in upload.warnings if file == name}
    if any(
        line in invalid and _is_one(r, person)
        for line, r in enumerate(upload.files.get(name, ()), 2)
    ):
        return True
    return not sent and any(_is_one(r, person) for r in now[name].values())


def _is_one(one: Row, other: Row) -> bool:
    if "staff_id" in other:
        return bool(one["staff_id"] == other["staff_id"])
    if other["parent_id"]:
        return bool(one["parent_id"] == other["parent_id"])
    names = ("student_id", "first_name", "last_name")
    return all(one[n] == other[n] for n in names)
