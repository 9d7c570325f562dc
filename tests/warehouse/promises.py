"""What the contract promises of a night's people, beside what :mod:`model` holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rostersync.archive import Archive, FileState, Layout
from rostersync.fold import EMPTY_FINGERPRINT, SlotDiff, shape_of_file
from rostersync.spec import Domain
from tests.support.landings import Row, Upload
from tests.warehouse.records import State, is_accepted, records_of

_LAYOUT = Layout("modelville", Domain.CORE, "any")


def cut_files(archive: Archive, upload: Upload, previous: dict[str, str]) -> frozenset[str]:
    """Files whose last record may be cut: it has no line end, and the file before ended with one."""
    return frozenset(
        file
        for file in upload.open_ends
        if is_accepted(upload, file) and _ended(archive, file, previous)
    )


def _ended(archive: Archive, file: str, state: dict[str, str]) -> bool:
    fingerprint = state.get(shape_of_file(file), EMPTY_FINGERPRINT)
    if fingerprint == EMPTY_FINGERPRINT:
        return False
    return bool(archive.read_json(_LAYOUT.shape(file, fingerprint))["ends_with_newline"])


def wrong_shapes(
    archive: Archive, upload: Upload, diff: SlotDiff, previous: dict[str, str]
) -> Iterator[str]:
    """What the next files are compared with is tonight's file where it was accepted, else the one before."""
    for file in upload.files:
        if diff.files[file].state is not FileState.ACCEPTED:
            is_right = diff.shapes[file] == previous.get(shape_of_file(file), EMPTY_FINGERPRINT)
        else:
            is_right = _ended(archive, file, diff.fingerprints) is (file not in upload.open_ends)
        if not is_right:
            yield f"{file}: the file after it is compared with another"


def wrong_quarantine(upload: Upload, diff: SlotDiff, cut: frozenset[str]) -> Iterator[str]:
    """A last record that may be cut is kept out, and no other is for that reason."""
    for file, result in diff.files.items():
        rules = [f.rule for f in result.findings]
        if result.state is FileState.ACCEPTED and ("file.record.cut" in rules) is not (file in cut):
            yield f"{file}: a last record was taken for cut, or was not"


def twice(
    upload: Upload, before: dict[str, State], now: dict[str, State], cut: frozenset[str]
) -> Iterator[str]:
    """A stored contact that was not sent beside the same person, accepted tonight under a new key."""
    if not is_accepted(upload, "parents"):
        return
    sent = [r.row for r in records_of(upload, "parents", is_cut="parents" in cut)]
    there = {row["school_id"] for row in upload.files["schools"]}
    parents, old = now["parents"], before["parents"]
    for key in parents.keys() & old.keys():
        row = parents[key]
        if row["school_id"] not in there or any(_may_be(row, key, one) for one in sent):
            continue
        for other in parents.keys() - old.keys():
            if is_same_contact(row, parents[other]):
                yield "parents: somebody is there twice"


def is_elsewhere(row: Row, before: dict[str, State], now: dict[str, State]) -> bool:
    """The same person came tonight under another key: then nobody is carried beside themselves."""
    new = now["parents"].keys() - before["parents"].keys()
    return any(is_same_contact(row, now["parents"][key]) for key in new)


def _may_be(row: Row, key: tuple[Any, ...], sent: Row) -> bool:
    """A record is about this very key: accepted, or in quarantine."""
    if sent["student_id"] != key[0]:
        return False
    if sent["parent_id"] is not None:
        return bool(sent["parent_id"] == key[1])
    return not row["parent_id"] and str(key[1]).startswith(_name(sent))


def is_same_contact(one: Row, other: Row) -> bool:
    """One contact of one student, whatever their keys are."""
    if one["student_id"] != other["student_id"] or _name(one) != _name(other):
        return False
    by = "email" if one["email"] and other["email"] else "mobile"
    return bool(one[by]) and one[by] == other[by]


def _name(row: Row) -> str:
    return f"{row['first_name']} {row['last_name']}".lower()
