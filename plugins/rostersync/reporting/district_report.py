"""What is wrong with an upload, for the people who send it: ``errors.csv`` and ``report.html``.

Both hold file names, header names, rules and line numbers; never a value of a person's record. The same
upload gives the same bytes: neither holds a date or a path.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import IO

import jinja2

from rostersync.archive import FileState
from rostersync.ledger.results import Outcome, RunResult
from rostersync.reporting.problems import Problem, RuleWords, problems_of
from rostersync.reporting.words import (
    SEVERITIES,
    counted,
    faults,
    in_fix_order,
    left_out,
    printable,
)
from rostersync.spec import FILES, files_of, required_of

COLUMNS = ("file", "line", "column", "rule", "severity", "message", "hint", "keeps")
ERRORS, PAGE = "errors.csv", "report.html"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ACCEPTED = (FileState.ACCEPTED, FileState.IDENTICAL)
_STATES = {
    FileState.ACCEPTED: "can be read",
    FileState.IDENTICAL: "as last time",
    FileState.MISSING: "missing",
    FileState.EMPTY: "empty",
    FileState.HEADER_ONLY: "no records",
    FileState.STALE: "old",
    FileState.REJECTED: "cannot be used",
}
_KINDS = {
    "added": "new",
    "changed": "changed",
    "removed": "not in the upload any more",
    "reused": "another child seems to be sent under the id of one who is known",
    "unsent": "students.csv has nobody of this school any more",
    "ids": "ids that equal known ones but for leading zeros, upper and lower case or .0: are they meant so?",
}
"""Kinds of what waits."""
NO_DATES: Mapping[str, date] = MappingProxyType({})

Lines = Callable[[str], Iterable[tuple[str, int] | tuple[str, int, int]]]
"""(rule, line, stored rows that stay because of it) of one file by its contract name, ordered."""


def write_district_report(
    folder: Path,
    result: RunResult,
    rules: Mapping[str, RuleWords],
    lines: Lines,
    *,
    title: str,
    about: str = "Upload check",
    known_until: Mapping[str, date] = NO_DATES,
    most_lines: int | None = None,
    differs: Sequence[str] = (),
) -> tuple[Path, Path]:
    """Write ``errors.csv`` and ``report.html`` into ``folder``, which is created; their paths.

    Earlier ones are replaced, each whole or not at all. ``title``: the district's name, or nothing.
    ``about``: what the page reports on. ``known_until``: rules that are accepted for the district, and until
    when. ``most_lines``: of one rule and file that errors.csv lists; None lists all. ``differs``: how the
    district differs in its rules, a sentence each.
    Raises OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    problems = [_known(p, known_until.get(p.rule)) for p in problems_of(result, rules)]
    with _replacing(folder / ERRORS, "utf-8-sig") as target:
        _write_errors(target, problems, result, lines, most_lines)
    with _replacing(folder / PAGE, "utf-8") as target:
        target.write(_page(result, problems, title, about, differs))
    return folder / ERRORS, folder / PAGE


def _known(problem: Problem, until: date | None) -> Problem:
    """Who accepted it, and why, is not for the district's page."""
    if until is None:
        return problem
    return replace(problem, message=f"{problem.message} Known, accepted until {until}.".strip())


