"""Reads districts' YAML files and reports every mistake with its file and key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from rostersync.config.model import DistrictConfig
from rostersync.config.sharing import sharing_pairs
from rostersync.config.values import did_you_mean
from rostersync.errors import ConfigError

_SUFFIXES = (".yaml", ".yml")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast where it is built
_NEXT = "correct each key named below; docs and comments of include/districts show the forms"


RuleLint = Callable[[Any], Iterable[tuple[tuple[str, ...], str, Any]]]
"""What is wrong with a document's ``rules``: where, what was expected, what was found (as text)."""


def _unlinted(_rules: Any) -> Iterable[tuple[tuple[str, ...], str, Any]]:
    """Rules are looked up where there are suites: at the latest, when a run is made."""
    return ()


def load_district(path: Path | str, *, rules: RuleLint = _unlinted) -> DistrictConfig:
    """One district's configuration. Raises ConfigError with every mistake in the file.

    ``rules``: finds the mistakes of key ``rules``, which takes the suites.
    """
    config, problems = _read(Path(path), rules)
    if config is None or problems:
        raise ConfigError(
            f"The configuration of district {Path(path).stem} has {_mistakes(problems)}",
            problems=problems,
            next_step=_NEXT,
        )
    return config


def district_files(folder: Path | str) -> list[Path]:
    """The YAML files of a folder, sorted; a file's stem is its district's id."""
    return sorted(p for p in Path(folder).glob("*") if p.suffix in _SUFFIXES)


def load_districts(folder: Path | str, *, rules: RuleLint = _unlinted) -> list[DistrictConfig]:
    """Every district of a folder, by id. Raises ConfigError with every mistake of all files.

    ``rules``: as for :func:`load_district`.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ConfigError("The folder of district configurations does not exist", folder=folder)
    configs: list[tuple[Path, DistrictConfig]] = []
    problems: list[str] = []
    for path in district_files(folder):
        config, found = _read(path, rules)
        problems += found
        if config is not None:
            configs.append((path, config))
    problems += _shared(configs)
    if problems:
        raise ConfigError(
            f"The district configurations have {_mistakes(problems)}",
            problems=problems,
            folder=folder,
            next_step=_NEXT,
        )
    return sorted((c for _, c in configs), key=lambda c: c.id)


def _mistakes(problems: list[str]) -> str:
    return f"{len(problems)} mistake{'s' if len(problems) != 1 else ''}"


def _shared(configs: list[tuple[Path, DistrictConfig]]) -> Iterator[str]:
    """What two districts must not share: an id, and an SFTP account's folder."""
    ids: dict[str, str] = {}
    for path, config in configs:
        owner = ids.setdefault(config.id, path.name)
        if owner != path.name:
            yield f"{path.name}: id: expected an id of its own, found the same in {owner}"
    for mine, other in sharing_pairs({p.name: c for p, c in configs if ids[c.id] == p.name}):
        yield f"{mine}: sftp: expected an account or folder of its own, found one shared with {other}"


def sharing_districts(folder: Path | str) -> frozenset[str]:
    """Ids of those that would read one account or folder with another: none of them may run.

    Cheap: files are read that name a connection, and those whose connection they name.
    """
    paths = {p.stem: p for p in district_files(folder)}
    read = {d: _read(p, _unlinted)[0] for d, p in paths.items() if b"conn_id" in p.read_bytes()}
    named = {c.sftp.conn_id.removeprefix("sftp_") for c in read.values() if c}
    read |= {d: _read(paths[d], _unlinted)[0] for d in named & paths.keys() - read.keys()}
    pairs = sharing_pairs({d: c for d, c in read.items() if c})
    return frozenset(one for pair in pairs for one in pair)


