"""Suites are edited by hand: what is wrong in them is told, all at once, with file and rule."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
import sys

import pytest

from rostersync import paths
from rostersync.errors import SuiteError
from rostersync.spec import ENTITIES, FILES
from rostersync.spec.rules import RECORD_RULES
from rostersync.validation import Phase, load_suites, suites_from
from rostersync.validation.fixed import fixed_rules, identity_rules
from tests.support.grown import contract, without_column


@pytest.fixture
def documents(suites):
    return copy.deepcopy(dict(suites.documents))


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(paths.expectations_folder(), tmp_path / "expectations")


def expectation(documents, rule):
    for document in documents.values():
        for item in document.get("expectations", []):
            if item["meta"]["rule"] == rule:
                return item
    raise LookupError(rule)


def problems_of(documents) -> list[str]:
    with pytest.raises(SuiteError) as caught:
        suites_from(documents)
    return caught.value.problems


def test_the_suites_need_no_great_expectations():
    code = (
        "import sys; from rostersync import paths; from rostersync.validation import *;"
        " load_suites(paths.expectations_folder());"
        " print('great_expectations' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_importing_validation_imports_nothing_heavy():
    heavy = ["duckdb", "great_expectations", "pandas", "sqlalchemy", "airflow"]
    code = f"import sys, rostersync.validation; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_file_that_loads_has_a_suite(suites):
    assert set(suites.files) == set(FILES)


def test_every_reference_key_and_parse_rule_can_be_looked_up(suites):
    for name in ENTITIES:
        for reference in ENTITIES[name].references:
            assert suites.rule(reference.rule).phase is Phase.RESOLVE
    for file in suites.files:
        assert suites.rule(f"{file}.key.conflicting_duplicate").reason in (
            "conflicting_duplicate",
            "first_wins",
        )
        if ENTITIES[file].day is None:
            for column in ENTITIES[file].key:
                assert suites.rule(f"{file}.{column}.damaged").reason == "id_damaged"
    assert suites.rule("section_teachers.staff_id.known").severity == "warning"
    assert suites.rule("section_teachers.staff_id.known").reason == "teacher_unknown"
    assert all(suites.rule(r).phase is Phase.PARSE for r in RECORD_RULES)


def test_an_unworded_rule_is_refused(suites):
    with pytest.raises(SuiteError, match=r"students\.shoe_size\.known"):
        suites.rule("students.shoe_size.known")


def test_every_hint_is_a_sentence_that_names_its_column(suites):
    for rule in suites.rules:
        assert re.fullmatch(r"[A-Z].*\.", rule.hint), rule.id
        assert "{" not in rule.hint, rule.id
        if rule.column:
            assert rule.column in rule.hint, rule.id


def test_required_values_are_rules_of_their_own(suites):
    """Every required column of these files has a rule about its absence."""
    ids = {r.id for r in suites.rules}
    for file in suites.files:
        for column in FILES[file].columns:
            if column.needs_value:
                assert f"{file}.{column.name}.present" in ids
            else:
                assert f"{file}.{column.name}.placeholder" in ids


def test_rules_come_in_fix_order(suites):
    first_of = {}
    for place, rule in enumerate(suites.rules):
        first_of.setdefault(rule.file, place)
    assert sorted(first_of, key=first_of.__getitem__) == [
        None,
        "schools",
        "terms",
        "students",
        "staff",
        "sections",
        "parents",
        "rosters",
        "attendance",
        "groups",
        "group_members",
        "group_user_members",
        "emergency_contacts",
    ]


def test_the_fingerprint_is_of_what_is_said_not_how(folder, suites):
    path = folder / "staff.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8"))), "utf-8")
    assert load_suites(folder).fingerprint == suites.fingerprint
    path.write_text(path.read_text("utf-8").replace("Fill in", "Please fill in", 1), "utf-8")
    assert load_suites(folder).fingerprint != suites.fingerprint


def test_a_pin_s_documents_give_the_same_suites(suites):
    again = suites_from(json.loads(json.dumps(suites.documents)))
    assert again.fingerprint == suites.fingerprint
    assert again.rules == suites.rules


def test_a_pin_may_be_older_than_a_file_or_a_rule(suites, documents):
    del documents["emergency_contacts"]
    expectations = documents["sections"]["expectations"]
    expectations.remove(expectation(documents, "section_teachers.staff_id.known"))
    del documents["_file"]["rules"][0]
    old = suites_from(documents, complete=False)
    assert {r.id for r in suites.rules if r.file != "emergency_contacts"} - {
        r.id for r in old.rules
    } == {"section_teachers.staff_id.known", "file.record.ragged"}


def test_a_pin_may_speak_of_a_column_that_has_left(suites, documents):
    with contract(*without_column("parents", "relationship")):
        with pytest.raises(SuiteError, match="no column 'relationship'"):
            suites_from(documents)
        old = suites_from(documents, complete=False)
    assert old.rules == suites.rules, "what was found then keeps its words"
    evaluated = {r.id for c in old.checks for r in c.rules}
    assert {r.id for r in suites.rules if r.column == "relationship"}.isdisjoint(evaluated)
    assert {r.id for r in suites.rules if r.file and r.column != "relationship"} == evaluated
    assert not any("relationship" in c.kwargs.get("columns", ()) for c in old.checks)


def test_a_pin_may_not_be_wrong(documents):
    expectation(documents, "staff.{column}.clean")["meta"]["severity"] = "warning"
    with pytest.raises(SuiteError, match="severity cannot be lowered"):
        suites_from(documents, complete=False)


RULE = "students.grade_level.known"
MISTAKES = {
    "type misspelt": (
        lambda e: e.update(type="expect_column_values_to_be_in_sett"),
        "unknown expectation type 'expect_column_values_to_be_in_sett'; "
        "did you mean expect_column_values_to_be_in_set?",
    ),
    "type that shows values": (
        lambda e: e.update(type="expect_column_max_to_be_between"),
        "unknown expectation type 'expect_column_max_to_be_between'",
    ),
    "parameter unknown": (
        lambda e: e["kwargs"].update(mostly=0.9),
        "unknown parameter 'mostly'",
    ),
    "parameter missing": (
        lambda e: e["kwargs"].pop("value_set"),
        "parameter 'value_set' is missing",
    ),
    "parameter by reference": (
        lambda e: e["kwargs"].update(value_set={"$PARAMETER": "grades"}),
        "parameter 'value_set': must be a list of texts",
    ),
    "values that are no texts": (
        lambda e: e["kwargs"].update(value_set=[1, 2]),
        "parameter 'value_set': must be a list of texts",
    ),
    "column unknown": (
        lambda e: e["kwargs"].update(column="grade_levl"),
        "parameter 'column': students.csv has no column 'grade_levl'; did you mean grade_level?",
    ),
    "column of another rule": (
        lambda e: e["kwargs"].update(column="status"),
        "the second part of the rule id must be 'status'",
    ),
    "no rule": (lambda e: e["meta"].pop("rule"), "meta.rule is missing"),
    "no hint": (lambda e: e["meta"].pop("hint"), "meta.hint is missing"),
    "hint without the column": (
        lambda e: e["meta"].update(hint="Correct it."),
        "the hint must name the column a person has to look at",
    ),
    "severity of GX": (
        lambda e: e["meta"].update(severity="info"),
        "meta.severity 'info' must be one of critical, error, warning",
    ),
    "severity in the wrong place": (
        lambda e: e.update(severity="warning"),
        "unknown key 'severity'; it belongs into meta",
    ),
    "reason no name": (
        lambda e: e["meta"].update(reason="Unknown grade"),
        "meta.reason 'Unknown grade' must be in snake_case",
    ),
    "keep of an error": (lambda e: e["meta"].update(keep=True), "keep is for warnings only"),
    "keep no boolean": (lambda e: e["meta"].update(keep="yes"), "meta.keep must be bool"),
    "meta unknown": (
        lambda e: e["meta"].update(serverity="error"),
        "unknown meta key 'serverity'; did you mean severity?",
    ),
    "phase unknown": (
        lambda e: e["meta"].update(phase="late"),
        "meta.phase 'late' must be one of value, row, resolve",
    ),
    "phase of another type": (
        lambda e: e["meta"].update(phase="resolve"),
        "this type is evaluated in phase 'value' or 'row', not 'resolve'",
    ),
    "rule of another file": (
        lambda e: e["meta"].update(rule="staff.grade_level.known"),
        "must start with one of students, student_schools",
    ),
    "rule in another form": (
        lambda e: e["meta"].update(rule="STU-001"),
        "a rule id is <entity>.<column or group>.<what>",
    ),
    "warning after cleaning": (
        lambda e: e["meta"].update(phase="row", severity="warning"),
        "a warning of phase 'row' needs keep: true",
    ),
    "kwargs no object": (lambda e: e.update(kwargs=[]), "needs type, kwargs and meta"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told(documents, mistake):
    change, said = MISTAKES[mistake]
    item = expectation(documents, RULE)
    change(item)
    rule = item["meta"].get("rule", "expectation 8")
    problems = problems_of(documents)
    assert any(p.startswith(f"students.json: {rule}: ") and said in p for p in problems), problems


def test_a_regex_duckdb_cannot_compile_is_told(documents):
    expectation(documents, "staff.email.valid")["kwargs"]["regex"] = "^(?!555)[0-9]{10}$"
    (problem,) = problems_of(documents)
    assert problem.startswith("staff.json: staff.email.valid: parameter 'regex': does not compile")


def test_a_rule_id_used_twice_is_told(documents):
    items = documents["staff"]["expectations"]
    items.append(copy.deepcopy(expectation(documents, "staff.email.valid")))
    assert problems_of(documents) == ["staff.email.valid: the rule id is used 2 times"]


def test_a_wide_rule_without_its_columns_is_told(documents):
    item = expectation(documents, "students.{column}.length")
    item["meta"]["rule"] = "students.names.length"
    problems = problems_of(documents)
    assert (
        "students.json: students.names.length: the rule id of a type with columns needs {column} in"
        " second place" in problems
    )


def test_an_identity_that_would_be_blanked_is_told(documents):
    item = expectation(documents, "students.{column}.excel_error")
    item["meta"]["severity"] = "warning"
    problems = problems_of(documents)
    assert [p.split(": ")[1] for p in problems] == [
        "students.school_id.excel_error",
        "students.student_id.excel_error",
    ]


@pytest.mark.parametrize(
    "rule",
    [f.rule for f in fixed_rules("sections")] + [f.rule for f in fixed_rules("students")],
)
def test_a_rule_of_the_contract_cannot_be_dropped_or_changed(documents, rule):
    item = expectation(documents, rule)
    was = item["meta"]["severity"]
    item["meta"] |= {"severity": "error" if was == "warning" else "warning"}
    item["meta"]["keep"] = was == "error"
    assert any(f"severity is {was!r} by contract" in p for p in problems_of(documents))
    for document in documents.values():
        if item in document.get("expectations", []):
            document["expectations"].remove(item)
    (problem,) = problems_of(documents)
    assert f": {rule}: the contract needs this rule" in problem


@pytest.mark.parametrize("file", ["schools", "students", "parents", "staff", "sections", "rosters"])
def test_the_guards_of_an_identity_cannot_be_dropped_or_lowered(documents, file):
    items = documents[file]["expectations"]
    for item in items:
        if item["meta"]["rule"] in (f"{file}.{{column}}.present", f"{file}.{{column}}.clean"):
            item["meta"] |= {"severity": "warning", "keep": True}
    lowered = [p for p in problems_of(documents) if p.endswith("severity cannot be lowered")]
    assert len(lowered) == len(identity_rules(file)) >= 2
    documents[file]["expectations"] = [
        i for i in items if not i["meta"]["rule"].endswith((".present", ".clean"))
    ]
    dropped = [p for p in problems_of(documents) if "it guards the record's identity" in p]
    assert len(dropped) == len(identity_rules(file))


def test_a_reference_of_no_contract_is_told(documents):
    item = copy.deepcopy(expectation(documents, "rosters.student_id.known"))
    item["meta"] |= {"rule": "rosters.section_id.exists", "hint": "Look at section_id."}
    documents["rosters"]["expectations"].append(item)
    (problem,) = problems_of(documents)
    assert "rosters.section_id.exists: is no key or reference of the contract" in problem


def test_parse_rules_keep_their_severity_and_words(documents):
    documents["_file"]["rules"][0]["severity"] = "warning"
    del documents["_file"]["rules"][1]["hint"], documents["_file"]["rules"][2]
    assert problems_of(documents) == [
        "_file.json: file.record.ragged: severity is 'error' by contract",
        "_file.json: file.record.quote: meta.hint is missing",
        "_file.json: file.record.cut: the contract needs this rule",
    ]


def test_all_mistakes_of_all_files_come_at_once(folder):
    (folder / "parents.json").write_text('{"name": "parents",', "utf-8")
    (folder / "rosters.json").unlink()
    (folder / "pupils.json").write_text("{}", "utf-8")
    staff = (folder / "staff.json").read_text("utf-8")
    staff = staff.replace('"error"', '"eror"', 1).replace('"expect_contact_to_be_sent"', '"x"')
    (folder / "staff.json").write_text(staff, "utf-8")
    with pytest.raises(SuiteError) as caught:
        load_suites(folder)
    problems = caught.value.problems
    told = " | ".join(problems)
    assert "parents.json: not readable as JSON: Expecting" in told
    assert "rosters.json: missing" in told
    assert "pupils.json: no such file in the contract" in told
    assert "meta.severity 'eror' must be one of" in told
    assert "staff.contact.unreachable: unknown expectation type 'x'" in told
    assert all(p in str(caught.value) for p in problems)


def test_a_key_that_stands_twice_is_told(folder):
    path = folder / "rosters.json"
    path.write_text(path.read_text("utf-8").replace('"name"', '"name": "x", "name"', 1), "utf-8")
    with pytest.raises(SuiteError, match=r"rosters\.json.*'name' stands twice"):
        load_suites(folder)


@pytest.mark.parametrize("document", [None, [], {}, {"name": "staff"}, {"name": "staff", "x": 1}])
def test_a_suite_of_another_shape_is_told(documents, document):
    documents["staff"] = document
    assert any(p.startswith("staff.json: ") for p in problems_of(documents))


def test_no_suites_at_all_is_told(tmp_path):
    with pytest.raises(SuiteError) as caught:
        load_suites(tmp_path)
    assert len(caught.value.problems) == 1 + len(set(FILES))


def test_white_space_is_what_staging_trims():
    """Else a blank in one module is a value in the other: a contact sent, or none."""
    import duckdb

    from rostersync.spec.text import WHITE_SPACE, WHITE_SPACE_REGEX

    characters = [chr(i) for i in range(1, 0x3002)]
    with duckdb.connect() as con:
        matched = con.execute(
            "select list(c) from unnest($1) as t(c) where regexp_full_match(c, $2)",
            [characters, WHITE_SPACE_REGEX],
        ).fetchone()
    assert set(matched[0]) == set(WHITE_SPACE)
