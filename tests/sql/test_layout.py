"""No file of SQL escapes the look at its layout. ``make lint`` looks at them; this is about how it looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostersync import paths
from rostersync.engine import render_sql
from tests.sql import layout
from tests.sql.examples import on_duckdb, on_postgres

EXAMPLES = {"duckdb": on_duckdb, "postgres": on_postgres}

DUCKDB = """\
create or replace table told as
select n._line
from {{ relation | quote }} as n
where n.code = $code
"""
POSTGRES = """\
select slot
from {{ table }}
where
    %(slot)s::text is null
    or slot = any(%(slots)s::text[])
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house of its own with today's settings and examples, and no SQL."""
    for name in (".sqlfluff", "include/sql/duckdb/.sqlfluff", "include/sql/postgres/.sqlfluff"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((paths.home() / name).read_text())
    (tmp_path / "tests").symlink_to(paths.home() / "tests")
    return tmp_path


def look(house: Path, engine: str, text: str, fix: bool = False) -> tuple[list[str], str]:
    file = house / "include" / "sql" / engine / "a.sql"
    file.write_text(text)
    return [line.split(": ", 1)[1] for line in layout.look(file, fix)], file.read_text()


@pytest.mark.parametrize(("engine", "text"), [("duckdb", DUCKDB), ("postgres", POSTGRES)])
def test_what_is_well_laid_out_stays_as_it_is(house: Path, engine: str, text: str) -> None:
    assert look(house, engine, text, fix=True) == ([], text)


@pytest.mark.parametrize(("engine", "text"), [("duckdb", DUCKDB), ("postgres", POSTGRES)])
def test_what_is_not_is_told_and_mended_around_bound_values(
    house: Path, engine: str, text: str
) -> None:
    spoiled = text.replace(" = ", "=").replace("from", "FROM")
    rules = {line.split()[0] for line in look(house, engine, spoiled)[0]}
    assert rules == {"LT01", "CP01"}
    assert look(house, engine, spoiled, fix=True) == ([], text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select 1{% for c in columns %}, 2{% else %}, 3{% endfor %}\n", "could not read it"),
        ("select {{ nobody_gives_this }}\n", "TMP"),
        ("select from from\n", "PRS"),
        ("{% if not hold %}\nselect  1\n{% endif %}\n", "LT01"),  # also what no example leads to
        ("{% macro a() %}\nselect 1\n{% endmacro %}\n", "makes no SQL"),
        ("select  1 -- noqa\n", "LT01"),
    ],
)
def test_what_cannot_be_looked_at_is_told(house: Path, text: str, said: str) -> None:
    lines, _ = look(house, "duckdb", text)
    assert any(said in line for line in lines), lines


def test_every_file_is_looked_at_but_recorded_migrations_and_files_of_macros() -> None:
    folder = paths.sql_folder()
    left = {str(f.relative_to(folder)) for f in {*folder.rglob("*.sql")} - {*layout.files()}}
    migrations = sorted(n[20:24] for n in left - layout.MACROS)
    assert migrations == [f"{n:04}" for n in range(1, layout.NEWEST_RECORDED + 1)]


@pytest.mark.parametrize("file", layout.files(), ids=lambda f: f.name)
def test_every_parameter_has_an_example(file: Path) -> None:
    name = file.relative_to(paths.sql_folder())
    text = render_sql(str(name), **vars(EXAMPLES[name.parts[0]]))
    assert any(line and not line.startswith("--") for line in text.splitlines())


def test_files_of_macros_are_nothing_else() -> None:
    for name in layout.MACROS:
        lines = (paths.sql_folder() / name).read_text().splitlines()
        within = False
        for line in lines:
            within |= line.startswith("{% macro ")
            assert within or line.startswith(("--", "{#", "{%")), f"{name}: {line}"
            within &= "endmacro" not in line
