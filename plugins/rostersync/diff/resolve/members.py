"""Group members that are known by an email or mobile alone: whose it is, and whose it last was."""

from __future__ import annotations

from rostersync.diff.resolve.resolution import MEMBERS, Resolution
from rostersync.spec import ENTITIES, FILES

LOST = (
    ("is_email", "boolean"),
    *(
        (name, "varchar")
        for name in ("contact", "staff_id", "parent_id", "student_id", "contact_key")
    ),
)
"""Columns of the list of who last had what members are known by and nobody has, with types."""


def view_people(work: Resolution) -> None:
    """Before the members' file: how staff and parents can be told, and who of them is in quarantine."""
    people = [work.referable(n) for n in ("staff", "parents")]
    if waiting := waiting_people(work):
        work.sql("held_contacts", waiting=[ENTITIES[n] for n in waiting])
    work.sql("people_contacts", view="people_contacts", people=people, hold=bool(waiting))
    work.sql("people_in_quarantine", files=_with_rows(work))
    if work.files["parents"].brings_rows and work.leaves_out(FILES["parents"]):
        work.left_out_contacts = work.count("left_out_contacts")
    if not work.prev.get(MEMBERS):
        return
    columns = ", ".join(f"null::{kind} as {name}" for name, kind in LOST)
    if work.prev_lost:
        work.session.view_columns("prev_lost_contacts", LOST, work.prev_lost)
    else:
        work.session.con.execute(f"create view prev_lost_contacts as select {columns} where false")
    work.sql("last_contacts")


def waiting_people(work: Resolution) -> list[str]:
    """Those of staff and parents some change of whom may be held."""
    return [n for n in ("staff", "parents") if n in work.waiting]


def drop_gone(work: Resolution, relation: str) -> None:
    """Out of what keeps its version before: members that are nobody any more."""
    if work.prev.get(MEMBERS):
        held = relation.startswith("held_")
        work.sql("gone_members", relation=relation, held=held, with_rows=_with_rows(work))


def find_lost(work: Resolution) -> None:
    """After the members' state: who last had the values of those that stay although nobody has them."""
    if work.prev.get(MEMBERS) and (work.prev_lost or MEMBERS in work.carried):
        work.lost = work.count("lost_contacts")


def _with_rows(work: Resolution) -> list[str]:
    return [n for n in ("staff", "parents") if work.files[n].clean is not None]
