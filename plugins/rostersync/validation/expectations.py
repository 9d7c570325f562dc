"""Our own GX expectations; importing registers them under the snake_case of their class names.

Only ever imported inside functions (see gx_engine). Their counts are written in SQLAlchemy and, where
records are compared, in another form than the locator's SQL: what both would get wrong alike is less.
Each reports its count per column in ``details.unexpected_counts``: no row values.
"""

from __future__ import annotations

from typing import Any, ClassVar, List  # noqa: UP035 - pydantic 1 reads the annotations

import sqlalchemy as sa
from great_expectations.core.metric_domain_types import MetricDomainTypes  # noqa: TID253 - see above
from great_expectations.expectations.expectation import BatchExpectation  # noqa: TID253 - see above
from great_expectations.expectations.metrics.metric_provider import (  # noqa: TID253 - see above
    metric_value,
)
from great_expectations.expectations.metrics.table_metric_provider import (  # noqa: TID253 - see above
    TableMetricProvider,
)

from rostersync.validation.gx_engine import DuckDBExecutionEngine
from rostersync.validation.vocabulary import (
    EXCEL_ERRORS,
    MAX_ID,
    MAX_ID_BYTES,
    NOTHING_SENT,
    PLACEHOLDER,
    UNCLEAN_ID,
)

WHOLE = "record"
"""Key of the count of a rule that is not about one column."""


