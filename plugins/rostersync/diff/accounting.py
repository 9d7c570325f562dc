"""What became of each file's records: accepted, in quarantine, duplicates; and what was found in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rostersync.archive import FileState
from rostersync.diff.inputs import FileInput
from rostersync.diff.kept import count_kept
from rostersync.diff.resolve import Resolver
from rostersync.engine import Session
from rostersync.errors import AccountingError
from rostersync.fold import FileResult, FindingSummary
from rostersync.spec import FILES

_SEVERITY_ORDER = {"critical": 0, "error": 1, "warning": 2}


def files_asked_for(resolver: Resolver) -> dict[str, FileInput]:
    """The landing's files as resolve left them, without those whose absence is no news."""
    return {n: f for n, f in resolver.files.items() if resolver.is_asked_for(n)}


def account(
    resolver: Resolver, files: Mapping[str, FileInput]
) -> tuple[dict[str, FileResult], dict[str, int]]:
    """What became of each file; and by file, records that name no way to reach the person.

    Raises AccountingError when a record is neither accepted nor accounted for.
    """
    session = resolver.session
    found = _found(resolver, files) if resolver.has_findings else {}
    out = {name: counts for name, *counts in session.run("duckdb/diff/accounting.sql")}
    standing = _standing(resolver, files)
    results = {
        n: _account(f, found.get(n, []), out.get(n, (0, 0, 0)), standing.get(n, 0))
        for n, f in files.items()
    }
    return results, {name: unreachable for name, (*_, unreachable) in out.items()}


def _account(
    given: FileInput, found: Sequence[FindingSummary], out: Sequence[int], standing: int
) -> FileResult:
    """Records = accepted + quarantined + duplicates, against the reader's own count.

    ``found``: among its records; ``out``: how many are in quarantine, and duplicates.
    """
    if given.state is FileState.REJECTED:
        causes = [f for f in found if f.severity == "critical"]
        findings = _ordered((*given.findings, *causes))
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
    findings = _ordered((*given.findings, *found))
    return FileResult(given.state, records, standing, quarantined, duplicates, 0, findings)


def _ordered(found: Sequence[FindingSummary]) -> tuple[FindingSummary, ...]:
    return tuple(sorted(found, key=lambda f: (_SEVERITY_ORDER[f.severity], f.rule)))


def _found(resolver: Resolver, files: Mapping[str, FileInput]) -> dict[str, list[FindingSummary]]:
    """What validation and resolve found among the records of each file, by rule."""
    session, rules = resolver.session, resolver.texts
    session.run("duckdb/diff/found.sql")
    count_kept(resolver)
    kept = {(file, rule): n for file, rule, n in session.run("duckdb/diff/kept_rules.sql")}
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
            kept=kept.get((name, rule), 0),
        )
        found.setdefault(name, []).append(one)
    return found


def _unknown_schools(session: Session, given: FileInput, rule: str) -> str:
    """The school_ids no school has: one that is mistyped is behind many records."""
    if rule != f"{given.name}.school_id.known":
        return ""
    found = session.run("duckdb/diff/unknown_schools.sql", {"rule": rule}, file=FILES[given.name])
    return "Not known: " + ", ".join(f'"{school}" ({count:,})' for school, count in found)


def _standing(resolver: Resolver, files: Mapping[str, FileInput]) -> dict[str, int]:
    """Records that stand, by file."""
    read = [FILES[name] for name, f in files.items() if f.brings_rows]
    if not read:
        return {}
    leaving_out = [f.name for f in read if resolver.leaves_out(f)]
    found = resolver.session.run("duckdb/diff/standing.sql", files=read, leaving_out=leaving_out)
    return dict(found)


def is_good(file: FileInput) -> bool:
    """Its bytes are those the state has of it: accepted now, or (stale) in the landing before."""
    return file.brings_rows or file.state is FileState.STALE
