"""What is known of records whose key cannot be read: within that nothing is removed."""

from __future__ import annotations

from typing import NamedTuple

from rostersync.diff.resolve.resolution import Resolution
from rostersync.spec import ENTITIES, Entity, File, Reference

_STUDENT, _SCHOOL = ("student_id",), ("school_id",)


class _Lookup(NamedTuple):
    """Columns of a key, and where the ids lie that they may hold: the table ``known``, its columns ``to``.

    ``owners``: whose ids these are, by column.
    """

    columns: tuple[str, ...]
    known: str
    to: tuple[str, ...]
    owners: tuple[str, ...]


def find_unidentified(
    work: Resolution, file: File, main: Entity, *, has_rejects: bool, has_damaged: bool
) -> None:
    """Each quarantined record whose key cannot be read: its student, else its school, else the entity.

    ``has_damaged``: some ids of the file seem damaged.
    """
    # a group member's key may be damaged by what is only a warning
    suspect = file.name == "group_user_members" and file.name in work.found
    is_stored = any(work.prev.get(e.name) for e in ENTITIES.values() if e.file == file.name)
    if not is_stored or not (has_rejects or suspect or work.out[file.name]):
        return
    work.count(
        "unread",
        file=file,
        entity=main,
        has_damaged=has_damaged,
        references=[
            _Lookup(
                r.columns,
                known,
                r.to,
                tuple("schools" if (c,) == _SCHOOL else r.entity for c in r.columns),
            )
            for r in _of_key(main)
            if (known := _known_ids(work, file, r.entity, r.to))
        ],
        students=_known_ids(work, file, "students", _STUDENT) if has_student(file) else None,
        schools=_known_ids(work, file, "schools", _SCHOOL),
        has_new_ids=bool(work.new_ids),
    )
    rows = work.count("unidentified", file=file, has_rejects=has_rejects)
    work.unidentified |= {file.name} if rows else set()


def has_student(file: File) -> bool:
    """Its records say which student they are of."""
    return any(c.name == "student_id" for c in file.columns)


def _of_key(main: Entity) -> list[Reference]:
    """The references of which a damaged id makes the key another one."""
    key = {*main.key, *((c.name for c in main.made.of) if main.made else ())}
    references = [r for r in main.references if key.issuperset(r.columns)]
    if "school_id" in key and main.name != "schools":
        references.append(Reference(_SCHOOL, "schools", _SCHOOL, ""))
    return references


def _known_ids(work: Resolution, file: File, entity: str, of: tuple[str, ...]) -> str | None:
    """The table of the ids that are known of an entity; None where nothing is known of it.

    Known is what the state before has, and what is accepted tonight.
    """
    if entity not in work.available and entity != "schools":
        return None
    if entity in work.foreign or entity not in work.available:
        relations = [f"state_{entity}"]
    elif entity == file.name:
        relations = [f"prev_{entity}", f"lines_{entity}"]
    else:
        relations = [f"prev_{entity}", f"accepted_{entity}"]
    if entity == "schools" and file.office:
        relations.append("known_schools")
    table = "_".join(("ids", *of, "in", *relations))
    if table not in work.known_ids:
        work.known_ids.add(table)
        work.count("known_ids", table=table, relations=relations, of=of)
    return table
