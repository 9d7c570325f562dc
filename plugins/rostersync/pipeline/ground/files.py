"""What a landing's files are: its manifest, and what resolve needs to know of each."""

from __future__ import annotations

from rostersync.archive import FileState, Layout, Manifest
from rostersync.diff import FileInput
from rostersync.fold import AppliedSlot, FindingSummary, Fold, SlotDiff
from rostersync.pipeline.ground.run import Run
from rostersync.spec import files_of
from rostersync.spec.rules import COLUMN_GONE


def read_manifest(run: Run, layout: Layout, landing: int) -> Manifest:
    """A landing's manifest. Raises ArchiveError when there is none."""
    return Manifest.from_json(run.archive.read_json(layout.manifest(landing)))


def file_inputs(run: Run, layout: Layout, landing: int, pin: str) -> dict[str, FileInput]:
    """What resolve needs to know of each file of the domain."""
    from rostersync.staging import StagedFile, shape_of
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
        aliases = run.cfg.header_aliases(file)
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
                if f.rule != COLUMN_GONE  # of a check that an older release made: it is said anew
            ),
            values={c.rule: c.message for c in validated.counts if c.message} if validated else {},
            shape=shape_of(file, result.header, aliases, ends_with_newline=result.ends_with_newline)
            if result.header
            else None,
            open_record=result.open_record,
            refused=result.refused,
            before=shape_of(
                file, then["header"], aliases, ends_with_newline=then["ends_with_newline"]
            )
            if (then := manifest.previous.get(file.name))
            else None,
        )
    return inputs


def identical_files(run: Run, before: Fold, diff: SlotDiff) -> list[str]:
    """Files with the very bytes of the file before: the newest accepted one of the name in an earlier slot.

    ``before``: the fold up to the slot of ``diff``.
    """
    manifests: dict[str, Manifest] = {}

    def is_stale(slot: AppliedSlot, name: str) -> bool:
        if slot.slot not in manifests:
            layout = Layout(run.district, run.domain, slot.slot)
            manifests[slot.slot] = read_manifest(run, layout, slot.landing)
        entry = manifests[slot.slot].file(name)
        return entry is not None and entry.stale

    found = []
    for name in (n for n, f in diff.files.items() if f.state is FileState.ACCEPTED):
        usable = (s for s in reversed(before) if name in s.sha256)
        last = next((s for s in usable if not is_stale(s, name)), None)
        if last is not None and last.sha256[name] == diff.sha256.get(name):
            found.append(name)
    return found
