"""Contradictions between keys of one district's YAML.

They are looked for in the document as written, so that they are reported together with wrong values: parts
of the wrong shape are passed over here, their own error is reported by the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from rostersync.config.values import did_you_mean
from rostersync.spec import FILES
from rostersync.spec.text import folded

Contradiction = tuple[tuple[str | int, ...], str, Any]
"""Where (path of keys), what was expected, what was found."""


def contradictions(document: dict[Any, Any]) -> Iterator[Contradiction]:
    """Every contradiction of a district's document."""
    yield from _notices(document)
    yield from _calendar(document)
    yield from _windows(document)
    yield from _file_names(document)
    yield from _headers(document)
    yield from _attributes(document)


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _repeated(values: list[Any]) -> Iterator[tuple[int, Any]]:
    """Places and values of those that stood in the list before."""
    seen: list[Any] = []
    for place, value in enumerate(values):
        if value in seen:
            yield place, value
        seen.append(value)


def _notices(document: dict[Any, Any]) -> Iterator[Contradiction]:
    attendance = _mapping(document.get("attendance"))
    notices = [_mapping(n) for n in _list(attendance.get("notices"))]
    for place, notice_id in _repeated([n.get("id", object()) for n in notices]):
        yield ("attendance", "notices", place, "id"), "an id no other notice has", notice_id
    codes = _mapping(attendance.get("codes"))
    for place, notice in enumerate(notices):
        for i, code in enumerate(_list(notice.get("codes"))):
            if isinstance(code, str) and code not in codes:
                hint = did_you_mean(code, [c for c in codes if isinstance(c, str)])
                loc = ("attendance", "notices", place, "codes", i)
                yield loc, f"a code of attendance.codes{hint}", code


def _calendar(document: dict[Any, Any]) -> Iterator[Contradiction]:
    days = _mapping(document.get("calendar_days"))
    holidays = _list(days.get("holidays"))
    for place, day in enumerate(_list(days.get("extra"))):
        if day in holidays:
            yield ("calendar_days", "extra", place), "a day that is not a holiday too", day
    notices = _list(_mapping(document.get("attendance")).get("notices"))
    known = [str(_mapping(n).get("id")) for n in notices]
    for day, times in _mapping(days.get("times")).items():
        for notice_id in _mapping(times):
            if isinstance(notice_id, str) and notice_id not in known:
                loc = ("calendar_days", "times", str(day), notice_id)
                yield loc, f"the id of a notice{did_you_mean(notice_id, known)}", notice_id


def _windows(document: dict[Any, Any]) -> Iterator[Contradiction]:
    for place, window in enumerate(_list(document.get("windows"))):
        start, end = (_as_date(_mapping(window).get(key)) for key in ("from", "to"))
        if start and end and start > end:
            yield ("windows", place, "to"), f"a date not before from ({start})", end


def _as_date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _file_names(document: dict[Any, Any]) -> Iterator[Contradiction]:
    files = _mapping(document.get("files"))
    taken: dict[str, str] = {}
    for file in FILES.values():
        name = _mapping(files.get(file.name)).get("name")
        uploaded = name if isinstance(name, str) else file.csv
        if uploaded in taken:
            override = file.name if isinstance(name, str) else taken[uploaded]
            other = taken[uploaded] if isinstance(name, str) else file.name
            yield ("files", override, "name"), f"a name that {other} does not have", uploaded
        taken.setdefault(uploaded, file.name)


def _headers(document: dict[Any, Any]) -> Iterator[Contradiction]:
    for name, override in _mapping(document.get("files")).items():
        file = FILES.get(name) if isinstance(name, str) else None
        if file is None:
            continue
        columns = [c.name for c in file.columns]
        seen: set[str] = set()
        for header, column in _mapping(_mapping(override).get("headers")).items():
            loc = ("files", file.name, "headers", str(header))
            if not isinstance(column, str):
                continue
            if column not in columns:
                yield loc, f"a column of {file.csv}{did_you_mean(column, columns)}", column
            elif column in seen:
                yield loc, "a column that no other header stands for", column
            seen.add(column)


def _attributes(document: dict[Any, Any]) -> Iterator[Contradiction]:
    """A column of the contract is no attribute, and none is both allowed and refused."""
    lists = _mapping(document.get("attributes"))
    students = FILES["students"]
    ours = {column.name for column in students.columns} | set(students.aliases)
    own = _mapping(_mapping(_mapping(document.get("files")).get("students")).get("headers"))
    allowed = {folded(name) for name in _list(lists.get("allow")) if isinstance(name, str)}
    for key in ("allow", "refuse"):
        for place, name in enumerate(_list(lists.get(key))):
            if not isinstance(name, str):
                continue
            if name in ours or name in own:
                what = f"a column that is none of the contract's ({students.csv} has this one)"
                yield ("attributes", key, place), what, name
            elif key == "refuse" and folded(name) in allowed:
                yield (
                    ("attributes", key, place),
                    "a column that attributes.allow does not list",
                    name,
                )
