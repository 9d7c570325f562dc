"""District YAML: every mistake at once, with file and key, in words a person can act on."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from tests.config.conftest import MINIMAL

from rostersync import paths
from rostersync.config import DistrictConfig, load_district, load_districts, sharing_districts
from rostersync.errors import ConfigError
from rostersync.spec import FILES
from rostersync.validation import rule_lint


def problems_of(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_district(path)
    return caught.value.problems


def test_five_mistakes_are_reported_as_five(write):
    path = write(
        "id: oak\nname: Oak Schools\ntimezone: America/Denvr\n"
        "core: {at: 20:00, quit: 5m}\n"
        "first_load: maybe\n"
        "maps: {grades: {K: 13}}\n"
    )
    assert problems_of(path) == [
        "oak.yaml: timezone: expected an IANA time zone such as America/Chicago"
        ' (did you mean "America/Denver"?), found "America/Denvr"',
        'oak.yaml: core.at: expected "HH:MM" (in quotes), found 1200',
        'oak.yaml: core.quit: unknown key (did you mean "quiet"?);'
        " known: at, wait_until, quiet, strict, sends",
        "oak.yaml: maps.grades.K: expected a grade: a whole number from -4 to 12, or 100 for none,"
        " found 13",
        'oak.yaml: first_load: expected one of: approve, auto, found "maybe"',
    ]


def test_contradictions_are_reported_together_with_wrong_values(write):
    path = write(
        MINIMAL + "enabled: 3\nwindows: [{from: 2026-09-01, to: 2026-08-01, mode: rollover}]\n"
    )
    assert [p.split(": ")[1] for p in problems_of(path)] == ["enabled", "windows[0].to"]


@pytest.mark.parametrize(
    ("yaml", "problem"),
    [
        ("core: {at: 20:00}", 'core.at: expected "HH:MM" (in quotes), found 1200'),
        ('core: {at: "24:00"}', 'core.at: expected "HH:MM"'),
        ('core: {wait_until: "5:00"}', 'core.wait_until: expected "HH:MM"'),
        ("core: {quiet: 5}", "core.quiet: expected a duration such as 5m, 60s or 1h30m, found 5"),
        ('core: {quiet: ""}', "core.quiet: expected a duration"),
        ("core: {quiet: 5 min}", "core.quiet: expected a duration"),
        ("core: {strict: 1}", "core.strict: expected true or false, found 1"),
        ("core: {sends: [mon, tus]}", "core.sends[1]: expected a day: mon, tue"),
        ("core: {sends: mon}", 'core.sends: expected a list, found "mon"'),
        ("core: nightly", 'core: expected keys and values, found "nightly"'),
        ("terms: {day: someday}", "terms.day: expected a day"),
        ("terms: {at: 16:00}", "terms.at: expected"),
        ("sftp: {folder: ../other}", "sftp.folder: expected a folder of the account, without .."),
        ("sftp: {conn_id: a b}", "sftp.conn_id: expected a connection id"),
        ("district_office: [0123]", "district_office[0]: expected text (in quotes), found 83"),
        ("attendance: {codes: {NO: x}}", "attendance.codes: expected as a key text (in quotes)"),
        ("attendance: {p0: maybe}", "attendance.p0: expected one of: all_day, zero_period"),
        (
            'attendance: {codes: {A: a}, notices: [{id: m, at: "10:30", periods: [all_day], codes: [a]}]}',
            'attendance.notices[0].codes[0]: expected a code of attendance.codes, found "a"',
        ),
        (
            'attendance: {codes: {A: a}, notices: [{id: m, at: "10:30", periods: [], codes: [A]}]}',
            "attendance.notices[0].periods: expected at least one entry",
        ),
        (
            'attendance: {codes: {A: a}, notices: [{id: m, at: "10:30", schools: some,'
            ' periods: ["1"], codes: [A]}]}',
            "attendance.notices[0].schools: expected all, or a list of school ids",
        ),
        ("calendar_days: {holidays: [11/26/2026]}", "calendar_days.holidays[0]: expected a date"),
        ("calendar_days: {extra: [2026-02-30]}", "not valid YAML"),
        (
            "calendar_days: {holidays: [2026-11-26], extra: [2026-11-26]}",
            "calendar_days.extra[0]: expected a day that is not a holiday too",
        ),
        (
            'calendar_days: {times: {2026-11-25: {morning: "09:00"}}}',
            "calendar_days.times.2026-11-25.morning: expected the id of a notice",
        ),
        ('maps: {grades: {K: "0"}}', "maps.grades.K: expected a grade"),
        ("maps: {grades: {9: 9}}", "maps.grades: expected as a key text (in quotes), found 9"),
        (
            "maps: {languages: {SP: Spanish}}",
            'maps.languages.SP: expected an ISO 639 code such as es or hmn (in quotes) (did you mean "es"?)',
        ),
        ("maps: {languages: {SP: sp}}", "maps.languages.SP: expected an ISO 639 code"),
        ("maps: {languages: {SP: und}}", "maps.languages.SP: expected an ISO 639 code"),
        ("maps: {status: {I: 2}}", "maps.status.I: expected 1 (active), 0 (incoming) or drop"),
        ("maps: {status: {I: yes}}", "maps.status.I: expected 1 (active)"),
        ("files: {student: {}}", "files: expected as a key a file of the contract"),
        ("files: {students: {name: a/b.csv}}", "files.students.name: expected a file name"),
        (
            "files: {students: {delimiter: ';;'}}",
            "files.students.delimiter: expected one character",
        ),
        (
            "files: {students: {headers: {ID: studentid}}}",
            'files.students.headers.ID: expected a column of students.csv (did you mean "student_id"?)',
        ),
        (
            "files: {students: {headers: {ID: student_id, Nr: student_id}}}",
            "files.students.headers.Nr: expected a column that no other header stands for",
        ),
        (
            "files: {students: {name: staff.csv}}",
            "files.students.name: expected a name that staff does not have",
        ),
        ("attributes: {allow: some}", "attributes.allow: expected all, or a list of columns"),
        ("attributes: {refuse: nickname}", 'attributes.refuse: expected a list, found "nickname"'),
        (
            "attributes: {refuse: [student_email]}",
            "attributes.refuse[0]: expected a column that is none of the contract's",
        ),
        (
            "attributes: {allow: [Bus Route], refuse: [bus_route]}",
            "attributes.refuse[0]: expected a column that attributes.allow does not list",
        ),
        ("caps: {file: 2000000}", "caps.file: expected a size such as 500MB or 2GB, found 2000000"),
        ("caps: {upload: 5 GB}", "caps.upload: expected a size such as 500MB or 2GB"),
        ("caps: {landings: 0}", "caps.landings: "),
        ("limits: none", "limits: expected default, off, or numbers per entity"),
        ("limits: {studens: {}}", "expected as a key an entity"),
        (
            "limits: {students: {removed: {percent: -1, rows: 5}}}",
            "limits.students.removed.percent: expected a number of 0 or more, found -1",
        ),
        (
            "limits: {students: {removed: {percent: 5}}}",
            "limits.students.removed.rows: expected a value",
        ),
        (
            "windows: [{from: 2026-08-01, to: 2026-08-31, mode: summer}]",
            "windows[0].mode: expected one of: rollover, summer_pause, adds_only",
        ),
        ("alerts: {email: [nobody]}", "alerts.email[0]: expected an email address"),
        ("alerts: {email: a@example.org}", "alerts.email: expected a list"),
        (
            "alerts: {apprise: [our chat]}",
            "alerts.apprise[0]: expected the name of an Airflow connection",
        ),
        ("name: Other", "name: expected once, found on lines 2 and 4"),
        ("on: 3", "expected keys of text"),
        ("namee: x", 'namee: unknown key (did you mean "name"?)'),
        ("a: [", "not valid YAML: line"),
    ],
)
def test_bad_form(write, yaml, problem):
    found = problems_of(write(MINIMAL + yaml + "\n"))
    assert [p for p in found if problem in p], found
    assert len(found) == 1, found


def test_id_is_the_files_name(write):
    assert problems_of(write(MINIMAL, "elm.yaml")) == [
        'elm.yaml: id: expected "elm", the file\'s name, found "oak"'
    ]


def test_required_keys_and_shape(write):
    assert problems_of(write("id: oak\n")) == [
        "oak.yaml: name: expected a value, found no such key",
        "oak.yaml: timezone: expected a value, found no such key",
    ]
    assert problems_of(write("")) == ["oak.yaml: expected keys and values, found nothing"]
    assert "cannot be read" in problems_of(write("x").with_name("none.yaml"))[0]


def test_defaults(write):
    cfg = load_district(write(MINIMAL))
    assert cfg.enabled
    assert cfg.first_load == "approve"
    assert (cfg.sftp.conn_id, cfg.sftp.folder) == ("sftp_oak", "/")
    assert (cfg.core.at, cfg.core.wait_until, cfg.core.quiet) == (
        time(20),
        time(5),
        timedelta(minutes=5),
    )
    assert not cfg.core.strict
    assert cfg.core.sends == ("mon", "tue", "wed", "thu", "fri")
    assert cfg.terms is None
    assert cfg.attendance is None
    assert cfg.limits == "default"
    assert cfg.windows == ()
    students = FILES["students"]
    assert cfg.uploaded_name(students) == "students.csv"
    assert cfg.delimiter(students) == ","
    assert cfg.header_aliases(students) == {}
    assert cfg.zone.key == "America/Denver"


def test_every_key_arrives(write):
    cfg = load_district(
        write(
            MINIMAL
            + 'core: {at: "19:15", quiet: 1h30m5s, sends: [Monday, sun]}\n'
            + "limits: off\n"
            + "calendar_days: {holidays: [2026-11-26, '2026-11-27']}\n"
            + "windows: [{from: 2026-08-01, to: 2026-08-01, mode: adds_only}]\n"
            + 'files: {schools: {name: school.csv, delimiter: "\\t", headers: {SchoolID: school_id}}}\n'
            + "maps: {status: {I: drop, A: 1}}\n"
        )
    )
    assert cfg.core.at == time(19, 15)
    assert cfg.core.quiet == timedelta(hours=1, minutes=30, seconds=5)
    assert cfg.core.sends == ("mon", "sun")
    assert cfg.limits == "off"
    assert cfg.calendar_days.holidays == (date(2026, 11, 26), date(2026, 11, 27))
    assert cfg.windows[0].from_ == date(2026, 8, 1)
    assert cfg.maps.status == {"I": "drop", "A": 1}
    schools = FILES["schools"]
    assert cfg.uploaded_name(schools) == "school.csv"
    assert cfg.delimiter(schools) == "\t"
    assert cfg.header_aliases(schools) == {"SchoolID": "school_id"}


RULES = """\
rules:
  parents.mobile.valid: {min_digits: 7}
  parents.language.known: {severity: error}
  attendance.period.spelling: {value_set: [Whole Day]}
