"""docs/district.md, made from the schema of a district's YAML (config/model.py); examples are of include/."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator
from pydantic_core import PydanticCustomError, PydanticUndefined

from rostersync import paths
from rostersync.config import DistrictConfig, district_files
from rostersync.pages.markdown import table

if typing.TYPE_CHECKING:
    from pydantic.fields import FieldInfo

PAGE = "docs/district.md"

_HEAD = """# A district's YAML

<!-- Made by `make docs` from the schema (plugins/rostersync/config/model.py); do not edit. -->

`include/districts/<id>.yaml` says all that differs between districts. `id`, `name` and `timezone` are
enough; a key that is left out takes its default. Each mistake is reported with its file and key, all at
once. Durations are written `90s`, `5m` or `1h30m`; times, and ids with a leading zero, need their quotes. A part
of a key in `<>` is any of its kind, `[]` an item of a list.
"""

_DEFAULTS = {"sftp.conn_id": "`sftp_<id>`", "files.<file>.name": "the contract's"}
"""Of keys whose default follows from others."""

_PARTS = {
    "limits": "<entity>",
    "files": "<file>",
    "attendance.codes": "<code>",
    "attendance.timezones": "<school_id>",
    "calendar_days.times": "<date>",
    "calendar_days.times.<date>": "<notice id>",
    "maps.grades": "<value>",
    "maps.languages": "<value>",
    "maps.status": "<value>",
    "files.<file>.headers": "<header>",
    "rules": "<rule>",
    "rules.<rule>": "<what>",
}
"""What the keys of a mapping are."""


class Key(typing.NamedTuple):
    """One key: ``path`` with dots, the others in Markdown; ``example`` is empty where the schema has none."""

    path: str
    accepts: str
    default: str
    meaning: str
    example: str


def page() -> str:
    """The page's text."""
    documents = [
        yaml.safe_load(p.read_text(encoding="utf-8"))
        for p in district_files(paths.home() / "include" / "districts")
    ]
    documents.sort(key=lambda d: -len(d))
    rows = [
        (
            f"`{key.path}`",
            key.accepts,
            key.default,
            key.meaning,
            key.example or _example(documents, key.path),
        )
        for key in keys()
    ]
    return f"{_HEAD}\n{table(('key', 'is', 'default', 'meaning', 'example'), rows)}\n\n{_groups_text()}"


def keys(
    model: type[BaseModel] = DistrictConfig,
    prefix: str = "",
    examples: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[Key]:
    """Every key that a person may write a value at, in the schema's order."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        accepts, below = _kind(path, field.annotation, field.metadata)
        [example] = field.examples or [examples.get(name)]
        if accepts:
            meaning = " ".join((field.description or "").split())
            shown = f"`{_flow(example)}`" if example is not None else ""
            yield Key(path, accepts, _default(path, field), meaning, shown)
        for place, inner in below:
            yield from keys(inner, f"{place}.", example or {})


def groups(
    model: type[BaseModel] = DistrictConfig, prefix: str = ""
) -> Iterator[tuple[str, type[BaseModel]]]:
    """Every key that has keys below it, with their model."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        for place, inner in _kind(path, field.annotation, field.metadata)[1]:
            yield place, inner
            yield from groups(inner, f"{place}.")


def _groups_text() -> str:
    rows = [
        (f"`{path}`", (model.__doc__ or "").strip().split("\n\n")[0]) for path, model in groups()
    ]
    return f"## Keys with keys below them\n\n{table(('key', ''), rows)}\n"


def _kind(
    path: str, annotation: Any, metadata: Iterable[Any] = ()
) -> tuple[str, list[tuple[str, type[BaseModel]]]]:
    """How a value is written (nothing: only as keys below), and the models below with their path."""
    for step in metadata:
        if isinstance(step, BeforeValidator):
            return _words(step) + _bounds(metadata), []
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "", [(path, annotation)]
    if origin is Annotated:
        return _kind(path, arguments[0], arguments[1:])
    if origin in (typing.Union, types.UnionType):
        parts = [_kind(path, a) for a in arguments if a is not type(None)]
        return parts[0][0], [below for _, belows in parts for below in belows]
    if origin is tuple:
        words, below = _kind(f"{path}[]", arguments[0])
        return (f"a list; each: {words}" if words else ""), below
    if origin is dict:
        words, below = _kind(f"{path}.{_PARTS.get(path, '<key>')}", arguments[1])
        return (f"`{_PARTS.get(path, '<key>')}:` {words}" if words else ""), below
    raise TypeError(f"{path}: no words for {annotation!r}")


def _words(validator: BeforeValidator) -> str:
    """How a value is written, in the words in which a wrong one is refused."""
    for wrong in ("/", object()):
        try:
            validator.func(wrong)  # type: ignore[call-arg]
        except PydanticCustomError as error:
            return error.message()
    raise TypeError(f"{validator!r} takes everything")


def _bounds(metadata: Iterable[Any]) -> str:
    low, high = (
        next((getattr(m, name) for m in metadata if hasattr(m, name)), None)
        for name in ("ge", "le")
    )
    return f", {low} to {high}" if (low, high) != (None, None) else ""


def _default(path: str, field: FieldInfo) -> str:
    if path in _DEFAULTS:
        return _DEFAULTS[path]
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    if value is None:
        return "none"
    return f"`{_flow(value)}`" if value not in ((), {}) else "empty"


def _flow(value: Any) -> str:
    """A value as one writes it on a line."""
    plain = list(value) if isinstance(value, tuple) else value
    text: str = yaml.safe_dump(
        plain, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000
    )
    return re.sub(r"'?\b(\d\d:\d\d)\b'?", r'"\1"', text.removesuffix("...\n").strip())


def _example(documents: Iterable[Mapping[str, Any]], path: str) -> str:
    """The shortest value that a district of include/ has at the key."""
    found = [v for d in documents for v in _at(d, path.split(".")) if v not in ([], {})]
    return f"`{min((_flow(v) for v in found), key=len)}`" if found else ""


def _at(value: Any, steps: list[str]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    name, *rest = steps
    if isinstance(value, Mapping):
        if name.startswith("<"):
            for inner in value.values():
                yield from _at(inner, rest)
        elif name.endswith("[]"):
            for inner in value.get(name[:-2], ()):
                yield from _at(inner, rest)
        elif name in value:
            yield from _at(value[name], rest)
