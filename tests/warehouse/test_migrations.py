"""The migrated warehouse says what the contract says."""

from __future__ import annotations

import psycopg
import pytest

from rostersync.engine.postgres import connect
from rostersync.errors import WarehouseSchemaError
from rostersync.spec import Domain, Entity, entities_of
from rostersync.warehouse import migrate

pytestmark = pytest.mark.postgres

PROVENANCE = ["_run_id", "_file_sha256", "_line", "_first_slot", "_changed_slot"]


def _columns(conn: psycopg.Connection, name: str) -> list[tuple[str, str]]:
    schema, table = name.split(".")
    return conn.execute(
        "select column_name, data_type from information_schema.columns"
        " where table_schema = %s and table_name = %s order by ordinal_position",
        [schema, table],
    ).fetchall()


@pytest.mark.parametrize("entity", entities_of(Domain.ALL), ids=lambda e: e.name)
def test_tables_have_the_contracts_columns_types_and_key(entity: Entity, warehouse: str) -> None:
    expected = [(c.name, c.warehouse_type) for c in entity.columns]
    with psycopg.connect(warehouse) as conn:
        current = _columns(conn, entity.table)
        assert current[0] == ("district_id", "text")
        assert current[1:-5] == expected
        assert [n for n, _ in current[-5:]] == PROVENANCE
        log = _columns(conn, entity.log_table)
        assert [n for n, _ in log[:3]] == ["district_id", "slot", "op"]
        assert log[1][1].split()[0] == entity.slot_type
        assert log[3:-3] == expected
        history = [n for n, _ in _columns(conn, entity.history_view)]
        assert history[-2:] == ["valid_from", "valid_to"]
        key = conn.execute(
            "select array_agg(attname::text order by array_position(indkey::int2[], attnum))"
            " from pg_index join pg_attribute on attrelid = indrelid and attnum = any(indkey)"
            " where indrelid = %s::regclass and indisprimary",
            [entity.table],
        ).fetchone()
        assert key == (["district_id", *entity.key],)


def test_migrating_twice_runs_nothing(warehouse: str) -> None:
    assert migrate(warehouse) == []


def test_changed_migration_is_refused(warehouse: str) -> None:
    with psycopg.connect(warehouse) as conn:
        conn.execute("update rostersync_migrations set sha256 = 'x'")
    with pytest.raises(WarehouseSchemaError, match="another text"):
        migrate(warehouse)


def test_unmigrated_warehouse_names_the_command(warehouse: str) -> None:
    with (
        pytest.raises(WarehouseSchemaError, match="rostersync migrate"),
        connect(warehouse) as conn,
    ):
        conn.execute("select 1 from roster.nothing")


@pytest.mark.parametrize(
    ("role", "may_write"),
    [("rostersync_loader", True), ("rostersync_reader", False), ("rostersync_operator", False)],
)
def test_only_the_loader_writes(role: str, may_write: bool, warehouse: str) -> None:
    with psycopg.connect(warehouse, autocommit=True) as conn:
        conn.execute(f"set role {role}")
        assert conn.execute("select count(*) from roster_history.students").fetchone() == (0,)
        if may_write:
            conn.execute("delete from roster.students")
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute("delete from roster.students")
