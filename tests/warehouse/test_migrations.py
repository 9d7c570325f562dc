"""The migrated warehouse says what the contract says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from rostersync.engine.postgres import connect
from rostersync.errors import WarehouseSchemaError
from rostersync.spec import ENTITIES, Column, Domain, Entity, Kind, entities_of
from rostersync.warehouse import draft, migrate
from tests.support.grown import with_column

pytestmark = pytest.mark.postgres

ROLES = ("rostersync_loader", "rostersync_reader", "rostersync_operator")
PROVENANCE = ["_run_id", "_file_sha256", "_line", "_first_slot", "_changed_slot"]


def _columns(conn: psycopg.Connection, name: str) -> dict[str, str]:
    schema, table = name.split(".")
    query = (
        "select column_name, data_type from information_schema.columns"
        " where table_schema = %s and table_name = %s"
    )
    return dict(conn.execute(query, [schema, table]).fetchall())


@pytest.mark.parametrize("entity", entities_of(Domain.ALL), ids=lambda e: e.name)
def test_tables_have_the_contracts_columns_types_and_key(entity: Entity, warehouse: str) -> None:
    """By name: a column that came later stands behind the others."""
    expected = {c.name: c.warehouse_type for c in entity.columns}
    with psycopg.connect(warehouse) as conn:
        current = _columns(conn, entity.table)
        assert current.keys() == {"district_id", *expected, *PROVENANCE}
        assert expected.items() <= current.items()
        log = _columns(conn, entity.log_table)
        expected = {c.name: c.warehouse_type for c in entity.logged}
        assert log.keys() == {"district_id", "slot", "op", *expected, *PROVENANCE[:3]}
        assert expected.items() <= log.items()
        assert log["slot"].split()[0] == entity.slot_type
        history = _columns(conn, entity.history_view)
        assert history.keys() == log.keys() - {"slot", "op"} | {"valid_from", "valid_to"}
        key = conn.execute(
            "select array_agg(attname::text order by array_position(indkey::int2[], attnum))"
            " from pg_index join pg_attribute on attrelid = indrelid and attnum = any(indkey)"
            " where indrelid = %s::regclass and indisprimary",
            [entity.table],
        ).fetchone()
        assert key == (["district_id", *entity.key],)


def test_a_draft_is_for_what_the_migrations_lack(warehouse: str) -> None:
    assert not [e.name for e in ENTITIES.values() if draft(e)]
    more = (Column("second_email", Kind.EMAIL), Column("born", Kind.DATE))
    _, parents = with_column("parents", *more)
    programs = replace(ENTITIES["terms"], name="programs")
    with psycopg.connect(warehouse) as conn:
        for entity in (parents, programs):
            conn.execute(draft(entity))  # type: ignore[arg-type]
            for table in (entity.table, entity.log_table, entity.history_view):
                columns = _columns(conn, table)
                assert {c.name: c.warehouse_type for c in entity.columns}.items() <= columns.items()
                purpose = conn.execute("select obj_description(%s::regclass)", [table]).fetchone()
                assert purpose
                assert purpose[0]
        for role in ROLES:
            conn.execute(f"set role {role}")
            for entity in (parents, programs):
                conn.execute(f"select from {entity.table}, {entity.history_view}")
                conn.execute(f"select from {entity.log_table}")
        assert _shape(conn, programs) == _shape(conn, ENTITIES["terms"])


def _shape(conn: psycopg.Connection, entity: Entity) -> list[list[tuple[Any, ...]]]:
    """Columns with type, collation and whether they may be NULL."""
    columns = (
        "select attname, atttypid::regtype::text, attcollation, attnotnull from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 order by attnum"
    )
    return [
        conn.execute(columns, [table]).fetchall()
        for table in (entity.table, entity.log_table, entity.history_view)
    ]


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
