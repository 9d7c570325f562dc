"""One GX graph per run: evaluates the checks of all tables and hands back counts, never a row."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
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
    """GX on the session's connection. The first one in a process takes seconds to import."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    silence_logs()  # the import alone writes 220 lines
    import great_expectations as gx

    # importing registers our expectation types with GX
    from rostersync.validation import expectations as _  # noqa: F401
    from rostersync.validation.gx_engine import open_engine

    silence_logs()  # and sets levels of its own
    with open_engine(session) as engine:
        yield GxRun(gx, engine)


def silence_logs() -> None:
    """GX logs whole SQL texts with tracebacks; what matters comes back in the results."""
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.CRITICAL)


class GxRun:
    """Counts with GX. ``results``: each table's result as JSON, without row values, by table."""

    def __init__(self, gx: Any, engine: Any) -> None:
        self._gx = gx
        self._engine = engine
        self.results: dict[str, Any] = {}

    def counts(self, tables: Mapping[str, Sequence[Check]]) -> dict[str, int]:
        """How many records break each rule, by rule id. ``tables``: the checks of each.

        All of them are one graph of GX's, computed with one query a table. GX's validator would make a
        graph of each table, and take sixty milliseconds for one of ten records.

        Raises SuiteError when GX takes fewer expectations than a suite has, AccountingError when a rule
        could not be evaluated: both are mistakes of ours, never a district's.
        """
        began = datetime.now(UTC)
        suites = {table: self._suite(table, checks) for table, checks in tables.items()}
        metrics = self._metrics(suites)
        counts: dict[str, int] = {}
        for table, suite in suites.items():
            results = []
            for expectation in suite.expectations:
                position = expectation.meta["position"]
                check = tables[table][position]
                result = self._judged(expectation, check, metrics)
                counts.update(_counts_of(check, result))
                results.append((config_of(table, check, position), result))
            self.results[table] = self._document(table, results, began)
        for rule in (r for checks in tables.values() for c in checks for r in c.rules):
            if rule.id not in counts:
                raise AccountingError("A rule was not evaluated", rule=rule.id, found="no result")
        return counts

    def _metrics(self, suites: Mapping[str, Any]) -> dict[Any, Any]:
        """What all expectations ask for, as far as it could be computed."""
        from great_expectations.validator.validation_graph import ValidationGraph

        graph = ValidationGraph(self._engine)
        for table, suite in suites.items():
            self._engine.load_table(table)
            for expectation in suite.expectations:
                expectation.batch_id = table
                needed = expectation.get_validation_dependencies(self._engine, _runtime())
                for metric in needed.get_metric_configurations():
                    graph.build_metric_dependency_graph(metric, _runtime())
        return dict(graph.resolve(_runtime(), show_progress_bars=False)[0])

    def _judged(self, expectation: Any, check: Check, metrics: Mapping[Any, Any]) -> Any:
        try:
            return expectation.metrics_validate(metrics, _runtime(), self._engine)
        except Exception:  # GX's text may quote a cell, so it is left out
            raise AccountingError(
                "A rule could not be evaluated",
                rule=check.rules[0].id,
                file=f"{check.file}.csv",
                type=check.type,
                next_step="nothing was loaded; correct the expectation, or report this as a bug",
            ) from None

    def _document(
        self, table: str, results: Sequence[tuple[dict[str, Any], Any]], began: datetime
    ) -> dict[str, Any]:
        """A table's results; GX's own form says all of it twice."""
        met = sum(r.success for _, r in results)
        return {
            "suite_name": table,
            "success": met == len(results),
            "results": [
                {
                    "success": bool(r.success),
                    "expectation_config": config,
                    "result": r.result,
                }
                for config, r in results
            ],
            "statistics": {
                "evaluated_expectations": len(results),
                "successful_expectations": met,
                "unsuccessful_expectations": len(results) - met,
                "success_percent": 100 * met / len(results),
            },
            "meta": {
                "great_expectations_version": self._gx.__version__,
                "batch_markers": {"ge_load_time": f"{began:%Y%m%dT%H%M%S.%fZ}"},
            },
        }

    def _suite(self, table: str, checks: Sequence[Check]) -> Any:
        suite = self._gx.ExpectationSuite(
            name=table,
            expectations=[_expectation(check, n) for n, check in enumerate(checks)],
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


def _expectation(check: Check, position: int) -> dict[str, Any]:
    return {
        "type": check.type,
        "kwargs": dict(check.kwargs),
        "meta": {"position": position, "rules": [r.id for r in check.rules]},
        "severity": _SEVERITY[check.rules[0].severity],
    }


def config_of(table: str, check: Check, position: int) -> dict[str, Any]:
    """An expectation as GX writes it, which takes GX two milliseconds; a test holds both together."""
    kwargs = {"batch_id": table, **check.kwargs}
    return {**_expectation(check, position), "kwargs": kwargs}


def _runtime() -> dict[str, Any]:
    """GX writes into what it is given."""
    return {"result_format": dict(_RESULT_FORMAT)}


def _counts_of(check: Check, result: Any) -> dict[str, int]:
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
