"""What a district says in ``rules``: linted against the suites, laid over them."""

from __future__ import annotations

import copy
from collections import Counter

import pytest

from rostersync import paths
from rostersync.errors import ConfigError, SuiteError
from rostersync.spec.rules import RECORD_RULES
from rostersync.validation import Phase, lay_over, may_differ, rule_lint, suites_from
from rostersync.validation.bounds import SEVERITIES
from rostersync.validation.fixed import fixed_rules, identity_columns, identity_rules

DIFFERS = {
    "parents.mobile.valid": {"min_digits": 7},
    "parents.language.known": {"severity": "error"},
    "students.grade_level.known": {"severity": "warning"},
    "staff.contact.unreachable": {"severity": "warning"},
    "schools.school_zip.present": {"severity": "error"},
    "terms.school_year.near": {"years": 2},
    "staff.first_name.length": {"max_length": 100, "severity": "warning"},
    "attendance.period.spelling": {"value_set": ("Whole Day",)},
}


def laid(suites, rules):
    return lay_over(suites, rules, district="oak")


def problems_of(suites, rules) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        laid(suites, rules)
    return caught.value.problems


def check_of(suites, rule):
    return next(c for c in suites.checks if any(r.id == rule for r in c.rules))


def test_a_district_that_differs_in_nothing_has_everybody_s_suites(suites):
    assert laid(suites, {}) is suites


def test_a_parameter_holds_for_the_rule_that_is_named_and_no_other(suites):
    ours = laid(suites, DIFFERS)
    assert ours.argument("min_digits", "parents") == {"mobile": 7, "secondary_phone": 10}
    assert ours.argument("min_digits", "staff") == suites.argument("min_digits", "staff")
    assert ours.argument("max_length", "staff") == {"first_name": 100, "last_name": 255}
    assert check_of(ours, "terms.school_year.near").kwargs["years"] == 2
    spelling = check_of(ours, "attendance.period.spelling")
    assert spelling.kwargs["value_set"] == ["Whole Day"]
    assert "fewer than 7" in ours.rule("parents.mobile.valid").hint
    assert "fewer than 10" in ours.rule("parents.secondary_phone.valid").hint


def test_a_raised_rule_keeps_records_out_and_a_lowered_one_lets_them_in(suites):
    ours = laid(suites, DIFFERS)
    assert not ours.rule("parents.language.known").blanks_value
    raised = ours.rule("schools.school_zip.present")
    assert (raised.severity, raised.keep) == ("error", False)
    lowered = ours.rule("students.grade_level.known")
    assert (lowered.severity, lowered.blanks_value) == ("warning", True)
    assert ours.rule("staff.first_name.length").blanks_value
    whole = ours.rule("staff.contact.unreachable")
    assert (whole.severity, whole.keep, whole.blanks_value) == ("warning", True, False)


def test_what_differs_is_said_in_the_order_of_the_suites(suites):
    rules = {**DIFFERS, "parents.email.valid": {"severity": "warning"}}  # as it is anyway
    assert [str(d) for d in laid(suites, rules).differences] == [
        "schools.school_zip.present: error instead of warning",
        "terms.school_year.near: years 2 instead of 1",
        "students.grade_level.known: warning instead of error",
        "staff.first_name.length: max_length 100 instead of 255",
        "staff.first_name.length: warning instead of error",
        "staff.contact.unreachable: warning instead of error",
        "parents.mobile.valid: min_digits 7 instead of 10",
        "parents.language.known: error instead of warning",
        "attendance.period.spelling: value_set Whole Day instead of "
        + ", ".join(check_of(suites, "attendance.period.spelling").kwargs["value_set"]),
    ]


def test_a_pin_keeps_everybody_s_suites_and_the_same_comes_out_again(suites):
    ours = laid(suites, DIFFERS)
    assert ours.documents == suites.documents
    assert ours.fingerprint == suites.fingerprint
    kept = suites_from(copy.deepcopy(dict(ours.documents)), complete=False)
    assert laid(kept, DIFFERS).rules == ours.rules == laid(ours, DIFFERS).rules
    assert laid(ours, {}).rules == suites.rules


def test_every_rule_is_there_once_whatever_differs(suites):
    ours = laid(suites, DIFFERS)
    assert Counter(r.id for r in ours.rules) == Counter(r.id for r in suites.rules)


