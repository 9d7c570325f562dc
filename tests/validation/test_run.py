"""Whole runs with both engines. Importing Great Expectations takes seconds, so they are few and slow."""

from __future__ import annotations

import csv
import dataclasses
import json
import shutil

import duckdb
import pytest

from rostersync import paths
from rostersync.archive import CheckFolder
from rostersync.config import DistrictConfig
from rostersync.errors import AccountingError, SuiteError
from rostersync.spec import FILES
from rostersync.staging import stage_file
from rostersync.validation import (
    Phase,
    StagedView,
    Suites,
    Validated,
    lay_over,
    run,
    suites_from,
    validate,
)
from rostersync.validation.gx_run import config_of, open_gx
from tests.support.grown import contract
from tests.validation.cases import CASES, GOOD, evaluated, upload
from tests.validation.staged import FIRST_LINE, stage

pytestmark = pytest.mark.slow


def good(file: str, **changes: str | None) -> dict[str, str | None]:
    filled = {k: v.format(n="0001") if v else v for k, v in GOOD[file].items()}
    return {**filled, **changes}


def with_meta(suites: Suites, rule: str, **meta: object) -> Suites:
    """The suites after a person edited one expectation."""
    documents = json.loads(json.dumps(suites.documents))
    (expectation,) = [
        e
        for d in documents.values()
        for e in d.get("expectations", [])
        if e["meta"]["rule"] == rule
    ]
    expectation["meta"].update(meta)
    return suites_from(documents)


def test_every_rule_has_a_case(suites):
    assert set(CASES) == evaluated(suites)


def test_each_rule_finds_its_bad_records_and_no_other(session, suites, findings):
    made = upload()
    staged = {f: stage(session, f, [m.record for m in records]) for f, records in made.items()}
    validated = validate(session, staged, suites, folder=CheckFolder("check"))
    session.view_parquet("archived", validated.findings)
    found = session.con.execute("select file, _line, rule from archived").fetchall()
    expected = [
        (file, line, rule)
        for file, records in made.items()
        for line, m in enumerate(records, FIRST_LINE)
        for rule in m.broken
    ]
    assert sorted(found) == sorted(expected)
    assert {c.rule: c.count for c in validated.counts} == {
        r: sum(rule == r for _, _, rule in expected) for r in CASES
    }
    assert validated.rejected == ()


def test_an_expectation_is_written_as_gx_writes_it(session, suites):
    with open_gx(session) as gx:
        for name in suites.files:
            for phase in (Phase.VALUE, Phase.ROW):
                checks = suites.of(name, phase)
                for expectation in gx._suite("a_table", checks).expectations:
                    expectation.batch_id = "a_table"
                    n = expectation.meta["position"]
                    ours = config_of("a_table", checks[n], n)
                    assert ours == expectation.configuration.to_json_dict()


def test_results_hold_no_value_of_a_record(session, suites):
    secret = {"first_name": None, "last_name": "Zzyzx", "email": "zzyzx@", "mobile": "zzyzx"}
    staged = {"parents": stage(session, "parents", [good("parents", **secret)] * 3)}
    validated = validate(session, staged, suites, folder=CheckFolder("check"))
    assert validated.counts
    document = json.dumps(session.archive.read_json("check/gx.json"))
    assert "parents.email.valid" in document
    assert "zzyzx" not in (document + json.dumps(validated.to_json())).lower()


def test_invalid_optional_values_become_null_and_nothing_else_changes(session, suites):
    records = [
        good("students", student_id="9", cellphone="555", cellphone__raw=" 555 "),
        good("students", student_id="8", first_name=None, student_email="nobody"),
        good("students", student_id="7", grade_level="99"),
    ]
    staged = {"students": stage(session, "students", records)}
    validated = validate(session, staged, suites, folder=CheckFolder("check"))
    assert validated.clean == {"students": "check/clean/students.parquet"}
    session.view_parquet("before", "check/staged/students.parquet")
    session.view_parquet("after", validated.clean["students"])
    columns = "student_id, cellphone, cellphone__raw, student_email, first_name, grade_level"
    assert session.con.execute(f"select {columns} from after").fetchall() == [
        ("9", None, " 555 ", "s0001@example.org", "Aspen", "3"),
        ("8", "2145550001", "2145550001", None, None, "3"),
        ("7", "2145550001", "2145550001", "s0001@example.org", "Aspen", "99"),
    ]
    assert session.con.execute("describe before").fetchall() == (
        session.con.execute("describe after").fetchall()
    )