"""


def test_rules_are_kept_as_they_are_said(write):
    cfg = load_district(write(MINIMAL + RULES), rules=rule_lint(paths.expectations_folder()))
    assert cfg.rules == {
        "parents.mobile.valid": {"min_digits": 7},
        "parents.language.known": {"severity": "error"},
        "attendance.period.spelling": {"value_set": ("Whole Day",)},
    }
    again = DistrictConfig.model_validate(json.loads(json.dumps(cfg.model_dump(mode="json"))))
    assert again.rules == cfg.rules


def test_mistakes_in_rules_are_told_with_the_others(write):
    text = """\
core: {at: 20:00}
rules:
  parents.mobil.valid: {min_digits: 7}
  parents.mobile.valid: {min_digits: 3, severity: grave}
  parents.school_id.known: {severity: warning}
  staff.email.valid: error
  staff.mobile.valid: {min_digits: 7.5}
  7: {severity: error}
"""
    with pytest.raises(ConfigError) as caught:
        load_district(write(MINIMAL + text), rules=rule_lint(paths.expectations_folder()))
    problems = caught.value.problems
    places = [p.split(": ")[1] for p in problems]
    assert "core.at" in places
    assert {p for p in places if p.startswith("rules")} == {
        "rules.parents.mobil.valid",
        "rules.parents.mobile.valid.min_digits",
        "rules.parents.mobile.valid.severity",
        "rules.parents.school_id.known.severity",
        "rules.staff.email.valid",
        "rules.staff.mobile.valid.min_digits",
        "rules.7",
    } | {"rules"}, problems
    assert len(places) == len(set(places)), "one key, one mistake"
    assert all(p.startswith("oak.yaml: ") for p in problems)
    (mobil,) = (p for p in problems if "mobil.valid" in p)
    assert mobil.endswith(
        'a rule of the suites (did you mean "parents.mobile.valid"?), found "parents.mobil.valid"'
    )


def test_a_folder_s_rules_are_linted_too(tmp_path, write):
    write(MINIMAL + "rules: {a.b.c: {severity: error}}\n")
    assert load_districts(tmp_path)  # nobody asked
    with pytest.raises(ConfigError, match=r"oak\.yaml: rules\.a\.b\.c: expected a rule"):
        load_districts(tmp_path, rules=rule_lint(paths.expectations_folder()))


def test_a_folder_reports_all_its_files_at_once(tmp_path, write):
    write(MINIMAL.replace("Denver", "Denvr"))
    write(MINIMAL.replace("oak", "elm") + "terms: {at: 16:00}\n", "elm.yaml")
    write(MINIMAL.replace("oak", "ash") + "sftp: {conn_id: shared}\n", "ash.yaml")
    write(MINIMAL.replace("oak", "fir") + "sftp: {conn_id: shared, folder: /}\n", "fir.yaml")
    with pytest.raises(ConfigError) as caught:
        load_districts(tmp_path)
    places = [p.split(": ")[:2] for p in caught.value.problems]
    assert places == [["elm.yaml", "terms.at"], ["oak.yaml", "timezone"], ["fir.yaml", "sftp"]]


@pytest.mark.parametrize(
    ("oak", "elm"),
    [
        ("{conn_id: one, folder: /a/b}", "{conn_id: one, folder: /a//b}"),
        ("{conn_id: one, folder: /a/b}", "{conn_id: one, folder: /a/./b/}"),
        ("{conn_id: one, folder: /a}", "{conn_id: one, folder: a}"),
        ("{conn_id: one, folder: /}", "{conn_id: one, folder: /upload}"),
        ("{conn_id: sftp_elm, folder: /x}", "{folder: /y}"),
    ],
)
def test_two_districts_never_read_one_account(oak, elm, tmp_path, write):
    write(MINIMAL + f"sftp: {oak}\n")
    write(MINIMAL.replace("oak", "elm") + f"sftp: {elm}\n", "elm.yaml")
    write(MINIMAL.replace("oak", "fir"), "fir.yaml")
    with pytest.raises(ConfigError, match="of its own, found one shared with"):
        load_districts(tmp_path)
    assert sharing_districts(tmp_path) == {"oak", "elm"}
    write(MINIMAL.replace("oak", "elm") + f"sftp: {elm}\nenabled: false\n", "elm.yaml")
    assert sharing_districts(tmp_path) == set(), "who is switched off reads nothing"


@pytest.mark.parametrize("elm", ["{conn_id: two}", "{conn_id: one, folder: /ab}", "{folder: /a}"])
def test_accounts_and_folders_of_their_own(elm, tmp_path, write):
    write(MINIMAL + "sftp: {conn_id: one, folder: /a}\n")
    write(MINIMAL.replace("oak", "elm") + f"sftp: {elm}\n", "elm.yaml")
    assert len(load_districts(tmp_path)) == 2
    assert sharing_districts(tmp_path) == set()


def test_two_files_with_one_id(tmp_path, write):
    write(MINIMAL)
    write(MINIMAL, "oak.yml")
    with pytest.raises(ConfigError, match="an id of its own, found the same in oak"):
        load_districts(tmp_path)


def test_sample_districts_load():
    by_id = {c.id: c for c in load_districts(paths.districts_folder())}
    assert set(by_id) == {"springfield", "lakeside", "grandbend"}
    assert len({c.timezone for c in by_id.values()}) == 3
    assert {c.first_load for c in by_id.values()} == {"auto"}


def test_loading_imports_nothing_heavy():
    """Every task of every district loads its configuration."""
    heavy = "{'duckdb','pandas','pyarrow','great_expectations','airflow','jinja2','fsspec'}"
    code = f"import sys, rostersync.config; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
