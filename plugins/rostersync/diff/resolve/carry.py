"""An entity's rows: those that are accepted, and the stored ones that keep their version before."""

from __future__ import annotations

from dataclasses import replace

from rostersync.diff.inputs import CARRY_REASON
from rostersync.diff.resolve.members import drop_gone
from rostersync.diff.resolve.resolution import MEMBERS, Resolution, has_status, scope_of
from rostersync.diff.resolve.state import make_state
from rostersync.diff.resolve.unread import has_student
from rostersync.engine.sql import quote
from rostersync.fold import FindingSummary
from rostersync.spec import ALL_DAY, ENTITIES, Entity, File

VANISHING_ROWS, VANISHING_PERCENT = 10, 50
"""Events of one school, date and kind: when more of them would vanish, they stay."""

TEACHER_KNOWN = "section_teachers.staff_id.known"

SPECIAL = ("students", "student_schools", "sections", "section_teachers", "attendance")
"""Entities that are not one row per record of their file."""


def accept_and_carry(work: Resolution, file: File, entity: Entity) -> None:
    """Resolve one entity of a file whose records are known to stand or to stay out."""
    given = work.files[file.name]
    if given.brings_rows:
        _accept(work, file, entity)
        if entity.day:
            _carry_events(work, file, entity)
            make_state(work, entity)
            return
        _carry(work, file, entity)
        if entity.name == "section_teachers":
            _keep_teachers(work, file, entity)
    else:
        work.sql("no_rows", entity=entity, view=f"accepted_{entity.name}")
        _carry_file(work, entity, CARRY_REASON[given.state])
    if entity.name in work.carried:
        for reference in work.references(entity):
            known = work.known(file, reference.entity)
            work.sql("orphaned", entity=entity, reference=reference, known=known)
        if entity.name == MEMBERS:
            drop_gone(work, f"carried_{entity.name}")
        work.drop_of_replaced(entity, "carried")
    if entity.name == "students":
        work.reused = work.count(
            "reused_students",
            reused="reused_students",
            sent="accepted_students",
            state="prev_students",
        )
    make_state(work, entity)
    if entity.name == "students" and work.reused:
        work.is_replaced = work.count("replaced_students") > 0


def _accept(work: Resolution, file: File, entity: Entity) -> None:
    # of people with one record each there is nothing to choose
    plain = file.name == "students" and not (work.crowded | work.held_back) & {"students"}
    if entity.name not in SPECIAL or plain:
        work.sql("accepted/default", file=file, entity=entity)
    elif file.name == "students":
        held_back = "students" in work.held_back
        work.sql(f"accepted/{entity.name}", entity=entity, is_held_back=held_back)
    elif entity.name == "section_teachers":
        work.sql("accepted/section_teachers", staff=work.referable("staff"))
    else:
        work.sql(f"accepted/{entity.name}", entity=entity)
    if entity.name == "section_teachers" and "staff" in work.available:
        staff = work.referable("staff")
        work.unknown_teachers = work.note(file, TEACHER_KNOWN, "unknown_teachers", staff=staff)
    if entity.name == "student_schools" and "students" in work.crowded:
        work.note(file, "students.school_id.several", "several_schools")
    if entity.name == "student_schools" and work.reused:
        work.note(file, "students.student_id.possible_reuse", "possible_reuse")


def _carry(work: Resolution, file: File, entity: Entity) -> None:
    main = ENTITIES[file.name]
    held_back = main.name in work.held_back
    unidentified = file.name in work.unidentified
    if not work.prev.get(entity.name) or not (held_back or unidentified or work.is_out_of_scope):
        work.sql("none_carried", entity=entity)
        return
    rows = work.count(
        "carried",
        file=file,
        entity=entity,
        main=main,
        frozen_on=[k for k in main.key if k in entity.key],
        knows_student=has_student(file),
        scope=scope_of(file),
        is_held_back=held_back,
        is_unidentified=unidentified,
        has_status=has_status(file),
    )
    work.add_carried(entity, rows)


def _keep_teachers(work: Resolution, file: File, entity: Entity) -> None:
    """A stored teacher of a section stays where the id that is sent is theirs but for its zeros or case."""
    if not (work.prev.get(entity.name) and work.unknown_teachers):
        return
    kept = work.count("kept_teachers", staff=work.referable("staff"))
    work.add_carried(entity, kept)
    if kept:
        given = work.files[file.name]
        said = (
            f"{kept:,} of the teachers that were known before are sent under another id but for zeros, case"
            " or a trailing .0: they keep their classes."
        )
        values = {**given.values, TEACHER_KNOWN: said}
        work.files[file.name] = replace(given, values=values)


def _carry_file(work: Resolution, entity: Entity, reason: str) -> None:
    work.add_carried(entity, work.count("carried_file", entity=entity, reason=reason))


def _carry_events(work: Resolution, file: File, entity: Entity) -> None:
    rows = work.count(
        "carried_events",
        file=file,
        entity=entity,
        all_day=ALL_DAY,
        guard_rows=VANISHING_ROWS,
        guard_percent=VANISHING_PERCENT,
        is_held_back=entity.name in work.held_back,
        is_unidentified=file.name in work.unidentified,
    )
    work.add_carried(entity, rows)
    kept = work.session.scalar(
        f"select count(*) from {quote('carried_' + entity.name)} where _reason = 'held'"
    )
    if kept:
        rule = f"{entity.name}.date.vanishing"
        text = work.texts[rule]
        found = FindingSummary(rule, text.severity, text.column, kept, message=text.message)
        given = work.files[file.name]
        work.files[file.name] = replace(given, findings=(*given.findings, found))
