"""slice(N) = diff(state(N-1), state(N)): resolve a landing, count, and keep the artefacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rostersync.archive import Archive, FileState, Layout
from rostersync.diff.inputs import FileInput, RuleText
from rostersync.diff.resolve import Resolver
from rostersync.engine import Session, open_session, render_sql
from rostersync.engine.sql import columns, quote
from rostersync.errors import AccountingError
from rostersync.ledger import (
    EMPTY_FINGERPRINT,
    EntityDiff,
    FileResult,
    FindingSummary,
    SlotDiff,
    base_of,
)
from rostersync.spec import FILES, Domain, Entity, entities_of

_HALF = 1 << 64
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
) -> SlotDiff:
    """The diff of one landing against the state ``previous`` (fingerprints by entity).

    Pure in its inputs: the archived document is returned when the same diff was computed before.
    Writes ``changes/``, ``carried/`` and ``quarantine.parquet`` under the diff's folder, and the new
    states by content. Raises AccountingError when a record is neither accepted nor accounted for.
    """
    base = base_of(dict(previous))
    folder = layout.diff(landing, pin, base)
    document = f"{folder}/diff.json"
    if archive.exists(document):
        return SlotDiff.from_json(archive.read_json(document))
    entities = entities_of(Domain(layout.domain))
    prev = {
        e.name: layout.state(e.name, previous[e.name])
        for e in entities
        if previous.get(e.name, EMPTY_FINGERPRINT) != EMPTY_FINGERPRINT
    }
    with open_session(archive) as session:
        resolver = Resolver(session, dict(files), dict(prev), rules, district_office)
        resolver.run(entities, findings)
        files = {n: f for n, f in resolver.files.items() if _concerns(f, prev)}
        diff = SlotDiff(
            slot=layout.slot,
            landing=landing,
            pin=pin,
            base=base,
            entities={
                e.name: _entity(session, layout, folder, e, previous.get(e.name, EMPTY_FINGERPRINT))
                for e in entities
            },
            files={name: _account(session, given, rules) for name, given in files.items()},
            sha256={n: f.sha256 for n, f in files.items() if f.sha256 and _is_good(f)},
        )
        _write_quarantine(session, folder, files)
    archive.write_json(document, diff.to_json())
    return diff


def _concerns(file: FileInput, prev: Mapping[str, str]) -> bool:
    """False for an optional file the district does not send: its absence is no news."""
    return file.state is not FileState.MISSING or FILES[file.name].required or file.name in prev


def _is_good(file: FileInput) -> bool:
    """Its bytes are those the state has of it: accepted now, or (stale) in the landing before."""
    return file.brings_rows or file.state is FileState.STALE


def _entity(
    session: Session, layout: Layout, folder: str, entity: Entity, previous: str
) -> EntityDiff:
    name = entity.name
    session.run("diff/changes.sql", entity=entity)
    ((added, changed, removed, lower, upper),) = session.run("diff/counts.sql", entity=entity)
    fingerprint = _moved(previous, lower, upper)
    rows = session.scalar(f"select count(*) from {quote('state_' + name)}")
    carried = session.con.execute(
        f"select _reason, count(*) from {quote('carried_' + name)} group by 1 order by 1"
    ).fetchall()
    carried_rows = sum(n for _, n in carried)
    changes = None
    if added + changed + removed:
        changes = f"{folder}/changes/{name}.parquet"
        hashes = "_p_lower, _p_upper, _s_lower, _s_upper"
        # in key order: sorted keys go into Postgres' indexes several times faster than random ones
        session.write_parquet(
            f"select * exclude ({hashes}) from {quote('changes_' + name)}",
            changes,
            order="order by " + columns(entity.key),
        )
    if carried:
        session.write_parquet(
            f"from {quote('carried_' + name)}", f"{folder}/carried/{name}.parquet"
        )
    state = layout.state(name, fingerprint)
    if fingerprint != EMPTY_FINGERPRINT and not session.archive.exists(state):
        session.write_parquet(f"select * exclude (_line) from {quote('state_' + name)}", state)
    return EntityDiff(
        fingerprint=fingerprint,
        rows=rows,
        added=added,
        changed=changed,
        removed=removed,
        unchanged=rows - added - changed - carried_rows,
        carried=carried_rows,
        changes=changes,
        reasons=dict(carried),
    )


def _moved(fingerprint: str, lower: int, upper: int) -> str:
    """The fingerprint after a change: a sum of row hashes modulo 2^64 per half, so order is no matter."""
    low = (int(fingerprint[16:], 16) + int(lower)) % _HALF
    high = (int(fingerprint[:16], 16) + int(upper)) % _HALF
    return f"{high:016x}{low:016x}"


def state_fingerprint(session: Session, entity: Entity, relation: str) -> str:
    """The fingerprint of a relation with an entity's contract columns, from all its rows."""
    ((lower, upper),) = session.run("diff/fingerprint.sql", entity=entity, relation=relation)
    return _moved(EMPTY_FINGERPRINT, lower, upper)


