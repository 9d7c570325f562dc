"""slice(N) = diff(state(N-1), state(N)): resolve a landing, count, and keep the artefacts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rostersync.archive import Archive, DiffFolder, FileState, Layout
from rostersync.diff.inputs import Codes, FileInput, RuleText
from rostersync.diff.measure import measure, with_creep
from rostersync.diff.rekey import find_rekeyed
from rostersync.diff.resolve import Resolver
from rostersync.engine import Session, open_session
from rostersync.engine.sql import columns, literal, quote
from rostersync.errors import AccountingError
from rostersync.fold import (
    EMPTY_FINGERPRINT,
    EntityDiff,
    FileResult,
    FindingSummary,
    HeldSlice,
    Restored,
    Settled,
    Slice,
    SlotDiff,
    base_of,
    day_of,
)
from rostersync.spec import ENTITIES, FILES, Domain, Entity, entities_of

_HALF = 1 << 64
_SMALL = 100_000
"""Records of a landing; up to there one thread is as fast as several, and tables are faster than views."""
_SEVERITY_ORDER = {"critical": 0, "error": 1, "warning": 2}


def compute_diff(
    archive: Archive,
    layout: Layout,
    *,
    landing: int,
    pin: str,
    files: Mapping[str, FileInput],
    findings: str,
    previous: Mapping[str, str],
    rules: Mapping[str, RuleText],
    district_office: Sequence[str] = (),
    settled: Settled = Settled(),  # noqa: B008 - frozen
    folder_only: bool = False,
    codes: Codes | None = None,
    week_ago: Mapping[str, str] | None = None,
) -> SlotDiff:
    """The diff of one landing against the state ``previous`` (fingerprints by entity, or entity and day).

    Pure in its inputs: the archived document is returned when the same diff was computed before.
    Writes ``changes/``, ``carried/`` and ``quarantine.parquet`` under the diff's folder, and the new
    states by content; ``held/`` the changes that are held; ``rekeyed.parquet`` and ``aliases.parquet``
    students' new ids, proposed and approved; ``reused.parquet`` ids that may be another child's.
    ``settled``: what is held, approved, restored and looked into;
    ``folder_only``, ``codes``: see :class:`Resolver`. ``week_ago``: fingerprints of the state seven slots
    ago, for the limits; measured anew each time, it is no part of the document. Raises AccountingError when
    a record is neither accepted nor accounted for.
    """
    entities = entities_of(Domain(layout.domain))
    parts = {e.name: _parts(archive, e, previous, files[e.file]) for e in entities}
    base = base_of(_named(parts), settled)
    folder = layout.diff(landing, pin, base)
    document = folder.document
    if archive.exists(document):
        known = SlotDiff.from_json(archive.read_json(document))
        if known.measures is not None:  # else of an older version: the limits would see nothing
            return with_creep(archive, layout, known, week_ago or {})
    prev = _states_before(layout, parts)
    concerned = _entities_in_upload(entities, files, prev, settled.restored)
    with open_session(archive, is_small=_is_small(files)) as session:
        resolver = Resolver(
            session,
            dict(files),
            prev,
            rules,
            district_office,
            foreign=_foreign_states(layout, settled.foreign),
            held=settled.held,
            gone=settled.gone,
            restored=[(r, _state_of(layout, r)) for r in settled.restored],
            folder_only=folder_only,
            codes=codes,
        )
        resolver.run(concerned, findings)
        asked = not folder_only or _holds_a_night(files)
        files = {n: f for n, f in resolver.files.items() if _concerns(f, prev, asked=asked)}
        diffs = _entities(session, layout, folder, concerned, parts, resolver)
        findings_of = _found(session, files, rules) if resolver.has_findings else {}
        out = {name: counts for name, *counts in session.run("duckdb/diff/accounting.sql")}
        standing = _standing(session, files)
        rekeyed, aliases = find_rekeyed(session, folder, settled, files, concerned)
        reused = _keep_reused(session, folder) if _reads_students(files) else None
        diff = SlotDiff(
            slot=layout.slot,
            landing=landing,
            pin=pin,
            base=base,
            entities={
                e.name: diffs.get(e.name, EntityDiff(EMPTY_FINGERPRINT, 0)) for e in entities
            },
            files={
                n: _account(f, findings_of.get(n, []), out.get(n, (0, 0, 0)), standing.get(n, 0))
                for n, f in files.items()
            },
            sha256={n: f.sha256 for n, f in files.items() if f.sha256 and _is_good(f)},
            settled=settled,
            held=tuple(_held(session, one, concerned) for one in settled.held),
            measures=measure(
                session,
                files,
                diffs,
                has_reused=resolver.reused > 0,
                unreachable={name: unreachable for name, (*_, unreachable) in out.items()},
            ),
            rekeyed=rekeyed,
            aliases=aliases,
            reused=reused,
        )
        quarantine = "select file, _line, rule, reason from excluded where kind = 'quarantined'"
        session.write_parquet(quarantine, folder.quarantine, order="order by file, _line, rule")
    archive.write_json(document, diff.to_json())
    return with_creep(archive, layout, diff, week_ago or {})


def resolve_again(
    session: Session,
    layout: Layout,
    *,
    files: Mapping[str, FileInput],
    findings: str,
    previous: Mapping[str, str],
    rules: Mapping[str, RuleText],
    district_office: Sequence[str] = (),
    settled: Settled = Settled(),  # noqa: B008 - frozen
    codes: Codes | None = None,
) -> Resolver:
    """What :func:`compute_diff` resolves, with every line at hand; writes nothing. Arguments as there."""
    entities = entities_of(Domain(layout.domain))
    parts = {e.name: _parts(session.archive, e, previous, files[e.file]) for e in entities}
    prev = _states_before(layout, parts)
    resolver = Resolver(
        session,
        dict(files),
        prev,
        rules,
        district_office,
        foreign=_foreign_states(layout, settled.foreign),
        held=settled.held,
        gone=settled.gone,
        restored=[(r, _state_of(layout, r)) for r in settled.restored],
        codes=codes,
    )
    resolver.run(_entities_in_upload(entities, files, prev, settled.restored), findings)
    return resolver


def _states_before(layout: Layout, parts: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    return {
        name: [layout.state(name, f) for f in kept.values() if f != EMPTY_FINGERPRINT]
        for name, kept in parts.items()
    }


def _entities_in_upload(
    entities: Sequence[Entity],
    files: Mapping[str, FileInput],
    prev: Mapping[str, Sequence[str]],
    restored: Sequence[Restored],
) -> tuple[Entity, ...]:
    """The entities there is anything to say of: most districts send no groups, and have none.

    An optional file's entity is left out when it is neither sent nor stored nor brought back, unless another
    refers to it.
    """
    concerned: list[Entity] = []
    back = {r.entity for r in restored if r.fingerprint != EMPTY_FINGERPRINT}
    for entity in reversed(entities):
        absent = files[entity.file].state is FileState.MISSING and not prev[entity.name]
        asked_for = back | {r.entity for e in concerned for r in e.references}
        if FILES[entity.file].required or not absent or entity.name in asked_for:
            concerned.insert(0, entity)
    return tuple(concerned)


def _is_small(files: Mapping[str, FileInput]) -> bool:
    return sum(f.records or 0 for f in files.values()) <= _SMALL


def _reads_students(files: Mapping[str, FileInput]) -> bool:
    return "students" in files and files["students"].brings_rows


def _keep_reused(session: Session, folder: DiffFolder) -> str | None:
    """Write which students stand although tonight's file seems to name another child; None when none do.

    Held, in quarantine or undone by a restore: what the district says of such an id may not be of the child
    we know.
    """
    [(count,)] = session.run(
        "duckdb/resolve/reused_students.sql",
        reused="doubted_students",
        sent="rows_students",
        state="state_students",
    )
    if not count:
        return None
    name = folder.reused
    session.write_parquet("select student_id from doubted_students", name, order="order by all")
    return name


def _held(session: Session, one: Slice, concerned: Sequence[Entity]) -> HeldSlice:
    """What a held slice holds, by count and by the sum of its keys' hashes (so order is no matter)."""
    if ENTITIES[one.entity] not in concerned:
        return HeldSlice(one, 0, EMPTY_FINGERPRINT)
    ((count, lower, upper),) = session.run(
        "duckdb/diff/held_slice.sql",
        {"kind": one.kind, "scope": one.scope},
        entity=ENTITIES[one.entity],
    )
    return HeldSlice(one, count, _moved(EMPTY_FINGERPRINT, lower, upper))


