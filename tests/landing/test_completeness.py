"""When an upload counts as complete, usable at the end of the wait, or neither."""

from __future__ import annotations

import pytest
from tests.support.districts import write_config

from rostersync.errors import HandedOnError
from rostersync.landing import Listing, RemoteFile, completeness, printable_name
from rostersync.landing.completeness import (
    UploadedFile,
    assess,
    expected_files,
    files_off,
    last_files,
    other_names,
    quiet_seconds,
)
from rostersync.spec import Domain

FILES = {
    n: f"{n}.csv"
    for n in ("schools", "students", "parents", "staff", "sections", "rosters", "groups")
}
REQUIRED = tuple(n for n in FILES if n != "groups")
NOW = 1_000_000.0


def listing(*names: str, size: int = 10, mtime: float = NOW - 60) -> Listing:
    return Listing(tuple(RemoteFile(n, size, mtime) for n in names))


FULL = listing(*(FILES[n] for n in REQUIRED))
SAME = dict.fromkeys(REQUIRED, (10, NOW - 60))


def judge(*polls, last=None, files=FILES, quiet=300.0, **kw):
    """Assess the listings of several polls, given as (seconds after NOW, listing)."""
    snapshot = None
    for at, seen in polls:
        result = assess(seen, snapshot, last or {}, files, quiet=quiet, now=NOW + at, **kw)
        snapshot = result.snapshot
    return result


@pytest.mark.parametrize(
    ("quiet", "core", "attendance"), [("5m", 300, 60), ("60s", 60, 60), ("3s", 3, 3)]
)
def test_attendance_is_quiet_after_a_minute_or_what_the_district_needs_for_less(
    tmp_path, quiet, core, attendance
):
    cfg = write_config(
        tmp_path, more=f"attendance: {{codes: {{A: Absent}}}}\ncore: {{quiet: {quiet}}}\n"
    )
    found = {domain: quiet_seconds(cfg, domain) for domain in (Domain.CORE, Domain.ATTENDANCE)}
    assert found == {Domain.CORE: core, Domain.ATTENDANCE: attendance}


def test_complete_after_the_quiet_period_not_before():
    assert not judge((0, FULL)).complete
    assert not judge((0, FULL), (299, FULL)).complete
    done = judge((0, FULL), (300, FULL))
    assert done.complete
    assert [f.name for f in done.files] == list(REQUIRED)
    assert done.waiting_for == ""


def test_a_lost_snapshot_only_waits_again():
    assert not judge((300, FULL)).complete


@pytest.mark.parametrize("change", [{"size": 11}, {"mtime": NOW - 59}])
def test_growth_or_a_new_time_restarts_the_quiet_period(change):
    def with_rosters(**kw):
        return Listing(
            (*FULL.files[:-1], RemoteFile("rosters.csv", **{"size": 10, "mtime": NOW - 60, **kw}))
        )

    grown = with_rosters(**change)
    assert not judge((0, FULL), (300, grown)).complete
    assert not judge((0, FULL), (200, grown), (499, grown)).complete
    assert judge((0, FULL), (200, grown), (500, grown)).complete


def test_a_late_optional_file_restarts_the_quiet_period_and_is_taken():
    late = Listing((*FULL.files, RemoteFile("groups.csv", 5, NOW)))
    assert not judge((0, FULL), (300, late)).complete
    done = judge((0, FULL), (200, late), (500, late))
    assert done.complete
    assert done.files[-1].name == "groups"


def test_a_stranger_does_not_restart_the_quiet_period():
    more = Listing((*FULL.files, RemoteFile("readme.txt", 5, NOW)))
    assert judge((0, FULL), (300, more)).complete


@pytest.mark.parametrize(
    "name",
    [
        "students.csv.part",
        "rosters.csv.filepart",
        "students.TMP",
        ".in.students.csv.",
        ".~lock.students.csv#",
        "~$students.csv",
        ".students.csv.Xy12Ab",
        "students.csv~",
    ],
)
def test_temporary_names_hold_it_back_but_not_beyond_the_wait(name):
    seen = Listing((*FULL.files, RemoteFile(name, 1, NOW)))
    result = judge((0, seen), (900, seen))
    assert not result.complete
    assert result.usable
    assert name in result.waiting_for


