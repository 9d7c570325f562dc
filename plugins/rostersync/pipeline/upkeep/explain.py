"""Why does this row look as it does? The change log, and what the newest slots kept out or carried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rostersync.archive import Archive, Layout, Manifest
from rostersync.diff import trace_key
from rostersync.engine.postgres import connect
from rostersync.errors import ArchiveError
from rostersync.fold import EMPTY_FINGERPRINT, AppliedSlot, restored_name, slice_name
from rostersync.ledger.explain import (
    Decided,
    Explanation,
    KeptOut,
    Trace,
    Version,
    former_versions,
    versions_of,
)
from rostersync.ledger.holds import decisions
from rostersync.ledger.slots import applied_slots
from rostersync.pipeline.ground.files import file_inputs
from rostersync.pipeline.ground.run import Inputs, Run
from rostersync.spec import ENTITIES, FILES, Entity


def explain(
    warehouse: str,
    archive: Archive,
    *,
    district: str,
    entity: Entity,
    key: Sequence[str],
    slots: int = 5,
    values: bool = False,
) -> Explanation:
    """All that is known of one row. ``key``: the values of the entity's key columns, in their order.

    ``slots``: of how many newest slots quarantine and carried rows are read. ``values``: tell also what
    stood in the columns. Reads only. Raises the warehouse's errors; what the archive lacks is reported.
    """
    domain = FILES[entity.file].domain
    with connect(warehouse) as conn, conn.transaction():
        fold = applied_slots(conn, district, domain)
        versions = [
            *former_versions(conn, district, entity, key, values=values),
            *versions_of(conn, district, entity, key, values=values),
        ]
        said = decisions(conn, district, domain)
    layouts = {s.slot: Layout(district, domain, s.slot) for s in fold}
    newest = fold[-slots:] if slots else []
    traces, unread = [], []
    for applied in newest:
        before = fold.before(applied.slot).newest
        try:
            trace = _trace(archive, layouts[applied.slot], applied, before, entity, key)
        except ArchiveError:  # an artefact was cleared away
            unread.append(applied.slot)
            continue
        if trace.carried or trace.records:
            traces.append(trace)
    return Explanation(
        district,
        entity.name,
        fold[-1].slot if fold else None,
        tuple(_with_file(archive, layouts, entity, v) for v in versions),
        tuple(traces),
        tuple(s.slot for s in newest),
        tuple(unread),
        tuple(_decided(d, entity) for d in _still_so(said) if _concerns(d, entity, versions)),
    )


def _still_so(said: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The decisions without those about whole slots that a later one took back."""
    about_slots = ("remove_slot", "restore_slot")
    newest = {d["slot"]: d for d in said if d["action"] in about_slots}
    return [d for d in said if d["action"] not in about_slots or newest[d["slot"]] is d]


def _concerns(decision: Mapping[str, Any], entity: Entity, versions: Sequence[Version]) -> bool:
    """Whether a decision names the entity, or a whole upload that made something of the row."""
    if decision["action"] == "remove_slot":
        return True  # what it said of the row is not among the versions
    if decision["slices"]:
        return any(s["entity"] == entity.name for s in decision["slices"])
    return any(v.slot == decision["slot"] for v in versions)


def _decided(decision: Mapping[str, Any], entity: Entity) -> Decided:
    about = [s for s in decision["slices"] if s["entity"] == entity.name]
    names = [slice_name(s) if "kind" in s else restored_name(s) for s in about]
    return Decided(
        decision["slot"],
        decision["action"],
        tuple(names),
        decision["target"],
        decision["decided_by"],
        decision["reason"],
        decision["decided_at"],
    )


def _trace(
    archive: Archive,
    layout: Layout,
    applied: AppliedSlot,
    before: AppliedSlot | None,
    entity: Entity,
    key: Sequence[str],
) -> Trace:
    folder = layout.diff(applied.landing, applied.pin, applied.base)
    archive.read_json(folder.document)  # marks the folder complete
    inputs = Inputs.pinned(archive, applied.pin)
    run = Run(inputs, layout.domain, layout.slot, archive, "")
    file = file_inputs(run, layout, applied.landing, applied.pin)[entity.file]
    main = ENTITIES[entity.file]
    fingerprint = (
        before.fingerprints.get(main.name, EMPTY_FINGERPRINT) if before else EMPTY_FINGERPRINT
    )
    has_state = fingerprint != EMPTY_FINGERPRINT
    carried, records = trace_key(
        archive,
        folder,
        entity=entity,
        key=key,
        file=file,
        findings=layout.check(applied.landing, applied.pin).findings,
        previous=layout.state(main.name, fingerprint) if has_state else None,
    )
    rules = inputs.rules()
    return Trace(
        layout.slot,
        applied.landing,
        _uploaded_as(archive, layout, applied.landing, entity) or FILES[entity.file].csv,
        carried,
        tuple(
            KeptOut(line, rule, why, rules[rule].message if rule in rules else "")
            for line, rule, why in records
        ),
    )


def _with_file(
    archive: Archive, layouts: dict[str, Layout], entity: Entity, version: Version
) -> Version:
    """With the name its file was uploaded under, as far as the archive knows it."""
    if version.landing is None:
        return version
    try:
        name = _uploaded_as(archive, layouts[version.slot], version.landing, entity)
    except ArchiveError:
        name = None
    return replace(version, file=name)


def _uploaded_as(archive: Archive, layout: Layout, landing: int, entity: Entity) -> str | None:
    entry = Manifest.from_json(archive.read_json(layout.manifest(landing))).file(entity.file)
    return entry.uploaded_as if entry else None
