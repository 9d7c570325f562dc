"""GX's own metrics as our engine computes them: one value each of the one query of a table.

Only ever imported inside functions (see gx_engine). GX builds its counts from a condition it also makes
samples of, and looks for the table's columns first; no more than the counts is wanted here.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes  # noqa: TID253 - see above
from great_expectations.core.metric_function_types import (  # noqa: TID253 - see above
    MetricPartialFunctionTypes,
)
from great_expectations.expectations.metrics.metric_provider import (  # noqa: TID253 - see above
    metric_partial,
)
from great_expectations.expectations.metrics.table_metric_provider import (  # noqa: TID253 - see above
    TableMetricProvider,
)

from rostersync.validation.gx_engine import DuckDBExecutionEngine


class AggregateMetric(TableMetricProvider):
    """Base of metrics that are one value of a table: all of them are columns of one query."""

    domain_keys: tuple[str, ...] = ("batch_id", "table", "row_condition", "condition_parser")

    @classmethod
    def value(cls, table: Any, about: str | None, **kwargs: Any) -> Any:
        """The aggregate. ``about``: the column a metric of GX's is about."""
        raise NotImplementedError

    @metric_partial(
        engine=DuckDBExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _sqlalchemy(
        cls,
        execution_engine: DuckDBExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        def value() -> Any:  # called when the query is not known yet
            table = execution_engine.get_domain_records(metric_domain_kwargs)
            return cls.value(table, metric_domain_kwargs.get("column"), **metric_value_kwargs)

        return value, metric_domain_kwargs, {}


def count_of(broken: Any) -> Any:
    """How many records the predicate is true for."""
    return sa.func.count_if(broken)


class Records(AggregateMetric):
    """All records, for GX to say how many of them break an expectation."""

    metric_name = "table.row_count"

    @classmethod
    def value(cls, table: Any, about: str | None, **kwargs: Any) -> Any:
        """See the base."""
        return sa.func.count()


class ValueMetric(AggregateMetric):
    """Base of GX's own counts of values in one column, without the samples GX makes of the same condition."""

    domain_keys = ("batch_id", "table", "column", "row_condition", "condition_parser")

    @classmethod
    def broken(cls, column: Any, **kwargs: Any) -> Any:
        """True for a value to count."""
        raise NotImplementedError

    @classmethod
    def value(cls, table: Any, about: str | None, **kwargs: Any) -> Any:
        """See the base."""
        return count_of(cls.broken(sa.column(str(about)), **kwargs))


class NoValue(ValueMetric):
    """Nothing: what GX calls the values that are not "not null"."""

    metric_name = "column_values.nonnull.unexpected_count"

    @classmethod
    def broken(cls, column: Any, **_: Any) -> Any:
        """See the base."""
        return column.is_(None)


class NotInSet(ValueMetric):
    """A value that is none of ``value_set``."""

    metric_name = "column_values.in_set.unexpected_count"
    value_keys = ("value_set",)

    @classmethod
    def broken(cls, column: Any, value_set: Any = (), **_: Any) -> Any:
        """See the base."""
        return column.not_in(value_set)


class InSet(ValueMetric):
    """A value that is one of ``value_set``."""

    metric_name = "column_values.not_in_set.unexpected_count"
    value_keys = ("value_set",)

    @classmethod
    def broken(cls, column: Any, value_set: Any = (), **_: Any) -> Any:
        """See the base."""
        return column.in_(value_set)


class NoMatch(ValueMetric):
    """A value without a part that matches ``regex``."""

    metric_name = "column_values.match_regex.unexpected_count"
    value_keys = ("regex",)

    @classmethod
    def broken(cls, column: Any, regex: str = "", **_: Any) -> Any:
        """See the base."""
        return sa.not_(sa.func.regexp_matches(column, sa.literal(regex)))


class Match(ValueMetric):
    """A value with a part that matches ``regex``."""

    metric_name = "column_values.not_match_regex.unexpected_count"
    value_keys = ("regex",)

    @classmethod
    def broken(cls, column: Any, regex: str = "", **_: Any) -> Any:
        """See the base."""
        return sa.func.regexp_matches(column, sa.literal(regex))
