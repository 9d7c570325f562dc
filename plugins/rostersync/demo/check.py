"""Whether a sync ended as it should: what the ledger and the warehouse say, against what was uploaded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rostersync.archive import FileState
from rostersync.fold import slice_name
from rostersync.ledger.notices import NoticeDay
from rostersync.ledger.queries import RunSummary, newest_runs
from rostersync.ledger.results import Outcome
from rostersync.spec import Domain

if TYPE_CHECKING:
    from rostersync.engine.postgres import Connection

Counts = Mapping[str, int]

_MANY = 1000
_STATES = ("pending", "told", "unreachable", "held", "withdrawn", "expired")
_READ = (FileState.ACCEPTED, FileState.IDENTICAL)


@dataclass(frozen=True, slots=True)
class Expected:
    """How a district's slot should end.

    ``records``: by file, as counted when the upload was made. ``kept_out``: file -> rule -> records that
    break it, all of them and no others; None when nobody knows (a real upload). ``students``: kind of
    change -> rows; kinds left out may be any. ``rejected``: the file that cannot be used.
    ``waits``: the slices that wait for a person. ``warned``: file -> rule -> records; others may be warned
    of, too.
    """

    outcome: Outcome
    records: Counts
    kept_out: Mapping[str, Counts] | None = None
    students: Counts = field(default_factory=dict)
    rejected: str | None = None
    waits: tuple[str, ...] = ()
    warned: Mapping[str, Counts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file's row in the ledger."""

    state: str
    records: int | None
    accepted: int
    quarantined: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How a district's slot ended.

    ``runs``: the ledger's rows of the slot. ``airflow``: state of the DAG run. ``kept_out``: file -> rule ->
    records, of severity error; ``warned``: of severity warning. ``touched``: current tables whose rows of the
    district are not what they were before the run. ``waits``: slices that wait for a person.
    """

    airflow: str
    runs: tuple[RunSummary, ...]
    files: Mapping[str, FileRow]
    kept_out: Mapping[str, Counts]
    touched: tuple[str, ...]
    waits: tuple[str, ...] = ()
    warned: Mapping[str, Counts] = field(default_factory=dict)


def digests(conn: Connection, district: str) -> dict[str, tuple[Any, ...]]:
    """Current table -> the content of the district's rows, to compare two moments."""
    from psycopg import sql

    tables = conn.execute(
        "select schemaname, tablename from pg_tables where schemaname in ('roster', 'attendance')"
    ).fetchall()
    query = "select count(*), sum(hashtextextended(r::text, 0)) from {} r where district_id = %s"
    return {
        name: conn.execute(
            sql.SQL(query).format(sql.Identifier(schema, name)), [district]
        ).fetchall()[0]
        for schema, name in tables
    }


def read_ended(
    conn: Connection,
    district: str,
    domain: Domain,
    slot: str,
    *,
    airflow: str,
    before: Mapping[str, tuple[Any, ...]],
) -> Ended:
    """What the ledger and the warehouse say of a slot; ``before``: :func:`digests` before its run."""
    runs = tuple(
        run
        for run in newest_runs(conn, district=district, newest=_MANY)
        if (run.domain, run.slot) == (domain, slot)
    )
    files: dict[str, FileRow] = {}
    findings: dict[str, dict[str, dict[str, int]]] = {"error": {}, "warning": {}}
    if runs:
        newest = [runs[0].run_id]
        from psycopg.rows import dict_row

        query = "select file, state, records, accepted, quarantined, duplicates from sync.files"
        with conn.cursor(row_factory=dict_row) as cursor:
            for row in cursor.execute(f"{query} where run_id = %s", newest):
                file = row.pop("file")
                files[file] = FileRow(**row)
        query = "select severity, file, rule, record_count from sync.findings where run_id = %s"
        for severity, name, rule, count in conn.execute(query, newest).fetchall():
            findings.setdefault(severity, {}).setdefault(name, {})[rule] = count
    now = digests(conn, district)
    touched = tuple(sorted(table for table in now if now[table] != before.get(table)))
    query = "select slices from sync.holds where state = 'open' and district_id = %s"
    query += " and domain = %s and slot = %s"
    held = conn.execute(query, [district, str(domain), slot]).fetchall()
    waits = tuple(slice_name(one) for (slices,) in held for one in slices)
    return Ended(airflow, runs, files, findings["error"], touched, waits, findings["warning"])