def _read(path: Path, rules: RuleLint) -> tuple[DistrictConfig | None, list[str]]:
    """The configuration, None when it cannot be built, and every problem found."""
    name = path.name
    try:
        loader = _Loader(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        return None, [f"{name}: cannot be read: {error}"]
    try:
        node = loader.get_single_node()
        problems = [f"{name}: {p}" for p in _duplicates(node)]
        document = loader.construct_document(node) if node is not None else None
    except (yaml.YAMLError, ValueError) as error:
        return None, [f"{name}: not valid YAML: {_syntax(error)}"]
    finally:
        loader.dispose()
    if not isinstance(document, dict):
        return None, [*problems, f"{name}: expected keys and values, found {_found(document)}"]
    try:
        config = DistrictConfig.model_validate(document)
    except ValidationError as error:
        problems += [f"{name}: {_problem(e)}" for e in error.errors() if not _follows(e)]
        config = None
    for loc, expected, found in rules(document.get("rules")):
        key = f"{name}: {_key(loc)}: "
        if not any(p.startswith(key) for p in problems):  # of another shape: told by the model
            problems.append(f"{key}expected {expected}, found {found}")
    if isinstance(document.get("id"), str) and document["id"] != path.stem:
        problems.append(
            f'{name}: id: expected "{path.stem}", the file\'s name, found "{document["id"]}"'
        )
    return config, problems


def _syntax(error: Exception) -> str:
    """A YAML error in one line."""
    mark = getattr(error, "problem_mark", None)
    text = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"line {mark.line + 1}: {text}" if mark else text


def _duplicates(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[str]:
    """Keys that stand twice in one mapping: YAML would keep the last without a word."""
    if isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        for key, value in node.value:
            here = (*path, str(key.value))
            line = key.start_mark.line + 1
            if first.setdefault(str(key.value), line) != line:
                yield f"{_key(here)}: expected once, found on lines {first[str(key.value)]} and {line}"
            yield from _duplicates(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield from _duplicates(value, (*path, place))


def _key(loc: Iterable[str | int]) -> str:
    """``attendance.notices[0].at`` of a path; parts in <> are marks of the model, not keys."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        elif not (part.startswith("<") and part.endswith(">")):
            text += f".{part}" if text else part
    return text


def _found(value: Any) -> str:
    """A value of the configuration, as a message shows it."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "keys and values"
    text = json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bool):
        return f"{text} (unquoted yes, no, on and off mean true and false)"
    return "nothing" if value is None else text


_EXPECTED = {
    "tuple_type": "a list",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "too_short": "at least one entry",
}


def _problem(error: Any) -> str:
    """One mistake: the key, what was expected, what was found."""
    loc, kind, value = error["loc"], error["type"], error["input"]
    wanted = _EXPECTED.get(kind, error["msg"])
    if kind == "missing":
        return f"{_key(loc)}: expected a value, found no such key"
    if kind == "invalid_key":
        place = f"{_key(loc[:-1])}: " if loc[:-1] else ""
        return f"{place}expected keys of text, found one that is a number or an unquoted yes, no, on, off"
    if kind == "extra_forbidden":
        known = _known_keys(loc[:-1])
        return f"{_key(loc)}: unknown key{did_you_mean(loc[-1], known)}; known: {', '.join(known)}"
    if loc and loc[-1] == "[key]":
        return f"{_key(loc[:-2])}: expected as a key {wanted}, found {_found(value)}"
    return f"{_key(loc)}: expected {wanted}, found {_found(value)}"


def _follows(error: Any) -> bool:
    """True when a list only lacks entries because those it has are wrong: they have their own error."""
    return error["type"] == "too_short" and bool(error["input"])


def _known_keys(loc: Iterable[str | int]) -> list[str]:
    """The keys of the model at a place of the document."""
    here: type[BaseModel] = DistrictConfig
    for part in loc:
        field = next((f for n, f in here.model_fields.items() if (f.alias or n) == part), None)
        if field is not None:
            here = _model_in(field.annotation) or here
    return [f.alias or n for n, f in here.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model a key's values are of, through lists, mappings and unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in get_args(annotation) if (m := _model_in(a))), None)