def test_a_file_without_blanked_values_is_served_as_staged(session, suites):
    records = [good("staff", email=None), good("staff", staff_id=None)]
    staged = {"staff": stage(session, "staff", records)}
    validated = validate(session, staged, suites, folder=CheckFolder("check"))
    assert validated.counts
    assert validated.clean == {"staff": "check/staged/staff.parquet"}


def test_blanking_and_damage_are_told_apart_by_what_was_sent(session, suites, findings):
    sent = [None, "", " ", "\u00a0", "NULL", "#N/A", "555", "none", "---", "0"]
    records = [
        good(
            "parents",
            parent_id=f"P{i}",
            email=None,
            mobile=v if v in ("555", "none", "---", "0") else None,
            mobile__raw=v,
        )
        for i, v in enumerate(sent)
    ]
    staged = {"parents": stage(session, "parents", records)}
    validated = validate(session, staged, suites, folder=CheckFolder("check"))
    lines = {
        rule: {line for r, line in findings(validated.findings) if r == rule}
        for rule in ("parents.contact.unreachable", "parents.contact.invalid")
    }
    assert lines == {
        "parents.contact.unreachable": set(range(2, 8)),
        "parents.contact.invalid": set(range(8, 12)),
    }


def test_a_record_that_stays_out_takes_no_part_in_comparisons(session, suites, findings):
    records = [
        good("sections", course_name=None),  # not the first record that counts
        good("sections", course_name="Art", is_primary="0"),
        good("sections", course_name="Art", staff_id="T2", is_primary="0"),
    ]
    staged = {"sections": stage(session, "sections", records)}
    validated = validate(session, staged, suites, folder=CheckFolder("check"))
    assert findings(validated.findings) == {("sections.course_name.present", 2)}


def test_unmapped_values_are_named_once_with_their_count(session, suites):
    records = [good("students", student_id=str(i), grade_level=g) for i, g in enumerate("AABCAB")]
    staged = {"students": stage(session, "students", records)}
    validated = validate(session, staged, suites, folder=CheckFolder("check"))
    (count,) = validated.counts
    assert (count.rule, count.count) == ("students.grade_level.known", 6)
    assert count.message == 'Not known: "A" (3), "B" (2), "C" (1)'


def test_unmapped_values_of_a_column_about_a_person_are_counted_and_not_named(session, suites):
    file = FILES["students"]
    columns = [
        dataclasses.replace(c, personal=c.personal or c.name == "grade_level") for c in file.columns
    ]
    records = [good("students", student_id=str(i), grade_level="A") for i in range(3)]
    staged = {"students": stage(session, "students", records)}
    with contract(dataclasses.replace(file, columns=tuple(columns))):
        validated = validate(session, staged, suites, folder=CheckFolder("check"))
    (count,) = validated.counts
    assert (count.count, count.message) == (3, "")


