"""Validate the staged files of one landing: findings, cleaned records, counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rostersync.documents import Document
from rostersync.engine import render_sql
from rostersync.errors import AccountingError, SuiteError
from rostersync.spec import FILES
from rostersync.validation.gx_run import open_gx
from rostersync.validation.locator import locate
from rostersync.validation.vocabulary import Phase

if TYPE_CHECKING:
    from rostersync.archive import CheckFolder
    from rostersync.engine import Session
    from rostersync.validation.model import Check, RuleMeta
    from rostersync.validation.suites import Suites

_MOST_VALUES = 10


@dataclass(frozen=True, slots=True)
class StagedView:
    """A staged file. ``name``: the contract's; ``parquet``: archive name of its records."""

    name: str
    parquet: str


@dataclass(frozen=True, slots=True)
class RuleCount:
    """One rule that records break. ``message``: the values that are not known, of non-personal columns."""

    rule: str
    file: str
    severity: str
    column: str | None
    count: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class Validated(Document):
    """The outcome of :func:`validate`.

    ``clean``: archive name of each file's cleaned records (the staged ones when nothing was blanked).
    ``findings``: archive name. ``rejected``: files that broke a critical rule. ``made_by``: the program that
    evaluated them, by its fingerprint; empty in older documents.
    """

    clean: dict[str, str]
    findings: str
    counts: tuple[RuleCount, ...] = ()
    rejected: tuple[str, ...] = field(default=())
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The check of an earlier landing under the same pin; ``files``: those that had the same bytes there."""

    folder: CheckFolder
    validated: Validated
    files: tuple[str, ...]


def validate(
    session: Session,
    staged: Mapping[str, StagedView],
    suites: Suites,
    *,
    folder: CheckFolder,
    known: Known | None = None,
) -> Validated:
    """Evaluate every rule of the value and row phases, twice: by GX and by the locator.

    ``staged``: all files; of those that are ``known`` nothing is evaluated: what was found is taken over.

    Writes under ``folder``: ``findings.parquet`` (file, entity, rule, severity, column, _line),
    ``clean/<file>.parquet`` where a value was blanked, ``gx.json`` (GX's results, no row values).
    Raises AccountingError when both counts of a rule differ, SuiteError when a file has no suite.
    """
    return _Run(session, staged, suites, folder, known).outcome()


class _Run:
    def __init__(
        self,
        session: Session,
        staged: Mapping[str, StagedView],
        suites: Suites,
        folder: CheckFolder,
        known: Known | None,
    ) -> None:
        self.session = session
        self.known = known
        self.suites = suites
        self.folder = folder
        without = sorted(set(staged) - set(suites.files))
        if without:
            raise SuiteError("A staged file has no suite", file=f"{without[0]}.csv")
        self.all = {n: staged[n] for n in suites.files if n in staged}
        taken = known.files if known else ()
        self.staged = {n: view for n, view in self.all.items() if n not in taken}
        checked = [
            c
            for c in suites.checks
            if c.file in self.staged and c.phase in (Phase.VALUE, Phase.ROW)
        ]
        self.rules: list[RuleMeta] = [r for c in checked for r in c.rules]
        self.number = {r.id: i for i, r in enumerate(self.rules)}

    def outcome(self) -> Validated:
        counts: Mapping[str, int] = {}
        clean: dict[str, str] = {}
        results: dict[str, Any] = {}
        self._prepare()
        if self.staged:
            counts, clean, results = self._evaluated()
        findings = self.folder.findings
        sql = render_sql("duckdb/validation/findings.sql", taken=self._take_findings())
        self.session.write_parquet(f"from ({sql})", findings, order="order by file, rule, _line")
        if self.known:
            clean |= {n: self._take_clean(self.known, n) for n in self.known.files}
            archived = self.session.archive.read_json(self.known.folder.gx_results)
            results |= {
                t: archived[t] for n in self.known.files for t in _tables_of(n) if t in archived
            }
        in_order = [
            t for phase in (0, 1) for n in self.all if (t := _tables_of(n)[phase]) in results
        ]
        self.session.archive.write_json(self.folder.gx_results, {t: results[t] for t in in_order})
        found = self._found(counts)
        return Validated(
            clean={n: clean[n] for n in self.all},
            findings=findings,
            counts=tuple(found.values()),
            rejected=tuple(
                dict.fromkeys(c.file for c in found.values() if c.severity == "critical")
            ),
        )

    def _evaluated(self) -> tuple[dict[str, int], dict[str, str], dict[str, Any]]:
        """Records that break each rule, archive names of the cleaned records, GX's results."""
        values = self._tables(Phase.VALUE, "staged")
        locate(self.session, values, self.number)
        counts = self._counts()
        clean = {name: self._clean(name, counts) for name in self.staged}
        records = self._tables(Phase.ROW, "sound")
        locate(self.session, records, self.number)
        counts = self._counts()
        with open_gx(self.session) as gx:
            self._agree(gx.counts({**values, **records}), counts)
        return counts, clean, gx.results

    def _found(self, counts: Mapping[str, int]) -> dict[str, RuleCount]:
        """Every rule that is broken, in the suites' order."""
        found = {
            r.id: RuleCount(r.id, str(r.file), r.severity, r.column, n, self._message(r))
            for r in self.rules
            if (n := counts.get(r.id, 0))
        }
        if self.known:
            found |= {c.rule: c for c in self.known.validated.counts if c.file in self.known.files}
        return {r.id: found[r.id] for c in self.suites.checks for r in c.rules if r.id in found}

    def _take_findings(self) -> tuple[str, ...]:
        """The files whose findings are in ``known_findings``."""
        if self.known is None:
            return ()
        self.session.view_parquet("known_findings", self.known.validated.findings)
        return self.known.files

    def _take_clean(self, known: Known, name: str) -> str:
        archived = known.validated.clean[name]
        if archived != known.folder.clean(name):  # nothing was blanked
            return self.all[name].parquet
        self.session.archive.copy(archived, self.folder.clean(name))
        return self.folder.clean(name)

    def _prepare(self) -> None:
        for name, view in self.staged.items():
            self.session.keep_parquet(f"staged_{name}", view.parquet)
        self.session.run("duckdb/validation/found.sql")
        documents = [
            {
                "rule_no": self.number[r.id],
                "rule": r.id,
                "file": r.file,
                "entity": r.entity,
                "phase": r.phase,
                "severity": r.severity,
                "column": r.column,
                "blanks": r.blanks_value,
            }
            for r in self.rules
        ]
        self.session.run("duckdb/validation/rules.sql", {"documents": json.dumps(documents)})

    def _tables(self, phase: Phase, prefix: str) -> dict[str, tuple[Check, ...]]:
        """The checks of one phase by the table they look at."""
        return {f"{prefix}_{n}": c for n in self.staged if (c := self.suites.of(n, phase))}

    def _agree(self, counted: Mapping[str, int], located: Mapping[str, int]) -> None:
        for rule in self.rules:
            if located.get(rule.id, 0) != counted[rule.id]:
                raise AccountingError(
                    "The two engines do not agree on a rule",
                    rule=rule.id,
                    file=f"{rule.file}.csv",
                    expected=f"{counted[rule.id]} records, as Great Expectations counts",
                    found=f"{located.get(rule.id, 0)} records by the row locator",
                    next_step="nothing was loaded; report this as a bug with the landing's number",
                )

    def _clean(self, name: str, counts: Mapping[str, int]) -> str:
        """Blank what warnings blank; the archive name of the cleaned records."""
        broken = [r for r in self.rules if r.file == name and counts.get(r.id)]
        source, archived = f"staged_{name}", self.staged[name].parquet
        if blanked := sorted({str(r.column) for r in broken if r.blanks_value}):
            source, archived = f"clean_{name}", self.folder.clean(name)
            query = render_sql("duckdb/validation/clean.sql", file=name, blanked=blanked)
            self.session.write_parquet(f"from ({query})", archived, order="order by _line")
            self.session.keep_parquet(source, archived)
        if self.suites.of(name, Phase.ROW):
            self.session.run(
                "duckdb/validation/sound.sql",
                file=name,
                source=source,
                broken=any(r.severity != "warning" for r in broken),
                kind=self.session.kept_as,
            )
        return archived

    def _counts(self) -> dict[str, int]:
        """Records per rule so far, as located."""
        return {self.rules[n].id: c for n, c in self.session.run("duckdb/validation/counts.sql")}

    def _message(self, rule: RuleMeta) -> str:
        """The distinct values that a map lacks, for columns that say nothing about a person."""
        if rule.column is None or rule.file is None or rule.id.rsplit(".", 1)[-1] != "known":
            return ""
        if FILES[rule.file].column(rule.column).personal:
            return ""
        values = self.session.run(
            "duckdb/validation/unknown_values.sql",
            {"number": self.number[rule.id], "most": _MOST_VALUES},
            relation=f"staged_{rule.file}",
            column=rule.column,
        )
        return "Not known: " + ", ".join(f'"{value}" ({count:,})' for value, count in values)


def _tables_of(file: str) -> tuple[str, str]:
    """What GX looks at of a file: its records, and those of them that are sound."""
    return f"staged_{file}", f"sound_{file}"
