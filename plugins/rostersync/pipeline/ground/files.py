"""What a landing's files are: its manifest, and what resolve needs to know of each."""

from __future__ import annotations

from rostersync.archive import FileState, Layout, Manifest
from rostersync.diff import FileInput
from rostersync.fold import FindingSummary
from rostersync.pipeline.ground.run import Run
from rostersync.spec import files_of


def read_manifest(run: Run, layout: Layout, landing: int) -> Manifest:
    """A landing's manifest. Raises ArchiveError when there is none."""
    return Manifest.from_json(run.archive.read_json(layout.manifest(landing)))


def file_inputs(run: Run, layout: Layout, landing: int, pin: str) -> dict[str, FileInput]:
    """What resolve needs to know of each file of the domain."""
    from rostersync.staging import StagedFile
    from rostersync.validation import Validated

    folder = layout.check(landing, pin)
    manifest = read_manifest(run, layout, landing)
    staged = run.archive.read_json(folder.staged_document)
    validated = (
        Validated.from_json(run.archive.read_json(folder.validated_document))
        if run.archive.exists(folder.validated_document)
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
            rejects=folder.rejects(file.name) if readable and result.rejects else None,
            findings=tuple(
                FindingSummary(f.rule, f.severity, f.column, f.count, message=f.message)
                for f in result.findings
            ),
            values={c.rule: c.message for c in validated.counts if c.message} if validated else {},
        )
    return inputs
