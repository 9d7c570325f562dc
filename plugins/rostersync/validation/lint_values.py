"""What can be wrong with a value in a suite."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from rostersync.spec import ENTITIES
from rostersync.validation.vocabulary import Parameter

if TYPE_CHECKING:
    import duckdb


def value_problem(parameter: Parameter | None, value: Any) -> str | None:
    """What is wrong with a value that names no column, or None."""
    match parameter:
        case Parameter.KEY | Parameter.VALUES:
            return None if are_texts(value) else "must be a list of texts"
        case Parameter.ENTITY:
            known = isinstance(value, str) and value in ENTITIES
            return None if known else f"no entity {value!r}{nearest(value, ENTITIES)}"
        case Parameter.INTEGER:
            return None if _is_whole(value) and value > 0 else "must be a whole number above 0"
        case Parameter.REGEX:
            return _regex_problem(value) if isinstance(value, str) else "must be a text"
    return None


def are_texts(value: Any) -> bool:
    """A list of texts that is not empty."""
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def are_bounds(bounds: Any) -> bool:
    """The least and the most a number may be."""
    return (
        isinstance(bounds, dict)
        and set(bounds) == {"minimum", "maximum"}
        and all(_is_whole(v) and v > 0 for v in bounds.values())
    )


@cache
def _regex_problem(pattern: str) -> str | None:
    """DuckDB's regexes (RE2) know no look-around: a pattern it cannot compile would fail every night."""
    import duckdb

    with _compiler().cursor() as con:
        try:
            con.execute("select regexp_matches('', $1)", [pattern])
        except duckdb.Error as error:
            return f"does not compile in DuckDB: {str(error).splitlines()[0]}"
    return None


@cache
def _compiler() -> duckdb.DuckDBPyConnection:
    """One for all patterns: to open it costs more than they do. No threads: the process may fork."""
    import duckdb

    return duckdb.connect(
        config={"threads": 1, "async_threads": 0, "enable_external_access": False}
    )


def nearest(name: object, known: Iterable[str]) -> str:
    """The end of a sentence that names the known name most like it, where there is one."""
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
