"""The district's report of a checked upload: every line that broke a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from rostersync.diff import Resolver, resolve_again
from rostersync.diff.kept import count_kept
from rostersync.engine import Session, open_session, render_sql
from rostersync.fold import Settled
from rostersync.ledger.results import RunResult
from rostersync.pipeline.ground.files import file_inputs
from rostersync.pipeline.ground.resolve import attendance_codes, resolve_landing
from rostersync.pipeline.ground.run import Run
from rostersync.pipeline.steps.report import loads_nothing
from rostersync.reporting.district_report import NO_DATES, write_district_report
from rostersync.reporting.problems import RuleWords
from rostersync.spec import FILES, entities_of


def write_report(
    run: Run,
    landing: int | None,
    result: RunResult,
    folder: Path,
    *,
    about: str = "Upload check",
    known_until: Mapping[str, date] = NO_DATES,
    previous: Mapping[str, str] | None = None,
    settled: Settled | None = None,
    most_lines: int | None = None,
) -> None:
    """Resolve once more with every line at hand (the result has the first 20), and write the report.

    ``about``: what the page reports on. ``known_until``: rules that are accepted for the district, and until
    when. ``previous``, ``settled``: what the run was resolved with; without, references are looked for inside
    the landing, as a check does. ``most_lines``: of one rule and file; None lists all.
    """
    rules = {rule.id: RuleWords(rule.reason, rule.hint) for rule in run.inputs.suites.rules}
    differs = [str(d) for d in run.inputs.suites.differences]
    title = run.cfg.name if run.cfg.name != run.district else ""
    if landing is None:
        write_district_report(
            folder,
            result,
            rules,
            lambda name: (),
            title=title,
            about=about,
            known_until=known_until,
            differs=differs,
        )
        return
    with open_session(run.archive) as session:
        fails = loads_nothing(result.outcome)
        resolver = _resolve_all(session, run, landing, previous, settled, fails=fails)
        session.run("duckdb/diff/found.sql")
        count_kept(resolver)

        def lines(name: str) -> Iterator[tuple[str, int, int]]:
            rows = session.con.execute(render_sql("duckdb/reports/errors.sql", file=FILES[name]))
            known = {f.rule for f in result.files[name].findings}
            while batch := rows.fetchmany(10_000):
                yield from (found for found in batch if found[0] in known)

        write_district_report(
            folder,
            result,
            rules,
            lines,
            title=title,
            about=about,
            known_until=known_until,
            differs=differs,
            most_lines=most_lines,
        )


def _resolve_all(
    session: Session,
    run: Run,
    landing: int,
    previous: Mapping[str, str] | None,
    settled: Settled | None,
    *,
    fails: bool,
) -> Resolver:
    """Resolve with every line at hand: as a run did, or inside the landing alone."""
    findings = run.layout.check(landing, run.inputs.pin).findings
    files = file_inputs(run, run.layout, landing, run.inputs.pin)
    rules, office = run.inputs.rules(), run.cfg.district_office
    codes = attendance_codes(run.cfg, None if settled is None else run.slot[:10])
    if settled is None:
        resolver = Resolver(session, files, {}, rules, office, folder_only=True, codes=codes)
        resolver.run(entities_of(run.domain), findings)
        return resolver
    if settled.held:  # and what waits with it
        found = resolve_landing(run, run.layout, landing, run.inputs, previous or {}, settled)
        settled = replace(settled, held=(*settled.held, *found.tied))
    return resolve_again(
        session,
        run.layout,
        files=files,
        findings=findings,
        previous=previous or {},
        rules=rules,
        district_office=office,
        settled=settled,
        fails=fails,
        codes=codes,
    )
