"""What the demo's districts upload on three nights, and how each night should end."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rostersync import paths
from rostersync.demo.check import Expected
from rostersync.demo.generate import SMALLEST, ExpectedNight, generate, read_expected
from rostersync.ledger import Outcome
from rostersync.spec import FILES, Domain, File

if TYPE_CHECKING:
    from rostersync.config import DistrictConfig

STUDENTS = 2000
NIGHTS = 3
TITLES = (
    "the first load",
    "1-2 % churn and a handful of bad rows",
    "springfield forgets a column, lakeside a school, grandbend sends the same again",
)
BROKEN = "students.last_name"

_CHURN = 1.5
_SCHOOLS = {"lakeside": 4}
"""Enough that one may be left out: an upload with fewer than half of the students known loads nothing."""
_REAL_STUDENTS = 950  # about as many as the real upload has
_MOVED = 70  # every so-manieth student of the real upload moves in the second night

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Upload:
    """One night's files of a district: name on the server -> local file."""

    files: dict[str, Path]
    expected: Expected


@dataclass(frozen=True, slots=True)
class District:
    """A district of the demo. ``source``: for people; ``uploads``: one a night."""

    cfg: DistrictConfig
    source: str
    uploads: tuple[Upload, ...]

    @property
    def id(self) -> str:
        """The district's id."""
        return self.cfg.id


def real_upload() -> Path | None:
    """The folder of a real district's upload, where there is one beside the project."""
    folder = paths.home().parent / "shared" / "uploads" / "grandbend"
    return folder if (folder / FILES["students"].csv).is_file() else None


