"""What a file is compared with: the newest accepted one of its name in an earlier slot.

Staging says what a file looks like, and knows of no other; what that means beside the file before is said
here, of the state before. So a splice that moves what was before says it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rostersync.archive import Archive, FileShape, FileState, Layout
from rostersync.diff.inputs import FileInput
from rostersync.fold import EMPTY_FINGERPRINT, FindingSummary, shape_of_file
from rostersync.spec import FILES, File
from rostersync.spec.rules import COLUMN_GONE
from rostersync.spec.text import shown

_MOST_NAMES = 20


def shapes_before(files: Mapping[str, FileInput], previous: Mapping[str, str]) -> dict[str, str]:
    """Of the state before, what the landing's files looked like, as far as it is known."""
    names = (shape_of_file(n) for n, f in files.items() if f.shape is not None)
    return {name: previous[name] for name in names if name in previous}


def shapes_after(
    archive: Archive, layout: Layout, files: Mapping[str, FileInput], previous: Mapping[str, str]
) -> dict[str, str]:
    """The fingerprints of what the newest accepted files look like, by each file that was sent.

    ``files``: as resolve left them. What they look like is written to the archive, by content, once.
    """
    found = {}
    for name, given in files.items():
        if given.shape is None:
            continue
        found[name] = previous.get(shape_of_file(name), EMPTY_FINGERPRINT)
        if given.state is FileState.ACCEPTED:
            found[name] = given.shape.fingerprint
            document = layout.shape(name, found[name])
            if not archive.exists(document):
                archive.write_json(document, given.shape.to_json())
    return found


def compared_with(
    archive: Archive, layout: Layout, files: Mapping[str, FileInput], previous: Mapping[str, str]
) -> dict[str, FileInput]:
    """The files with what is to be said of each beside the one before. ``previous``: the state before."""
    found = dict(files)
    for name, given in files.items():
        before = _before(archive, layout, given, previous)
        if given.shape is None or before is None or given.state is FileState.STALE:
            continue
        file = FILES[name]
        findings = (*given.findings, *_gone(file, given.shape, before), *_new(file, given, before))
        is_cut = before.ends_with_newline and given.open_record is not None
        found[name] = replace(
            given, findings=findings, cut=given.open_record if is_cut and given.clean else None
        )
    return found


def _before(
    archive: Archive, layout: Layout, given: FileInput, previous: Mapping[str, str]
) -> FileShape | None:
    fingerprint = previous.get(shape_of_file(given.name))
    if fingerprint is None:
        return given.before
    if fingerprint == EMPTY_FINGERPRINT:
        return None
    return FileShape.from_json(archive.read_json(layout.shape(given.name, fingerprint)))


def _gone(file: File, now: FileShape, before: FileShape) -> Iterator[FindingSummary]:
    """A required column that is gone rejects the file, and staging says so."""
    replaced = file.wide.replaces if file.wide and now.wide else ()
    for column in file.columns:
        is_gone = column.name in before.columns and column.name not in now.columns
        if is_gone and not column.required and column.name not in replaced:
            yield _column_gone(file, column.name, column.name)
    if now.wide:
        for period in before.wide:
            if period not in now.wide:
                yield _column_gone(file, period, None)


def _column_gone(file: File, name: str, column: str | None) -> FindingSummary:
    return FindingSummary(
        COLUMN_GONE,
        "warning",
        column,
        1,
        message=f"{file.csv} had the column {name} last time and has it no more; it was read as blank",
    )


def _new(file: File, given: FileInput, before: FileShape) -> Iterator[FindingSummary]:
    """A column that is no column of ours is kept in some files: the first time somebody is to know."""
    kept = set(given.shape.unknown if given.shape else ()) - set(given.refused)
    new = sorted(kept - set(before.unknown))
    if file.attributes and new:
        names = ", ".join(shown(name) for name in new[:_MOST_NAMES])
        yield FindingSummary(
            "file.header.new_column",
            "warning",
            None,
            len(new),
            message=f"{file.csv} has columns that it did not have last time: {names}",
        )
