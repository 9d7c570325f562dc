"""Great Expectations on DuckDB: an execution engine GX does not ship, riding on our open connection.

Only ever imported inside functions: the import costs seconds and hundreds of megabytes.

GX hands its cursor out after the connection went back to the pool, whose rollback drops DuckDB's pending
result, so every expectation fails; one connection that stays open is the cure. Delete this once GX has a
DuckDB engine of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb_sqlalchemy  # noqa: TID253 - see above
import sqlalchemy as sa
from great_expectations.execution_engine import (  # noqa: TID253 - see above
    SqlAlchemyExecutionEngine,
)
from great_expectations.execution_engine.sqlalchemy_batch_data import (  # noqa: TID253 - see above
    SqlAlchemyBatchData,
)

if TYPE_CHECKING:
    from rostersync.engine import Session


# else SQLAlchemy reads the entry points of every package there is
sa.dialects.registry.register("duckdb", "duckdb_sqlalchemy", "Dialect")

_QUERIES: dict[tuple[Any, ...], str] = {}
"""By the ids of their metrics, which say all there is in them: a process compiles each once."""

_MOST_QUERIES = 1_000


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

    def load_table(self, name: str) -> None:
        """Make a table or view the batch of its name."""
        self.load_batch_data(name, SqlAlchemyBatchData(self, table_name=name))

    def resolve_metric_bundle(self, metric_fn_bundle: Iterable[Any]) -> dict[Any, Any]:
        """All counts of a table with one query; GX would compile it twice, once for its log."""
        tables: dict[str, list[Any]] = {}
        for metric in sorted(metric_fn_bundle, key=lambda m: m.metric_configuration.id):
            tables.setdefault(metric.compute_domain_kwargs["batch_id"], []).append(metric)
        found: dict[Any, Any] = {}
        for table, metrics in tables.items():
            ids = tuple(m.metric_configuration.id for m in metrics)
            if ids not in _QUERIES:
                counts = (m.metric_fn().label(f"count_{i}") for i, m in enumerate(metrics))
                query = sa.select(*counts).select_from(self.get_domain_records({"batch_id": table}))
                if len(_QUERIES) > _MOST_QUERIES:
                    _QUERIES.clear()
                _QUERIES[ids] = self._text(query)
            with self.get_connection() as connection:
                row = connection.exec_driver_sql(_QUERIES[ids]).one()
            found.update(zip(ids, row, strict=True))
        return found

    def _text(self, query: Any) -> str:
        """With its values in the text: for those beside it, DuckDB would plan it twice."""
        return str(query.compile(self.engine, compile_kwargs={"literal_binds": True}))

    def release(self) -> None:
        """Close the cursor, so that the session can close its database."""
        connection: sa.Connection | None = self._connection
        if connection is not None:
            connection.close()
        self.engine.dispose()


@contextmanager
def open_engine(session: Session) -> Iterator[DuckDBExecutionEngine]:
    """GX's engine on an open session: a cursor, which sees committed tables and views, no temporary ones.

    The cursor is closed at the end, so that the session can close its database.
    """
    engine = sa.create_engine(
        "duckdb:///:memory:",
        poolclass=sa.pool.StaticPool,
        creator=lambda: duckdb_sqlalchemy.ConnectionWrapper(session.cursor()),
        isolation_level="AUTOCOMMIT",  # an open transaction would not see tables made since
    )
    gx_engine = DuckDBExecutionEngine(engine=engine, create_temp_table=False)
    try:
        yield gx_engine
    finally:
        gx_engine.release()