def test_both_engines_evaluate_what_holds_for_the_district(session, suites, findings):
    """They must agree here too, or validate raises."""
    rules = {
        "parents.mobile.valid": {"min_digits": 7},
        "parents.language.known": {"severity": "error"},
        "parents.last_name.length": {"max_length": 20},
        "parents.contact.unreachable": {"severity": "warning"},
    }
    alone = {"email": None, "email__raw": ""}
    records = [
        good("parents", mobile="5550199", mobile__raw="555-0199", **alone),
        good("parents", secondary_phone="5550199"),
        good("parents", mobile="555019", mobile__raw="555019", **alone),
        good("parents", language="xx"),
        good("parents", last_name="x" * 21),
        good("parents", parent_id="P2", first_name="x" * 21),
        good("parents", mobile=None, mobile__raw="", **alone),
    ]
    staged = {"parents": stage(session, "parents", records)}
    ours = lay_over(suites, rules, district="oak")
    validated = validate(session, staged, ours, folder=CheckFolder("check"))
    assert findings(validated.findings) == {
        ("parents.secondary_phone.valid", FIRST_LINE + 1),
        ("parents.mobile.valid", FIRST_LINE + 2),
        ("parents.contact.invalid", FIRST_LINE + 2),
        ("parents.language.known", FIRST_LINE + 3),
        ("parents.last_name.length", FIRST_LINE + 4),
        ("parents.contact.unreachable", FIRST_LINE + 6),
    }
    assert {c.rule: c.severity for c in validated.counts} == {
        "parents.secondary_phone.valid": "warning",
        "parents.mobile.valid": "warning",
        "parents.contact.invalid": "error",
        "parents.language.known": "error",
        "parents.last_name.length": "error",
        "parents.contact.unreachable": "warning",
    }
    session.view_parquet("cleaned", validated.clean["parents"])
    kept = session.con.execute("select mobile, language from cleaned order by _line").fetchall()
    assert kept[0][0] == "5550199", "a value of its own, not an invalid one"
    assert kept[2][0] is None
    assert kept[3][1] == "xx", "the record stays out: nothing of it is blanked"


def test_a_critical_rule_rejects_its_file_and_no_other(session, suites):
    edited = with_meta(suites, "students.grade_level.known", severity="critical")
    staged = {
        "students": stage(session, "students", [good("students", grade_level="99")]),
        "staff": stage(session, "staff", [good("staff", first_name=None)]),
    }
    validated = validate(session, staged, edited, folder=CheckFolder("check"))
    assert validated.rejected == ("students",)
    assert {c.severity for c in validated.counts} == {"critical", "error"}


def test_an_error_lowered_to_a_warning_blanks_the_value(session, suites):
    edited = with_meta(suites, "students.grade_level.known", severity="warning")
    staged = {"students": stage(session, "students", [good("students", grade_level="99")])}
    validated = validate(session, staged, edited, folder=CheckFolder("check"))
    session.view_parquet("after", validated.clean["students"])
    assert session.scalar("select grade_level from after") is None


def test_districts_of_one_process_have_their_own_rules(session, suites):
    staged = {"students": stage(session, "students", [good("students", grade_level="99")])}
    first = validate(session, staged, suites, folder=CheckFolder("check"))
    documents = json.loads(json.dumps(suites.documents))
    (known,) = [
        e
        for e in documents["students"]["expectations"]
        if e["meta"]["rule"] == "students.grade_level.known"
    ]
    known["kwargs"]["value_set"].append("99")
    other = validate(session, staged, suites_from(documents), folder=CheckFolder("other"))
    assert [c.rule for c in first.counts] == ["students.grade_level.known"]
    assert other.counts == ()
    assert validate(session, staged, suites, folder=CheckFolder("check")) == first


def test_a_file_of_which_no_record_could_be_read_has_no_findings(session, suites):
    staged = {f: stage(session, f, []) for f in GOOD}
    validated = validate(session, staged, suites, folder=CheckFolder("check"))
    assert validated.counts == ()
    assert validated.clean == {f: v.parquet for f, v in staged.items()}


def test_the_outcome_survives_json(session, suites):
    staged = {"staff": stage(session, "staff", [good("staff", first_name=None)])}
    validated = validate(session, staged, suites, folder=CheckFolder("check"))
    assert validated.counts
    assert Validated.from_json(json.loads(json.dumps(validated.to_json()))) == validated


def test_a_second_run_in_the_same_session_starts_afresh(session, suites, findings):
    staged = {"staff": stage(session, "staff", [good("staff", first_name=None)])}
    first = validate(session, staged, suites, folder=CheckFolder("check"))
    before = findings(first.findings)
    assert validate(session, staged, suites, folder=CheckFolder("check")) == first
    assert findings(first.findings) == before


