"""Steps stage and validate: from a landing's bytes to findings. They depend on bytes and pin only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rostersync.archive import FileState, Layout, Manifest, says_nobody
from rostersync.diff import FileInput
from rostersync.engine import open_session
from rostersync.errors import ArchiveError, ConfigError, MissingUploadError, RejectedUploadError
from rostersync.ledger import FindingSummary
from rostersync.pipeline.run import Inputs, Run
from rostersync.spec import FILES, Domain, files_of

OnFile = Callable[[str], None]


def stage(run: Run, landing: int, *, on_file: OnFile = lambda name: None) -> dict[str, Any]:
    """Stage a landing under the run's pin; counts by file.

    Raises AccountingError when the reader and the independent count differ.
    """
    from rostersync.staging import PreviousFile, stage_file

    run.inputs.keep(run.archive)
    folder = run.layout.check(landing, run.inputs.pin)
    document = f"{folder}/staged.json"
    if not run.archive.exists(document):
        manifest = read_manifest(run, run.layout, landing)
        staged = {}
        with open_session(run.archive) as session:
            for file in files_of(run.domain):
                entry = manifest.file(file.name)
                # a pin older than a file of the contract has no suite for it: read as it was then, without
                if entry is None or file.name not in run.inputs.suites.files:
                    continue
                on_file(file.name)
                source = session.local_path(run.layout.file(landing, file.name))
                before = manifest.previous.get(file.name)
                result = stage_file(
                    session,
                    file,
                    source,
                    run.cfg,
                    folder=folder,
                    previous=PreviousFile(tuple(before["header"]), before["ends_with_newline"])
                    if before
                    else None,
                )
                if result.sha256 != entry.sha256:
                    raise ArchiveError(
                        "A landed file is not what its manifest says",
                        district=run.district,
                        slot=run.slot,
                        landing=landing,
                        file=file.csv,
                        expected=f"sha256 {entry.sha256[:12]}",
                        found=f"sha256 {result.sha256[:12]}",
                        next_step="restore the archive; nothing was loaded from this landing",
                    )
                staged[file.name] = result.to_json()
        run.archive.write_json(document, staged)
    return {
        name: {"state": s["state"], "records": s["records"]}
        for name, s in run.archive.read_json(document).items()
    }


def validate(run: Run, landing: int, *, on_file: OnFile = lambda name: None) -> dict[str, Any]:
    """Evaluate the suites on a staged landing; findings by severity.

    Raises:
        RejectedUploadError: a required file is rejected.
        MissingUploadError: a required file is missing.
        AccountingError: Great Expectations and the row locator count differently.
        ConfigError: the district has attendance files and no list of codes.
    """
    counts = _validated(run.inputs, run, run.layout, landing, on_file)
    require_files(run, file_inputs(run, run.layout, landing, run.inputs.pin))
    if run.domain is Domain.ATTENDANCE:
        require_codes(run, landing)
    return counts


def _validated(
    inputs: Inputs, run: Run, layout: Layout, landing: int, on_file: OnFile
) -> dict[str, Any]:
    from rostersync.staging import StagedFile
    from rostersync.validation import StagedView, Validated
    from rostersync.validation import validate as evaluate

    folder = layout.check(landing, inputs.pin)
    document = f"{folder}/validated.json"
    if not run.archive.exists(document):
        staged = {
            name: StagedFile.from_json(s)
            for name, s in run.archive.read_json(f"{folder}/staged.json").items()
        }
        views = {
            name: StagedView(name, f"{folder}/staged/{name}.parquet")
            for name, s in staged.items()
            if s.state is FileState.ACCEPTED
        }
        for name in views:
            on_file(name)
        with open_session(run.archive) as session:
            validated = evaluate(session, views, inputs.suites, inputs.cfg, folder=folder)
        run.archive.write_json(document, validated.to_json())
    found = Validated.from_json(run.archive.read_json(document))
    totals: dict[str, int] = {}
    for count in found.counts:
        totals[count.severity] = totals.get(count.severity, 0) + count.count
    return {"findings": totals, "rejected": list(found.rejected)}


def read_manifest(run: Run, layout: Layout, landing: int) -> Manifest:
    """A landing's manifest. Raises ArchiveError when there is none."""
    return Manifest.from_json(run.archive.read_json(layout.manifest(landing)))


def ensure_checked(run: Run, inputs: Inputs, layout: Layout, landing: int) -> None:
    """Have the check artefacts of a landing under a pin, recomputing what is missing."""
    other = Run(inputs, run.domain, layout.slot, run.archive, run.warehouse)
    stage(other, landing)
    _validated(inputs, other, layout, landing, lambda name: None)


