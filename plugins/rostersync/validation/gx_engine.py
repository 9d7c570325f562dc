"""Great Expectations on DuckDB: an execution engine GX does not ship, riding on our open connection.

Only ever imported inside functions: the import costs seconds and hundreds of megabytes.

GX hands its cursor out after the connection went back to the pool, whose rollback drops DuckDB's pending
result, so every expectation fails; one connection that stays open is the cure. Delete this once GX has a
DuckDB engine of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import duckdb_sqlalchemy  # noqa: TID253 - see above
import sqlalchemy as sa
from great_expectations.datasource.fluent import SQLDatasource  # noqa: TID253 - see above
from great_expectations.execution_engine import (  # noqa: TID253 - see above
    SqlAlchemyExecutionEngine,
)
from great_expectations.expectations.metrics.map_metric_provider import (  # noqa: TID253 - see above
    ColumnMapMetricProvider,
    column_condition_partial,
)

if TYPE_CHECKING:
    import duckdb


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Keeps one connection and rolls back after an error, else every later metric fails too."""

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        """The engine's only connection."""
        connection: sa.Connection | None = self._connection  # type: ignore[has-type]
        if connection is None or connection.closed:
            connection = self._connection = self.engine.connect()
        try:
            yield connection
        except Exception:
            connection.rollback()
            raise

    def release(self) -> None:
        """Close the cursor, so that the session can close its database."""
        connection: sa.Connection | None = self._connection
        if connection is not None:
            connection.close()
        self.engine.dispose()


class SharedDuckDB(SQLDatasource):
    """Our own connection as a GX data source (``context.data_sources.add_duckdb_shared``).

    Hands out cursors: the same database, a transaction of its own. They see committed tables and views
    only, and no temporary ones.
    """

    type: Literal["duckdb_shared"] = "duckdb_shared"
    connection_string: str = "duckdb:///:memory:"
    session: str

    connections: ClassVar[dict[str, duckdb.DuckDBPyConnection]] = {}
    """Open connections by name; GX copies data sources, which a connection does not survive."""

    @property
    def execution_engine_type(self) -> Any:
        """GX asks for this by type."""
        return DuckDBExecutionEngine

    def _create_engine(self) -> sa.Engine:
        connections, name = self.connections, self.session  # GX keeps this engine: not ours in it
        return sa.create_engine(
            "duckdb:///:memory:",
            poolclass=sa.pool.QueuePool,
            creator=lambda: duckdb_sqlalchemy.ConnectionWrapper(connections[name].cursor()),
            isolation_level="AUTOCOMMIT",  # an open transaction would not see tables made since
        )

    def get_execution_engine(self) -> SqlAlchemyExecutionEngine:
        """One engine for all assets, so one connection."""
        if self._execution_engine is None:  # type: ignore[has-type]
            self._execution_engine = DuckDBExecutionEngine(
                engine=self.get_engine(),
                create_temp_table=False,  # else GX copies every table
            )
        return self._execution_engine


class MatchRegex(ColumnMapMetricProvider):
    """GX builds regex conditions per dialect and does not know ours."""

    condition_metric_name = "column_values.match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _sqlalchemy(cls, column: Any, regex: str, **_: Any) -> Any:
        return sa.func.regexp_matches(column, sa.literal(regex))


class NotMatchRegex(ColumnMapMetricProvider):
    """As :class:`MatchRegex`, negated."""

    condition_metric_name = "column_values.not_match_regex"
    condition_value_keys = ("regex",)

    @column_condition_partial(engine=DuckDBExecutionEngine)
    def _sqlalchemy(cls, column: Any, regex: str, **_: Any) -> Any:
        return sa.not_(sa.func.regexp_matches(column, sa.literal(regex)))