class CountMetric(TableMetricProvider):
    """Base of metrics that count broken records, by column or WHOLE, with one query."""

    @classmethod
    def statement(cls, table: Any, **kwargs: Any) -> tuple[list[str], sa.Select[Any]]:
        """Names of the counts, and a select of one row that holds them in this order."""
        raise NotImplementedError

    @metric_value(engine=DuckDBExecutionEngine)
    def _sqlalchemy(
        cls,
        execution_engine: DuckDBExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> dict[str, int]:
        table, _, _ = execution_engine.get_compute_domain(
            metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        names, statement = cls.statement(table, **metric_value_kwargs)
        row = execution_engine.execute_query(statement).one()
        return {name: int(count or 0) for name, count in zip(names, row, strict=True)}


class PredicateMetric(CountMetric):
    """Base of counts that look at one record by itself: one scan for all columns."""

    @classmethod
    def broken(cls, column: str, **kwargs: Any) -> Any:
        """True for a record that breaks the rule in ``column``."""
        raise NotImplementedError

    @classmethod
    def predicates(cls, columns: list[str], **kwargs: Any) -> dict[str, Any]:
        """The predicate of each count."""
        return {c: cls.broken(c, **kwargs) for c in columns}

    @classmethod
    def statement(cls, table: Any, **kwargs: Any) -> tuple[list[str], sa.Select[Any]]:
        """See the base."""
        predicates = cls.predicates(**kwargs)
        sums = (sa.func.sum(sa.case((p, 1), else_=0)) for p in predicates.values())
        return list(predicates), sa.select(*sums).select_from(table)


class Absent(PredicateMetric):
    """No value; with ``when``: although these columns have one; with ``unless``: and these have none."""

    metric_name = "table.rostersync.absent"
    value_keys = ("columns", "when", "unless")

    @classmethod
    def broken(
        cls, column: str, when: list[str] | None = None, unless: list[str] | None = None, **_: Any
    ) -> Any:
        """See the class."""
        filled = (sa.column(name).is_not(None) for name in when or ())
        blank = (sa.column(name).is_(None) for name in [column, *(unless or ())])
        return sa.and_(*blank, *filled)


class NoDate(PredicateMetric):
    """A value that is no day of the calendar written yyyy-mm-dd (staging has turned mm/dd/yyyy)."""

    metric_name = "table.rostersync.no_date"
    value_keys = ("columns",)

    @classmethod
    def broken(cls, column: str, **_: Any) -> Any:
        """See the class."""
        c: Any = sa.column(column)
        day = sa.func.try_strptime(c, "%Y-%m-%d")
        same = sa.func.strftime(day, "%Y-%m-%d") == c
        return sa.and_(c.is_not(None), sa.or_(day.is_(None), sa.not_(same), c < "0001"))


def _day(column: str) -> Any:
    return sa.func.try_strptime(sa.column(column), "%Y-%m-%d")


class DateBefore(PredicateMetric):
    """A date before another one of the record."""

    metric_name = "table.rostersync.date_before"
    value_keys = ("column", "other")

    @classmethod
    def predicates(cls, columns: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        """One count for the record."""
        return {WHOLE: _day(kwargs["column"]) < _day(kwargs["other"])}


class YearFarFromDate(PredicateMetric):
    """A year more than ``years`` away from that of a date of the record."""

    metric_name = "table.rostersync.year_far_from_date"
    value_keys = ("column", "date", "years")

    @classmethod
    def predicates(cls, columns: list[str] | None = None, **kwargs: Any) -> dict[str, Any]:
        """One count for the record."""
        year = sa.func.date_part("year", _day(kwargs["date"]))
        away = year - sa.func.date_part(
            "year", sa.func.try_strptime(sa.column(kwargs["column"]), "%Y")
        )
        return {WHOLE: sa.func.abs(away) > kwargs["years"]}


class UncleanId(PredicateMetric):
    """Ids with characters no id has, damaged by Excel, or too long."""

    metric_name = "table.rostersync.unclean_id"
    value_keys = ("columns",)

    @classmethod
    def broken(cls, column: str, **_: Any) -> Any:
        """See the class."""
        c: Any = sa.column(column)
        return sa.or_(
            sa.func.regexp_matches(c, sa.literal(UNCLEAN_ID)),
            sa.func.length(c) > MAX_ID,
            sa.func.strlen(c) > MAX_ID_BYTES,
        )


class ExcelError(PredicateMetric):
    """An error of a spreadsheet where a value is required."""

    metric_name = "table.rostersync.excel_error"
    value_keys = ("columns",)

    @classmethod
    def broken(cls, column: str, **_: Any) -> Any:
        """See the class."""
        return sa.column(column).in_(EXCEL_ERRORS)


class Placeholder(PredicateMetric):
    """NULL or #N/A sent in an optional field."""

    metric_name = "table.rostersync.placeholder"
    value_keys = ("columns",)

    @classmethod
    def broken(cls, column: str, **_: Any) -> Any:
        """See the class."""
        return sa.func.regexp_matches(sa.column(f"{column}__raw"), sa.literal(PLACEHOLDER))


class TooLong(PredicateMetric):
    """Longer than ``max_length`` characters."""

    metric_name = "table.rostersync.too_long"
    value_keys = ("columns", "max_length")

    @classmethod
    def broken(cls, column: str, max_length: int = 0, **_: Any) -> Any:
        """See the class."""
        return sa.func.length(sa.column(column)) > max_length


def _sent(column: str) -> Any:
    raw: Any = sa.column(f"{column}__raw")
    blank = sa.func.regexp_matches(raw, sa.literal(NOTHING_SENT))
    return sa.and_(raw.is_not(None), sa.not_(blank))


class NoContactSent(PredicateMetric):
    """Nothing usable in ``columns``, because nothing was sent."""

    metric_name = "table.rostersync.no_contact_sent"
    value_keys = ("columns",)

    @classmethod
    def predicates(cls, columns: list[str], **_: Any) -> dict[str, Any]:
        """One count for the record."""
        blank = (sa.column(c).is_(None) for c in columns)
        return {WHOLE: sa.and_(*blank, *(sa.not_(_sent(c)) for c in columns))}


class OnlyInvalidContactSent(PredicateMetric):
    """Nothing usable in ``columns``, though something was sent."""

    metric_name = "table.rostersync.only_invalid_contact_sent"
    value_keys = ("columns",)

    @classmethod
    def predicates(cls, columns: list[str], **_: Any) -> dict[str, Any]:
        """One count for the record."""
        blank = (sa.column(c).is_(None) for c in columns)
        return {WHOLE: sa.and_(*blank, sa.or_(*(_sent(c) for c in columns)))}


class SharedValue(CountMetric):
    """Records whose value other owners' records have too."""

    metric_name = "table.rostersync.shared_value"
    value_keys = ("columns", "owner")

    @classmethod
    def statement(cls, table: Any, **kwargs: Any) -> tuple[list[str], sa.Select[Any]]:
        """One count per column."""
        owner = sa.func.row(*_columns(kwargs["owner"]))

        def shared(name: str) -> Any:
            column: Any = sa.column(name)
            values = (
                sa.select(sa.func.count().label("records"))
                .select_from(table)
                .where(column.is_not(None))
                .group_by(column)
                .having(sa.func.count(owner.distinct()) > 1)
                .subquery()
            )
            return sa.select(sa.func.sum(values.c.records)).scalar_subquery()

        return kwargs["columns"], sa.select(*(shared(c) for c in kwargs["columns"]))


class Disagreement(CountMetric):
    """Records that differ from the first of their group."""

    metric_name = "table.rostersync.disagreement"
    value_keys = ("group", "columns")

    @classmethod
    def statement(cls, table: Any, **kwargs: Any) -> tuple[list[str], sa.Select[Any]]:
        """One count for the group."""
        group = sa.func.row(*_columns(kwargs["group"])).label("grp")
        said = sa.func.row(*_columns(kwargs["columns"]))
        known = sa.and_(*(c.is_not(None) for c in _columns(kwargs["group"])))
        records = sa.select(group, said.label("said")).select_from(table).where(known).subquery()
        firsts = (
            sa.select(group, sa.func.arg_min(said, sa.column("_line")).label("said"))
            .select_from(table)
            .where(known)
            .group_by(sa.text("grp"))
            .subquery()
        )
        differing = (
            sa.select(sa.func.count())
            .select_from(records.join(firsts, records.c.grp == firsts.c.grp))
            .where(records.c.said.is_distinct_from(firsts.c.said))
        )
        return [WHOLE], differing


class SeveralFlags(CountMetric):
    """Flagged records of groups in which several are flagged."""

    metric_name = "table.rostersync.several_flags"
    value_keys = ("group", "flag", "of")

    @classmethod
    def statement(cls, table: Any, **kwargs: Any) -> tuple[list[str], sa.Select[Any]]:
        """One count for the group."""
        of: Any = sa.column(kwargs["of"])
        groups = (
            sa.select(sa.func.count().label("records"))
            .select_from(table)
            .where(sa.column(kwargs["flag"]) == "1", of.is_not(None))
            .group_by(*_columns(kwargs["group"]))
            .having(sa.func.count(of.distinct()) > 1)
            .subquery()
        )
        return [WHOLE], sa.select(sa.func.sum(groups.c.records))


def _columns(names: list[str]) -> list[Any]:
    return [sa.column(n) for n in names]


class CountedExpectation(BatchExpectation):
    """Base: met when every count of its one metric is 0."""

    columns: List[str]  # noqa: UP006

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        counts: dict[str, int] = metrics[self.metric_dependencies[0]]
        return {
            "success": not any(counts.values()),
            "result": {
                "observed_value": sum(counts.values()),
                "details": {"unexpected_counts": counts},
            },
        }


class ExpectColumnsToBePresent(CountedExpectation):
    """Every record has a value in each of ``columns``.

    ``when``: if it has one in all of these. ``unless``: if it has none in any of these.
    """

    when: List[str] = []  # noqa: RUF012, UP006 - pydantic copies it
    unless: List[str] = []  # noqa: RUF012, UP006 - pydantic copies it
    metric_dependencies: ClassVar = (Absent.metric_name,)
    success_keys: ClassVar = ("columns", "when", "unless")


class ExpectColumnsToHoldDates(CountedExpectation):
    """Values are days of the calendar."""

    metric_dependencies: ClassVar = (NoDate.metric_name,)
    success_keys: ClassVar = ("columns",)


class RecordExpectation(CountedExpectation):
    """Base of rules about two columns of one record."""

    columns: List[str] = []  # noqa: RUF012, UP006 - pydantic copies it
    column: str


class ExpectDateNotBefore(RecordExpectation):
    """``column`` is no day before ``other``."""

    other: str
    metric_dependencies: ClassVar = (DateBefore.metric_name,)
    success_keys: ClassVar = ("column", "other")


class ExpectYearNearDate(RecordExpectation):
    """``column`` is at most ``years`` away from the year of ``date``."""

    date: str
    years: int
    metric_dependencies: ClassVar = (YearFarFromDate.metric_name,)
    success_keys: ClassVar = ("column", "date", "years")


class ExpectColumnsToHoldCleanIds(CountedExpectation):
    """Ids are at most 255 characters, without white space, invisible characters or Excel's marks."""

    metric_dependencies: ClassVar = (UncleanId.metric_name,)
    success_keys: ClassVar = ("columns",)


class ExpectColumnsToHoldNoExcelErrors(CountedExpectation):
    """No #N/A, #REF!, #VALUE! ... as a value."""

    metric_dependencies: ClassVar = (ExcelError.metric_name,)
    success_keys: ClassVar = ("columns",)


class ExpectColumnsToHoldNoPlaceholders(CountedExpectation):
    """No NULL or #N/A sent for a blank."""

    metric_dependencies: ClassVar = (Placeholder.metric_name,)
    success_keys: ClassVar = ("columns",)


class ExpectColumnsToFit(CountedExpectation):
    """Texts are at most ``max_length`` characters."""

    max_length: int
    metric_dependencies: ClassVar = (TooLong.metric_name,)
    success_keys: ClassVar = ("columns", "max_length")


class ExpectContactToBeSent(CountedExpectation):
    """Every person comes with a value in one of ``columns``."""

    metric_dependencies: ClassVar = (NoContactSent.metric_name,)
    success_keys: ClassVar = ("columns",)


class ExpectSentContactToBeValid(CountedExpectation):
    """Where something was sent in ``columns``, one of them is usable."""

    metric_dependencies: ClassVar = (OnlyInvalidContactSent.metric_name,)
    success_keys: ClassVar = ("columns",)


class ExpectValuesToBelongToOne(CountedExpectation):
    """A value in ``columns`` belongs to one owner."""

    owner: List[str]  # noqa: UP006
    metric_dependencies: ClassVar = (SharedValue.metric_name,)
    success_keys: ClassVar = ("columns", "owner")


class ExpectRecordsToAgree(CountedExpectation):
    """Records of one ``group`` say the same in ``columns``."""

    group: List[str]  # noqa: UP006
    metric_dependencies: ClassVar = (Disagreement.metric_name,)
    success_keys: ClassVar = ("group", "columns")


class ExpectOneFlagPerGroup(CountedExpectation):
    """At most one ``of`` of each ``group`` is flagged."""

    columns: List[str] = []  # noqa: RUF012, UP006 - pydantic copies it
    group: List[str]  # noqa: UP006
    flag: str
    of: str
    metric_dependencies: ClassVar = (SeveralFlags.metric_name,)
    success_keys: ClassVar = ("group", "flag", "of")
