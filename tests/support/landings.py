"""Builds validated landings without reading CSV: the input of resolve, written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rostersync.archive import Archive, FileShape, FileState
from rostersync.diff import FileInput, RuleText
from rostersync.engine import open_session
from rostersync.spec import FILES, Domain, files_of

Row = dict[str, Any]


class AnyRule(dict[str, RuleText]):
    """Stands for the suites where a test is not about their texts."""

    def __missing__(self, rule: str) -> RuleText:
        return RuleText("error", f"text of {rule}")


@dataclass
class Upload:
    """Rows by file, and what validation found: (file, line, rule, column).

    ``open_ends``: files of which the last record has no line end. ``optional``: by file, optional columns
    that its header has. ``beside``: by file, columns that no contract knows.
    """

    files: dict[str, list[Row]]
    errors: list[tuple[str, int, str, str | None]] = field(default_factory=list)
    warnings: list[tuple[str, int, str, str | None]] = field(default_factory=list)
    ragged: list[tuple[str, int]] = field(default_factory=list)
    states: dict[str, FileState] = field(default_factory=dict)
    open_ends: set[str] = field(default_factory=set)
    optional: dict[str, tuple[str, ...]] = field(default_factory=dict)
    beside: dict[str, tuple[str, ...]] = field(default_factory=dict)

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
    with open_session(archive) as session:
        con = session.con
        con.execute(
            "create table findings (file varchar, entity varchar, rule varchar, severity varchar,"
            ' "column" varchar, _line bigint)'
        )
        for severity, found in (("error", upload.errors), ("warning", upload.warnings)):
            for file, line, rule, column in found:
                con.execute(
                    "insert into findings values (?, ?, ?, ?, ?, ?)",
                    [file, file, rule, severity, column, line],
                )
        session.write_parquet("from findings", f"{folder}/findings.parquet")
        for file in files_of(domain):
            rows = upload.files.get(file.name)
            if rows is None:
                inputs[file.name] = FileInput(
                    file.name, upload.states.get(file.name, FileState.MISSING), None
                )
                continue
            rejects = [line for name, line in upload.ragged if name == file.name]
            _write_file(session, folder, file.name, rows, rejects)
            inputs[file.name] = FileInput(
                file.name,
                upload.states.get(file.name, FileState.ACCEPTED),
                len(rows) + len(rejects),
                sha256=f"sha-{folder}-{file.name}",
                clean=f"{folder}/clean/{file.name}.parquet",
                rejects=f"{folder}/rejects/{file.name}.parquet",
                shape=upload.shape(file.name),
                open_record=1 + len(rows) + len(rejects) if file.name in upload.open_ends else None,
            )
    return inputs


def _write_file(session: Any, folder: str, name: str, rows: list[Row], rejects: list[int]) -> None:
    columns = [c.name for c in FILES[name].columns]
    if FILES[name].attributes:
        columns.append("attributes")
    if wide := FILES[name].wide:
        columns.append(wide.column)
    con = session.con
    spec = ", ".join(f'"{c}" varchar' for c in columns)
    con.execute(f"create or replace table clean (_line bigint, {spec})")
    lines = (n for n in range(2, 2 + len(rows) + len(rejects)) if n not in rejects)
    if rows:
        marks = ", ".join("?" * (len(columns) + 1))
        con.executemany(
            f"insert into clean values ({marks})",
            [
                [line, *(row.get(c) for c in columns)]
                for line, row in zip(lines, rows, strict=False)
            ],
        )
    session.write_parquet("from clean order by _line", f"{folder}/clean/{name}.parquet")
    con.execute("create or replace table rejects (_line bigint, rule varchar, detail varchar)")
    for line in rejects:
        con.execute("insert into rejects values (?, 'file.record.ragged', 'fields')", [line])
    session.write_parquet("from rejects", f"{folder}/rejects/{name}.parquet")