def file_inputs(run: Run, layout: Layout, landing: int, pin: str) -> dict[str, FileInput]:
    """What resolve needs to know of each file of the domain."""
    from rostersync.staging import StagedFile
    from rostersync.validation import Validated

    folder = layout.check(landing, pin)
    manifest = read_manifest(run, layout, landing)
    staged = run.archive.read_json(f"{folder}/staged.json")
    validated = (
        Validated.from_json(run.archive.read_json(f"{folder}/validated.json"))
        if run.archive.exists(f"{folder}/validated.json")
        else None
    )
    inputs = {}
    for file in files_of(run.domain):
        entry = manifest.file(file.name)
        if entry is None or file.name not in staged:
            inputs[file.name] = FileInput(file.name, FileState.MISSING, None)
            continue
        result = StagedFile.from_json(staged[file.name])
        rejected = validated is not None and file.name in validated.rejected
        readable = result.state is FileState.ACCEPTED and not rejected
        state = FileState.REJECTED if rejected else result.state
        inputs[file.name] = FileInput(
            file.name,
            FileState.STALE if readable and entry.stale else state,
            result.records,
            sha256=entry.sha256,
            clean=validated.clean[file.name] if readable and validated else None,
            rejects=f"{folder}/rejects/{file.name}.parquet" if readable else None,
            findings=tuple(
                FindingSummary(f.rule, f.severity, f.column, f.count, message=f.message)
                for f in result.findings
            ),
            values={c.rule: c.message for c in validated.counts if c.message} if validated else {},
        )
    return inputs


def require_files(run: Run, inputs: dict[str, FileInput]) -> None:
    """SPEC §3 "Required for core": what a night cannot go without."""
    required = required_files(run.domain, inputs)
    rejected = [n for n, f in inputs.items() if f.state is FileState.REJECTED and n in required]
    where = {"district": run.district, "slot": run.slot}
    if rejected:
        messages = [
            f.message for n in rejected for f in inputs[n].findings if f.severity == "critical"
        ]
        raise RejectedUploadError(
            f"A required file cannot be used: {', '.join(f'{n}.csv' for n in rejected)}",
            **where,
            found="; ".join(m.rstrip(".") for m in messages[:3])
            or "a critical finding, see the report",
            next_step="nothing was loaded and the last state stands; the district corrects the file and"
            " uploads it again, then run this slot again",
        )
    always = [n for n in required if n not in MAY_BE_MISSING]
    missing = [n for n in always if inputs[n].state is FileState.MISSING]
    if missing:
        raise MissingUploadError(
            f"A required file is missing: {', '.join(f'{n}.csv' for n in missing)}",
            **where,
            next_step="nothing was loaded and the last state stands; ask the district to upload all"
            " required files, then run this slot again",
        )
    hollow = [
        f"{n}.csv ({inputs[n].state})"
        for n in always
        if inputs[n].state in (FileState.EMPTY, FileState.HEADER_ONLY)
        and not says_nobody(n, inputs[n].state)
    ]
    if hollow:
        raise RejectedUploadError(
            f"A required file has no records: {', '.join(hollow)}",
            **where,
            next_step="nothing was loaded and the last state stands; ask the district for a full export",
        )
    stale = [n for n, f in inputs.items() if f.state is FileState.STALE and n in required]
    if stale and run.cfg.core.strict:
        raise RejectedUploadError(
            f"A required file is stale: {', '.join(f'{n}.csv' for n in stale)}",
            **where,
            expected="every required file newer than the last one (`strict: true`)",
            next_step="ask the district to upload a full set, or set `strict: false`",
        )


MAY_BE_MISSING = ("sections", "rosters")
"""Required, but carried when they are missing (summer); the night fails without a record of any other."""


def required_files(domain: Domain, inputs: Mapping[str, FileInput]) -> list[str]:
    """Files an upload of the domain cannot do without, by contract name.

    A folder that a check reads whole may lack the core: then its files are not asked for, and it cannot do
    without one that can be used.
    """
    if domain in (Domain.TERMS, Domain.ATTENDANCE):
        return list(inputs)
    sent = [n for n, f in inputs.items() if f.state is not FileState.MISSING]
    if domain is Domain.ALL and not any(FILES[n].domain is Domain.CORE for n in sent):
        return [] if any(_is_usable(inputs[n]) for n in sent) else sent
    return [n for n in inputs if FILES[n].domain is Domain.CORE and FILES[n].required]


def _is_usable(file: FileInput) -> bool:
    hollow = file.state in (FileState.REJECTED, FileState.EMPTY, FileState.HEADER_ONLY)
    return not hollow or says_nobody(file.name, file.state)


def require_codes(run: Run, landing: int) -> None:
    """Raise ConfigError, naming the codes seen, when the district has no list of attendance codes."""
    if run.cfg.attendance and run.cfg.attendance.codes:
        return
    inputs = file_inputs(run, run.layout, landing, run.inputs.pin)["attendance"]
    if inputs.clean is None:
        return
    with open_session(run.archive) as session:
        session.view_parquet("sent", inputs.clean)
        seen = [code for (code,) in session.run("reports/codes_seen.sql")]
    raise ConfigError(
        "The district has no list of attendance codes",
        district=run.district,
        file=f"include/districts/{run.district}.yaml",
        expected="attendance.codes: every code that may appear, with its meaning",
        found="the codes " + ", ".join(f'"{c}"' for c in seen),
        next_step="ask the district what each code means, list them all, and run this slot again",
    )