def _parts(
    archive: Archive, entity: Entity, previous: Mapping[str, str], file: FileInput
) -> dict[str, str]:
    """The fingerprints of the state before, as far as this landing concerns it: by day or as a whole ("")."""
    if entity.day is None:
        whole = previous.get(entity.name, EMPTY_FINGERPRINT)
        return {} if whole == EMPTY_FINGERPRINT else {"": whole}
    if file.clean is None or not file.brings_rows:
        return {}
    with open_session(archive) as session:
        session.view_parquet("sent", file.clean)
        days = session.con.execute(
            f"select distinct try_cast({quote(entity.day)} as date)::varchar from sent"
        ).fetchall()
    return {
        day: previous.get(day_of(entity.name, day), EMPTY_FINGERPRINT) for (day,) in days if day
    }


def _named(parts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Of the state before, what this landing speaks of."""
    return {
        day_of(name, day) if day else name: fingerprint
        for name, kept in parts.items()
        for day, fingerprint in kept.items()
    }


def _foreign_states(layout: Layout, foreign: Mapping[str, str]) -> dict[str, str | None]:
    """Where other domains keep the states that references look into."""
    return {
        name: None
        if fingerprint == EMPTY_FINGERPRINT
        else Layout(layout.district, FILES[ENTITIES[name].file].domain, layout.slot).state(
            name, fingerprint
        )
        for name, fingerprint in foreign.items()
    }


def _state_of(layout: Layout, one: Restored) -> str | None:
    """Where the state is kept that a restore goes back to; None when the entity had no rows."""
    empty = one.fingerprint == EMPTY_FINGERPRINT
    return None if empty else layout.state(one.entity, one.fingerprint)


def _holds_a_night(files: Mapping[str, FileInput]) -> bool:
    """False for a folder of another domain's files alone: the night's are not missing there."""
    core = (f for f in files.values() if FILES[f.name].domain is Domain.CORE)
    return any(f.state is not FileState.MISSING for f in core)


def _concerns(file: FileInput, prev: Mapping[str, Sequence[str]], *, asked: bool) -> bool:
    """False for a file the district does not send and need not: its absence is no news."""
    if file.state is not FileState.MISSING or prev.get(file.name):
        return True
    return FILES[file.name].required and asked


def _is_good(file: FileInput) -> bool:
    """Its bytes are those the state has of it: accepted now, or (stale) in the landing before."""
    return file.brings_rows or file.state is FileState.STALE


def _entities(
    session: Session,
    layout: Layout,
    folder: DiffFolder,
    concerned: Sequence[Entity],
    parts: Mapping[str, Mapping[str, str]],
    resolver: Resolver,
) -> dict[str, EntityDiff]:
    """Compare each entity's state with the one before, count, and write what differs.

    ``parts``: fingerprints of the state before.
    """
    sizes: dict[str, dict[str | None, int]] = {e.name: {} for e in concerned}
    for name, reason, count in session.run(
        "duckdb/diff/sizes.sql", entities=concerned, carried=resolver.carried
    ):
        sizes[name][reason] = count
    moving = [e for e in concerned if session.run("duckdb/diff/changes.sql", entity=e) != [(0,)]]
    counted: dict[str, list[tuple[Any, ...]]] = {e.name: [] for e in concerned}
    if moving:
        for name, *counts in session.run("duckdb/diff/counts.sql", entities=moving):
            counted[name].append(tuple(counts))
    return {
        e.name: _entity(
            session,
            layout,
            folder,
            e,
            parts[e.name],
            counted[e.name],
            sizes[e.name],
            waiting=resolver.waiting,
            whole=e.name in resolver.outgrown,
        )
        for e in concerned
    }


def _entity(
    session: Session,
    layout: Layout,
    folder: DiffFolder,
    entity: Entity,
    previous: Mapping[str, str],
    counted: Sequence[tuple[Any, ...]],
    sizes: Mapping[str | None, int],
    *,
    waiting: Collection[str],
    whole: bool,
) -> EntityDiff:
    """``counted``: rows of diff/counts.sql; ``sizes``: of the state (None), and of carried rows by reason.

    ``whole``: what the state before sums up to says nothing of the one after: that is summed up anew.
    """
    name = entity.name
    added, changed, removed = (sum(row[n] for row in counted) for n in (1, 2, 3))
    moved = {
        str(day or ""): _moved(previous.get(str(day or ""), EMPTY_FINGERPRINT), lower, upper)
        for day, _, _, _, lower, upper in counted
    }
    parts = {**previous, **moved}
    if whole:
        found = state_fingerprints(session, entity, f"state_{name}")
        parts = moved = {day: found.get(day, EMPTY_FINGERPRINT) for day in parts}
    rows = sizes[None]
    reasons = {reason: count for reason, count in sizes.items() if reason}
    changes = None
    if counted:
        changes = folder.changes(name)
        ours = "_school, _core, _p_lower, _p_upper, _s_lower, _s_upper"
        # in key order: sorted keys go into Postgres' indexes several times faster than random ones
        session.write_parquet(
            f"select * exclude ({ours}) from {quote('changes_' + name)}",
            changes,
            order="order by " + columns(entity.key),
        )
    held = _write_held(session, folder, entity) if name in waiting else 0
    if reasons:
        session.write_parquet(f"from {quote('carried_' + name)}", folder.carried(name))
    for day, fingerprint in moved.items():
        _keep_state(session, layout, entity, day, fingerprint)
    return EntityDiff(
        fingerprint=parts.get("", EMPTY_FINGERPRINT),
        days={day: f for day, f in parts.items() if day},
        rows=rows,
        added=added,
        changed=changed,
        removed=removed,
        unchanged=rows - added - changed - sum(reasons.values()),
        carried=sum(reasons.values()),
        held=held or reasons.get("held", 0),
        changes=changes,
        reasons=reasons,
    )


def _write_held(session: Session, folder: DiffFolder, entity: Entity) -> int:
    """Write the changes that are held, if there are any; how many."""
    relation = quote("held_" + entity.name)
    held = int(session.scalar(f"select count(*) from {relation}"))
    if held:
        session.write_parquet(
            f"from {relation}",
            folder.held(entity.name),
            order="order by op, " + columns(entity.key),
        )
    return held


def _keep_state(
    session: Session, layout: Layout, entity: Entity, day: str, fingerprint: str
) -> None:
    """Write the new state (of one day) under its content's name, once."""
    state = layout.state(entity.name, fingerprint)
    if fingerprint == EMPTY_FINGERPRINT or session.archive.exists(state):
        return
    query = f"select * exclude (_line) from {quote('state_' + entity.name)}"
    if entity.day and day:
        query += f" where {quote(entity.day)} = date {literal(day)}"
    session.write_parquet(query, state)


def _moved(fingerprint: str, lower: int, upper: int) -> str:
    """The fingerprint after a change: a sum of row hashes modulo 2^64 per half, so order is no matter."""
    low = (int(fingerprint[16:], 16) + int(lower)) % _HALF
    high = (int(fingerprint[:16], 16) + int(upper)) % _HALF
    return f"{high:016x}{low:016x}"


def state_fingerprints(session: Session, entity: Entity, relation: str) -> dict[str, str]:
    """The fingerprints of a relation with an entity's contract columns, from all its rows.

    By day, or of the whole under "" when the state is not kept day by day; what has no rows is left out.
    """
    rows = session.run("duckdb/diff/fingerprint.sql", entity=entity, relation=relation)
    found = {str(day or ""): _moved(EMPTY_FINGERPRINT, lower, upper) for day, lower, upper in rows}
    return {day: f for day, f in found.items() if f != EMPTY_FINGERPRINT}


def _standing(session: Session, files: Mapping[str, FileInput]) -> dict[str, int]:
    """Records that stand, by file."""
    read = [FILES[name] for name, f in files.items() if f.brings_rows]
    return dict(session.run("duckdb/diff/standing.sql", files=read)) if read else {}


def _account(
    given: FileInput, found: Sequence[FindingSummary], out: Sequence[int], standing: int
) -> FileResult:
    """Records = accepted + quarantined + duplicates, against the reader's own count.

    ``found``: among its records; ``out``: how many are in quarantine, and duplicates.
    """
    if given.state is FileState.REJECTED:
        causes = [f for f in found if f.severity == "critical"]
        findings = (*given.findings, *causes)
        return FileResult(given.state, given.records, rejected=given.records, findings=findings)
    if not given.brings_rows:
        return FileResult(given.state, given.records, findings=given.findings)
    quarantined, duplicates = out[:2]
    records = given.records or 0
    if standing + quarantined + duplicates != records:
        raise AccountingError(
            "Records are unaccounted for after resolve",
            file=FILES[given.name].csv,
            expected=f"{records} records",
            found=f"{standing} accepted + {quarantined} quarantined + {duplicates} duplicates",
            next_step="nothing was loaded; report this as a bug with the landing's number",
        )
    ordered = sorted([*given.findings, *found], key=lambda f: (_SEVERITY_ORDER[f.severity], f.rule))
    return FileResult(given.state, records, standing, quarantined, duplicates, 0, tuple(ordered))


def _found(
    session: Session, files: Mapping[str, FileInput], rules: Mapping[str, RuleText]
) -> dict[str, list[FindingSummary]]:
    """What validation and resolve found among the records of each file, by rule."""
    session.run("duckdb/diff/found.sql")
    found: dict[str, list[FindingSummary]] = {}
    for name, rule, column, count, lines in session.run("duckdb/diff/findings.sql"):
        given = files.get(name)
        if given is None or not (given.brings_rows or given.state is FileState.REJECTED):
            continue
        values = given.values.get(rule)
        if not values and given.brings_rows:
            values = _unknown_schools(session, given, rule)
        one = FindingSummary(
            rule=rule,
            severity=rules[rule].severity,
            column=column or rules[rule].column,
            count=count,
            lines=tuple(lines),
            message=rules[rule].message,
            values=values or "",
        )
        found.setdefault(name, []).append(one)
    return found


def _unknown_schools(session: Session, given: FileInput, rule: str) -> str:
    """The school_ids no school has: one that is mistyped is behind many records."""
    if rule != f"{given.name}.school_id.known":
        return ""
    found = session.run("duckdb/diff/unknown_schools.sql", {"rule": rule}, file=FILES[given.name])
    return "Not known: " + ", ".join(f'"{school}" ({count:,})' for school, count in found)