@pytest.mark.parametrize("name", ["x.TMP", "upload~", "attendance.csv.part", ".~lock.notes.odt#"])
def test_a_temporary_name_of_something_else_keeps_nobody_waiting(name):
    seen = Listing((*FULL.files, RemoteFile(name, 1, NOW)))
    result = judge((0, seen), (300, seen), others={"attendance.csv"})
    assert result.complete
    assert result.strangers.unexpected == (name,)


@pytest.mark.parametrize(("age", "lies"), [(3600, False), (3601, True), (30 * 86400, True)])
def test_a_temporary_file_that_was_left_lying_keeps_nobody_waiting_and_is_reported(age, lies):
    seen = Listing((*FULL.files, RemoteFile("students.csv.part", 1, NOW + 300 - age)))
    result = judge((0, seen), (300, seen))
    assert result.complete is lies
    assert result.strangers.unexpected == (("students.csv.part (unfinished)",) if lies else ())


def test_a_temporary_file_from_the_future_is_left_when_it_has_not_changed_for_an_hour():
    seen = Listing((*FULL.files, RemoteFile("students.csv.part", 1, NOW + 86400)))
    assert not judge((0, seen), (3600, seen)).complete
    assert judge((0, seen), (3601, seen)).complete


def test_a_temporary_file_with_an_old_time_that_grows_is_waited_for():
    polls = [
        (at, Listing((*FULL.files, RemoteFile("students.csv.part", at, NOW - 86400))))
        for at in (0, 250, 500)
    ]
    assert not judge(*polls).complete


def test_a_file_of_a_domain_that_is_off_is_named(tmp_path):
    cfg = write_config(tmp_path)
    off = files_off(cfg, Domain.CORE)
    assert off == {"terms.csv": Domain.TERMS, "attendance.csv": Domain.ATTENDANCE}
    seen = Listing((*FULL.files, RemoteFile("terms.csv", 1, NOW)))
    result = judge((0, seen), (300, seen), others=other_names(cfg, Domain.CORE), off=off)
    assert result.complete
    assert result.strangers.all == ("terms.csv (terms are off)",)


def test_a_file_of_a_domain_that_is_on_is_no_stranger(tmp_path):
    more = "terms: {}\nattendance: {codes: {A: Absent}}\n"
    assert files_off(write_config(tmp_path, more=more), Domain.CORE) == {}
    assert files_off(write_config(tmp_path, "plain"), Domain.TERMS) == {}, "the night says so"


def test_a_growing_temporary_file_is_not_usable():
    polls = [
        (at, Listing((*FULL.files, RemoteFile("students.csv.part", at, NOW)))) for at in (0, 900)
    ]
    assert not judge(*polls).usable


@pytest.mark.parametrize("name", ["schools", "students", "parents", "staff"])
def test_without_the_four_it_is_never_usable(name):
    seen = Listing(tuple(f for f in FULL.files if f.name != FILES[name]))
    result = judge((0, seen), (900, seen))
    assert (result.complete, result.usable, result.missing) == (False, False, (name,))


@pytest.mark.parametrize("name", ["sections", "rosters"])
def test_sections_and_rosters_may_be_missing_at_the_end(name):
    seen = Listing(tuple(f for f in FULL.files if f.name != FILES[name]))
    result = judge((0, seen), (900, seen))
    assert (result.complete, result.usable, result.missing) == (False, True, (name,))


def test_all_stale_is_not_an_upload():
    result = judge((0, FULL), (900, FULL), last=SAME)
    assert (result.complete, result.usable, result.has_news) == (False, False, False)
    assert result.stale == REQUIRED


def test_some_stale_is_usable_at_the_end_and_marked():
    last = {**SAME, "rosters": (9, NOW - 60)}
    result = judge((0, FULL), (900, FULL), last=last)
    assert (result.complete, result.usable, result.has_news) == (False, True, True)
    assert [f.name for f in result.files if not f.stale] == ["rosters"]
    assert "a new students.csv" in result.waiting_for


def test_a_stale_optional_file_does_not_hold_it_back():
    seen = Listing((*FULL.files, RemoteFile("groups.csv", 5, NOW - 60)))
    result = judge((0, seen), (300, seen), last={"groups": (5, NOW - 60)})
    assert result.complete
    assert result.stale == ("groups",)


def test_stale_compares_whole_seconds():
    assert judge((0, FULL), last=dict.fromkeys(REQUIRED, (10, NOW - 60 + 0.7))).stale == REQUIRED