def _account(session: Session, given: FileInput, rules: Mapping[str, RuleText]) -> FileResult:
    """Records = accepted + quarantined + duplicates, against the reader's own count."""
    if given.state is FileState.REJECTED:
        causes = [f for f in _found(session, given, rules) if f.severity == "critical"]
        findings = (*given.findings, *causes)
        return FileResult(given.state, given.records, rejected=given.records, findings=findings)
    if not given.brings_rows:
        return FileResult(given.state, given.records, findings=given.findings)
    name = given.name
    quarantined, duplicates, standing = session.con.execute(
        render_sql("diff/accounting.sql", file=FILES[name])
    ).fetchall()[0]
    records = given.records or 0
    if standing + quarantined + duplicates != records:
        raise AccountingError(
            "Records are unaccounted for after resolve",
            file=FILES[name].csv,
            expected=f"{records} records",
            found=f"{standing} accepted + {quarantined} quarantined + {duplicates} duplicates",
            next_step="nothing was loaded; report this as a bug with the landing's number",
        )
    found = _found(session, given, rules)
    ordered = sorted([*given.findings, *found], key=lambda f: (_SEVERITY_ORDER[f.severity], f.rule))
    return FileResult(given.state, records, standing, quarantined, duplicates, 0, tuple(ordered))


def _found(
    session: Session, given: FileInput, rules: Mapping[str, RuleText]
) -> list[FindingSummary]:
    """What validation and resolve found among the records of a file, by rule."""
    session.run("diff/found.sql", file=FILES[given.name])
    return [
        FindingSummary(
            rule=rule,
            severity=rules[rule].severity,
            column=column or rules[rule].column,
            count=count,
            lines=tuple(lines),
            message=rules[rule].message,
            values=given.values.get(rule) or _unknown_schools(session, given, rule),
        )
        for rule, column, count, lines in session.run("diff/findings.sql", file=FILES[given.name])
    ]


def _unknown_schools(session: Session, given: FileInput, rule: str) -> str:
    """The school_ids no school has: one that is mistyped is behind many records."""
    if rule != f"{given.name}.school_id.known":
        return ""
    found = session.run("diff/unknown_schools.sql", {"rule": rule}, file=FILES[given.name])
    return "Not known: " + ", ".join(f'"{school}" ({count:,})' for school, count in found)


def _write_quarantine(session: Session, folder: str, files: Mapping[str, FileInput]) -> None:
    parts = [
        f"select '{n}' as file, _line, rule, reason from {quote('excluded_' + n)}"
        " where kind = 'quarantined'"
        for n in files
    ]
    query = " union all ".join(parts)
    session.write_parquet(query, f"{folder}/quarantine.parquet", order="order by file, _line, rule")