def test_a_run_is_silent_and_lets_go_of_the_session(session, suites, monkeypatch, caplog, capfd):
    from rostersync.validation.gx_engine import DuckDBExecutionEngine

    def release(engine):
        with engine.get_connection() as connection:
            cursors.append(connection.connection.driver_connection)
        original(engine)

    cursors, original = [], DuckDBExecutionEngine.release
    monkeypatch.setattr(DuckDBExecutionEngine, "release", release)
    staged = {"staff": stage(session, "staff", [good("staff", email="nobody")])}
    validate(session, staged, suites, folder=CheckFolder("check"))
    (cursor,) = cursors
    with pytest.raises(duckdb.ConnectionException, match="closed"):
        cursor.cursor().execute("select 1")
    assert [r for r in caplog.records if r.name != "py.warnings"] == []  # of the import, if first
    assert capfd.readouterr() == ("", "")


def test_a_file_without_a_suite_is_refused(session, suites):
    without = {n: d for n, d in suites.documents.items() if n != "terms"}
    staged = {"terms": stage(session, "terms", [])}
    with pytest.raises(SuiteError, match=r"no suite.*terms\.csv"):
        validate(
            session,
            staged,
            dataclasses.replace(suites, documents=without),
            folder=CheckFolder("check"),
        )


@pytest.mark.parametrize(
    "tamper",
    [
        "delete from found where _line = 2",
        "insert into found select rule_no, 99 from found where _line = 2",
    ],
    ids=["a record is missed", "a record too many"],
)
def test_two_counts_that_differ_stop_the_run(session, suites, monkeypatch, tamper):
    def locate(session, *args):
        original(session, *args)
        session.con.execute(tamper)

    original = run.locate
    monkeypatch.setattr(run, "locate", locate)
    staged = {"staff": stage(session, "staff", [good("staff", first_name=None)])}
    with pytest.raises(AccountingError, match=r"staff\.first_name\.present"):
        validate(session, staged, suites, folder=CheckFolder("check"))


def test_a_rule_gx_cannot_evaluate_is_our_error_and_quotes_nothing(session, suites):
    session.con.execute("create table broken as select 1 as _line, 'zzyzx' as school_id")
    checks = suites.of("rosters", Phase.VALUE)
    with open_gx(session) as gx, pytest.raises(AccountingError) as caught:
        gx.counts({"broken": checks})
    assert caught.value.where["rule"].startswith("rosters.")
    assert "zzyzx" not in str(caught.value)


def test_an_expectation_gx_drops_in_silence_is_told(session, suites):
    stage(session, "rosters", [])
    check = dataclasses.replace(suites.of("rosters", Phase.VALUE)[0], type="expect_magic")
    with open_gx(session) as gx, pytest.raises(SuiteError, match=r"rosters\.school_id\.present"):
        gx.counts({"made": [check]})


UPLOAD = paths.home().parent / "shared" / "uploads" / "grandbend"


@pytest.mark.skipif(not UPLOAD.exists(), reason="the real upload is not beside the project")
def test_a_real_upload_is_counted_as_by_hand(session, suites):
    """Against Python's csv module: another reader, other conditions."""
    cfg = DistrictConfig.model_validate(
        {
            "id": "grandbend",
            "name": "Grand Bend",
            "timezone": "America/Chicago",
            "sftp": {"conn_id": "sftp_grandbend"},
        }
    )
    sent = [f for f in suites.files if (UPLOAD / f"{f}.csv").exists()]
    for name in sent:
        copy = shutil.copy(
            UPLOAD / f"{name}.csv", session.scratch
        )  # a session reaches no other place
        stage_file(
            session,
            FILES[name],
            str(copy),
            cfg,
            folder=CheckFolder("check"),
        )
    staged = {f: StagedView(f, f"check/staged/{f}.parquet") for f in sent}
    validated = validate(session, staged, suites, folder=CheckFolder("check"))
    counts = {c.rule: c.count for c in validated.counts}
    for file in ("parents", "staff"):
        with (UPLOAD / f"{file}.csv").open(newline="", encoding="utf-8-sig") as f:
            rows = list(csv.DictReader(f))
        silent = [r for r in rows if not r["email"].strip() and not r["mobile"].strip()]
        assert counts[f"{file}.contact.unreachable"] == len(silent) > 0
    assert not validated.rejected