def neutral(cell: str) -> str:
    """A cell no spreadsheet takes for a formula: an apostrophe before what could start one."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _write_errors(
    target: IO[str],
    problems: Iterable[Problem],
    result: RunResult,
    lines: Lines,
    most: int | None = None,
) -> None:
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    for file, found in by_file.items():
        for problem in found:
            if not problem.lines:
                writer.writerow(_cells(problem, ""))
        # a stray file may be called `students`: it is none of the contract's
        name = file.removesuffix(".csv") if file.endswith(".csv") else ""
        by_rule = {p.rule: p for p in found if p.lines}
        if name in result.files and result.files[name].state in _ACCEPTED:
            writer.writerows(_listed(by_rule, lines(name), most))
        else:  # of a file that is not used no more than the first lines are kept
            writer.writerows(_cells(p, str(n)) for p in by_rule.values() for n in p.lines)


def _listed(
    by_rule: Mapping[str, Problem],
    lines: Iterable[tuple[str, int] | tuple[str, int, int]],
    most: int | None,
) -> Iterator[list[str]]:
    """A row for each line; of a rule with more than ``most`` lines how many more there are."""
    seen: Counter[str] = Counter()
    for rule, n, *kept in lines:
        seen[rule] += 1
        if most is None or seen[rule] <= most:
            yield _cells(by_rule[rule], str(n), sum(kept))
    for rule, count in seen.items():
        if most is not None and count > most:
            more = f"{by_rule[rule].message} {count - most:,} more lines are not listed."
            yield _cells(replace(by_rule[rule], message=more.strip()), "")


def _cells(p: Problem, line: str, kept: int = 0) -> list[str]:
    cells = (p.file, line, p.column, p.rule, p.severity, p.message, p.hint, str(kept or ""))
    return [neutral(cell) for cell in cells]


def _page(
    result: RunResult, problems: list[Problem], title: str, about: str, differs: Sequence[str]
) -> str:
    def of(*severities: str) -> list[Problem]:
        return [p for p in problems if p.severity in severities]

    files = [
        (f"{name}.csv", file, _STATES[file.state], file.state in _ACCEPTED)
        for name, file in in_fix_order(result)
    ]
    return _template().render(
        title=title,
        about=about,
        result=result,
        waits=list(_waits(result)),
        again=not result.outcome.is_success or result.outcome is Outcome.CHECKED,
        headline=_headline(result),
        why=_why(result),
        tone=_tone(result),
        files=files,
        listed=[name for name, _, _, usable in files if usable],
        errors=of(*SEVERITIES[:2]),
        warnings=of(SEVERITIES[2]),
        differs=differs,
    )


def _why(result: RunResult) -> str:
    """Which files stop the upload. The run's own message is for data-ops: it may name a folder."""
    if result.outcome.is_success:
        return ""
    if result.outcome is Outcome.MISSING and not result.files:
        return "The upload was not finished when the wait for it ended."
    missing = {n for n, f in result.files.items() if f.state is FileState.MISSING}
    if missing and missing >= set(required_of(_siblings(missing))):
        return "None of the expected files is in the upload, or none has its exact name."
    stopped_by = faults(replace(result, message=""))
    return stopped_by or (
        f"Missing: {', '.join(f'{n}.csv' for n in sorted(missing))}." if missing else ""
    )


def _siblings(names: Collection[str]) -> list[str]:
    """All files of the domain these are of."""
    return [f.name for f in files_of(FILES[next(iter(names))].domain)]


def _waits(result: RunResult) -> Iterator[str]:
    """What waits for a person, in a district's words."""
    for hold in result.holds:
        if hold.entity is None:
            yield "The whole upload" + (
                ", the first of this district" if hold.kind == "first_load" else ""
            )
            continue
        where = "" if hold.scope == "district" else f" of school {hold.scope}"
        if hold.kind == "gone":
            yield f"Everything of school {hold.scope}: schools.csv does not have it any more"
            continue
        kind = _KINDS.get(hold.kind, hold.kind)
        yield f"{counted(hold.count, 'record')} of {hold.entity.replace('_', ' ')}{where}: {kind}"


def _headline(result: RunResult) -> str:
    """Of a check what would be; of a run what was."""
    if result.outcome is Outcome.HELD:
        return "This upload is not loaded yet: a person looks at it first"
    if result.holds:
        return "This upload was loaded, but for changes that a person looks at first"
    if result.outcome in (Outcome.LOADED, Outcome.IDENTICAL, Outcome.NOBODY_ABSENT):
        without = left_out(result)
        return "This upload was loaded" + (f", without {' and '.join(without)}" if without else "")
    if result.outcome is Outcome.MISSING:
        return "This upload is not complete: nothing is loaded"
    if not result.outcome.is_success:
        return "This upload is rejected: nothing is loaded"
    without = left_out(result)
    return "This upload can be loaded" + (f", without {' and '.join(without)}" if without else "")


def _tone(result: RunResult) -> str:
    if not result.outcome.is_success:
        return "bad"
    return "part" if left_out(result) or result.holds or result.outcome is Outcome.HELD else "good"


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(printable=printable, number=lambda n: f"{n:,}")
    return environment.get_template("district_report.html.jinja")


@contextmanager
def _replacing(path: Path, encoding: str) -> Iterator[IO[str]]:
    """A file that takes its place when it is whole. A name that is no Unicode is written with ``?``."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with open(handle, "w", encoding=encoding, errors="replace", newline="") as target:
            yield target
        Path(name).chmod(0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
