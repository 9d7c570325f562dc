"""Validate the staged files of one landing: findings, cleaned records, counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rostersync.documents import Document
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
    ``findings``: archive name. ``rejected``: files that broke a critical rule.
    """

    clean: dict[str, str]
    findings: str
    counts: tuple[RuleCount, ...] = ()
    rejected: tuple[str, ...] = field(default=())


def validate(
    session: Session,
    staged: Mapping[str, StagedView],
    suites: Suites,
    *,
    folder: CheckFolder,
) -> Validated:
    """Evaluate every rule of the value and row phases, twice: by GX and by the locator.

    Writes under ``folder``: ``findings.parquet`` (file, entity, rule, severity, column, _line),
    ``clean/<file>.parquet`` where a value was blanked, ``gx.json`` (GX's results, no row values).
    Raises AccountingError when both counts of a rule differ, SuiteError when a file has no suite.
    """
    return _Run(session, staged, suites, folder).outcome()


class _Run:
    def __init__(
        self,
        session: Session,
        staged: Mapping[str, StagedView],
        suites: Suites,
        folder: CheckFolder,
    ) -> None:
        self.session = session
        self.staged = {n: staged[n] for n in suites.files if n in staged}
        self.suites = suites
        self.folder = folder
        without = sorted(set(staged) - set(self.staged))
        if without:
            raise SuiteError("A staged file has no suite", file=f"{without[0]}.csv")
        checked = [
            c for c in suites.checks if c.file in staged and c.phase in (Phase.VALUE, Phase.ROW)
        ]
        self.rules: list[RuleMeta] = [r for c in checked for r in c.rules]
        self.number = {r.id: i for i, r in enumerate(self.rules)}

    def outcome(self) -> Validated:
        self._prepare()
        values = self._tables(Phase.VALUE, "staged")
        locate(self.session, values, self.number)
        counts = self._counts()
        clean = {name: self._clean(name, counts) for name in self.staged}
        records = self._tables(Phase.ROW, "sound")
        locate(self.session, records, self.number)
        counts = self._counts()
        with open_gx(self.session) as gx:
            self._agree(gx.counts({**values, **records}), counts)
        findings = self.folder.findings
        self.session.write_parquet(
            self._sql("findings"), findings, order="order by r.file, r.rule, f._line"
        )
        self.session.archive.write_json(self.folder.gx_results, gx.results)
        return Validated(
            clean=clean,
            findings=findings,
            counts=tuple(
                RuleCount(r.id, str(r.file), r.severity, r.column, n, self._message(r))
                for r in self.rules
                if (n := counts.get(r.id, 0))
            ),
            rejected=tuple(
                dict.fromkeys(
                    str(r.file) for r in self.rules if r.severity == "critical" and counts.get(r.id)
                )
            ),
        )

    def _prepare(self) -> None:
        for name, view in self.staged.items():
            self.session.view_parquet(f"staged_{name}", view.parquet)
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
        blanked = sorted({str(r.column) for r in broken if r.blanks_value})
        self.session.run("duckdb/validation/clean.sql", file=name, blanked=blanked)
        self.session.run(
            "duckdb/validation/sound.sql",
            file=name,
            source=f"clean_{name}",
            broken=any(r.severity != "warning" for r in broken),
        )
        if not blanked:
            return self.staged[name].parquet
        archived = self.folder.clean(name)
        self.session.write_parquet(f'from "clean_{name}"', archived, order="order by _line")
        self.session.view_parquet(f"clean_{name}", archived)
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

    @staticmethod
    def _sql(name: str) -> str:
        from rostersync.engine import render_sql

        return render_sql(f"duckdb/validation/{name}.sql")
