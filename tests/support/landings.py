"""Builds validated landings without reading CSV: the input of resolve, written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow.parquet

from rostersync.archive import Archive, FileShape, FileState
from rostersync.diff import FileInput, RuleText
from rostersync.spec import FILES, Domain, File, files_of

Row = dict[str, Any]
_FINDINGS = ("file", "entity", "rule", "severity", "column", "_line")


class AnyRule(dict[str, RuleText]):
    """Stands for the suites where a test is not about their texts."""

    def __missing__(self, rule: str) -> RuleText:
        return RuleText("error", f"text of {rule}")


@dataclass
class Upload:
    """Rows by file, and what validation found: (file, line, rule, column).

    ``open_ends``: files of which the last record has no line end. ``optional``: by file, optional columns
    that its header has. ``beside``: by file, columns that no contract knows; ``refused``: those not kept.
    """

    files: dict[str, list[Row]]
    errors: list[tuple[str, int, str, str | None]] = field(default_factory=list)
    warnings: list[tuple[str, int, str, str | None]] = field(default_factory=list)
    ragged: list[tuple[str, int]] = field(default_factory=list)
    states: dict[str, FileState] = field(default_factory=dict)
    open_ends: set[str] = field(default_factory=set)
    optional: dict[str, tuple[str, ...]] = field(default_factory=dict)
    beside: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def shape(self, file: str) -> FileShape:
        """What the file looks like beside its records: the required columns, and those that are named."""
        named = self.optional.get(file, ())
        columns = tuple(c.name for c in FILES[file].columns if c.required or c.name in named)
        return FileShape(
            columns, file not in self.open_ends, unknown=tuple(sorted(self.beside.get(file, ())))
        )


def school(school_id: str = "1", **values: str) -> Row:
    return {"school_id": school_id, "school_name": f"School {school_id}", **values}


def student(student_id: str, school_id: str = "1", **values: Any) -> Row:
    return {
        "school_id": school_id,
        "student_id": student_id,
        "first_name": "Aspen",
        "last_name": "Testkid",
        "grade_level": "3",
        "status": "1",
        **values,
    }


def parent(student_id: str, parent_id: str | None, school_id: str = "1", **values: Any) -> Row:
    return {
        "school_id": school_id,
        "student_id": student_id,
        "parent_id": parent_id,
        "first_name": "Cedar",
        "last_name": "Testparent",
        "email": "cedar@example.org",
        **values,
    }


def teacher(staff_id: str, school_id: str = "1", **values: Any) -> Row:
    return {
        "school_id": school_id,
        "staff_id": staff_id,
        "first_name": "Maple",
        "last_name": "Teststaff",
        "email": f"{staff_id}@example.org",
        **values,
    }


def section(section_id: str, staff_id: str | None, school_id: str = "1", **values: Any) -> Row:
    return {
        "school_id": school_id,
        "section_id": section_id,
        "staff_id": staff_id,
        "course_name": "Botany",
        **values,
    }


def roster(section_id: str, student_id: str, school_id: str = "1") -> Row:
    return {"school_id": school_id, "section_id": section_id, "student_id": student_id}


def group(group_id: str, school_id: str = "1", **values: Any) -> Row:
    return {"school_id": school_id, "group_id": group_id, "group_name": "Chess", **values}


def member(group_id: str, student_id: str, school_id: str = "1") -> Row:
    return {"school_id": school_id, "group_id": group_id, "student_id": student_id}


def user_member(group_id: str, school_id: str = "1", **values: Any) -> Row:
    return {"school_id": school_id, "group_id": group_id, "role": "member", **values}


def emergency_contact(student_id: str, contact_id: str | None, **values: Any) -> Row:
    return {
        "school_id": "1",
        "student_id": student_id,
        "contact_id": contact_id,
        "first_name": "Willow",
        "last_name": "Testaunt",
        "phone": "2145550100",
        **values,
    }


def small_upload(**changes: list[Row]) -> Upload:
    """One school, three students, a parent each, one teacher, one section, three roster rows."""
    files = {
        "schools": [school()],
        "students": [student("s1"), student("s2"), student("s3")],
        "staff": [teacher("t1")],
        "sections": [section("a", "t1", is_primary="1")],
        "parents": [parent(s, f"p{s}") for s in ("s1", "s2", "s3")],
        "rosters": [roster("a", s) for s in ("s1", "s2", "s3")],
    }
    return Upload({**files, **changes})


def full_upload(**changes: list[Row]) -> Upload:
    """The small upload with a group, its members of every kind, and an emergency contact each."""
    return small_upload(
        **{
            "groups": [group("g")],
            "group_members": [member("g", s) for s in ("s1", "s2", "s3")],
            "group_user_members": [
                user_member("g", staff_id="t1", role="owner"),
                user_member("g", parent_id="ps1"),
                user_member("g", email="Cedar@Example.org"),
            ],
            "emergency_contacts": [emergency_contact(s, f"e{s}") for s in ("s1", "s2", "s3")],
            **changes,
        }
    )


def write_upload(
    archive: Archive, folder: str, upload: Upload, domain: Domain = Domain.CORE
) -> dict[str, FileInput]:
    """Write the upload's clean Parquet files and findings; line 2 is the first record."""
    inputs = {}
    found = [(*error, "error") for error in upload.errors]
    found += [(*warning, "warning") for warning in upload.warnings]
    findings = [
        {
            "file": f,
            "entity": f,
            "rule": rule,
            "severity": severity,
            "column": column,
            "_line": line,
        }
        for f, line, rule, column, severity in found
    ]
    _write(archive, f"{folder}/findings.parquet", _FINDINGS, findings)
    for file in files_of(domain):
        rows = upload.files.get(file.name)
        if rows is None:
            inputs[file.name] = FileInput(
                file.name, upload.states.get(file.name, FileState.MISSING), None
            )
            continue
        rejects = [line for name, line in upload.ragged if name == file.name]
        clean, rejected = (f"{folder}/{kind}/{file.name}.parquet" for kind in ("clean", "rejects"))
        lines = (n for n in range(2, 2 + len(rows) + len(rejects)) if n not in rejects)
        records = [{"_line": line, **row} for line, row in zip(lines, rows, strict=False)]
        _write(archive, clean, ("_line", *_columns(file)), records)
        if rejects:  # as staging does: no file where there are none
            ragged = [
                {"_line": line, "rule": "file.record.ragged", "detail": "fields"}
                for line in rejects
            ]
            _write(archive, rejected, ("_line", "rule", "detail"), ragged)
        inputs[file.name] = FileInput(
            file.name,
            upload.states.get(file.name, FileState.ACCEPTED),
            len(rows) + len(rejects),
            sha256=f"sha-{folder}-{file.name}",
            clean=clean,
            rejects=rejected if rejects else None,
            shape=upload.shape(file.name),
            refused=upload.refused.get(file.name, ()),
            open_record=1 + len(rows) + len(rejects) if file.name in upload.open_ends else None,
        )
    return inputs


def _columns(file: File) -> list[str]:
    """What a staged record has beside its line."""
    names = [c.name for c in file.columns]
    names += ["attributes"] if file.attributes else []
    return [*names, file.wide.column] if file.wide else names


def _write(archive: Archive, name: str, columns: Iterable[str], rows: list[Row]) -> None:
    """Archived Parquet of strings and line numbers."""
    schema = pyarrow.schema(
        (c, pyarrow.int64() if c == "_line" else pyarrow.string()) for c in columns
    )
    archive.make_folder(name.rpartition("/")[0])
    with archive.publishing(name) as target:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema), target)
