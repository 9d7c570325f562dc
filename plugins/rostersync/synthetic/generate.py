"""Synthetic districts of any size: the CSV files of some nights, as a district would upload them.

Names, numbers and addresses are made up so that nobody can take them for a person's.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rostersync.archive import Archive
from rostersync.engine import open_session, render_sql
from rostersync.spec import FILES, Domain, File

if TYPE_CHECKING:
    from rostersync.config import DistrictConfig
    from rostersync.engine import Session

CORE_FILES = tuple(f.name for f in FILES.values() if f.domain is Domain.CORE and f.required)
FILES_MADE = (*CORE_FILES, "terms")
SMALLEST = 50
_BLANK_NAMES, _UNKNOWN_GRADES, _RAGGED, _ORPHANS = 2, 1, 1, 3

Progress = Callable[[int, str, int], None]
"""Called after each file with the night, the file and its number of records."""


@dataclass(frozen=True, slots=True)
class ExpectedNight:
    """What a night's files hold, to check a sync against.

    ``records``: by file. ``bad``: file -> rule -> number of records that break it on purpose; every one of
    them keeps its record out. ``students``: added, removed and changed against the night before; bad rows
    are of students who do not change this night. ``broken_column``: left out of its file this night.
    """

    night: int
    records: dict[str, int]
    bad: dict[str, dict[str, int]] = field(default_factory=dict)
    students: dict[str, int] = field(default_factory=dict)
    broken_column: str | None = None


def read_expected(out: Path, night: int) -> ExpectedNight:
    """What :func:`generate` wrote beside the upload of a night."""
    return ExpectedNight(**json.loads(_expected_path(out, night).read_text(encoding="utf-8")))


def generate(
    out: Path,
    *,
    students: int,
    schools: int | None = None,
    seed: int = 1,
    nights: int = 1,
    churn: float = 1.5,
    bad_rows: bool = True,
    files: Collection[str] = CORE_FILES,
    cfg: DistrictConfig | None = None,
    break_column: str | None = None,
    break_night: int | None = None,
    on_progress: Progress | None = None,
) -> list[Path]:
    """Write ``out/night-1``, ``out/night-2``, …: one upload each; the folders, in order.

    The same arguments give the same bytes. Beside each folder lies ``night-<n>.expected.json``.

    ``out``: made when missing; files of earlier calls are overwritten. ``students``: how many; all other rows
    follow (about 11 per student). ``schools``: how many; None: one for about 550 students, two at least.
    ``seed``: which district; 0 or more. ``nights``: how many uploads. ``churn``: percent of the students (and
    staff, sections, families) that differ from one night to the next: a third leave, as many come, a third
    change. ``bad_rows``: from night 2 on, put in a handful of each: blank name, unknown grade, ragged record,
    roster row of a student nobody knows. ``files``: names of FILES_MADE. ``cfg``: the district whose file
    names, delimiters, headers and words to use; default the contract's. ``break_column``:
    ``students.last_name``: left out of the file on ``break_night``. ``break_night``: default the last.
    ``on_progress``: called after each file.

    Raises ValueError: an argument is out of range.
    """
    _check(students, seed, nights, churn, files, break_column)
    variables = _sizes(students, churn, schools) | {"seed": seed}
    broken = {break_night or nights: break_column} if break_column else {}
    folders = []
    with open_session(Archive(out)) as session:
        session.con.execute(render_sql("duckdb/generate/macros.sql"))
        for night in range(1, nights + 1):
            folder = out / f"night-{night}"
            folder.mkdir(parents=True, exist_ok=True)
            bad = bad_rows and night > 1
            variables |= {
                "night": night,
                "blank_names": _BLANK_NAMES if bad else 0,
                "unknown_grades": _UNKNOWN_GRADES if bad else 0,
            }
            for name, value in variables.items():
                session.con.execute(f"set variable {name} = {int(value)}")
            upload = _Upload(session, folder, cfg, broken.get(night))
            records = {}
            for name in files:
                records[name] = upload.write(FILES[name], bad=bad)
                if on_progress:
                    on_progress(night, name, records[name])
            _write_expected(out, night, records, variables, bad, broken.get(night))
            folders.append(folder)
    return folders


def _check(
    students: int,
    seed: int,
    nights: int,
    churn: float,
    files: Iterable[str],
    break_column: str | None,
) -> None:
    if not SMALLEST <= students <= 5_000_000:
        raise ValueError(f"students: expected {SMALLEST} to 5,000,000, found {students}")
    if not 0 <= seed <= 1_000_000:
        raise ValueError(f"seed: expected 0 to 1,000,000, found {seed}")
    if not 1 <= nights <= 400:
        raise ValueError(f"nights: expected 1 to 400, found {nights}")
    if not 0 <= churn <= 60:
        raise ValueError(f"churn: expected 0 to 60 percent, found {churn}")
    if unknown := sorted(set(files) - set(FILES_MADE)):
        raise ValueError(f"files: expected some of {', '.join(FILES_MADE)}, found {unknown[0]}")
    if break_column is not None:
        name, _, column = break_column.partition(".")
        if name not in files or column not in [c.name for c in FILES[name].columns]:
            raise ValueError(f"break_column: expected file.column, found {break_column}")


def _sizes(students: int, churn: float, schools: int | None) -> dict[str, int]:
    """How many of each, and how many of each leave, and change, from night to night."""
    schools = schools or max(2, round(students / 550))
    staff = max(2 * schools, round(students / 10))
    sections = max(10 * schools, round(students * 0.3))

    def churned(n: int) -> int:
        return max(1, round(n * churn / 300)) if churn else 0

    return {
        "students": students,
        "schools": schools,
        "staff": staff,
        "sections": sections,
        "students_churned": churned(students),
        "staff_churned": churned(staff),
        "sections_churned": churned(sections),
    }


class _Upload:
    """Writes the files of one night."""

    def __init__(
        self, session: Session, folder: Path, cfg: DistrictConfig | None, broken: str | None
    ) -> None:
        self.session = session
        self.folder = folder
        self.cfg = cfg
        self.broken = broken

    def write(self, file: File, *, bad: bool) -> int:
        """Write a file; the number of its records."""
        path = self.folder / (self.cfg.uploaded_name(file) if self.cfg else file.csv)
        columns = self._columns(file)
        delimiter = self.cfg.delimiter(file) if self.cfg else ","
        sql = render_sql(
            "duckdb/generate/write.sql",
            file=file.name,
            columns=columns,
            delimiter=delimiter,
            path=str(path),
            **self._words(),
        )
        (count,) = self.session.con.execute(sql).fetchall()[0]
        records = self._bad_records(file, [c for c, _ in columns]) if bad else []
        with path.open("a", encoding="utf-8", newline="") as f:
            csv.writer(f, delimiter=delimiter, lineterminator="\n").writerows(records)
        return int(count) + len(records)

    def _columns(self, file: File) -> list[tuple[str, str]]:
        """Contract column and the district's header for it, in the order of the file."""
        headers = {c: h for h, c in self.cfg.header_aliases(file).items()} if self.cfg else {}
        names = [c.name for c in file.columns if f"{file.name}.{c.name}" != self.broken]
        if file.attributes:
            names.append("homeroom")
        return [(name, headers.get(name, name)) for name in names]

    def _words(self) -> dict[str, list[tuple[Any, str]]]:
        """Contract value -> the district's first word for it, the inverse of its maps."""
        words: dict[str, list[tuple[Any, str]]] = {"grades": [], "languages": [], "status": []}
        if self.cfg:
            for name, pairs in words.items():
                inverse: dict[Any, str] = {}
                for word, value in getattr(self.cfg.maps, name).items():
                    inverse.setdefault(value, word)
                pairs += inverse.items()
        return words

    def _bad_records(self, file: File, columns: list[str]) -> list[list[str]]:
        """Records no query can make: one with a field too many, and roster rows of nobody."""
        scalar = self.session.scalar
        record = {"school_id": scalar("select gen_school_id(0)")}
        if file.name == "parents":
            record |= {
                "student_id": scalar("select gen_student_id(number) from gen_students() limit 1"),
                "parent_id": "P99999999",
                "first_name": "Fern",
                "last_name": "Ragged-Testparent",
                "email": "fern.ragged@example.org",
            }
            return [[record.get(c, "") for c in columns] + ["one too many"]] * _RAGGED
        if file.name == "rosters":
            record["section_id"] = scalar("select gen_section_id(0)")
            nobodies = [f"X{n:06d}" for n in range(_ORPHANS)]
            return [[{**record, "student_id": s}.get(c, "") for c in columns] for s in nobodies]
        return []


def _write_expected(
    out: Path,
    night: int,
    records: dict[str, int],
    variables: dict[str, int],
    bad: bool,
    broken_column: str | None,
) -> None:
    rules = {
        "students": {
            "students.first_name.present": _BLANK_NAMES,
            "students.grade_level.known": _UNKNOWN_GRADES,
        },
        "parents": {"file.record.ragged": _RAGGED},
        "rosters": {"rosters.student_id.known": _ORPHANS},
    }
    churned = variables["students_churned"] if night > 1 else 0
    expected = ExpectedNight(
        night=night,
        records=records,
        bad={f: r for f, r in rules.items() if f in records} if bad else {},
        students=dict.fromkeys(("added", "removed", "changed"), churned),
        broken_column=broken_column,
    )
    text = json.dumps(asdict(expected), indent=1) + "\n"
    _expected_path(out, night).write_text(text, encoding="utf-8")


def _expected_path(out: Path, night: int) -> Path:
    """Beside the upload, never in it: everything in an upload's folder would be uploaded."""
    return out / f"night-{night}.expected.json"