@pytest.mark.parametrize("severity", SEVERITIES)
def test_whatever_severity_may_be_given_gives_sound_suites(suites, severity):
    """All rules at once, each in the one place that says what it may be."""
    refused = set()
    everything = {r.id: {"severity": severity} for r in suites.rules}
    for problem in problems_of(suites, everything):
        file, place = problem.split(": ")[:2]
        assert file == "oak.yaml"
        refused.add(place.removeprefix("rules.").removesuffix(".severity"))
    legal = {i: d for i, d in everything.items() if i not in refused}
    ours = laid(suites, legal)
    assert {ours.rule(i).severity for i in legal} == {severity}
    acts_by_contract = {f.rule for n in suites.files for f in fixed_rules(n)} | set(RECORD_RULES)
    if severity != "warning":
        assert refused == acts_by_contract
        return
    assert refused >= acts_by_contract | {i for n in suites.files for i in identity_rules(n)}
    for rule in (suites.rule(i) for i in refused - acts_by_contract):
        dates = rule.column in ("start_date", "end_date", "date")
        assert rule.column in identity_columns(rule.file) or dates, rule.id
    assert not any(
        suites.rule(i).column in identity_columns(suites.rule(i).file)
        for i in legal
        if suites.rule(i).severity != "warning"
    )


