"""Looks at the layout of include/sql with sqlfluff: ``python -m tests.sql.layout [--fix] [FILE ...]``.

What sqlfluff cannot do by itself: read psycopg's ``%(name)s`` beside Jinja, and fail when it reads nothing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

from sqlfluff.core import FluffConfig, Linter

from rostersync import paths

NEWEST_RECORDED = 17
"""Migrations up to this one do not change by a byte any more: warehouses know their hash."""

MACROS = {
    "duckdb/diff/row_text.sql",
    "duckdb/resolve/id_of_key.sql",
    "duckdb/resolve/loosely.sql",
    "duckdb/resolve/made_key.sql",
    "duckdb/resolve/same_contact.sql",
    "duckdb/diff/grades.sql",
    "duckdb/validation/predicates.sql",
    "postgres/draft/made_key.sql",
}
"""Files of nothing but macros: alone they make no SQL to look at."""


def files() -> list[Path]:
    """Every file of include/sql whose layout is looked at."""
    folder = paths.sql_folder()
    macros = {folder / name for name in MACROS}
    return [f for f in sorted(folder.rglob("*.sql")) if f not in macros and not _is_recorded(f)]


def _is_recorded(file: Path) -> bool:
    return file.parent.name == "migrations" and int(file.name[:4]) <= NEWEST_RECORDED


def _with_names(text: str) -> str:
    """Bound values as names of the same length: ``%(slot)s`` is ``ßßslotßß``, ``$slot`` is ``ßslot``."""
    text = re.sub(r"%\((\w+)\)s", r"ßß\1ßß", text)
    return re.sub(r"(?<![\w$])\$([a-z]\w*)(?!\$)\b", r"ß\1", text)


def _with_values(text: str) -> str:
    return re.sub(r"ß(\w+)", r"$\1", re.sub(r"ßß(\w+?)ßß", r"%(\1)s", text))


def look(file: Path, fix: bool = False) -> Iterator[str]:
    """What is wrong with a file's layout, a line each. ``fix``: what can be mended is, in the file."""
    config = FluffConfig.from_path(str(file))
    text = file.read_text()
    linted = Linter(config).lint_string(_with_names(text), str(file), fix=fix, config=config)
    wrong = [f"{v.line_no}:{v.line_pos}: {v.rule_code()} {v.desc()}" for v in linted.violations]
    if not linted.tree or not linted.templated_file:
        wrong.append("1:1: sqlfluff could not read it, and does not say why (a loop with an else?)")
    elif not any(s.is_code for s in linted.tree.raw_segments):
        wrong.append("1:1: with the examples of tests/sql/examples it makes no SQL to look at")
    elif fix and not {"PRS", "TMP"} & {v.rule_code() for v in linted.violations}:
        mended = _with_values(linted.fix_string()[0])
        if mended != text:
            file.write_text(mended)
            wrong = list(look(file))
    yield from (f"{file}:{line}" for line in wrong)


def _all_of(file: Path, fix: bool) -> list[str]:
    return list(look(file, fix))


def main(arguments: list[str]) -> int:
    """1 where something is wrong."""
    named = [Path(a) for a in arguments if a != "--fix"] or files()
    with ProcessPoolExecutor() as workers:
        looks = workers.map(_all_of, named, repeat("--fix" in arguments), chunksize=8)
        wrong = [line for lines in looks for line in lines]
    print("\n".join(wrong) or f"{len(named)} files of SQL are well laid out")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
