"""What GX counts for our own expectations, in SQLAlchemy: one of the two evaluations of a rule.

Only ever imported inside functions (see gx_engine). Where records are compared, they are compared in
another form than in the locator's SQL: what both would get wrong alike is less. No row value leaves.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from rostersync.validation.gx_metrics import AggregateMetric, count_of
from rostersync.validation.vocabulary import (
    EXCEL_ERRORS,
    FIRST_DAY,
    LAST_DAY,
    MAX_DIGITS,
    MAX_ID,
    MAX_ID_BYTES,
    NOTHING_SENT,
    PLACEHOLDER,
    UNCLEAN_ID,
    language_codes,
)

_YEARS = (int(FIRST_DAY[:4]), int(LAST_DAY[:4]))


class CountMetric(AggregateMetric):
    """Base of our own counts of broken records: one for each column, or one of the whole."""

    @classmethod
    def counts(cls, table: Any, **kwargs: Any) -> list[Any]:
        """Each count of ``table``: an aggregate, or a query of one value."""
        raise NotImplementedError

    @classmethod
    def value(cls, table: Any, about: str | None, **kwargs: Any) -> Any:
        """See the base: all counts."""
        return sa.func.list_value(*cls.counts(table, **kwargs))


class PredicateMetric(CountMetric):
    """Base of counts that look at one record by itself."""

    @classmethod
    def broken(cls, column: str, **kwargs: Any) -> Any:
        """True for a record that breaks the rule in ``column``."""
        raise NotImplementedError

    @classmethod
    def predicates(cls, columns: list[str], **kwargs: Any) -> list[Any]:
        """The predicate of each count."""
        return [cls.broken(c, **kwargs) for c in columns]

    @classmethod
    def counts(cls, table: Any, **kwargs: Any) -> list[Any]:
        """See the base."""
        return [count_of(broken) for broken in cls.predicates(**kwargs)]


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
    """No day of the calendar from 1990 to 2100 written yyyy-mm-dd (staging has turned mm/dd/yyyy)."""

    metric_name = "table.rostersync.no_date"
    value_keys = ("columns",)

    @classmethod
    def broken(cls, column: str, **_: Any) -> Any:
        """See the class."""
        c: Any = sa.column(column)
        day = sa.func.try_strptime(c, "%Y-%m-%d")
        same = sa.func.strftime(day, "%Y-%m-%d") == c
        far = sa.not_(sa.func.date_part("year", day).between(*_YEARS))
        return sa.and_(c.is_not(None), sa.or_(day.is_(None), sa.not_(same), far))


def _day(column: str) -> Any:
    return sa.func.try_strptime(sa.column(column), "%Y-%m-%d")


class DateBefore(PredicateMetric):
    """A date before another one of the record."""

    metric_name = "table.rostersync.date_before"
    value_keys = ("column", "other")

    @classmethod
    def predicates(cls, columns: list[str] | None = None, **kwargs: Any) -> list[Any]:
        """One count for the record."""
        return [_day(kwargs["column"]) < _day(kwargs["other"])]


class YearFarFromDate(PredicateMetric):
    """A year more than ``years`` away from that of a date of the record."""

    metric_name = "table.rostersync.year_far_from_date"
    value_keys = ("column", "date", "years")

    @classmethod
    def predicates(cls, columns: list[str] | None = None, **kwargs: Any) -> list[Any]:
        """One count for the record."""
        year = sa.func.date_part("year", _day(kwargs["date"]))
        away = year - sa.func.date_part(
            "year", sa.func.try_strptime(sa.column(kwargs["column"]), "%Y")
        )
        return [sa.func.abs(away) > kwargs["years"]]


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


class DecimalId(PredicateMetric):
    """Ids that end in ``.0``, as numbers do that went through a spreadsheet."""

    metric_name = "table.rostersync.decimal_id"
    value_keys = ("columns",)

    @classmethod
    def broken(cls, column: str, **_: Any) -> Any:
        """See the class."""
        return sa.func.right(sa.column(column), 2) == ".0"


class NoLanguage(PredicateMetric):
    """A value that is none of the contract's codes of languages."""

    metric_name = "table.rostersync.no_language"
    value_keys = ("columns",)

    @classmethod
    def broken(cls, column: str, **_: Any) -> Any:
        """See the class."""
        return sa.column(column).not_in(language_codes())


class NoPhone(PredicateMetric):
    """Anything but ``min_digits`` digits, or more of them up to a whole number."""

    metric_name = "table.rostersync.no_phone"
    value_keys = ("columns", "min_digits")

    @classmethod
    def broken(cls, column: str, min_digits: int = MAX_DIGITS, **_: Any) -> Any:
        """See the class."""
        c: Any = sa.column(column)
        digits = sa.func.regexp_replace(c, "[^0-9]", "", "g")
        length = sa.func.length(c)
        return sa.or_(digits != c, length < min_digits, length > MAX_DIGITS)


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
    def predicates(cls, columns: list[str], **_: Any) -> list[Any]:
        """One count for the record."""
        blank = (sa.column(c).is_(None) for c in columns)
        return [sa.and_(*blank, *(sa.not_(_sent(c)) for c in columns))]


class OnlyInvalidContactSent(PredicateMetric):
    """Nothing usable in ``columns``, though something was sent."""

    metric_name = "table.rostersync.only_invalid_contact_sent"
    value_keys = ("columns",)

    @classmethod
    def predicates(cls, columns: list[str], **_: Any) -> list[Any]:
        """One count for the record."""
        blank = (sa.column(c).is_(None) for c in columns)
        return [sa.and_(*blank, sa.or_(*(_sent(c) for c in columns)))]


class SharedValue(CountMetric):
    """Records whose value other owners' records have too."""

    metric_name = "table.rostersync.shared_value"
    value_keys = ("columns", "owner")

    @classmethod
    def counts(cls, table: Any, **kwargs: Any) -> list[Any]:
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
            return _once(sa.select(sa.func.sum(values.c.records)))

        return [shared(c) for c in kwargs["columns"]]


class Disagreement(CountMetric):
    """Records that differ from the first of their group."""

    metric_name = "table.rostersync.disagreement"
    value_keys = ("group", "columns")

    @classmethod
    def counts(cls, table: Any, **kwargs: Any) -> list[Any]:
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
        return [_once(differing)]


class SeveralFlags(CountMetric):
    """Flagged records of groups in which several are flagged."""

    metric_name = "table.rostersync.several_flags"
    value_keys = ("group", "flag", "of")

    @classmethod
    def counts(cls, table: Any, **kwargs: Any) -> list[Any]:
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
        return [_once(sa.select(sa.func.sum(groups.c.records)))]


def _once(query: sa.Select[Any]) -> Any:
    """The value of a query about all records, among aggregates."""
    return sa.func.any_value(query.correlate(None).scalar_subquery())


def _columns(names: list[str]) -> list[Any]:
    return [sa.column(n) for n in names]