MISTAKES = {
    "no such rule": (
        {"parents.mobil.valid": {"min_digits": 7}},
        'parents.mobil.valid: expected a rule of the suites (did you mean "parents.mobile.valid"?),'
        ' found "parents.mobil.valid"',
    ),
    "no such parameter": (
        {"parents.mobile.valid": {"min_digit": 7}},
        "parents.mobile.valid.min_digit: expected severity, min_digits (7 to 10)"
        ' (did you mean "min_digits"?), found "min_digit"',
    ),
    "a parameter of another rule": (
        {"parents.email.valid": {"min_digits": 7}},
        'parents.email.valid.min_digits: expected severity, found "min_digits"',
    ),
    "an argument that is no parameter": (
        {"parents.mobile.valid": {"columns": ["email"]}},
        "parents.mobile.valid.columns: expected severity, min_digits (7 to 10)",
    ),
    "too few": (
        {"parents.mobile.valid": {"min_digits": 6}},
        "parents.mobile.valid.min_digits: expected a whole number from 7 to 10, found 6",
    ),
    "too many": (
        {"parents.mobile.valid": {"min_digits": 11}},
        "parents.mobile.valid.min_digits: expected a whole number from 7 to 10, found 11",
    ),
    "no number": (
        {"parents.mobile.valid": {"min_digits": "7"}},
        'parents.mobile.valid.min_digits: expected a whole number from 7 to 10, found "7"',
    ),
    "true is no number": (
        {"terms.school_year.near": {"years": True}},
        "terms.school_year.near.years: expected a whole number from 1 to 5, found True",
    ),
    "no list of texts": (
        {"attendance.period.spelling": {"value_set": 3}},
        "attendance.period.spelling.value_set: expected a value that must be a list of texts",
    ),
    "no severity": (
        {"staff.email.valid": {"severity": "eror"}},
        "staff.email.valid.severity: expected critical or error or warning"
        ' (did you mean "error"?), found "eror"',
    ),
    "nothing": (
        {"staff.email.shared": {}},
        "staff.email.shared: expected what differs: severity, found nothing",
    ),
    "a key": (
        {"staff.key.conflicting_duplicate": {"severity": "warning"}},
        "staff.key.conflicting_duplicate.severity: expected no such key: it is error by contract",
    ),
    "a reference": (
        {"rosters.student_id.known": {"severity": "critical"}},
        "rosters.student_id.known.severity: expected no such key: it is error by contract",
    ),
    "parsing": (
        {"file.record.ragged": {"severity": "warning"}},
        "file.record.ragged.severity: expected no such key: it is error by contract",
    ),
    "parsing has no parameter": (
        {"file.record.ragged": {"fields": 3}},
        "file.record.ragged.fields: expected nothing: it is the contract's",
    ),
    "a date": (
        {"terms.end_date.valid": {"severity": "warning"}},
        'terms.end_date.valid.severity: expected critical or error, found "warning"',
    ),
    "an identity": (
        {"students.student_id.present": {"severity": "warning"}},
        'students.student_id.present.severity: expected critical or error, found "warning"',
    ),
    "a value that is part of an identity": (
        {"parents.first_name.length": {"severity": "warning"}},
        'parents.first_name.length.severity: expected critical or error, found "warning"',
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_file_and_key(suites, mistake):
    rules, said = MISTAKES[mistake]
    (problem,) = problems_of(suites, rules)
    assert problem.startswith(f"oak.yaml: rules.{said}")


def test_all_mistakes_come_at_once(suites):
    rules = {k: v for said, _ in MISTAKES.values() for k, v in said.items()}
    assert len(problems_of(suites, rules)) == len(rules)


def test_a_pin_is_held_to_the_bounds_it_was_made_with(suites):
    """A release that allows less must not make yesterday's nights unreadable."""
    documents = copy.deepcopy(dict(suites.documents))
    for item in documents["terms"]["expectations"]:
        if "years" in item["kwargs"]:
            item["meta"]["parameters"] = {"years": {"minimum": 1, "maximum": 9}}
    old = suites_from(documents, complete=False)
    assert check_of(laid(old, {"terms.school_year.near": {"years": 9}}), "terms.school_year.near")


def test_what_may_differ_is_said_for_every_rule_of_which_something_may(suites):
    words = may_differ(suites)
    assert words["parents.mobile.valid"] == "severity, min_digits (7 to 10)"
    assert words["parents.student_id.present"] == "severity (critical or error)"
    assert words["staff.first_name.length"] == "severity, max_length (20 to 255)"
    fixed = {r.id for r in suites.rules if r.phase in (Phase.PARSE, Phase.RESOLVE)}
    assert set(words) == {r.id for r in suites.rules} - fixed


def test_the_lint_reads_suites_only_for_a_district_that_differs(tmp_path, suites):
    nowhere = rule_lint(tmp_path)  # no suites: a mistake of the suites, told where they are loaded
    for rules in ({}, None, "parents", ["parents"], {"parents.mobile.valid": {"min_digits": 7}}):
        assert list(nowhere(rules)) == []
    lint = rule_lint(paths.expectations_folder())
    assert (
        list(lint({"parents.mobile.valid": "seven"})) == []
    )  # of another shape: told by the model
    ((place, _, found),) = lint({"a.b.c": {}})
    assert (place, found) == (("rules", "a.b.c"), '"a.b.c"')


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"min_digit": {"minimum": 7, "maximum": 10}}, "'min_digit' is none of min_digits"),
        ({"columns": {}}, "'columns' is none of min_digits"),
        ({"min_digits": {}}, "'min_digits' needs minimum and maximum"),
        ({"min_digits": {"minimum": 7}}, "'min_digits' needs minimum and maximum"),
        ({"min_digits": {"minimum": 7, "maximum": "10"}}, "'min_digits' needs minimum and maximum"),
        ({"min_digits": {"minimum": 7, "maximum": 9}}, "with 10 between them"),
        ([], "meta.parameters must be dict"),
    ],
)
def test_a_suite_s_own_mistake_in_what_may_differ_is_told(suites, declared, said):
    documents = copy.deepcopy(dict(suites.documents))
    (item,) = (e for e in documents["staff"]["expectations"] if "min_digits" in e["kwargs"])
    item["meta"]["parameters"] = declared
    with pytest.raises(SuiteError) as caught:
        suites_from(documents)
    (problem,) = caught.value.problems
    assert problem.startswith("staff.json: staff.{column}.valid: ")
    assert said in problem


def test_values_have_no_bounds(suites):
    documents = copy.deepcopy(dict(suites.documents))
    for item in documents["attendance"]["expectations"]:
        if "value_set" in item["kwargs"]:
            item["meta"]["parameters"] = {"value_set": {"maximum": 3}}
    with pytest.raises(SuiteError, match="'value_set' has no bounds"):
        suites_from(documents)


def test_a_suite_cannot_lower_a_date_but_a_pin_that_did_is_read(suites):
    documents = copy.deepcopy(dict(suites.documents))
    for item in documents["terms"]["expectations"]:
        if item["type"] == "expect_columns_to_hold_dates":
            item["meta"]["severity"] = "warning"
    with pytest.raises(SuiteError) as caught:
        suites_from(documents)
    assert caught.value.problems == [
        f"terms.json: terms.{c}.valid: decides how the value is read: severity cannot be lowered"
        for c in ("start_date", "end_date")
    ]
    assert suites_from(documents, complete=False).rule("terms.end_date.valid").severity == "warning"
