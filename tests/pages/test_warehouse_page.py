"""docs/warehouse.md, which is made from a migrated warehouse's catalogue."""

from __future__ import annotations

import psycopg
import pytest

from rostersync import paths
from rostersync.pages.warehouse_page import PAGE, SCHEMAS, columns_of, functions_of, page

pytestmark = pytest.mark.postgres


def test_the_page_is_what_the_catalogue_says(warehouse: str) -> None:
    assert (paths.home() / PAGE).read_text(encoding="utf-8") == page(warehouse), (
        "docs/warehouse.md is stale: run `make docs`"
    )


def test_every_schema_table_view_and_function_says_what_it_is_for(warehouse: str) -> None:
    columns = columns_of(warehouse)
    assert {c.schema_name for c in columns} == set(SCHEMAS)
    silent = {f"{c.schema_name}.{c.relation}" for c in columns if not c.purpose}
    silent |= {f.function for f in functions_of(warehouse) if not f.purpose}
    assert silent == set()
    assert all("\n" not in c.purpose for c in columns if c.purpose)


def test_a_new_table_is_on_the_page_and_missed_without_its_purpose(warehouse: str) -> None:
    with psycopg.connect(warehouse) as conn:
        conn.execute("create table sync.spare (spare_id integer primary key, note text)")
    assert [c.purpose for c in columns_of(warehouse) if c.relation == "spare"] == [None, None]
    assert "### sync.spare\n\n\n\n**`spare_id`** integer, `note` text\n" in page(warehouse)
