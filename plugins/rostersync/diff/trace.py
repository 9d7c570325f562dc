"""Looks one key up among what a slot kept out and what it carried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rostersync.archive import Archive, DiffFolder
from rostersync.diff.inputs import FileInput
from rostersync.diff.resolve import Resolver
from rostersync.engine import Session, open_session
from rostersync.spec import ENTITIES, FILES, Entity

Record = tuple[int, str, str]
"""Line, rule, reason."""


def trace_key(
    archive: Archive,
    folder: DiffFolder,
    *,
    entity: Entity,
    key: Sequence[str],
    file: FileInput,
    findings: str,
    previous: str | None,
) -> tuple[str | None, list[Record]]:
    """Why the row was carried in a slot (None: it was not), and the records about it in quarantine.

    ``folder``: of the slot's diff. ``file``, ``findings``: of its landing. ``previous``: archive name of the
    state of the file's main entity before the slot. Records match by the part of the key that freezes the
    row; a record of which no key can be read is about nobody.
    """
    carried = folder.carried(entity.name)
    with open_session(archive) as session:
        reason = None
        if archive.exists(carried):
            session.view_state("carried", entity, carried, beside={"_reason": "varchar"})
            found = session.run(
                "duckdb/reports/carried_because.sql", {"key": list(key)}, entity=entity
            )
            reason = found[0][0] if found else None
        return reason, _records(session, folder, entity, key, file, findings, previous)


def _records(
    session: Session,
    folder: DiffFolder,
    entity: Entity,
    key: Sequence[str],
    file: FileInput,
    findings: str,
    previous: str | None,
) -> list[Record]:
    quarantine = folder.quarantine
    if file.clean is None or not session.archive.exists(quarantine):
        return []
    session.view_parquet("quarantine", quarantine)
    if not session.scalar("select count(*) from quarantine where file = $1", [file.name]):
        return []  # saves reading the whole file
    main = ENTITIES[file.name]
    before: Mapping[str, Sequence[str]] = {main.name: [previous]} if previous else {}
    Resolver(session, {file.name: file}, before, {}).records(main, findings)
    shared = [k for k in main.key if k in entity.key]
    values = dict(zip(entity.key, key, strict=True))
    return [
        (line, rule, why)
        for line, rule, why in session.run(
            "duckdb/reports/kept_out.sql",
            {"key": [values[k] for k in shared]},
            file=FILES[file.name],
            main=main,
            shared=shared,
        )
    ]
