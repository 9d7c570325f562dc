"""What the demo's districts upload, which nights it plays, and the folder it keeps its state in."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rostersync import paths
from rostersync.config import load_districts, window
from rostersync.demo import __main__ as command
from rostersync.demo import uploads
from rostersync.demo.folder import demo_folder
from rostersync.demo.nights import last_weekdays, uploaded_at
from rostersync.demo.today import write_districts
from rostersync.demo.uploads import District
from rostersync.errors import TerminalError
from rostersync.ledger.results import Outcome
from rostersync.spec import Domain

DISTRICTS = load_districts(paths.districts_folder())
NOW = datetime(2026, 11, 24, 18, 35, tzinfo=UTC)


def prepare(folder: Path, *, students: int, real: Path | None = None) -> list[District]:
    """The uploads of a demo that starts on a Tuesday at noon."""
    configurations = folder / "districts"
    write_districts(paths.districts_folder(), configurations, NOW)
    return uploads.prepare(
        folder, configurations=configurations, now=NOW, students=students, real=real
    )


def test_the_readme_shows_what_a_fresh_clone_prints(tmp_path):
    """Times differ by machine and day; what is uploaded and how it ends do not."""
    shown = (paths.home() / "README.md").read_text(encoding="utf-8")
    districts = prepare(tmp_path, students=uploads.STUDENTS)
    for d in districts:
        assert f"  {d.cfg.name} ({d.id}, {d.cfg.timezone}): {d.source}\n" in shown
        of_nights = [*d.uploads[:1], *([d.terms] if d.terms else []), *d.uploads[1:]]
        lines = re.findall(rf"^  ✓ {d.id} +[\d.]+ s (\w+): (.*)$", shown, re.MULTILINE)
        of_nights += [d.attendance] if d.attendance else []
        for (outcome, words), upload in zip(lines, of_nights, strict=True):
            expected = upload.expected
            assert outcome == expected.outcome
            if expected.outcome is Outcome.REJECTED:
                assert words == "nothing loaded"
                continue
            assert words.startswith(f"{sum(expected.records.values()):,} records, ")
            if expected.kept_out is not None:
                kept_out = sum(n for rules in expected.kept_out.values() for n in rules.values())
                assert words.endswith(f" {kept_out} in quarantine")


# Nights
@pytest.mark.parametrize(
    ("now", "nights"),
    [
        ("2026-11-23T23:30", ["2026-11-18", "2026-11-19", "2026-11-20"]),  # a Monday
        ("2026-11-24T12:00", ["2026-11-19", "2026-11-20", "2026-11-23"]),
        ("2026-11-24T07:59", ["2026-11-18", "2026-11-19", "2026-11-20"]),  # Monday on the Pacific
        ("2026-11-28T20:00", ["2026-11-25", "2026-11-26", "2026-11-27"]),  # a Saturday
        ("2027-01-01T12:00", ["2026-12-29", "2026-12-30", "2026-12-31"]),
    ],
)
def test_the_nights_are_weekdays_that_are_over_everywhere(now, nights):
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert [d.isoformat() for d in last_weekdays(DISTRICTS, instant, 3)] == nights


@pytest.mark.parametrize("hours", range(0, 24 * 7, 3))
def test_uploads_are_of_their_nights_own_time_at_any_hour(hours):
    now = datetime(2026, 10, 31, 0, 5, tzinfo=UTC) + timedelta(hours=hours)  # clocks change in it
    for night in last_weekdays(DISTRICTS, now, 3):
        for cfg in DISTRICTS:
            opens, closes = window(cfg, Domain.CORE, night.isoformat())
            assert opens < uploaded_at(cfg, night) < min(closes, now)


# Uploads
@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A read-only folder in the form of the real upload."""
    out = tmp_path_factory.mktemp("real")
    prepare(out, students=200)
    folder = out / "grandbend" / "night-1"
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    return folder


def outcomes(district) -> list[Outcome]:
    return [upload.expected.outcome for upload in district.uploads]


def test_three_districts_three_nights_three_endings(tmp_path):
    springfield, lakeside, grandbend = prepare(tmp_path, students=100)
    assert outcomes(springfield) == [Outcome.LOADED, Outcome.LOADED, Outcome.REJECTED]
    assert outcomes(lakeside) == [Outcome.LOADED] * 3
    assert outcomes(grandbend) == [Outcome.LOADED, Outcome.LOADED, Outcome.IDENTICAL]
    assert {d.id for d in (springfield, lakeside, grandbend)} == {d.id for d in DISTRICTS}
    assert springfield.uploads[2].expected.rejected == "students"
    for district in (springfield, lakeside, grandbend):
        bad = district.uploads[1].expected.kept_out
        assert bad is not None
        assert {rule for rules in bad.values() for rule in rules} == {
            *(["parents.contact.unreachable"] if district is springfield else []),
            "students.first_name.present",
            "students.grade_level.known",
            "file.record.ragged",
            "rosters.student_id.known",
        }


