"""The identity of a run, and the inputs it pins."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from rostersync import paths
from rostersync.archive import ROWS_LETTERS, Archive, Layout
from rostersync.config import DistrictConfig
from rostersync.diff import RuleText
from rostersync.errors import HandedOnError
from rostersync.ledger.runs import RunRow
from rostersync.spec import CONTRACT_VERSION, FILES, Domain
from rostersync.spec.rules import RECORD_RULES
from rostersync.validation import Suites, fixed_rules, lay_over, load_suites, suites_from


@dataclass(frozen=True)
class Inputs:
    """What a run's result depends on beside the bytes: configuration, suites, contract.

    ``suites``: as they hold for the district, whose ``rules`` are laid over those given. ``kept_as``: the pin
    of the copy they were read from; None for today's. Raises ConfigError for a mistake in the ``rules``.
    """

    cfg: DistrictConfig
    suites: Suites
    kept_as: str | None = None

    def __post_init__(self) -> None:
        differing = lay_over(self.suites, self.cfg.rules, district=self.cfg.id)
        object.__setattr__(self, "suites", differing)  # the dataclass is frozen for everyone else

    @cached_property  # asked for thirty times in a night
    def pin(self) -> str:
        """The name of the copy in the archive; its first letters name what only rows depend on.

        So a check and a diff are found again when nothing but a limit or a calendar has changed. What an
        earlier release pinned keeps its pin, however this one would hash it.
        """
        if self.kept_as is not None:
            return self.kept_as
        rows = _sha256([CONTRACT_VERSION, self.cfg.row_fingerprint(), self.suites.fingerprint])
        return rows[:ROWS_LETTERS] + _sha256([rows, self.cfg.fingerprint()])[ROWS_LETTERS:]

    def keep(self, archive: Archive) -> None:
        """Keep the copy, once."""
        name = Layout.pin(self.pin)
        if not archive.exists(name):
            document = {
                "contract": CONTRACT_VERSION,
                "config": self.cfg.model_dump(mode="json", by_alias=True),
                "suites": dict(self.suites.documents),
            }
            archive.write_json(name, document)

    @classmethod
    def pinned(cls, archive: Archive, pin: str) -> Inputs:
        """The inputs an earlier run used. Raises ArchiveError when their copy is missing."""
        document = archive.read_json(Layout.pin(pin))
        return cls(
            DistrictConfig.model_validate(document["config"]),
            suites_from(document["suites"], complete=False),
            kept_as=pin,
        )

    def rules(self) -> dict[str, RuleText]:
        """What reports say about each rule. One that resolve needs and a pin is too old for has no words."""
        wordless = {f.rule: RuleText(f.severity, "") for n in FILES for f in fixed_rules(n)}
        worded = {r.id: RuleText(r.severity, r.hint, r.column) for r in self.suites.rules}
        wordless |= {rule: RuleText("error", "") for rule in RECORD_RULES}
        return {**wordless, **worded}


def _sha256(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Run:
    """One attempt at (district, domain, slot). ``warehouse``: a Postgres URL."""

    inputs: Inputs
    domain: Domain
    slot: str
    archive: Archive
    warehouse: str = field(repr=False)  # it has a password
    run_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    airflow_run_id: str | None = None

    @property
    def cfg(self) -> DistrictConfig:
        """The district's configuration."""
        return self.inputs.cfg

    def pinned(self, pin: str) -> Inputs:
        """The inputs an earlier run of this district used; what no pin covers is this run's.

        Raises ArchiveError, HandedOnError for another district's.
        """
        kept = Inputs.pinned(self.archive, pin)
        if kept.cfg.id != self.district:
            raise HandedOnError(
                "The inputs that were named are another district's",
                district=self.district,
                next_step="clear the task stage: it pins the inputs anew",
            )
        return replace(kept, cfg=kept.cfg.as_of(self.cfg))

    @property
    def district(self) -> str:
        """The district's id."""
        return self.inputs.cfg.id

    @property
    def layout(self) -> Layout:
        """Where the run's artefacts lie."""
        return Layout(self.district, self.domain, self.slot)

    @property
    def row(self) -> RunRow:
        """The run's identity in the ledger."""
        return RunRow(
            self.run_id, self.district, self.domain, self.slot, self.started_at, self.airflow_run_id
        )


def new_run(
    cfg: DistrictConfig,
    slot: str,
    *,
    archive: str | Path,
    warehouse: str,
    domain: Domain = Domain.CORE,
    suites: Suites | None = None,
    run_id: str | None = None,
    started_at: datetime | None = None,
    airflow_run_id: str | None = None,
) -> Run:
    """A run with today's configuration and suites. Raises SuiteError, ConfigError."""
    inputs = Inputs(cfg, suites or load_suites(paths.expectations_folder()))
    return Run(
        inputs,
        domain,
        slot,
        Archive(archive),
        warehouse,
        run_id or str(uuid.uuid4()),
        started_at or datetime.now(UTC),
        airflow_run_id,
    )
