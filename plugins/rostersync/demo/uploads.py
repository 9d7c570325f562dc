"""What the demo's districts upload: three nights, terms and attendance, and how each should end."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rostersync import paths
from rostersync.demo.absences import expected_notices, write_absences
from rostersync.demo.check import Counts, Expected
from rostersync.demo.table import Table
from rostersync.ledger.results import Outcome
from rostersync.spec import FILES, Domain
from rostersync.synthetic.generate import SMALLEST, ExpectedNight, generate, read_expected

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
_OLD_TERM = "2025-2"
_MOVED = 70  # one in this many students of the real upload moves in the second night

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Upload:
    """A district's files of one slot: name on the server -> local file."""

    files: dict[str, Path]
    expected: Expected


@dataclass(frozen=True, slots=True)
class District:
    """A district of the demo.

    ``source``: for people. ``uploads``: one a night. ``terms``, ``attendance``: of one day, where the
    district has them. ``notices``: notice -> state -> students, as written from ``attendance``.
    """

    cfg: DistrictConfig
    source: str
    uploads: tuple[Upload, ...]
    terms: Upload | None = None
    attendance: Upload | None = None
    notices: Mapping[str, Counts] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The district's id."""
        return self.cfg.id


def real_upload() -> Path | None:
    """The folder of a real district's upload, where there is one beside the project."""
    folder = paths.home().parent / "shared" / "uploads" / "grandbend"
    return folder if (folder / FILES["students"].csv).is_file() else None


def prepare(
    folder: Path,
    *,
    configurations: Path,
    now: datetime,
    students: int = STUDENTS,
    real: Path | None = None,
    say: Say = lambda _: None,
) -> list[District]:
    """Make the uploads of all districts in ``folder``.

    ``folder``: receives one folder per district. ``configurations``: folder of the districts' YAMLs. ``now``:
    aware; attendance is of this day, in the district's time zone. ``students``: of the largest district.
    ``real``: see :func:`real_upload`; None: its district's files are generated too. ``say``: called with the
    file that is written.

    Raises ConfigError: a district's YAML is missing or broken.
    """
    from rostersync.config import load_district

    sizes = {
        "springfield": students,
        "lakeside": students // 5,
        "grandbend": min(_REAL_STUDENTS, students // 2),
    }
    districts = []
    for seed, (name, size) in enumerate(sizes.items(), 1):
        cfg = load_district(configurations / f"{name}.yaml")
        out = folder / name
        if name == "grandbend" and real is not None:
            say(f"{name}: copying the real upload")
            districts.append(_real(cfg, real, out))
        else:
            districts.append(_generated(cfg, out, max(SMALLEST, size), seed, now, say))
    return districts


def _generated(
    cfg: DistrictConfig, out: Path, students: int, seed: int, now: datetime, say: Say
) -> District:
    schools = _SCHOOLS.get(cfg.id)
    make = partial(generate, students=students, seed=seed, schools=schools, cfg=cfg)
    folders = make(
        out,
        nights=NIGHTS,
        churn=_CHURN,
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
    district = District(cfg, f"{students:,} generated students", tuple(uploads))
    if cfg.terms:
        district = _with_terms(district, folders, make(out / "terms", files=["terms"]))
    if cfg.attendance and cfg.attendance.notices:
        district = _with_attendance(district, folders, out, now)
    return district


def _with_terms(district: District, folders: Sequence[Path], made: Sequence[Path]) -> District:
    """Terms for the second night on, in which a section still names a term of last year."""
    cfg, (folder,) = district.cfg, made
    sections = Table(folders[1], cfg, FILES["sections"])
    term, section = sections.place("term_id"), sections.place("section_id")
    old = [row for row in sections.rows if row[section] == sections.rows[0][section]]
    for row in old:
        row[term] = _OLD_TERM
    sections.write()
    warned = {"sections": {"sections.term_id.known": len(old)}}
    first, second, *rest = district.uploads
    second = replace(second, expected=replace(second.expected, warned=warned))
    records = {"terms": len(Table(folder, cfg, FILES["terms"]).rows)}
    terms = Upload(_files(folder), Expected(Outcome.LOADED, records, kept_out={}))
    return replace(district, uploads=(first, second, *rest), terms=terms)


def _with_attendance(
    district: District, folders: Sequence[Path], out: Path, now: datetime
) -> District:
    """A child whose parents send neither email nor phone, and a day's attendance in which it is absent."""
    cfg = district.cfg
    known = (set(Table(f, cfg, FILES["students"]).values("student_id")) for f in folders)
    child = max(set.intersection(*known))
    uploads = []
    for folder, upload in zip(folders, district.uploads, strict=True):
        silenced = _silence(cfg, folder, child)
        kept_out = dict(upload.expected.kept_out or {})
        kept_out["parents"] = {
            **kept_out.get("parents", {}),
            "parents.contact.unreachable": silenced,
        }
        uploads.append(replace(upload, expected=replace(upload.expected, kept_out=kept_out)))
    loaded = [f for f, u in zip(folders, uploads, strict=True) if u.expected.outcome.is_success]
    path = out / "attendance" / cfg.uploaded_name(FILES["attendance"])
    path.parent.mkdir()
    count = write_absences(cfg, loaded[-1], path, now.astimezone(cfg.zone).date())
    expected = Expected(Outcome.LOADED, {"attendance": count}, kept_out={})
    return replace(
        district,
        uploads=tuple(uploads),
        attendance=Upload({path.name: path}, expected),
        notices=expected_notices(cfg, loaded[-1], path),
    )


def _silence(cfg: DistrictConfig, folder: Path, child: str) -> int:
    """Blank how the parents of a child can be reached; how many they are."""
    parents = Table(folder, cfg, FILES["parents"])
    student = parents.place("student_id")
    theirs = [row for row in parents.rows if row[student] == child]
    for row in theirs:
        for column in ("email", "mobile", "secondary_phone"):
            row[parents.place(column)] = ""
    parents.write()
    return len(theirs)


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
        file.name: Table(folder, cfg, file)
        for file in FILES.values()
        if (folder / cfg.uploaded_name(file)).exists()
    }
    sizes = Counter(tables["students"].values("school_id"))
    left = min(sizes, key=lambda school: (sizes[school], school))
    for table in tables.values():
        school = table.place("school_id")
        table.rows = [row for row in table.rows if row[school] != left]
        table.write()
    known = Table(before, cfg, FILES["students"])
    schools = zip(known.values("student_id"), known.values("school_id"), strict=True)
    elsewhere = {student for student, school in schools if school != left}
    removed = {"removed": len(elsewhere.difference(tables["students"].values("student_id")))}
    waits = (f"schools:gone:{left}",)
    expected = Expected(Outcome.LOADED, _records(cfg, folder), students=removed, waits=waits)
    return Upload(_files(folder), expected)


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