def prepare(
    folder: Path, *, students: int = STUDENTS, real: Path | None = None, say: Say = lambda _: None
) -> list[District]:
    """Make the uploads of all districts in ``folder``.

    Args:
        folder: receives one folder per district.
        students: of the largest district.
        real: see :func:`real_upload`; None: its district's files are generated too.
        say: told the file that is written.

    Raises ConfigError: a district's YAML is missing or broken.
    """
    sizes = {
        "springfield": students,
        "lakeside": students // 5,
        "grandbend": min(_REAL_STUDENTS, students // 2),
    }
    districts = []
    for seed, (name, size) in enumerate(sizes.items(), 1):
        cfg = _configuration(name)
        out = folder / name
        if name == "grandbend" and real is not None:
            say(f"{name}: copying the real upload")
            districts.append(_real(cfg, real, out))
        else:
            districts.append(_generated(cfg, out, max(SMALLEST, size), seed, say))
    return districts


def _configuration(name: str) -> DistrictConfig:
    from rostersync.config import load_district

    return load_district(paths.districts_folder() / f"{name}.yaml")


def _generated(cfg: DistrictConfig, out: Path, students: int, seed: int, say: Say) -> District:
    folders = generate(
        out,
        students=students,
        seed=seed,
        nights=NIGHTS,
        churn=_CHURN,
        schools=_SCHOOLS.get(cfg.id),
        cfg=cfg,
        break_column=BROKEN if cfg.id == "springfield" else None,
        on_progress=lambda night, file, _: say(f"{cfg.id}: night {night}, {file}.csv"),
    )
    uploads = [
        Upload(_files(folder), _expected(read_expected(out, night)))
        for night, folder in enumerate(folders, 1)
    ]
    if cfg.id == "grandbend":
        uploads[-1] = _again(uploads[-2])
    if cfg.id == "lakeside":
        uploads[-1] = _without_a_school(cfg, folders[-1], before=folders[-2])
    return District(cfg, f"{students:,} generated students", tuple(uploads))


def _expected(night: ExpectedNight) -> Expected:
    rejected = night.broken_column.partition(".")[0] if night.broken_column else None
    first = {"added": night.records["students"]}
    return Expected(
        Outcome.REJECTED if rejected else Outcome.LOADED,
        night.records,
        kept_out=night.bad,
        students=first if night.night == 1 else night.students,
        rejected=rejected,
    )


def _again(upload: Upload) -> Upload:
    """The same bytes once more."""
    return Upload(upload.files, replace(upload.expected, outcome=Outcome.IDENTICAL))


def _without_a_school(cfg: DistrictConfig, folder: Path, *, before: Path) -> Upload:
    """The files without any row of the smallest school: an export that left it out.

    ``before``: the last night's. Of its students only those of another school may be removed.
    """
    tables = {
        file.name: _Table(path, cfg, file)
        for file in FILES.values()
        if (path := folder / cfg.uploaded_name(file)).exists()
    }
    sizes = Counter(tables["students"].schools())
    left = min(sizes, key=lambda school: (sizes[school], school))
    for table in tables.values():
        table.leave_out(left)
    students = FILES["students"]
    known = _Table(before / cfg.uploaded_name(students), cfg, students)
    elsewhere = {
        s for s, school in zip(known.students(), known.schools(), strict=True) if school != left
    }
    removed = {"removed": len(elsewhere.difference(tables["students"].students()))}
    waits = (f"schools:gone:{left}",)
    expected = Expected(Outcome.LOADED, _records(cfg, folder), students=removed, waits=waits)
    return Upload(_files(folder), expected)


class _Table:
    """An uploaded file as the district writes it."""

    def __init__(self, path: Path, cfg: DistrictConfig, file: File) -> None:
        self.path = path
        self.delimiter = cfg.delimiter(file)
        with path.open(encoding="utf-8", newline="") as f:
            self.header, *self.rows = csv.reader(f, delimiter=self.delimiter)
        aliases = cfg.header_aliases(file)
        columns = [aliases.get(name, name) for name in self.header]
        self.school = columns.index("school_id")
        self.student = columns.index("student_id") if "student_id" in columns else None

    def schools(self) -> list[str]:
        """The school of each row."""
        return [row[self.school] for row in self.rows]

    def students(self) -> list[str]:
        """The student of each row; none in a file that is not about students."""
        return [] if self.student is None else [row[self.student] for row in self.rows]

    def leave_out(self, school: str) -> None:
        """Write the file without a school's rows."""
        rows = [row for row in self.rows if row[self.school] != school]
        with self.path.open("w", encoding="utf-8", newline="") as f:
            writer = csv.writer(f, delimiter=self.delimiter, lineterminator="\n")
            writer.writerows([self.header, *rows])


def _real(cfg: DistrictConfig, real: Path, out: Path) -> District:
    """The real upload, then a few students who moved, then the same bytes."""
    first, second = out / "night-1", out / "night-2"
    for folder in (first, second):
        shutil.copytree(real, folder, copy_function=shutil.copyfile)
        folder.chmod(0o700)  # the original may be read-only
    moved = _move_students(second / cfg.uploaded_name(FILES["students"]))
    uploads = [
        Upload(_files(first), Expected(Outcome.LOADED, _records(cfg, first))),
        Upload(
            _files(second),
            Expected(
                Outcome.LOADED,
                _records(cfg, second),
                students={"added": 0, "removed": 0, "changed": moved},
            ),
        ),
    ]
    return District(cfg, "the real upload beside the project", (*uploads, _again(uploads[-1])))


def _move_students(path: Path) -> int:
    """Give some students another address; how many."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    address = header.index("address_line1")
    for row in rows[::_MOVED]:
        row[address] = "1 Demo Square"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return len(rows[::_MOVED])


def _records(cfg: DistrictConfig, folder: Path) -> dict[str, int]:
    """Records of the files that must be there, counted without the pipeline."""
    counts = {}
    for file in FILES.values():
        if file.domain is Domain.CORE and file.required:
            path = folder / cfg.uploaded_name(file)
            with path.open(encoding="utf-8-sig", newline="") as f:
                records = csv.reader(f, delimiter=cfg.delimiter(file))
                counts[file.name] = sum(any(record) for record in records) - 1
    return counts


def _files(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in sorted(folder.iterdir())}
