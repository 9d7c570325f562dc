"""The expectations of our suites: importing registers them with GX by the snake_case of their class names.

Only ever imported inside functions (see gx_engine). Each of ours reports its count per column in
``details.unexpected_counts``: no row values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, List  # noqa: UP035 - pydantic 1 reads the annotations

from great_expectations.expectations import core  # noqa: TID253 - see above
from great_expectations.expectations.expectation import (  # noqa: TID253 - see above
    BatchExpectation,
    parse_result_format,
)
from great_expectations.validator.metric_configuration import (  # noqa: TID253 - see above
    MetricConfiguration,
)
from great_expectations.validator.validator import (  # noqa: TID253 - see above
    ValidationDependencies,
)

from rostersync.validation import gx_metrics as _  # noqa: F401 - importing registers them
from rostersync.validation.gx_run import silence_logs
from rostersync.validation.metrics import (
    Absent,
    DateBefore,
    DecimalId,
    Disagreement,
    ExcelError,
    NoContactSent,
    NoDate,
    NoLanguage,
    NoPhone,
    OnlyInvalidContactSent,
    Placeholder,
    SeveralFlags,
    SharedValue,
    TooLong,
    UncleanId,
    YearFarFromDate,
)
from rostersync.validation.vocabulary import TYPES

silence_logs()  # GX warns of each name that is registered twice: five of its own are, below


class NamesItsMetrics:
    """Base: names its metrics itself; GX would read the whole configuration anew for each argument."""

    batch_id: str | None

    def metrics_needed(self) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
        """Each metric: its name, where in the table it looks, its arguments."""
        raise NotImplementedError

    def get_validation_dependencies(
        self, execution_engine: Any = None, runtime_configuration: dict[str, Any] | None = None
    ) -> ValidationDependencies:
        """See the base of GX."""
        batch = {"batch_id": self.batch_id}
        return ValidationDependencies(
            {
                name: MetricConfiguration(name, batch | where, arguments)
                for name, where, arguments in self.metrics_needed()
            },
            parse_result_format((runtime_configuration or {})["result_format"]),
        )


class ValueExpectation(NamesItsMetrics):
    """What GX's own expectations about a column ask for; GX judges. ``arguments``: names of the count's."""

    arguments: ClassVar[tuple[str, ...]] = ()
    map_metric: ClassVar[str]
    column: str

    def metrics_needed(self) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
        """See the base."""
        where = {"column": self.column}
        yield f"{self.map_metric}.unexpected_count", where, _of(self, self.arguments)
        yield "column_values.nonnull.unexpected_count", where, {}
        yield "table.row_count", {}, {}


def _of(expectation: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(expectation, name) for name in names}


class ExpectColumnValuesToBeInSet(ValueExpectation, core.ExpectColumnValuesToBeInSet):
    """Values are some of ``value_set``."""

    arguments = ("value_set",)


class ExpectColumnValuesToNotBeInSet(ValueExpectation, core.ExpectColumnValuesToNotBeInSet):
    """Values are none of ``value_set``."""

    arguments = ("value_set",)


class ExpectColumnValuesToMatchRegex(ValueExpectation, core.ExpectColumnValuesToMatchRegex):
    """Values have a part that matches ``regex``."""

    arguments = ("regex",)


class ExpectColumnValuesToNotMatchRegex(ValueExpectation, core.ExpectColumnValuesToNotMatchRegex):
    """Values have no part that matches ``regex``."""

    arguments = ("regex",)


class ExpectColumnValuesToNotBeNull(ValueExpectation, core.ExpectColumnValuesToNotBeNull):
    """Every record has a value."""


class CountedExpectation(NamesItsMetrics, BatchExpectation):
    """Base: met when every count of its one metric is 0."""

    columns: List[str]  # noqa: UP006

    def metrics_needed(self) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
        """See the base."""
        yield self.metric_dependencies[0], {}, _of(self, self.success_keys)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        names = self.columns if TYPES[self.expectation_type].wide else ["record"]
        found = metrics[self.metric_dependencies[0]]
        # the sum of no records is None
        counts = {n: int(count or 0) for n, count in zip(names, found, strict=True)}
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
    """Values are days of the calendar, from 1990 to 2100."""

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


class ExpectColumnsToHoldNoDecimalIds(CountedExpectation):
    """Ids do not end in ``.0``."""

    metric_dependencies: ClassVar = (DecimalId.metric_name,)
    success_keys: ClassVar = ("columns",)


class ExpectColumnsToHoldLanguages(CountedExpectation):
    """Values are codes of languages that the contract knows."""

    metric_dependencies: ClassVar = (NoLanguage.metric_name,)
    success_keys: ClassVar = ("columns",)


class ExpectColumnsToHoldPhones(CountedExpectation):
    """Phone numbers have at least ``min_digits`` digits, and nothing else in them."""

    min_digits: int
    metric_dependencies: ClassVar = (NoPhone.metric_name,)
    success_keys: ClassVar = ("columns", "min_digits")


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
