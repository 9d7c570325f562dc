"""From Great Expectations' results to rules."""

from __future__ import annotations

from typing import Any

from rostersync.validation import Suites
from rostersync.validation.docs_rules import rules_found


def result(type_: str, rules: list[str], found: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    config = {"type": type_, "kwargs": {"batch_id": "b", **kwargs}, "meta": {"rules": rules}}
    return {"expectation_config": config, "result": found}


def test_an_expectation_over_columns_is_a_rule_for_each(suites: Suites) -> None:
    columns = ["school_id", "first_name"]
    rules = [f"students.{c}.present" for c in columns]
    counts = {
        "observed_value": 3,
        "details": {"unexpected_counts": {"first_name": 3, "school_id": 0}},
    }
    wide = result("expect_columns_to_be_present", rules, counts, columns=columns)
    (schools, names) = rules_found({"staged_students": {"results": [wide]}}, suites)["students"]
    assert (schools.rule.id, schools.count) == ("students.school_id.present", 0)
    assert (names.rule.id, names.count) == ("students.first_name.present", 3)
    assert names.check == "expect_columns_to_be_present"


def test_both_phases_of_a_file_come_together(suites: Suites) -> None:
    regex = result(
        "expect_column_values_to_match_regex",
        ["students.cellphone.valid"],
        {"unexpected_count": None},  # a table without rows
        column="cellphone",
        regex="^[0-9]{10}$",
    )
    shared = result(
        "expect_values_to_belong_to_one",
        ["students.cellphone.shared"],
        {"details": {"unexpected_counts": {"record": 4}}},
        columns=["cellphone"],
        owner=["student_id"],
    )
    tables = {"staged_students": {"results": [regex]}, "sound_students": {"results": [shared]}}
    valid, once = rules_found(tables, suites)["students"]
    assert (valid.count, once.count) == (0, 4)
    assert valid.check == 'expect_column_values_to_match_regex(regex="^[0-9]{10}$")'
    assert once.check == 'expect_values_to_belong_to_one(owner=["student_id"])'


def test_a_long_list_is_cut(suites: Suites) -> None:
    words = [f"word {n}" for n in range(200)]
    known = result(
        "expect_column_values_to_be_in_set",
        ["students.status.known"],
        {"unexpected_count": 1},
        column="status",
        value_set=words,
    )
    (found,) = rules_found({"staged_students": {"results": [known]}}, suites)["students"]
    assert len(found.check) == 300
    assert found.check.endswith(" …")