@pytest.mark.parametrize(("students", "leave"), [(100, 0), (2000, 1)])
def test_who_leaves_a_school_that_is_there_is_removed_beside_the_one_left_out(
    tmp_path, students, leave
):
    third = prepare(tmp_path, students=students)[1].uploads[2]
    assert third.expected.waits[0].startswith("schools:gone:")
    assert third.expected.students == {"removed": leave}


def test_in_the_real_upload_some_students_move(tmp_path, real):
    grandbend = prepare(tmp_path, students=100, real=real)[2]
    assert "real" in grandbend.source
    one, two, three = grandbend.uploads
    assert one.files["students.csv"].read_bytes() == (real / "students.csv").read_bytes()
    before, after = (
        list(csv.DictReader(u.files["students.csv"].open(newline=""))) for u in (one, two)
    )
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 2
    assert two.expected.students == {"added": 0, "removed": 0, "changed": 2}
    assert one.expected.records["students"] == len(before)
    assert three.files == two.files
    assert one.expected.kept_out is None


# Terms and attendance
@pytest.mark.parametrize("students", [50, 100, 2000])
def test_springfields_notices_are_as_its_files_say(tmp_path, students):
    springfield, *others = prepare(tmp_path, students=students)
    assert all(d.terms is None and d.attendance is None and not d.notices for d in others)
    folder = tmp_path / "springfield"
    schools = read(folder / "night-2" / "students.csv", "student_id", "school_id")
    emails = read(folder / "night-2" / "parents.csv", "student_id", "email", "mobile")
    events = read(folder / "attendance" / "attendance.csv", "student_id", "code", "date", "period")
    assert {(day, period) for _, _, day, period in events} == {("2026-11-24", "all_day")}
    assert len({student for student, *_ in events}) == len(events)
    assert {student for student, *_ in events} <= {student for student, _ in schools}
    reachable = {student for student, *ways in emails if any(ways)}
    absent = {student for student, code, *_ in events if code == "A"}
    late = {student for student, code, *_ in events if code == "T"}
    assert springfield.notices == {
        "absent": {"pending": len(absent & reachable), "unreachable": len(absent - reachable)},
        "late": {"held": len(late)},
    }
    assert len(absent - reachable) == 1
    for school in {school for _, school in schools}:
        there = {student for student, its in schools if its == school}
        assert 0 < len(absent & there) < 0.2 * len(there), "the mass guard lets it go"
        assert len(late & there) == 0 or len(late & there) > 0.4 * len(there)


def test_of_the_second_night_one_section_names_a_term_nobody_has(tmp_path):
    springfield = prepare(tmp_path, students=100)[0]
    assert springfield.terms is not None
    (terms,) = springfield.terms.files.values()
    known = set(read(terms, "school_id", "term_id"))
    named = read(
        tmp_path / "springfield" / "night-2" / "sections.csv", "school_id", "term_id", "section_id"
    )
    lost = [section for school, term, section in named if (school, term) not in known]
    assert len(set(lost)) == 1
    expected = springfield.uploads[1].expected
    assert expected.warned == {"sections": {"sections.term_id.known": len(lost)}}


def read(path: Path, *columns: str) -> list[tuple[str, ...]]:
    with path.open(newline="") as file:
        return [tuple(row[c] for c in columns) for row in csv.DictReader(file)]


# The folder
@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ROSTERSYNC_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_a_demo_begins_with_an_empty_folder_of_its_own(state):
    with demo_folder() as folder:
        (folder / "left").touch()
        with pytest.raises(TerminalError, match="Another demo"), demo_folder():
            pass
        assert (folder / "left").exists()
    with demo_folder() as folder:
        assert not list(folder.iterdir())


def test_without_a_folder_it_may_write_a_temporary_one_serves(tmp_path, state, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    state.write_text("not a folder")
    with demo_folder() as folder:
        assert folder.parent == tmp_path
        (folder / "left").touch()
    assert not folder.exists()


# The command
@pytest.mark.parametrize(("good", "code"), [(True, 0), (False, 1)])
def test_exit_code_says_whether_every_night_ended_as_it_should(state, monkeypatch, good, code):
    monkeypatch.setattr(command, "play", lambda *_, **__: good)
    assert command.main(["--exit"]) == code


def test_an_error_is_said_without_a_traceback(state, monkeypatch, capsys):
    def fails(*_: object, **__: object) -> bool:
        raise TerminalError("The embedded Postgres does not start", next_step="read its log")

    monkeypatch.setattr(command, "play", fails)
    assert command.main(["--exit"]) == 1
    assert "does not start. Next: read its log." in capsys.readouterr().err


def test_ctrl_c_in_the_middle_is_no_success(state, monkeypatch):
    def interrupted(*_: object, **__: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "play", interrupted)
    assert command.main(["--exit"]) == 130


@pytest.mark.parametrize("size", ["10", "many"])
def test_sizes_out_of_range_are_refused(state, size):
    with pytest.raises(SystemExit) as refused:
        command.main(["--students", size])
    assert refused.value.code == 2
