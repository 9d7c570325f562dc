"""One GX context per run: evaluates checks on tables and hands back counts, never a row."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rostersync.errors import AccountingError, SuiteError

if TYPE_CHECKING:
    from rostersync.engine import Session
    from rostersync.validation.model import Check

_SEVERITY = {"critical": "critical", "error": "warning", "warning": "info"}
"""Our words to GX's; GX drops an expectation whose severity it does not know."""

_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
"""Counts without samples: a sample is a person's value."""


@contextmanager
def open_gx(session: Session) -> Iterator[GxRun]:
    """A GX context on the session's connection. The first one in a process takes seconds to import."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    silence_logs()  # the import alone writes 220 lines
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    # importing registers our data source and expectation types with GX
    from rostersync.validation import expectations as _  # noqa: F401
    from rostersync.validation.gx_engine import SharedDuckDB

    silence_logs()  # and sets levels of its own
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    # It lives as long as this run; GX would write all of it as YAML, twice a table: a tenth of the time.
    context._save_project_config = lambda: None
    name = uuid.uuid4().hex
    SharedDuckDB.connections[name] = session.con
    source = context.data_sources.add_duckdb_shared(name, session=name)
    try:
        yield GxRun(gx, source)
    finally:
        source.get_execution_engine().release()
        del SharedDuckDB.connections[name]


def silence_logs() -> None:
    """GX logs whole SQL texts with tracebacks; what matters comes back in the results."""
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.CRITICAL)


class GxRun:
    """Counts with GX. ``results``: each evaluation's result as JSON, without row values, by table."""

    def __init__(self, gx: Any, source: Any) -> None:
        self._gx = gx
        self._source = source
        self.results: dict[str, Any] = {}

    def counts(self, table: str, checks: Sequence[Check]) -> dict[str, int]:
        """How many records of ``table`` break each rule of ``checks``, by rule id.

        Raises SuiteError when GX takes fewer expectations than the suite has, AccountingError when a rule
        could not be evaluated: both are mistakes of ours, never a district's.
        """
        suite = self._suite(table, checks)
        batch = (
            self._source.add_table_asset(table, table_name=table)
            .add_batch_definition_whole_table("all")
            .get_batch()
        )
        outcome = batch.validate(suite, result_format=_RESULT_FORMAT)
        counts: dict[str, int] = {}
        for result in outcome.results:
            check = checks[result.expectation_config.meta["position"]]
            counts.update(_counts_of(check, result))
        missing = sorted({r.id for c in checks for r in c.rules} - set(counts))
        if missing:
            raise AccountingError(
                "A rule was not evaluated", rule=missing[0], table=table, found="no result"
            )
        self.results[table] = outcome.to_json_dict()
        return counts

    def _suite(self, table: str, checks: Sequence[Check]) -> Any:
        suite = self._gx.ExpectationSuite(
            name=table,
            expectations=[
                {
                    "type": check.type,
                    "kwargs": dict(check.kwargs),
                    "severity": _SEVERITY[check.rules[0].severity],
                    "meta": {"position": position, "rules": [r.id for r in check.rules]},
                }
                for position, check in enumerate(checks)
            ],
        )
        if len(suite.expectations) != len(checks):
            taken = {e.meta["position"] for e in suite.expectations}
            lost = [c.rules[0].id for i, c in enumerate(checks) if i not in taken]
            raise SuiteError(
                "GX does not take every expectation of a suite",
                suite=table,
                problems=[f"{rule}: GX dropped it" for rule in lost],
            )
        return suite


def _counts_of(check: Check, result: Any) -> dict[str, int]:
    if _raised(result.exception_info):
        # GX's text may quote a cell, so it is left out
        raise AccountingError(
            "A rule could not be evaluated",
            rule=check.rules[0].id,
            file=f"{check.file}.csv",
            type=check.type,
            next_step="nothing was loaded; correct the expectation, or report this as a bug",
        )
    columns = check.kwargs["columns"] if check.is_wide else None
    return counts_by_rule([r.id for r in check.rules], columns, result.result)


def counts_by_rule(
    rules: Sequence[str], columns: Sequence[str] | None, found: Mapping[str, Any]
) -> dict[str, int]:
    """How many records break each rule, as an expectation's result says.

    ``columns``: those that have a rule each, in the rules' order; None: the first rule is about all.
    """
    if "details" not in found:
        return {rules[0]: int(found["unexpected_count"] or 0)}  # None for a table without rows
    per_column = found["details"]["unexpected_counts"]
    if columns is None:
        (count,) = per_column.values()
        return {rules[0]: int(count)}
    return {rule: int(per_column[column]) for rule, column in zip(rules, columns, strict=True)}


def _raised(exception_info: Any) -> bool:
    """GX nests this: one object, or one for each metric."""
    if not isinstance(exception_info, dict):
        return False
    if exception_info.get("raised_exception"):
        return True
    return any(_raised(v) for v in exception_info.values())
