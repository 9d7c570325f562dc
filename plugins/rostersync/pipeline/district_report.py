"""The district's report of a checked upload: every line that broke a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from rostersync.diff import Resolver
from rostersync.engine import open_session, render_sql
from rostersync.ledger import RunResult
from rostersync.pipeline.check import file_inputs
from rostersync.pipeline.load import attendance_codes
from rostersync.pipeline.run import Run
from rostersync.reporting.district_report import NO_DATES, RuleWords, write_district_report
from rostersync.spec import FILES, entities_of


def write_report(
    run: Run,
    landing: int | None,
    result: RunResult,
    folder: Path,
    *,
    known_until: Mapping[str, date] = NO_DATES,
) -> None:
    """Resolve once more with every line at hand (the result has the first 20), and write the report.

    ``known_until``: rules that are accepted for the district, and until when.
    """
    known = known_until
    rules = {rule.id: RuleWords(rule.reason, rule.hint) for rule in run.inputs.suites.rules}
    title = run.cfg.name if run.cfg.name != run.district else ""
    if landing is None:
        write_district_report(
            folder, result, rules, lambda name: (), title=title, known_until=known
        )
        return
    findings = f"{run.layout.check(landing, run.inputs.pin)}/findings.parquet"
    with open_session(run.archive) as session:
        files = file_inputs(run, run.layout, landing, run.inputs.pin)
        resolver = Resolver(
            session,
            files,
            {},
            run.inputs.rules(),
            run.cfg.district_office,
            folder_only=True,
            codes=attendance_codes(run.cfg),
        )
        resolver.run(entities_of(run.domain), findings)

        def lines(name: str) -> Iterator[tuple[str, int]]:
            session.run("diff/found.sql", file=FILES[name])
            rows = session.con.execute(render_sql("reports/errors.sql", file=FILES[name]))
            while batch := rows.fetchmany(10_000):
                yield from batch

        write_district_report(folder, result, rules, lines, title=title, known_until=known)
