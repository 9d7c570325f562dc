"""Which records of a file stay out for what they are: damaged, or in conflict."""

from __future__ import annotations

from collections.abc import Sequence

from rostersync.diff.resolve.resolution import Resolution
from rostersync.engine.sql import quote
from rostersync.spec import Entity, File


def exclude(work: Resolution, file: File, main: Entity, *, has_rejects: bool) -> None:
    """Duplicates, and records with an error or without a shape: ``excluded``."""
    first_wins = file.first_wins
    key = list(first_wins or main.key)
    given = {
        "file": file,
        "key": key,
        "conflict_rule": f"{main.name}.key.conflicting_duplicate",
        "has_rejects": has_rejects,
        "has_errors": bool(work.found.get(file.name)),
    }
    if file.wide:
        value = file.wide.replaces[1]
        crowded = work.count("crowded_events", file=file, key=key, value=value)
        if crowded or has_rejects or given["has_errors"]:
            work.out[file.name] += work.count("excluded_events", **given, value=value)
        return
    if work.count("crowded", file=file, key=key):
        work.crowded.add(file.name)
    elif not (has_rejects or given["has_errors"]):
        return
    work.out[file.name] += work.count(
        "excluded",
        **given,
        **_compared(file, key),
        first_wins=bool(first_wins),
        leaves_out=work.leaves_out(file),
    )


def count_conflicts(work: Resolution, file: File, main: Entity) -> int:
    """Exclude records of one key that differ, where nothing else is wrong with them; how many."""
    if file.wide or file.first_wins or file.name not in work.crowded:
        return 0
    return work.count(
        "conflicts",
        file=file,
        key=list(main.key),
        conflict_rule=f"{main.name}.key.conflicting_duplicate",
        **_compared(file, main.key),
    )


def _compared(file: File, key: Sequence[str]) -> dict[str, list[str]]:
    """Columns that must agree on one key, and those in which a person's records may differ."""
    places = [*file.may_differ, *(["attributes"] if file.attributes else [])]
    contents = [c.name for c in file.columns if c.name not in (*key, *places)]
    return {"contents": contents, "places": places}


def keep_out_damaged_ids(work: Resolution, file: File, main: Entity) -> bool:
    """Whether there are any. One cause, one finding: a damaged id also refers to nothing known."""
    if main.day or not work.prev.get(main.name):
        return False
    if not work.count("gone", file=file, entity=main):
        return False
    if not find_damaged_ids(work, file, main):
        return False
    work.damaged.add(main.name)
    keep_out(work, file, work.count("damaged_out", file=file, entity=main))
    return True


def find_damaged_ids(work: Resolution, file: File, main: Entity) -> int:
    """Ids that may stand for one that is missing, but for those a person said are meant so; how many."""
    return work.count(
        "damaged_ids",
        file=file,
        entity=main,
        key_owners=owners_of(main),
        has_new_ids=bool(work.new_ids),
    )


def owners_of(main: Entity) -> list[tuple[str, str | None]]:
    """Each column of an entity's key, and whose id it is; None where the key itself says it."""
    of = {r.columns[-1]: r.entity for r in main.references} | {"school_id": "schools"}
    made = {main.made.column: None} if main.made else {}
    return [(k, made[k] if k in made else of.get(k, main.name)) for k in main.key]


def keep_out(work: Resolution, file: File, count: int) -> None:
    """Take so many new rows of ``excluded`` off the standing records."""
    lines = f"lines_{file.name}"
    if count and work.out[file.name]:
        work.session.con.execute(
            f"delete from {quote(lines)} as n using excluded as x"
            " where n._line = x._line and x.file = $1",
            [file.name],
        )
    elif count:
        work.session.con.execute(f"drop view {quote(lines)}")
        work.sql("lines", file=file, kept_out=True)
    work.out[file.name] += count