@pytest.mark.parametrize(
    ("window", "counts"),
    [
        ((None, None), True),
        ((NOW - 60, None), True),
        ((None, NOW - 60), True),
        ((NOW - 59, None), False),
        ((None, NOW - 61), False),
    ],
)
def test_only_files_changed_in_the_window_count(window, counts):
    result = judge((0, FULL), (900, FULL), window=window)
    assert result.complete is counts
    assert result.usable is counts
    assert result.outside == (() if counts else REQUIRED)
    assert bool(result.files) is counts


def test_a_stale_file_stays_stale_outside_the_window():
    new = RemoteFile("parents.csv", 11, NOW)
    seen = Listing(tuple(new if f.name == "parents.csv" else f for f in FULL.files))
    result = judge((0, seen), (900, seen), last=SAME, window=(NOW - 30, None))
    assert result.usable
    assert len(result.files) == 6


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Students.csv", "students.csv"),
        ("student.csv", "students.csv"),
        ("students (1).csv", "students.csv"),
        ("students_20260901.csv", "students.csv"),
        ("Copy of staff.csv", "staff.csv"),
        ("ROSTER.CSV", "rosters.csv"),
        ("parents.csv.gz", "parents.csv"),
    ],
)
def test_near_misses_are_named_and_not_taken(name, meant):
    result = judge((0, listing(name)))
    assert result.strangers.near_misses == (f"{name} (expected {meant})",)
    assert result.files == ()


def test_others_are_reported_sanitised_and_capped():
    hostile = "x\x1b[2J\n\u202egnp" + "y" * 500
    seen = Listing(
        (RemoteFile(hostile, 1, NOW), RemoteFile("attendance.csv", 1, NOW)),
        (("students.csv", "a symbolic link"), ("../../etc", "a folder")),
    )
    strangers = judge((0, seen), others={"attendance.csv"}).strangers
    assert len(strangers.unexpected) == 3
    assert all(len(n) < 120 and n.isprintable() for n in strangers.unexpected)
    assert "students.csv (a symbolic link)" in strangers.unexpected
    many = judge((0, listing(*(f"{i}.dat" for i in range(5000)))))
    assert len(many.strangers.unexpected) == 20


def test_printable_name_escapes_what_a_terminal_would_obey():
    assert printable_name("a\tb\x00\udcff\u202e é") == "a\\x09b\\x00\\udcff\\u202e é"


def test_a_single_file_domain_needs_its_file():
    files = {"terms": "terms.csv"}
    seen = listing("terms.csv")
    assert judge((0, seen), (300, seen), files=files).complete
    assert not judge((0, seen), (300, seen), files=files, last={"terms": (10, NOW - 60)}).usable
    assert not judge((0, Listing()), (300, Listing()), files=files).usable


def test_names_come_from_the_district(cfg):
    expected = expected_files(cfg, Domain.CORE)
    assert expected["schools"] == "school.csv"
    assert {"groups", "emergency_contacts"} <= set(expected)
    assert not {"terms", "attendance"} & set(expected)
    assert other_names(cfg, Domain.CORE) == {"terms.csv", "attendance.csv"}
    assert last_files(None) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "../../../../../lakeside/ledger/x"},
        {"name": "payroll"},
        {"uploaded_as": "../other/students.csv"},
        {"size": -1},
        {"size": None},
        {"other": 1},
    ],
)
def test_a_list_that_was_changed_on_its_way_is_refused(changed: dict[str, object]) -> None:
    sound = {"name": "students", "uploaded_as": "students.csv", "size": 3, "mtime": 5.0}
    assert UploadedFile.handed_on(sound).name == "students"
    with pytest.raises(HandedOnError, match="clear the task wait"):
        UploadedFile.handed_on(sound | changed)


def test_a_crowd_of_names_costs_no_more_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each comparison with the expected names is dear, and the triggerer's loop is everybody's."""
    compared: list[str] = []
    near_miss = completeness._near_miss
    monkeypatch.setattr(
        completeness,
        "_near_miss",
        lambda name, files: compared.append(name) or near_miss(name, files),
    )
    crowd = [f"scan {n}.pdf" for n in range(1000)] + [f"scan {n}.tmp" for n in range(1000)]
    full = Listing(listing(*FILES.values(), *crowd).files, is_cut=True)
    found = assess(full, None, {}, FILES, quiet=0, now=NOW)
    assert found.complete
    assert len(compared) <= 600
    assert found.strangers.unexpected[0] == "and more names, which were not looked at"