def notice_problems(
    expected: Mapping[str, Counts], days: Sequence[NoticeDay], *, slots: Collection[str]
) -> list[str]:
    """What is not as it should be with a day's notices.

    ``expected``: notice -> state -> students; a state that is left out has none. ``days``: what was written.
    ``slots``: the notices' times.
    """
    found = [f"notice {day.notice} is for {day.slot}" for day in days if day.slot not in slots]
    written = {day.notice: day for day in days}
    for name in sorted({*expected, *written}):
        if name not in written or name not in expected:
            found.append(f"notice {name} was {'' if name in written else 'not '}written")
            continue
        counts = {state: getattr(written[name], state) for state in _STATES}
        wanted = dict.fromkeys(_STATES, 0) | dict(expected[name])
        found += [
            f"notice {name}: {counts[state]} students {state} instead of {wanted[state]}"
            for state in _STATES
            if counts[state] != wanted[state]
        ]
    return found


def problems(expected: Expected, ended: Ended) -> list[str]:
    """What is not as it should be, one line each; empty when all is well."""
    return list(_problems(expected, ended))


def _problems(  # noqa: C901, PLR0912 - a sentence for each thing that may be wrong
    expected: Expected, ended: Ended
) -> Iterator[str]:
    if len(ended.runs) != 1:
        yield f"the ledger has {len(ended.runs)} runs of this slot instead of one (Airflow: {ended.airflow})"
        return
    (run,) = ended.runs
    if run.outcome != expected.outcome:
        why = f" ({run.message})" if run.message else ""
        yield f"the outcome is {run.outcome} instead of {expected.outcome}{why}"
    state = "success" if Outcome(run.outcome).is_success else "failed"
    if ended.airflow != state:
        yield f"the outcome is {run.outcome}, but Airflow's run is {ended.airflow}"
    yield from _accounting(expected, ended)
    for name, rules in expected.warned.items():
        for rule, count in rules.items():
            if (warned := ended.warned.get(name, {}).get(rule, 0)) != count:
                yield f"{name}.csv: {rule} warns of {warned} instead of {count}"
    if expected.rejected:
        file = ended.files.get(expected.rejected)
        if file is None or file.state != FileState.REJECTED:
            yield f"{expected.rejected}.csv is {file.state if file else 'unknown'} instead of rejected"
    if ended.waits != expected.waits:
        waits, wanted = (", ".join(w) or "nothing" for w in (ended.waits, expected.waits))
        yield f"{waits} waits for a person instead of {wanted}"
    if expected.outcome is not Outcome.LOADED:
        if ended.touched:
            yield f"the warehouse changed although nothing was loaded: {', '.join(ended.touched)}"
        return
    moved = run.changes.get("students", {})
    for kind, count in expected.students.items():
        if moved.get(kind) != count:
            yield f"{moved.get(kind, 0):,} students {kind} instead of {count:,}"
    if not ended.touched:
        yield "the warehouse is as it was before the run"


def _accounting(expected: Expected, ended: Ended) -> Iterator[str]:
    for name, count in expected.records.items():
        file = ended.files.get(name)
        if file is None:
            yield f"the ledger does not know {name}.csv"
            continue
        if name == expected.rejected or file.state not in _READ:
            continue
        if file.records != count:
            yield f"{name}.csv: {file.records} records instead of {count:,}"
        accounted = file.accepted + file.quarantined + file.duplicates
        if accounted != file.records:
            yield f"{name}.csv: {accounted:,} records accounted for of {file.records}"
    if expected.kept_out is None or expected.outcome is Outcome.REJECTED:
        return
    for name in sorted({*expected.kept_out, *ended.kept_out}):
        want, got = expected.kept_out.get(name, {}), ended.kept_out.get(name, {})
        for rule in sorted({*want, *got}):
            if want.get(rule, 0) != got.get(rule, 0):
                yield f"{name}.csv: {rule} keeps out {got.get(rule, 0)} instead of {want.get(rule, 0)}"
        row = ended.files.get(name)
        if row is not None and row.quarantined != sum(want.values()):
            yield f"{name}.csv: {row.quarantined} in quarantine instead of {sum(want.values())}"
